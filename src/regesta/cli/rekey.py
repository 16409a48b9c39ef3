"""`regesta rekey`: give an event another id."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.console import clock, login_name
from regesta.cli.options import AuthorOption, EventArgument, JsonOption, MessageOption, settings


def command(
    context: typer.Context,
    event_id: EventArgument,
    new_id: Annotated[str, typer.Argument(metavar="NEW_ID", help="The id from now on.")],
    author: AuthorOption = None,
    message: MessageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an event another id; the old one resolves to it.

    Example: regesta rekey gift-car gift-aurus-2024-02-18
    """
    from regesta.flows.curating import Signature, rekey
    from regesta.store.store import Store
    from regesta.views.receipt import show_recorded

    signature = Signature(author=author or login_name(), message=message, at=clock())
    store = Store.open(settings(context).store)
    show_recorded(rekey(store, event_id, new_id, signature), as_json=as_json)
