"""How the command line speaks: data on stdout, messages on stderr, faults in one sentence."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from regesta.errors import Conflict, InvalidInput, RegestaError
from regesta.schema.unseen import visible

if TYPE_CHECKING:
    import polars as pl

SHOWN_FAILURES = 200
"""More would bury the way out; `validate --format csv` lists them all."""

SHOWN_CHARACTERS = 120
"""A longer value is cut on the terminal; `validate --format csv` gives it whole."""


def say(text: str) -> None:
    """Tell a person something, beside the data; nothing in it steers a terminal."""
    sys.stderr.write(f"{visible(text)}\n")


def answer(text: str) -> None:
    """Print *text* on stdout; nothing in it steers a terminal."""
    import typer

    typer.echo(visible(text) if sys.stdout.isatty() else text)


def clock() -> datetime:
    """Return the time; only the command line asks for it."""
    return datetime.now(UTC)


@contextmanager
def speaking_errors() -> Iterator[None]:
    """Turn a fault into a sentence on stderr and an exit status."""
    # The driver mutters into its log, and so onto stderr, of a connection that we tell is lost.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    try:
        yield
    except InvalidInput as fault:
        show_failures(fault.failures)
        say(f"regesta: {fault}")
        sys.exit(fault.exit_status)
    except Conflict as fault:
        show_conflicts(fault.conflicts)
        say(f"regesta: {fault}")
        sys.exit(fault.exit_status)
    except RegestaError as fault:
        say(f"regesta: {fault}")
        sys.exit(fault.exit_status)
    except KeyboardInterrupt:
        say("regesta: interrupted; nothing of an unfinished batch was recorded.")
        sys.exit(130)
    except OSError as fault:
        say(f"regesta: {fault.filename or 'a file'}: {fault.strerror or fault}.")
        sys.exit(6)
    except Exception as fault:
        if "REGESTA_DEBUG" in os.environ:
            raise
        what = f"{type(fault).__name__}: {fault}".partition("\n")[0]
        say(f"regesta: a fault of ours ({what}). Please report it; REGESTA_DEBUG=1 shows where.")
        sys.exit(1)


def show_failures(failures: pl.DataFrame) -> None:
    """List failures for a person: where, what, and the way out."""
    for failure in failures.head(SHOWN_FAILURES).iter_rows(named=True):
        row = f" row {failure['row']}" if failure["row"] is not None else ""
        column = f", column {failure['column']}" if failure["column"] else ""
        value = f" {_shortened(failure['value'])!r}" if failure["value"] is not None else ""
        say(f"{failure['file']}{row}{column}:{value} {failure['message']} [{failure['rule']}]")
    if failures.height > SHOWN_FAILURES:
        say(
            f"... and {failures.height - SHOWN_FAILURES} more; "
            "`regesta validate --format csv` lists them all."
        )


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def show_conflicts(conflicts: pl.DataFrame) -> None:
    """List cells that two have changed: what the log has, by whom, and what the input has."""
    for cell in conflicts.head(SHOWN_FAILURES).iter_rows(named=True):
        why = f", {cell['message']}" if cell["message"] else ""
        by = f"batch {cell['batch']}, {cell['author']}{why}"
        if cell["column"] is None:
            row = f"{cell['table']} {cell['key']}"
            say(f"{row}: {cell['theirs']} in the log ({by}); {cell['yours']} by you")
        else:
            theirs, yours = (repr(cell[side] or "") for side in ("theirs", "yours"))
            where = f"{cell['table']} {cell['key']}, column {cell['column']}"
            say(f"{where}: {theirs} in the log ({by}); {yours} by you")


def login_name() -> str:
    """Return the name of whoever is at the keyboard, for records that name no author."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal that each call of the yielded function moves on by one step."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps)

        def step(description: str) -> None:
            bar.update(task, advance=1, description=description)

        yield step
