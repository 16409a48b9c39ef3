"""Many rows at once: the same log as row by row, guards as they were, one SQLite a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from adbc_driver_sqlite import dbapi
from polars.testing import assert_frame_equal

from regesta import vectors
from regesta.errors import RegestaError
from regesta.flows.verifying import verify_store
from regesta.log.batch import Batch, Provenance, seal
from regesta.log.plan import plan
from regesta.schema.tables import TABLES
from regesta.store import bulk
from regesta.store.store import Store

EVENTS = TABLES["events"]
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
COUNT = 12_345


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a new store in a file."""
    return Store.create(f"sqlite:///{tmp_path / 'regesta.db'}")


@pytest.fixture(autouse=True)
def few_make_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have rows taken in slices, and by the road of many, long before there are so many."""
    monkeypatch.setattr(vectors, "SLICE", 1_000)
    monkeypatch.setattr(bulk, "_MANY", 100)


def events(start: int = 0) -> pl.DataFrame:
    """Return rows of events, some columns of which say the same, or nothing, in every row."""
    number = pl.int_range(start, start + COUNT, eager=True)
    numbered = pl.select(
        event_id=pl.format("e{}", number),
        event_type=pl.lit("visit"),
        title=pl.when(number % 3 == 0)
        .then(pl.lit('say "ü"'))
        .otherwise(pl.format("no. {}", number)),
        date=pl.lit("2024"),
        geonames_id=pl.when(number % 2 == 1).then(number),
        details=pl.lit('{"a":1}'),
    )
    return pl.concat([EVENTS.empty(), numbered], how="diagonal_relaxed").select(*EVENTS.columns)


def batch(store: Store, rows: pl.DataFrame) -> Batch:
    """Return the batch that adds *rows* to *store*."""
    heads = store.heads("events", rows.select("event_id"))
    due = plan(EVENTS, rows, heads).records
    provenance = Provenance(author="A. Coder")
    return seal({"events": due}, head=store.head(), at=AT, provenance=provenance, counts="{}")


def test_many_rows_make_the_log_that_few_make(store: Store) -> None:
    """In a file, by several staged files, as in memory, row by row: the same rows and root."""
    row_by_row = Store.create("sqlite://")
    for each in (store, row_by_row):
        each.append(batch(each, events()))
        each.append(batch(each, events(COUNT // 2)))
    assert store.head() == row_by_row.head()
    assert_frame_equal(store.records("events"), row_by_row.records("events"))
    assert store.rows("events").height == COUNT // 2 + COUNT
    verify_store(store, step=lambda _: None)


def test_the_guard_is_back_after_many_rows(store: Store, tmp_path: Path) -> None:
    """Whoever replaces a record afterwards is refused, from any connection."""
    store.append(batch(store, events()))
    assert store.own_faults() == []
    with (
        closing(sqlite3.connect(tmp_path / "regesta.db")) as plain,
        pytest.raises(sqlite3.DatabaseError, match="append-only"),
    ):
        plain.execute("REPLACE INTO events_log SELECT * FROM events_log")


def test_an_altered_guard_is_not_mended_unseen(store: Store, tmp_path: Path) -> None:
    """What somebody did to the guard is there for `verify` to find after an append."""
    with closing(sqlite3.connect(tmp_path / "regesta.db")) as plain:
        plain.execute("DROP TRIGGER events_log_no_replace")
    store.append(batch(store, events()))
    assert store.own_faults() == ["the guard events_log_no_replace is missing"]


def test_a_fault_among_many_rows_leaves_log_and_guard(store: Store) -> None:
    """The last of many rows repeats a position: none is recorded, and the guard stands."""
    store.append(batch(store, events()))
    head, torn = store.head(), batch(store, events(COUNT))
    wrong = pl.when(pl.int_range(pl.len()) == pl.len() - 1).then(1).otherwise("position")
    [_, records] = torn.parts
    records["events"].replace_column(
        records["events"].columns.index("position"),
        records["events"].select(wrong.alias("position")).to_series(),
    )
    with pytest.raises(RegestaError):
        store.append(torn)
    assert store.head() == head
    assert store.rows("events").height == COUNT
    assert store.own_faults() == []


def test_the_staging_driver_never_opens_the_store(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It carries an SQLite of its own: two of them on one file lose each other's locks."""
    opened: list[Path] = []
    connect = dbapi.connect

    def watched(uri: str, **settings: Any) -> dbapi.AdbcSqliteConnection:  # noqa: ANN401
        opened.append(Path(uri).resolve())
        return connect(uri, **settings)

    monkeypatch.setattr(dbapi, "connect", watched)
    store.append(batch(store, events()))
    batch(store, events())
    assert len(opened) == 1 + bulk._FILES + 1  # its own record, the rows, the keys looked for
    assert not [path for path in opened if path.is_relative_to(tmp_path.resolve())]
