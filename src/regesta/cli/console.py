"""How the command line speaks: data on stdout, messages on stderr, faults in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from regesta.errors import InvalidInput, RegestaError

if TYPE_CHECKING:
    import polars as pl

SHOWN_FAILURES = 200
"""More would bury the way out; `validate --format csv` lists them all."""


def say(text: str) -> None:
    """Tell a person something, beside the data."""
    sys.stderr.write(f"{text}\n")


def clock() -> datetime:
    """Return the time; only the command line asks for it."""
    return datetime.now(UTC)


@contextmanager
def speaking_errors() -> Iterator[None]:
    """Turn a fault into a sentence on stderr and an exit status."""
    try:
        yield
    except InvalidInput as fault:
        show_failures(fault.failures)
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
        value = f" {failure['value']!r}" if failure["value"] is not None else ""
        say(f"{failure['file']}{row}{column}:{value} {failure['message']} [{failure['rule']}]")
    if failures.height > SHOWN_FAILURES:
        say(
            f"... and {failures.height - SHOWN_FAILURES} more; "
            "`regesta validate --format csv` lists them all."
        )


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
