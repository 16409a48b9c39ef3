"""`regesta init`: create or upgrade the store."""

from __future__ import annotations

from typing import Annotated

import typer

from regesta.cli.console import say
from regesta.cli.options import settings


def command(
    context: typer.Context,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            metavar="NAME",
            help="The dataset that the store is for; else the first dataset folder names it.",
        ),
    ] = None,
) -> None:
    """Create the store, or upgrade an old one.

    Example: regesta --store sqlite:///my.db init --dataset my-events
    """
    from regesta.store.store import Store

    store = Store.create(settings(context).store, dataset=dataset)
    say(f"The store at {store.url} is ready: {store.head().size} records.")
