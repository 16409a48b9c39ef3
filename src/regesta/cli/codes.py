"""`regesta codes`: a code list."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import ExcelSafeOption, Form, FormatOption, OutOption


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[LIST]", help="A list; else the names of all lists.")
    ] = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Print a code list: codes, meanings and mappings.

    Example: regesta codes event_types
    """
    import polars as pl

    from regesta.views.output import write
    from regesta.vocabulary import code_list, list_names

    if name is None:
        counts = [{"list": each, "codes": len(code_list(each))} for each in list_names()]
        write(pl.DataFrame(counts), form, out, excel_safe=excel_safe)
    else:
        write(pl.DataFrame(list(code_list(name).values())), form, out, excel_safe=excel_safe)
