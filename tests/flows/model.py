"""A log in plain dicts and lists: what it adds up to, and the record that a row needs.

No SQL, no frames, and nothing of what is tested: the machine holds the two against each other.
A row is a dict of the cells that say something; a position is a place in a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Key = tuple[Any, ...]
Tables = Mapping[str, Sequence[Row]]

KEYS: Mapping[str, tuple[str, ...]] = {
    "actors": ("actor_id",),
    "offices": ("actor_id", "office", "held_from"),
    "sources": ("source_id",),
    "events": ("event_id",),
    "participants": ("event_id", "actor_id", "role"),
    "evidence": ("evidence_id",),
    "relations": ("event_id", "relation", "other_id"),
    "coverage": ("coverage_id",),
}
"""What names a row, by table, in the order in which a batch records them."""

REFERENCES: Mapping[str, Mapping[str, str]] = {
    "offices": {"actor_id": "actors"},
    "participants": {"event_id": "events", "actor_id": "actors", "on_behalf_of": "actors"},
    "evidence": {"event_id": "events", "source_id": "sources", "speaker": "actors"},
    "relations": {"event_id": "events", "other_id": "events"},
}
"""Which table each referring column names a row of."""

HANGING = ("participants", "evidence", "relations")
IDENTITY = ("same_as", "not_same_as")
NOT_FOR_ADD = ("correction", "recoding", "retraction", "source_lost")

USAGE, REFUSED = 2, 3


class Declined(Exception):
    """A command that records nothing, and exits with `status`."""

    def __init__(self, status: int) -> None:
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the log."""

    table: str
    key: Key
    action: str
    reason: str
    revision: int
    row: Row
    supersedes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a command does: the records that it makes, and what it changes beside them."""

    records: Sequence[Record] = ()
    stays: Mapping[str, str] | None = None
    card: Mapping[str, str] | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def makes_a_batch(self) -> bool:
        """Whether there is anything to record."""
        return bool(self.records) or self.card is not None


def key_of(table: str, row: Row) -> Key:
    """Return what names *row*."""
    return tuple(row.get(column) for column in KEYS[table])


class Model:
    """A log, the size that it had after each batch, and which event gave way to which."""

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.ends: list[int] = []
        self.stays: Mapping[str, str] = {}
        self.stays_after: list[Mapping[str, str]] = []
        self.card: Mapping[str, str] = {}

    def copy(self) -> Model:
        """Return a model that goes its own way from here."""
        other = copy(self)
        other.log, other.ends = list(self.log), list(self.ends)
        other.stays_after = list(self.stays_after)
        return other

    def take(self, step: Step) -> None:
        """Append the records of *step* as a batch, its own record first."""
        if not step.makes_a_batch:
            return
        number = len(self.ends) + 1
        own = Record(
            table="batches",
            key=(number,),
            action="add",
            reason="new",
            revision=1,
            row={"batch": number},
            supersedes=None,
        )
        order = list(KEYS)
        self.log += [own, *sorted(step.records, key=lambda each: order.index(each.table))]
        self.ends.append(len(self.log))
        self.stays = self.stays if step.stays is None else step.stays
        self.stays_after.append(self.stays)
        self.card = step.card or self.card

    # What the log adds up to

    def heads(self, upto: int | None = None) -> dict[tuple[str, Key], int]:
        """Return the position of the newest record of each row, of all or of the first *upto*."""
        return {(each.table, each.key): n for n, each in enumerate(self.log[:upto])}

    def standing(self, table: str, upto: int | None = None) -> list[Row]:
        """Return the live rows of a table, in the order of their newest records."""
        newest = sorted(n for (name, _), n in self.heads(upto).items() if name == table)
        return [self.log[n].row for n in newest if self.log[n].action != "retract"]

    def ids(self, table: str) -> list[str]:
        """Return what the live rows of a table are called."""
        return [row[KEYS[table][0]] for row in self.standing(table)]

    def gone(self) -> set[str]:
        """Return the events that were retracted and did not give way."""
        newest = ((key, self.log[n]) for (name, key), n in self.heads().items() if name == "events")
        return {key[0] for key, head in newest if head.action == "retract"} - set(self.stays)

    def as_read(self, table: str, batch: int) -> list[Row]:
        """Return the rows after *batch*, each event that gave way read as the one that stayed."""
        rows = self.standing(table, self.ends[batch - 1])
        stays = self.stays_after[batch - 1]
        if table not in HANGING:
            return rows
        read: dict[Key, Row] = {}
        for row in sorted(rows, key=lambda row: (_is_moved(row, stays), key_of(table, row))):
            is_told = row.get("relation") in IDENTITY
            there = row if is_told else _resolved(row, stays)
            if is_told or there["event_id"] != there.get("other_id"):
                read.setdefault(key_of(table, there), there)
        return list(read.values())

    def survivor(self, event_id: str) -> str:
        """Return the event that stayed."""
        return end_of(event_id, self.stays)

    def names_of(self, event_id: str) -> list[str]:
        """Return an event and all that gave way to it."""
        return [event_id, *(old for old in self.stays if self.survivor(old) == event_id)]

    # What one row needs

    def head(self, table: str, key: Key) -> Record | None:
        """Return the newest record of a row."""
        place = self.heads().get((table, key))
        return None if place is None else self.log[place]

    def say(self, table: str, row: Row, reason: str | None = None) -> list[Record]:
        """Return the record that states *row*: none where the log says so already."""
        key = key_of(table, row)
        head = self.head(table, key)
        if head is None:
            fits = reason not in (None, *NOT_FOR_ADD)
            return [self._next(table, key, "add", str(reason) if fits else "new", row)]
        gone = head.action == "retract"
        if head.row == row and not (gone and row.get("event_id") not in self.given_way(table)):
            return []
        return [
            self._next(table, key, "restore" if gone else "revise", reason or "correction", row)
        ]

    def say_anew(self, table: str, row: Row, reason: str) -> list[Record]:
        """Return the record that states *row* even where the log says so, its other words kept."""
        head = self.head(table, key_of(table, row))
        if head is None:
            return self.say(table, row, reason)
        action = "restore" if head.action == "retract" else "revise"
        words = {**head.row, **row} if table == "relations" else row
        return [self._next(table, key_of(table, row), action, reason, words)]

    def take_back(self, table: str, rows: Sequence[Row], reason: str) -> list[Record]:
        """Return the records that retract live *rows*."""
        return [self._next(table, key_of(table, row), "retract", reason, row) for row in rows]

    def _next(self, table: str, key: Key, action: str, reason: str, row: Row) -> Record:
        place = self.heads().get((table, key))
        return Record(
            table=table,
            key=key,
            action=action,
            reason=reason,
            revision=1 if place is None else self.log[place].revision + 1,
            row=row,
            supersedes=place,
        )

    def given_way(self, table: str) -> Collection[str]:
        """Return the rows of a table that resolve though they are gone."""
        return self.stays if table == "events" else ()


def end_of(event_id: str, stays: Mapping[str, str]) -> str:
    """Return where the chain of events that gave way ends."""
    while event_id in stays:
        event_id = stays[event_id]
    return event_id


def _is_moved(row: Row, stays: Mapping[str, str]) -> bool:
    return row["event_id"] in stays or row.get("other_id") in stays


def _resolved(row: Row, stays: Mapping[str, str]) -> Row:
    naming = ("event_id", "other_id")
    ends = {column: end_of(row[column], stays) for column in naming if column in row}
    return {**row, **ends}
