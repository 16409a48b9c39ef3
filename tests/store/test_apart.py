"""A large store is read by a process of its own, and nobody can tell but by the time it takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import adbc_driver_sqlite
import polars as pl
import pytest
import sqlalchemy as sa

from regesta.abreast import WORKERS
from regesta.errors import VerificationFailed
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.flows.releasing import release_dataset
from regesta.flows.verifying import verify_store
from regesta.log.tables import LOGS
from regesta.schema.tables import TABLES
from regesta.store import apart
from regesta.store import store as opened
from regesta.store.store import Store
from tests.logs import record
from tests.strategies import SMALL, write_table, write_tables

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
ORDER = Order(author="A. Coder", snapshot=None)


@pytest.fixture(autouse=True)
def every_store_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read whatever store apart, a few records at once."""
    monkeypatch.setattr(opened, "LARGE", 1)
    monkeypatch.setattr(opened, "STRETCH", 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a store with a row in every table."""
    path = tmp_path / "a store #1.db"
    store = Store.create(f"sqlite:///{path}", dataset="gifts")
    import_paths(write_tables(tmp_path, SMALL), store, ORDER, at=AT)
    return path


@pytest.fixture
def store(path: Path) -> Store:
    """Return the store at that path."""
    return Store.open(f"sqlite:///{path}")


def _all(store: Store) -> dict[str, pl.DataFrame]:
    stretches = list(store.stretches())
    return {name: pl.concat([stretch[name] for stretch in stretches]) for name in TABLES}


def _equal(some: dict[str, pl.DataFrame], others: dict[str, pl.DataFrame]) -> bool:
    return all(
        some[name].equals(others[name]) and some[name].schema == others[name].schema
        for name in TABLES
    )


def _told(store: Store) -> dict[str, pl.DataFrame]:
    return {name: store.records(name) for name in TABLES}


def _alter(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement, values)


def test_both_ways_read_the_same(store: Store) -> None:
    """Every record and every row comes, with the same cells and dtypes, in the same order."""
    rows = {name: store.rows(name) for name in TABLES}
    with store.reading_all():
        assert store._reader is not None
        found = _all(store)
        assert all(store.rows(name).equals(rows[name]) for name in TABLES)
    assert store._reader is None
    assert _equal(found, _told(store))
    assert _equal(found, _all(store))
    assert sum(frame.height for frame in found.values()) == store.head().size


def test_the_past_of_a_large_table_is_the_same_by_any_road(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of each record, rows come in the order of their keys, live ones in that of the log."""
    record(store, {"events": [{"event_id": each} for each in ("pact", "aid", "Ñ", "talks")]})
    again = {"event_id": "aid", "title": "More aid"}
    record(store, {"events": [again]}, gone={"events": [{"event_id": "pact"}]})
    record(store, {"events": [{**again, "title": "Most aid"}, {"event_id": "pact"}]})
    moments = [None, *range(-1, store.head().size)]
    with monkeypatch.context() as patch:
        asked = _asked_of_readers(patch)
        apart_rows = {upto: store.rows("events", upto) for upto in moments}
        apart_heads = store.live_heads("events")
    assert len(asked) == WORKERS * (len(moments) + 1)
    monkeypatch.setattr(opened, "LARGE", 1_000)
    assert all(store.rows("events", upto).equals(rows) for upto, rows in apart_rows.items())
    assert store.live_heads("events").equals(apart_heads)
    assert apart_rows[None]["event_id"].to_list() == ["aid", "gift", "pact", "talks", "Ñ"]
    assert apart_heads["position"].is_sorted()


def _asked_of_readers(patch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every statement that is asked of a reader from now on is added."""
    asked: list[str] = []
    ask = apart.Reader.ask

    def watched(
        reader: apart.Reader, statement: sa.Select[Any], types: apart.Types
    ) -> Callable[[], pl.DataFrame]:
        asked.append(str(statement))
        return ask(reader, statement, types)

    patch.setattr(apart.Reader, "ask", watched)
    return asked


def test_a_part_that_does_not_come_is_read_in_its_place(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of several processes is killed, its rows come from the standard driver."""
    record(store, {"events": [{"event_id": each} for each in ("pact", "aid", "visit")]})
    rows = store.rows("events")
    with store.reading_all(2):
        assert store._reader is not None
        store._reader._processes[0].process.kill()
        store._reader._processes[0].process.wait()
        assert store.rows("events").equals(rows)
    with monkeypatch.context() as patch:
        patch.setattr(opened, "LARGE", 1_000)
        assert store.rows("events").equals(rows)


@pytest.mark.parametrize(
    "text", ["", "x\0y", "\n", "NA", "007", "김정은", "\U0001f54a", "x" * 9999]
)
def test_any_text_comes_as_it_is(store: Store, path: Path, text: str) -> None:
    """The other driver changes no cell, a column without a value keeps its type."""
    _alter(path, "UPDATE events_log SET title = ?, summary = NULL", text)
    with store.reading_all():
        assert store._reader is not None
        found = _all(store)["events"]
    assert found["title"].unique().to_list() == [text]
    assert found["summary"].dtype == pl.String


def test_answers_come_to_their_questions(store: Store) -> None:
    """Whoever asks something else while the reader is ahead gets the rows that he asked for."""
    with store.reading_all():
        stretches = store.stretches()
        first = next(stretches)
        assert store.rows("actors").equals(store.rows("actors"))
        again = [first, *stretches]
    assert _equal(
        {name: pl.concat([stretch[name] for stretch in again]) for name in TABLES}, _told(store)
    )


def test_a_long_question_keeps_nobody_waiting(store: Store) -> None:
    """What does not fit into a pipe is not put there while the other side is full as well."""
    wanted = {"event_id": [f"e{number}" for number in range(20_000)]}
    with store.reading_all():
        first, *_ = store.stretches()
        assert store.rows("events", where=wanted).equals(store.rows("events", where=wanted))
        assert first["batches"].height == 1


def test_what_is_no_text_is_told_as_ever(store: Store, path: Path) -> None:
    """Damage that the reader stumbles over is told by the standard driver."""
    _alter(path, "UPDATE events_log SET title = CAST(x'FFFE' AS TEXT)")
    with pytest.raises(VerificationFailed, match="decode"):
        verify_store(store, step=lambda _: None)


def test_without_the_process_the_rows_come_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that cannot start, or is killed, costs time and nothing else."""
    with monkeypatch.context() as patch:
        patch.setattr(apart, "_READER", "regesta.store.nothing")
        with store.reading_all():
            assert _equal(_all(store), _told(store))
    with store.reading_all():
        assert isinstance(store._reader, apart.Reader)
        for each in store._reader._processes:
            each.process.kill()
            each.process.wait()
        assert _equal(_all(store), _told(store))


def test_what_is_not_committed_is_read_where_it_is(store: Store, path: Path) -> None:
    """Within a transaction of ours, and of a store that has another journal, nobody else reads."""
    with store.holding(), store.reading_all():
        assert store._reader is None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with store.reading_all():
            assert store._reader is None
    with Store.create("sqlite://").reading_all():
        pass


def test_a_writer_waits_for_the_reader(store: Store, path: Path, tmp_path: Path) -> None:
    """What is read is one state of the store, though others come to write meanwhile."""
    before = _told(store)
    more = write_table(tmp_path, "coverage", [{**SMALL["coverage"][0], "coverage_id": "later"}])

    def write() -> None:
        import_paths([more], Store.open(f"sqlite:///{path}"), ORDER, at=AT)

    writer = Thread(target=write)
    with store.reading_all():
        stretches: Iterator[dict[str, Any]] = store.stretches()
        found = [next(stretches)]
        writer.start()
        writer.join(1)
        assert writer.is_alive()
        found += stretches
    writer.join()
    whole = {name: pl.concat([stretch[name] for stretch in found]) for name in TABLES}
    assert _equal(whole, before)
    assert store.records("coverage").height == before["coverage"].height + 1


def test_no_second_sqlite_opens_the_file_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Import, release and verification bring the other driver near private files only."""
    seen: list[str] = []
    connect = adbc_driver_sqlite.connect

    def watched(uri: str, **options: str) -> object:
        seen.append(uri)
        return connect(uri, **options)

    monkeypatch.setattr(adbc_driver_sqlite, "connect", watched)
    path = tmp_path / "watched.db"
    store = Store.create(f"sqlite:///{path}", dataset="gifts")
    import_paths(write_tables(tmp_path, SMALL), store, ORDER, at=AT)
    release_dataset(store, "1.0.0", tmp_path, step=lambda _: None)
    verify_store(store, step=lambda _: None)
    assert seen
    assert not [uri for uri in seen if path.name in uri]


def test_every_log_table_has_types_that_the_reader_can_say() -> None:
    """A column of a new kind would be read row by row, for ever and unnoticed."""
    for name in LOGS:
        kinds = {pl.String() if d == pl.Date else d for d in TABLES[name].dtypes.values()}
        assert kinds <= set(apart._SAMPLES)


def test_nothing_of_the_folder_we_are_in_is_run(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leaves a program beside a store does not have it run by its reader."""
    stray = tmp_path / "stray"
    stray.mkdir()
    for name in ("json.py", "pyarrow.py", "polars.py", "adbc_driver_sqlite.py"):
        (stray / name).write_text("open('ran', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(stray)
    verify_store(store, step=lambda _: None)
    assert not (stray / "ran").exists()
