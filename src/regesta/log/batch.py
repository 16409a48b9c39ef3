"""A batch: the records of one import, numbered, sealed under one Merkle root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from regesta import __version__, merkle
from regesta.log.checkpoint import Head
from regesta.log.leaves import leaves_of
from regesta.log.plan import PLANNED
from regesta.schema.tables import TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who brought the rows, why and from where."""

    author: str
    message: str | None = None
    source_name: str | None = None
    source_sha256: str | None = None
    card: str | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Records ready to be appended after the head *after*: by table, with position and leaf."""

    records: Mapping[str, pl.DataFrame]
    after: Head
    recorded_at: str

    @cached_property
    def head(self) -> Head:
        """Where the log ends with this batch."""
        leaves = [leaf for frame in self.records.values() for leaf in frame["leaf"]]
        size, edge = merkle.grow(self.after.size, self.after.edge, leaves)
        number = self.after.batch + 1
        return Head(batch=number, size=size, edge=edge, recorded_at=self.recorded_at)


def utc_text(at: datetime) -> str:
    """Return a moment as fixed-width text in UTC.

    Examples
    --------
    >>> utc_text(datetime(2024, 2, 20, 9, 30, tzinfo=UTC))
    '2024-02-20T09:30:00.000000Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seal(
    planned: Mapping[str, pl.DataFrame],
    *,
    head: Head,
    at: datetime,
    provenance: Provenance,
    counts: str,
) -> Batch:
    """Return the batch that appends *planned* records after *head*; its own record comes first.

    The recorded time never runs backwards: a clock that was set back gives the time of the
    batch before.
    """
    number = head.batch + 1
    recorded_at = max(utc_text(at), head.recorded_at)
    frames = {"batches": _own_record(number, recorded_at, provenance, counts)}
    frames |= {name: planned[name] for name in TABLES if name in planned}
    records: dict[str, pl.DataFrame] = {}
    size = head.size
    for name, frame in frames.items():
        positions = pl.int_range(size, size + frame.height, dtype=pl.Int64, eager=True)
        records[name] = frame.with_columns(
            positions.alias("position"), pl.lit(number, pl.Int64).alias("batch")
        )
        size += frame.height
    return Batch(records=records, after=head, recorded_at=recorded_at)


def _own_record(number: int, recorded_at: str, provenance: Provenance, counts: str) -> pl.DataFrame:
    table = TABLES["batches"]
    row = {
        "batch": number,
        "recorded_at": recorded_at,
        "author": provenance.author,
        "message": provenance.message,
        "source_name": provenance.source_name,
        "source_sha256": provenance.source_sha256,
        "tool_version": __version__,
        "counts": counts,
        "card": provenance.card,
        "action": "add",
        "reason": "new",
        "revision": 1,
        "supersedes": None,
    }
    schema = {**table.dtypes, **PLANNED}
    del schema["leaf"]
    record = pl.DataFrame([row], schema=schema)
    return record.with_columns(leaves_of(table, record))
