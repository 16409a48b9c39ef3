"""Files for benchmarks are the same again, valid, and differ only in what was asked for."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from generate import HEADER, SLICE, write_events

from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.intake.gather import Reading
from regesta.schema.tables import TABLES
from regesta.store.store import Store

SIZE = 50

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a file with some traits, and gives its path."""

    def written(*traits: str, size: int = SIZE, name: str = "events.csv") -> Path:
        path = tmp_path / name
        write_events(path, size, **dict.fromkeys(traits, True))  # type: ignore[arg-type]
        return path

    return written


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("traits", [(), ("parties",), ("shuffled", "revised")])
def test_the_same_size_gives_the_same_bytes(traits: tuple[str, ...], write: Write) -> None:
    """A file that is made twice is one file."""
    once = write(*traits).read_bytes()
    assert write(*traits, name="again.csv").read_bytes() == once


def test_every_column_of_events_is_filled(write: Write) -> None:
    """A file of events alone has all columns of the table, and no empty cell."""
    assert set(HEADER) == set(TABLES["events"].columns)
    assert all(cell for row in rows(write()) for cell in row.values())


def test_a_larger_file_begins_anew_in_each_slice(write: Write) -> None:
    """Rows of the second slice have ids of their own and no header between."""
    ids = [row["event_id"] for row in rows(write(size=SLICE + 2))]
    assert ids == [f"bench-{number:09d}" for number in range(SLICE + 2)]


def test_shuffled_ids_are_the_same_ids_in_another_order(write: Write) -> None:
    """Shuffling loses and repeats no id."""
    ids = [row["event_id"] for row in rows(write("shuffled"))]
    assert ids != sorted(ids)
    assert sorted(ids) == [row["event_id"] for row in rows(write())]


def test_a_revised_file_says_something_else_of_every_tenth_event(write: Write) -> None:
    """All other rows are as they were."""
    old, new = rows(write()), rows(write("revised", name="revised.csv"))
    changed = [one["event_id"] for one, other in zip(old, new, strict=True) if one != other]
    assert changed == [row["event_id"] for row in old[::10]]


def test_regesta_takes_every_row(write: Write) -> None:
    """A file with participants and sources is valid; its revision revises a tenth of the events."""
    store, order = Store.create("sqlite://"), Order(reading=Reading(new_actors=True), author="x")
    at = datetime(2026, 11, 24, tzinfo=UTC)
    first = import_paths([write("parties")], store, order, at=at)
    second = import_paths([write("parties", "revised")], store, order, at=at)
    assert first.tables["events"]["added"] == first.tables["evidence"]["added"] == SIZE
    assert first.tables["participants"]["added"] == 2 * SIZE
    assert second.total("revised") == second.tables["events"]["revised"] == SIZE // 10
