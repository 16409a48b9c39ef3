"""`regesta history`: who changed what, when and why."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import ExcelSafeOption, Form, FormatOption, OutOption, settings


def command(
    context: typer.Context,
    event_id: Annotated[
        str | None, typer.Argument(metavar="[EVENT_ID]", help="One event; else the whole log.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="R", help="For this reason: see `regesta codes reasons`."),
    ] = None,
    by_reason: Annotated[
        bool, typer.Option("--by-reason", help="Group the lines by reason.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, max=2**63 - 1, help="At most so many lines.")
    ] = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Tell who changed what, when and why, newest first.

    One line a column that a revision changed, one a row that came or went.

    Example: regesta history gift-aurus-2024-02-18

    Example: regesta history --reason correction --limit 20
    """
    from regesta.flows.history import history
    from regesta.store.store import Store
    from regesta.views.output import write

    store = Store.open(settings(context).store)
    told = history(store, event_id, reason=reason, by_reason=by_reason, limit=limit)
    write(told, form, out, excel_safe=excel_safe)
