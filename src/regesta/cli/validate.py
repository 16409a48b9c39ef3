"""`regesta validate`: the checks of an import, and nothing recorded."""

from __future__ import annotations

import typer

from regesta.cli.console import say, show_failures
from regesta.cli.options import (
    ExcelSafeOption,
    Form,
    FormatOption,
    KeepExtraOption,
    NewActorsOption,
    OutOption,
    PathsArgument,
    TableOption,
    settings,
)


def command(
    context: typer.Context,
    paths: PathsArgument,
    table: TableOption = None,
    new_actors: NewActorsOption = False,
    keep_extra: KeepExtraOption = False,
    form: FormatOption = Form.TABLE,
    out: OutOption = None,
    excel_safe: ExcelSafeOption = False,
) -> None:
    """Check files as an import would, and record nothing.

    Against the store, if there is one.

    Exit status 3 if a row is invalid; with --format the failures are listed as data.

    Example: regesta validate my-events.csv --format csv --out failures.csv
    """
    from regesta.errors import InvalidInput
    from regesta.flows.importing import validate_paths
    from regesta.flows.stores import store_for_import
    from regesta.intake.gather import Reading
    from regesta.views.output import write

    reading = Reading(table=table, keep_extra=keep_extra, new_actors=new_actors)
    try:
        store, _ = store_for_import(settings(context).store)
        checked = validate_paths(paths, store, reading)
        failures, notes = checked.failures, checked.notes
    except InvalidInput as fault:
        failures, notes = fault.failures, ()
    if form is Form.TABLE and out is None:
        show_failures(failures)
    else:
        write(failures, form, out, excel_safe=excel_safe)
    for note in notes:
        say(note)
    say(_verdict(failures.height))
    if failures.height:
        raise typer.Exit(InvalidInput.exit_status)


def _verdict(count: int) -> str:
    if not count:
        return "Everything is valid."
    return f"{count} failure." if count == 1 else f"{count} failures."
