"""`regesta import`: bring files into the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import clock, progress, say, show_failures
from regesta.cli.options import (
    JsonOption,
    KeepExtraOption,
    NewActorsOption,
    PathsArgument,
    TableOption,
    settings,
)


def command(
    context: typer.Context,
    paths: PathsArgument,
    table: TableOption = None,
    snapshot: Annotated[
        str | None,
        typer.Option(
            "--snapshot",
            metavar="SCOPE",
            help="The input is the whole of SCOPE, `all` or 'table=events, country=PRK': "
            "rows that it lacks are retracted. Every row must then be valid.",
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="R", help="Why: see `regesta codes reasons`."),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option("--author", envvar="REGESTA_AUTHOR", metavar="A", help="Who brings the rows."),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", metavar="M", help="Why, in your own words.")
    ] = None,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            "--quarantine",
            metavar="FILE",
            help="Record the valid rows and write the others, whole, to FILE.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be recorded; record nothing.")
    ] = False,
    new_actors: NewActorsOption = False,
    keep_extra: KeepExtraOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a dataset folder, table files or flat files into the log, as one batch.

    Everything is checked first: one invalid row, and nothing is recorded. The same input again
    records nothing. CSV, TSV, XLSX, JSON Lines and Parquet are read; .gz too.

    Example: regesta import russia-dprk

    Example: regesta import my-events.csv --new-actors --author "A. Coder" -m "first fifty"

    Example: regesta import datasets/my-set --snapshot all --reason recoding --dry-run
    """
    from regesta.flows.importing import import_paths
    from regesta.flows.order import Order
    from regesta.flows.snapshot import parse_scope
    from regesta.flows.stores import store_for_import
    from regesta.intake.gather import Reading
    from regesta.views.receipt import show_receipt

    order = Order(
        author=author or _login_name(),
        message=message,
        reason=reason,
        reading=Reading(table=table, keep_extra=keep_extra, new_actors=new_actors),
        snapshot=parse_scope(snapshot) if snapshot else None,
        quarantine=quarantine,
        dry_run=dry_run,
    )
    store, target = store_for_import(settings(context).store)
    with progress(steps=4) as step:
        receipt = import_paths(paths, store, order, at=clock(), step=step, target=target)
    if receipt.batch is not None and target() is not store:
        say(f"Made a new store at {target().url}.")
    show_failures(receipt.failures)
    if as_json:
        typer.echo(json.dumps(receipt.as_json()))
    else:
        show_receipt(receipt)


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
