"""`regesta datasets`: what is on the shelf."""

from __future__ import annotations

from regesta.cli.options import ExcelSafeOption, Form, FormatOption, OutOption


def command(
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """List the datasets that come with regesta.

    Example: regesta datasets --format json
    """
    import polars as pl

    from regesta.release.load import datasets
    from regesta.views.output import write

    write(pl.from_pandas(datasets()), form, out, excel_safe=excel_safe)
