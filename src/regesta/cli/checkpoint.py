"""`regesta checkpoint`: the size and root of the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import answer
from regesta.cli.options import AsOfOption, SignOption, settings


def command(
    context: typer.Context,
    as_of: AsOfOption = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="PATH",
            help="A checkpoint or release: prove that the log goes on from it.",
        ),
    ] = None,
    sign: SignOption = None,
) -> None:
    """Print the log's size and Merkle root, to be kept elsewhere.

    Three lines: name, number of records, root (C2SP tlog-checkpoint). Keep it elsewhere: it
    tells later whether the log was rewritten. With --since, the proof that the log goes on from an
    earlier checkpoint comes before (C2SP tlog-witness); `regesta verify --proof` checks it.

    Example: regesta checkpoint > checkpoint.txt

    Example: regesta checkpoint --since checkpoint.txt > goes-on.txt
    """
    from regesta.flows.proving import checkpoint_note, consistency
    from regesta.flows.signing import read_signer
    from regesta.store.store import Store

    store = Store.open(settings(context).store)
    signer = read_signer(sign) if sign else None
    if since is None:
        answer(checkpoint_note(store, as_of, signer).removesuffix("\n"))
    else:
        answer(consistency(store, since, as_of, signer).removesuffix("\n"))
