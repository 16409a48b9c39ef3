"""`regesta verify`: is a store, a release or a proof what it claims to be."""

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
        Path | None,
        typer.Argument(metavar="[PATH]", help="A release, or a folder of them; else the store."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="PATH",
            help="A checkpoint or release that was kept elsewhere: the log must go on from it.",
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="KEY",
            help="Who must have signed the checkpoint: a public key or its file.",
        ),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(
            "--proof",
            metavar="PATH",
            help="Check a proof, or a folder of them, instead of a store or release.",
        ),
    ] = None,
    citation: Annotated[
        Path | None,
        typer.Option(
            "--citation",
            metavar="FILE",
            help="Ask the query that FILE cites again, and compare the rows: what "
            "`regesta timeline --cite` printed.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a store, a release or a proof is what it claims to be.

    Every leaf, root and projection is recomputed and compared; exit status 4 if anything differs.
    This finds damage and tampering with rows or files. A log that was rebuilt as a whole verifies
    against itself: --against and --key tell it from the one that others saw.

    Example: regesta verify releases/russia-dprk/1.0.0

    Example: regesta verify --against checkpoint.txt

    Example: regesta verify --proof gift-aurus-2024-02-18.proofs --key russia-dprk.pub

    Example: regesta verify --citation gifts.bib releases/russia-dprk/1.0.0
    """
    from regesta.catalog.versions import DESCRIPTOR, LATEST, resolve, versions
    from regesta.errors import UsageError
    from regesta.flows.citing import release_source, store_source, verify_citation
    from regesta.flows.proving import verify_proof
    from regesta.flows.shelving import VerifiedShelf, verify_shelf
    from regesta.flows.trust import Trust, read_verifier
    from regesta.flows.verifying import Verified, verify_release, verify_store
    from regesta.store.store import Store

    if proof and path:
        raise UsageError(
            reason="Give a path or --proof, not both: a proof is checked without the log."
        )
    if citation and (proof or against or key):
        raise UsageError(
            reason="--citation compares rows only; verify the store or release, or a proof, apart."
        )
    if path is not None and path.name == LATEST and not path.is_dir():
        path = resolve(path)
    is_shelf = path is not None and not (path / DESCRIPTOR).exists() and bool(versions(path))
    if is_shelf and against:
        raise UsageError(reason=f"{path} is a folder of releases; hold one of them --against it.")
    trust = Trust(against=against, key=read_verifier(key) if key else None)
    with progress(steps=3) as step:
        verified: Verified | VerifiedShelf
        if proof is not None:
            verified = verify_proof(proof, trust)
        elif citation is not None:
            step("asking again")
            store_url = settings(context).store
            source = release_source(path) if path else store_source(Store.open(store_url))
            verified = verify_citation(citation, source)
        elif path is None:
            verified = verify_store(Store.open(settings(context).store), trust=trust, step=step)
        elif is_shelf:
            verified = verify_shelf(path, trust=trust, step=step)
        else:
            verified = verify_release(path, trust=trust, step=step)
    if as_json:
        typer.echo(json.dumps(verified.as_json()))
    else:
        say(str(verified))
