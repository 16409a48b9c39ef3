"""`regesta history`: who changed what, when and why."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import Form, FormatOption, OutOption, settings


def command(
    context: typer.Context,
    event_id: Annotated[
        str | None, typer.Argument(metavar="[EVENT_ID]", help="One event; else the whole log.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, max=2**63 - 1, help="At most so many lines.")
    ] = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
) -> None:
    """Tell the log newest first: batch, author, reason, and what changed, column by column.

    Example: regesta history gift-aurus-2024-02-18
    """
    from regesta.flows.asking import history
    from regesta.store.store import Store
    from regesta.views.output import write

    write(history(Store.open(settings(context).store), event_id, limit), form, out)
