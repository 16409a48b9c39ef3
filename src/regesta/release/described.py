"""What the descriptors of a release are derived from: its card, its tables and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from regesta.release.citation import Cited
from regesta.release.digests import File
from regesta.release.spreadsheet import FOLDER
from regesta.schema.card import Card
from regesta.schema.datapackage import Descriptor, foreign_keys
from regesta.schema.gates import Outcome
from regesta.schema.tables import PUBLISHED

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
    "json": "application/json",
    "md": "text/markdown",
    "html": "text/html",
    "sqlite": "application/vnd.sqlite3",
}


@dataclass(frozen=True, kw_only=True)
class Described:
    """A release as its descriptors tell of it; equal ones give equal bytes.

    `root` is the Merkle root of the log in hex, `recorded_at` when its last batch was recorded,
    `tables` the published ones, and `files` all files by path but for the descriptors themselves.
    `gates` are the outcomes of the card's gates, `previous` is what is said of the release before.
    """

    card: Card
    version: str
    recorded_at: str
    root: str
    known_by: str | None
    tables: Mapping[str, pl.DataFrame]
    files: Mapping[str, File]
    gates: Sequence[Outcome] = ()
    previous: Mapping[str, Any] | None = None

    @property
    def day(self) -> str:
        """Return the day of the release: that of its last batch."""
        return self.recorded_at[:10]

    @property
    def cited(self) -> Cited:
        """Return how the release is cited."""
        return Cited(
            card=self.card, version=self.version, day=self.day, digest=f"sha256:{self.root}"
        )

    @cached_property
    def references(self) -> Mapping[str, list[Descriptor]]:
        """Return the foreign keys of each table that hold."""
        return {name: foreign_keys(table, self.tables) for name, table in PUBLISHED.items()}

    @property
    def summary(self) -> str:
        """Return what the card says of the dataset at length, or its title."""
        return str(self.card.get("description") or self.card["title"])

    @property
    def excel_safe(self) -> bool:
        """Return whether copies for spreadsheets are in the release."""
        return any(name.startswith(f"{FOLDER}/") for name in self.files)


def media_type(name: str) -> str:
    """Return the media type of the file *name* of a release.

    Examples
    --------
    >>> media_type("events.csv"), media_type("checkpoint")
    ('text/csv', 'text/plain')
    """
    return MEDIA_TYPES.get(name.rpartition(".")[2], "text/plain")
