"""What several commands take: where the store is, in which form to answer, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_STORE = "sqlite:///regesta.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stands before the command."""

    store: str


class Form(StrEnum):
    """The forms in which a reading command answers."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


FormatOption = Annotated[Form, typer.Option("--format", help="Form of the answer.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write the answer to FILE.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="MOMENT",
        help="The state of the log at a day or time (2026-11-24, 2026-11-24T09:30Z), "
        "after a batch (batch:2) or a position (41).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
PathsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="A dataset folder, the name of a dataset that comes with regesta, a table file or a "
        "flat file.",
        show_default=False,
    ),
]
TableOption = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="NAME", help="Which table a file is, where its header fits several."
    ),
]
KeepExtraOption = Annotated[
    bool, typer.Option("--keep-extra", help="Keep columns that nobody knows in `details`.")
]
NewActorsOption = Annotated[
    bool, typer.Option("--new-actors", help="Record actors that nobody knows, by name.")
]


def settings(context: typer.Context) -> Settings:
    """Return what stands before the command."""
    found: Settings = context.obj
    return found
