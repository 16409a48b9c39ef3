"""`regesta split`: undo a merge."""

from __future__ import annotations

import typer

from regesta.cli.console import clock, login_name
from regesta.cli.options import AuthorOption, EventArgument, JsonOption, MessageOption, settings


def command(
    context: typer.Context,
    event_id: EventArgument,
    author: AuthorOption = None,
    message: MessageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo a merge or a rekeying.

    EVENT_ID is the id that gave way; after a merge both events stand again.

    Example: regesta split gift-car-2024
    """
    from regesta.flows.curating import Signature, split
    from regesta.store.store import Store
    from regesta.views.receipt import show_recorded

    signature = Signature(author=author or login_name(), message=message, at=clock())
    store = Store.open(settings(context).store)
    show_recorded(split(store, event_id, signature), as_json=as_json)
