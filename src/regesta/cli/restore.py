"""`regesta restore`: make a store from a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import progress, say
from regesta.cli.options import JsonOption, settings


def command(
    context: typer.Context,
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="A release folder.")],
    as_json: JsonOption = False,
) -> None:
    """Make a new store from the log of a release.

    Same positions, same root: what is imported then goes on with the same log. The release is
    verified first.

    Example: regesta --store sqlite:///again.db restore releases/russia-dprk/1.0.0
    """
    from regesta.flows.restoring import restore

    with progress(steps=4) as step:
        restored = restore(release, settings(context).store, step=step)
    if as_json:
        typer.echo(json.dumps(restored.as_json()))
        return
    done = "holds" if restored.anew else "held already"
    say(f"The store at {restored.url} {done} the {restored.checkpoint.size} records of {release}.")
