"""`regesta keygen`: make a pair of keys that sign for a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import say
from regesta.cli.options import JsonOption


def command(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help="The dataset whose checkpoints it signs.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where to: DIR/DATASET.key and .pub.")
    ] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Make a pair of keys that sign a dataset's checkpoints (Ed25519).

    DATASET.key signs: keep it to yourself, and a copy in a safe place. DATASET.pub is for whoever
    checks: publish it where a release does not lie. Neither is ever overwritten.

    Example: regesta keygen my-events
    """
    from regesta.flows.signing import make_keys

    pair = make_keys(dataset, out)
    if as_json:
        typer.echo(json.dumps(pair.as_json()))
    else:
        say(f"Keep {pair.private} to yourself; publish {pair.public}: {pair.verifier}")
