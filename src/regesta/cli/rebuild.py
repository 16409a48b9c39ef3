"""`regesta rebuild`: put up the projections of a store anew."""

from __future__ import annotations

import typer

from regesta.cli.console import say
from regesta.cli.options import settings


def command(context: typer.Context) -> None:
    """Put up the views, guards and indexes of the store anew.

    The log is not touched. For a store whose views or guards were dropped or altered, which
    `regesta verify` tells.

    Example: regesta rebuild
    """
    from regesta.store.store import Store

    store = Store.open(settings(context).store)
    store.rebuild()
    say(f"Put up the views, guards and indexes of {store.url} anew; `regesta verify` checks them.")
