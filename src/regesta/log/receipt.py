"""What an import did, row by row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from regesta.log.checkpoint import Checkpoint

COUNTS = (
    "read",
    "added",
    "revised",
    "restored",
    "retracted",
    "unchanged",
    "duplicate",
    "rejected",
)
"""read = added + revised + restored + unchanged + duplicate + rejected, for each table."""

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The outcome of an import.

    `batch` is None where nothing was recorded. `changes` lists what each record of a dry run would
    change: action, table, key, column, old and new. `notes` says what else somebody should know.
    """

    tables: Counts
    batch: int | None
    checkpoint: Checkpoint
    changes: pl.DataFrame
    failures: pl.DataFrame
    dry_run: bool = False
    notes: tuple[str, ...] = ()

    def total(self, count: str) -> int:
        """Return one of `COUNTS` over all tables."""
        return sum(counts[count] for counts in self.tables.values())

    def as_json(self) -> dict[str, object]:
        """Return the receipt as one JSON object."""
        return {
            "tables": {name: dict(counts) for name, counts in self.tables.items()},
            "batch": self.batch,
            **self.checkpoint.as_json(),
            "dry_run": self.dry_run,
        }


RECORDED = {
    "action": pl.String(),
    "reason": pl.String(),
    "table": pl.String(),
    "key": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A batch of curation: its number, where the log ends now, and what it recorded."""

    batch: int | None
    checkpoint: Checkpoint
    records: pl.DataFrame

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {
            "batch": self.batch,
            **self.checkpoint.as_json(),
            "records": self.records.to_dicts(),
        }
