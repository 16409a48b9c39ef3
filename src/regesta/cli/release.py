"""`regesta release`: freeze the dataset as the log stands."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import progress, say
from regesta.cli.options import AsOfOption, JsonOption, KnownByOption, SignOption, settings


class Bump(StrEnum):
    """Who says which version it is."""

    AUTO = "auto"


def command(
    context: typer.Context,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERSION]", help="MAJOR.MINOR.PATCH, or MAJOR.MINOR.PATCH-rc.N; or --bump."
        ),
    ] = None,
    bump: Annotated[
        Bump | None,
        typer.Option(
            "--bump",
            help="Take the version that is due by what changed since the newest stable release.",
        ),
    ] = None,
    candidate: Annotated[
        bool,
        typer.Option("--rc", help="With --bump: a provisional release, the next -rc.N of that."),
    ] = False,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to: the release becomes DIR/DATASET/VERSION, or DIR/VERSION where DIR is "
            "the `releases` folder of a dataset.",
        ),
    ] = Path("releases"),
    as_of: AsOfOption = None,
    known_by: KnownByOption = None,
    sign: SignOption = None,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe",
            help="Add `spreadsheet/`: copies of the tables as CSV with an apostrophe before text "
            "that a spreadsheet would run.",
        ),
    ] = False,
    ro_crate: Annotated[
        bool,
        typer.Option("--ro-crate", help="Add `ro-crate-metadata.json` (RO-Crate 1.3)."),
    ] = False,
    datacite: Annotated[
        bool,
        typer.Option(
            "--datacite", help="Add `datacite.json`: what a registry of DOIs asks for (DataCite 4)."
        ),
    ] = False,
    sqlite: Annotated[
        bool,
        typer.Option("--sqlite", help="Add `tables.sqlite`: all tables in one SQLite file."),
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="GATE",
            help="A gate of the card that may fall short in this release, which then says so; "
            "may be given several times.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a release: tables, log, descriptors, changes, checksums.

    CSV and Parquet of every table and of the timeline. The same log gives the same bytes. A
    version that is there already is never overwritten, and one that falls short of a gate of the
    dataset's card is refused with all of them. --bump auto takes the next MAJOR version where rows
    were withdrawn or a table's shape or keys broke, the next MINOR where rows or columns were
    added, else the next PATCH, and says why.

    Example: regesta release 1.0.0 --out releases

    Example: regesta release --bump auto
    """
    from regesta.errors import UsageError
    from regesta.flows.releasing import release_dataset
    from regesta.flows.signing import read_signer
    from regesta.flows.since import Due
    from regesta.release.crate import CRATE
    from regesta.release.datacite import DATACITE
    from regesta.release.spreadsheet import FOLDER
    from regesta.release.sqlite import SQLITE
    from regesta.store.store import Store

    if (version is None) == (bump is None):
        raise UsageError(reason="Give a VERSION or --bump auto, and not both.")
    if candidate and bump is None:
        raise UsageError(reason="--rc goes with --bump auto; else write VERSION as 1.2.0-rc.1.")
    additions = {FOLDER: excel_safe, CRATE: ro_crate, DATACITE: datacite, SQLITE: sqlite}
    with progress(steps=3) as step:
        store = Store.open(settings(context).store)
        released = release_dataset(
            store,
            version or Due(provisional=candidate),
            out,
            as_of=as_of,
            known_by=known_by,
            signer=read_signer(sign) if sign else None,
            also=[name for name, wanted in additions.items() if wanted],
            allow=allow or (),
            step=step,
        )
    if as_json:
        typer.echo(json.dumps(released.as_json()))
    else:
        for note in released.notes:
            say(note)
        say(f"Released {released.dataset} {released.version}: {released.path}")
        if released.bump:
            say(released.bump)
    if released.falls_short:
        say(f"Note: {released.falls_short}; see CHANGES.md.")
