"""`regesta import`: bring files into the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from regesta.cli.console import clock, login_name, progress, say, show_failures
from regesta.cli.options import (
    AuthorOption,
    JsonOption,
    KeepExtraOption,
    MessageOption,
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
    author: AuthorOption = None,
    message: MessageOption = None,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            "--quarantine",
            metavar="FILE",
            help="Record the valid rows and write the others, whole, to FILE.",
        ),
    ] = None,
    made_from: Annotated[
        str | None,
        typer.Option(
            "--made-from",
            metavar="MOMENT",
            help="The state of the log that the input was made from, as --as-of names it: if a "
            "row was changed since, nothing is recorded and both versions are shown (exit 5).",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be recorded; record nothing.")
    ] = False,
    new_actors: NewActorsOption = False,
    keep_extra: KeepExtraOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring files into the log, as one batch.

    A path is a dataset folder, a table file or a flat file. Everything is checked first: one
    invalid row, and nothing is recorded. The same input again
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
        author=author or login_name(),
        message=message,
        reason=reason,
        reading=Reading(table=table, keep_extra=keep_extra, new_actors=new_actors),
        snapshot=parse_scope(snapshot) if snapshot else None,
        quarantine=quarantine,
        made_from=made_from,
        dry_run=dry_run,
    )
    store, target = store_for_import(settings(context).store)
    with progress(steps=4) as step:
        receipt = import_paths(paths, store, order, at=clock(), step=step, target=target)
    if receipt.batch is not None and target() is not store:
        say(f"Made a new store at {target().url}.")
    show_failures(receipt.failures)
    for note in receipt.notes:
        say(note)
    if as_json:
        typer.echo(json.dumps(receipt.as_json()))
    else:
        show_receipt(receipt)
