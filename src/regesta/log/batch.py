"""A batch: the records of one import, numbered, sealed under one Merkle root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from regesta import __version__, merkle
from regesta.log.checkpoint import Head
from regesta.log.leaves import leaves_of
from regesta.log.plan import PLANNED
from regesta.schema.tables import TABLES
from regesta.spool import Part, Spool
from regesta.vectors import utf8_of


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
    """Records ready to be appended after the head *after*, in parts that follow one another.

    Each part has records by table, with position and leaf. `leaves` are those of all records in
    order, packed part by part.
    """

    parts: Iterable[Part]
    leaves: Sequence[bytes]
    after: Head
    recorded_at: str

    @cached_property
    def head(self) -> Head:
        """Where the log ends with this batch."""
        size, edge = self.after.size, self.after.edge
        for packed in self.leaves:
            size, edge = merkle.grow(size, edge, merkle.unpack(packed))
        number = self.after.batch + 1
        return Head(batch=number, size=size, edge=edge, recorded_at=self.recorded_at)


class Draft:
    """A batch to come after *head*: its records are numbered and kept in *spool* as they come."""

    def __init__(self, head: Head, spool: Spool) -> None:
        """Leave the first position to the batch's own record."""
        self._after, self._spool = head, spool
        self._size = head.size + 1
        self._leaves: list[bytes] = []

    @property
    def is_empty(self) -> bool:
        """Whether no record came."""
        return not self._leaves

    def take(self, planned: Mapping[str, pl.DataFrame]) -> None:
        """Give numbers to the records *planned*, table by table, after those that came."""
        due = {name: planned[name] for name in TABLES if name in planned and planned[name].height}
        if not due:
            return
        numbered = {}
        for name, frame in due.items():
            numbered[name] = _numbered(frame, self._size, self._after.batch + 1)
            self._size += frame.height
        self._leaves.append(packed(pl.concat([frame["leaf"] for frame in due.values()])))
        self._spool.put(numbered)

    def seal(self, *, at: datetime, provenance: Provenance, counts: str) -> Batch:
        """Return the batch of all that came; its own record comes first.

        The recorded time never runs backwards: a clock that was set back gives the time of the
        batch before.
        """
        number = self._after.batch + 1
        recorded_at = max(utc_text(at), self._after.recorded_at)
        own = _own_record(number, recorded_at, provenance, counts)
        first = {"batches": _numbered(own, self._after.size, number)}
        return Batch(
            parts=_Following(first, self._spool),
            leaves=[packed(own["leaf"]), *self._leaves],
            after=self._after,
            recorded_at=recorded_at,
        )


@dataclass(frozen=True, slots=True)
class _Following:
    """A first part and those that follow it."""

    first: Part
    others: Iterable[Part]

    def __iter__(self) -> Iterator[Part]:
        yield self.first
        yield from self.others


def packed(leaves: pl.Series) -> bytes:
    """Return the hashes *leaves* as one string of bytes."""
    return utf8_of(leaves).tobytes()


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
    """Return the batch that appends *planned* records after *head*, as `Draft` makes it."""
    draft = Draft(head, Spool())
    draft.take(planned)
    return draft.seal(at=at, provenance=provenance, counts=counts)


def _numbered(records: pl.DataFrame, first: int, batch: int) -> pl.DataFrame:
    positions = pl.int_range(first, first + records.height, dtype=pl.Int64, eager=True)
    return records.with_columns(positions.alias("position"), pl.lit(batch, pl.Int64).alias("batch"))


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
