"""`regesta log`: every record, in the order of the log."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import ExcelSafeOption, Form, FormatOption, OutOption, settings


def command(
    context: typer.Context,
    since: Annotated[
        int,
        typer.Option("--since", metavar="POSITION", min=0, max=2**63 - 1, help="From here on."),
    ] = 0,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Print every record of the log, in order.

    As jsonl, one object a record with all that it says.

    Example: regesta log --since 100 --format jsonl
    """
    from regesta.flows.history import log_lines, log_table
    from regesta.store.store import Store
    from regesta.views.output import write, write_lines

    store = Store.open(settings(context).store)
    if form is Form.JSONL:
        write_lines(log_lines(store, since), out)
    else:
        write(log_table(store, since), form, out, excel_safe=excel_safe)
