"""`regesta merge`: say that two rows tell one event."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.console import clock, login_name
from regesta.cli.options import AuthorOption, EventArgument, JsonOption, MessageOption, settings


def command(
    context: typer.Context,
    event_id: EventArgument,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The event that stays.")],
    author: AuthorOption = None,
    message: MessageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two rows tell one event; INTO stays.

    `split` undoes it. Nothing is moved or lost: the old id resolves for ever, and INTO shows
    the evidence of both.

    Example: regesta merge gift-car-2024 gift-aurus-2024-02-18 -m "the same car"
    """
    from regesta.flows.curating import Signature, merge
    from regesta.store.store import Store
    from regesta.views.receipt import show_recorded

    signature = Signature(author=author or login_name(), message=message, at=clock())
    store = Store.open(settings(context).store)
    show_recorded(merge(store, event_id, into, signature), as_json=as_json)
