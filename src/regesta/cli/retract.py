"""`regesta retract`: take an event back."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.console import clock, login_name
from regesta.cli.options import AuthorOption, EventArgument, JsonOption, MessageOption, settings


def command(
    context: typer.Context,
    event_id: EventArgument,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="R", help="Why: see `regesta codes reasons`."),
    ] = "retraction",
    undo: Annotated[
        bool, typer.Option("--undo", help="Bring back what was retracted with the event.")
    ] = False,
    author: AuthorOption = None,
    message: MessageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an event back; nothing is deleted.

    Its participants, evidence and relations go with it, and `--undo` brings all of it back.

    Example: regesta retract gift-dogs-2024 --reason correction -m "never happened"

    Example: regesta retract gift-dogs-2024 --undo
    """
    from regesta.flows.curating import Signature, restore, retract
    from regesta.store.store import Store
    from regesta.views.receipt import show_recorded

    signature = Signature(author=author or login_name(), message=message, at=clock())
    store = Store.open(settings(context).store)
    recorded = (
        restore(store, event_id, signature)
        if undo
        else retract(store, event_id, signature, reason=reason)
    )
    show_recorded(recorded, as_json=as_json)
