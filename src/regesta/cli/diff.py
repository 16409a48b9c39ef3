"""`regesta diff`: what changed between two states."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import (
    ExcelSafeOption,
    Form,
    FormatOption,
    KnownByOption,
    OutOption,
    settings,
)


def command(
    context: typer.Context,
    first: Annotated[
        str,
        typer.Argument(
            metavar="A", help="A moment of the log, as --as-of names it, or a release folder."
        ),
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    known_by: KnownByOption = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Tell what changed between two moments or releases.

    By reason: rows that came and went, and cells field by field.

    Example: regesta diff batch:1 batch:2

    Example: regesta diff releases/russia-dprk/1.0.0 releases/russia-dprk/1.1.0 --format csv
    """
    from regesta.flows.diff import diff, ends_of
    from regesta.views.output import write

    shown = ("reason", "action", "table", "key", "column", "old", "new", "batch", "author")
    found = diff(ends_of(first, second, settings(context).store), known_by)
    write(found, form, out, shown=shown, excel_safe=excel_safe)
