"""What several commands take: where the store is, in which form to answer, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_STORE = "sqlite:///regesta.db"


_ENDINGS = (".db", ".sqlite", ".sqlite3")
_NO_FILE = ("", ":memory:")


def require_store_name(text: str) -> str:
    """Return the store that somebody names, unless it would be lost or is likely a slip."""
    kind, url, rest = text.partition("://")
    if url and kind.startswith("sqlite") and rest.removeprefix("/") in _NO_FILE:
        raise typer.BadParameter(f"{text!r} names no file; write sqlite:///FILE.")
    if not url and "/" not in text and not text.endswith(_ENDINGS):
        advice = f"; for a SQLite file write {text}.db or sqlite:///{text}" if text else ""
        raise typer.BadParameter(f"{text!r} is no store{advice}.")
    return text


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
ExcelSafeOption = Annotated[
    bool,
    typer.Option(
        "--excel-safe",
        help="Put an apostrophe before text that a spreadsheet would run as a formula: CSV for "
        "looking at, and not for importing.",
    ),
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
KnownByOption = Annotated[
    str | None,
    typer.Option(
        "--known-by",
        metavar="DATE",
        help="Only what was known by a day (2024-02-20, its end in UTC) or a time "
        "(2024-02-20T18:30+09:00): what was learnt later does not show.",
    ),
]
PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="How claims are weighed and which events are kept: see `regesta codes policies`.",
    ),
]
ValuesOption = Annotated[
    str,
    typer.Option(
        "--values",
        metavar="NAME",
        help="Which claim fills a column or detail: see `regesta codes value_policies`.",
    ),
]
AuthorOption = Annotated[
    str | None,
    typer.Option("--author", envvar="REGESTA_AUTHOR", metavar="A", help="Who does it."),
]
MessageOption = Annotated[
    str | None, typer.Option("--message", "-m", metavar="M", help="Why, in your own words.")
]
EventArgument = Annotated[str, typer.Argument(metavar="EVENT_ID", help="The event.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
SignOption = Annotated[
    Path | None,
    typer.Option("--sign", metavar="FILE", help="Sign the checkpoint with this private key."),
]
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
