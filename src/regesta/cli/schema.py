"""`regesta schema`: what the tables and columns are."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import ExcelSafeOption, Form, FormatOption, OutOption


def command(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="One table; else the whole codebook.")
    ] = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Describe a table, or print the codebook of all tables.

    Example: regesta schema evidence
    """
    import polars as pl

    from regesta.schema.codebook import codebook, describe
    from regesta.schema.tables import PUBLISHED
    from regesta.views.output import write, write_text

    if table is None and form is Form.TABLE:
        write_text(codebook(), out)
        return
    names = [table] if table else list(PUBLISHED)
    rows = [{"table": name, **column} for name in names for column in describe(name)]
    write(pl.DataFrame(rows, infer_schema_length=None), form, out, excel_safe=excel_safe)
