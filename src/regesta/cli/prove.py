"""`regesta prove`: show that the records of an event are in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import say
from regesta.cli.options import EventArgument, JsonOption, SignOption, settings


def command(
    context: typer.Context,
    event_id: EventArgument,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="PATH",
            help="The checkpoint to prove it against, a file or a release; else the present one.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; else EVENT_ID.proofs, here."),
    ] = None,
    sign: SignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a proof for each record of an event that it is in the log.

    One file a record (C2SP tlog-proof): the record, its place, the hashes up to the root, and the
    checkpoint. `regesta verify --proof` checks it without the log.

    Example: regesta prove gift-aurus-2024-02-18 --against releases/russia-dprk/1.1.0
    """
    from regesta.errors import UsageError
    from regesta.flows.proving import prove
    from regesta.flows.signing import read_signer
    from regesta.store.store import Store

    if sign and against:
        raise UsageError(reason="A checkpoint that was kept is not signed anew; leave out --sign.")
    proven = prove(
        Store.open(settings(context).store),
        event_id,
        out or Path(f"{event_id.replace('/', '_')}.proofs"),
        against=against,
        signer=read_signer(sign) if sign else None,
    )
    if as_json:
        typer.echo(json.dumps(proven.as_json()))
        return
    later = f" {proven.later} later records are not under it." if proven.later else ""
    say(
        f"{len(proven.files)} proofs in {proven.files[0].parent}, against the checkpoint of "
        f"{proven.checkpoint.size} records.{later}"
    )
