"""`regesta release`: freeze the dataset as the log stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import progress, say
from regesta.cli.options import AsOfOption, JsonOption, KnownByOption, SignOption, settings


def command(
    context: typer.Context,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="MAJOR.MINOR.PATCH, or MAJOR.MINOR.PATCH-rc.N.")
    ],
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
    sqlite: Annotated[
        bool,
        typer.Option("--sqlite", help="Add `tables.sqlite`: all tables in one SQLite file."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a release: tables, log, descriptors, checksums.

    CSV and Parquet of every table and of the timeline. The same log gives the same bytes. A
    version that is there already is never overwritten.

    Example: regesta release 1.0.0 --out releases
    """
    from regesta.flows.releasing import release_dataset
    from regesta.flows.signing import read_signer
    from regesta.release.spreadsheet import FOLDER
    from regesta.release.sqlite import SQLITE
    from regesta.store.store import Store

    additions = {FOLDER: excel_safe, SQLITE: sqlite}
    with progress(steps=3) as step:
        store = Store.open(settings(context).store)
        released = release_dataset(
            store,
            version,
            out,
            as_of=as_of,
            known_by=known_by,
            signer=read_signer(sign) if sign else None,
            also=[name for name, wanted in additions.items() if wanted],
            step=step,
        )
    if as_json:
        typer.echo(json.dumps(released.as_json()))
    else:
        say(f"Released {released.dataset} {version}: {released.path}")
