"""`regesta template`: an empty table to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="A table, or `flat` for one row an event.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to FILE.")
    ] = None,
) -> None:
    """Print the header of a CSV file that `regesta import` takes.

    Example: regesta template events --out events.csv
    """
    from regesta.intake.templates import template
    from regesta.views.output import write_text

    write_text(template(table), out)
