"""`regesta checkpoint`: the size and root of the log."""

from __future__ import annotations

import typer

from regesta.cli.options import settings


def command(context: typer.Context) -> None:
    """Print the log's size and Merkle root, to be kept elsewhere.

    Three lines: name, number of records, root (C2SP tlog-checkpoint). Keep it elsewhere: it
    tells later whether the log was rewritten.

    Example: regesta checkpoint > checkpoint.txt
    """
    from regesta.store.store import Store

    store = Store.open(settings(context).store)
    typer.echo(str(store.head().checkpoint(store.dataset)), nl=False)
