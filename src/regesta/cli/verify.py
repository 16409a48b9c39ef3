"""`regesta verify`: is a store or a release what it claims to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import progress, say
from regesta.cli.options import JsonOption, settings


def command(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A release folder; else the store.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a store or a release is what it claims to be.

    Every leaf and root is recomputed and compared; exit status 4 if anything differs. This
    finds damage and tampering with rows or files. A log that was rebuilt as a whole verifies
    against itself: compare its checkpoint with one that was kept elsewhere.

    Example: regesta verify releases/russia-dprk/1.0.0
    """
    from regesta.flows.verifying import verify_release, verify_store
    from regesta.store.store import Store

    with progress(steps=3) as step:
        if path is None:
            verified = verify_store(Store.open(settings(context).store), step=step)
        else:
            verified = verify_release(path, step=step)
    if as_json:
        typer.echo(json.dumps(verified.as_json()))
    else:
        say(str(verified))
