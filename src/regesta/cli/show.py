"""`regesta show`: an event and all that hangs on it."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.options import AsOfOption, Form, FormatOption, OutOption, settings


def command(
    context: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID")],
    as_of: AsOfOption = None,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
) -> None:
    """Show an event: who took part and as what, who says what of it, how it stands to others.

    Example: regesta show gift-aurus-2024-02-18
    """
    from regesta.flows.asking import event
    from regesta.store.store import Store
    from regesta.views.event import show_event

    show_event(event(Store.open(settings(context).store), event_id, as_of), form, out)
