"""The laws of a store, the same in memory, in a file and on PostgreSQL."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from sqlalchemy.exc import DBAPIError

from regesta import merkle
from regesta.errors import Busy, NoStore, Outrun, RegestaError, UsageError
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.flows.snapshot import Scope
from regesta.flows.verifying import verify_store
from regesta.log.batch import Batch, Provenance, seal
from regesta.log.checkpoint import EMPTY, Head
from regesta.log.receipt import Receipt
from regesta.log.tables import LOGS, METADATA
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store import bulk
from regesta.store.store import Store
from tests import logs
from tests.strategies import SMALL, SWIFT, State, event_histories, frame, write_table, write_tables

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
EVENTS = TABLES["events"]
WHOLE = Scope(where={})

# Each way to change a table in place, for SQLite and for PostgreSQL; {c} is one of its columns.
CHANGES = {
    "sqlite": [
        "UPDATE {t} SET {c} = {c}",
        "DELETE FROM {t}",
        "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
        "REPLACE INTO {t} SELECT * FROM {t}",
        "UPDATE OR REPLACE {t} SET {c} = {c}",
    ],
    "postgresql": [
        "UPDATE {t} SET {c} = {c}",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "TRUNCATE {t} CASCADE",
        "SET session_replication_role = replica; UPDATE {t} SET {c} = {c}",
        "SET session_replication_role = replica; DELETE FROM {t}",
        "MERGE INTO {t} USING {t} s ON {t}.{c} = s.{c} WHEN MATCHED THEN DELETE",
    ],
}


@contextmanager
def opened(url: str, way: Callable[[str], Store] = Store.create) -> Iterator[Store]:
    """Make the store at *url*, or open it another *way*, and close its connections afterwards."""
    store = way(url)
    try:
        yield store
    finally:
        store._engine.dispose()


@pytest.fixture
def store(new_url: Callable[[], str]) -> Iterator[Store]:
    """Return a new store."""
    with opened(new_url()) as made:
        yield made


def _import(store: Store, *paths: Path, hours: int = 0, snapshot: Scope | None = None) -> Receipt:
    order = Order(author="A. Coder", message="test", snapshot=snapshot)
    return import_paths(paths, store, order, at=START + timedelta(hours=hours))


def _become(store: Store, state: State, hours: int = 0) -> Receipt:
    """Make the events of *store* those of *state*, by way of a CSV file."""
    with TemporaryDirectory() as folder:
        path = write_table(Path(folder), "events", state)
        return _import(store, path, hours=hours, snapshot=WHOLE)


def _expected(state: State) -> list[tuple[object, ...]]:
    return sorted(frame(EVENTS, state).rows())


def _events(store: Store, upto: int | None = None) -> list[tuple[object, ...]]:
    return sorted(store.rows("events", upto).rows())


def _all_records(store: Store) -> list[tuple[int, str]]:
    """Return position and table of every record, in order."""
    return sorted(
        (position, name) for name in TABLES for position in store.records(name)["position"]
    )


def _sum(records: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return what records add up to, one after another, in plain Python."""
    live: dict[object, tuple[object, ...]] = {}
    for record in records.iter_rows(named=True):
        live.pop(record["event_id"], None)
        if record["action"] != "retract":
            live[record["event_id"]] = tuple(record[name] for name in EVENTS.columns)
    return sorted(live.values())


def _require_sound(store: Store) -> None:
    """Fail unless positions are gap-free and every leaf and root is right."""
    positions = [position for position, _ in _all_records(store)]
    assert positions == list(range(store.head().size))
    verify_store(store, step=lambda _: None)


class TestStore:
    """What holds for every store, whichever database keeps it."""

    @given(history=event_histories(max_states=3))
    @settings(SWIFT, max_examples=2)
    def test_the_past_stays_as_it_was(
        self, new_url: Callable[[], str], history: list[State]
    ) -> None:
        """A projection as of position n is what the first n records add up to, for ever."""
        with opened(new_url()) as store:
            seen: dict[int, State] = {-1: []}
            for hours, state in enumerate(history):
                _become(store, state, hours)
                seen[store.head().size - 1] = state
                for position, then in seen.items():
                    assert _events(store, position) == _expected(then)
            records = store.records("events")
            for position in range(store.head().size):
                upto = records.filter(pl.col("position") <= position)
                assert _events(store, position) == _sum(upto)
            assert _events(store) == _expected(history[-1])

    @given(history=event_histories(max_states=3))
    @settings(SWIFT, max_examples=2)
    def test_positions_have_no_gap_and_batches_no_overlap(
        self, new_url: Callable[[], str], history: list[State]
    ) -> None:
        """Every position is one record's, and a batch's own record comes first in it."""
        with opened(new_url()) as store:
            for hours, state in enumerate(history):
                _become(store, state, hours)
            _require_sound(store)
            ends = store.batch_ends()
            owners = [position for position, name in _all_records(store) if name == "batches"]
            starts = [0, *(last + 1 for _, _, last in ends[:-1])] if ends else []
            assert owners == starts
            assert [batch for batch, _, _ in ends] == list(range(1, len(ends) + 1))

    @given(history=event_histories(max_states=3))
    @settings(SWIFT, max_examples=2)
    def test_the_views_show_the_projection(
        self, new_url: Callable[[], str], history: list[State]
    ) -> None:
        """Any SQL client sees the live rows of each table, and no others."""
        with opened(new_url()) as store:
            for hours, state in enumerate(history):
                _become(store, state, hours)
                with store._reading() as connection:
                    shown = connection.execute(sa.text("SELECT * FROM events")).all()
                rows = [
                    tuple(
                        str(v) if name.startswith("date_") and v else v for name, v in row.items()
                    )
                    for row in store.rows("events").iter_rows(named=True)
                ]
                assert sorted(map(repr, map(tuple, shown))) == sorted(map(repr, rows))

    @given(history=event_histories(max_states=3))
    @settings(SWIFT, max_examples=2)
    def test_the_same_records_give_the_same_root_and_order(
        self, new_url: Callable[[], str], history: list[State]
    ) -> None:
        """Which database keeps a log is no part of it: roots, rows and their order agree."""
        with opened(new_url()) as store, opened("sqlite://") as other:
            for hours, state in enumerate(history):
                ours, theirs = (_become(each, state, hours) for each in (store, other))
                assert ours.checkpoint == theirs.checkpoint
                assert ours.changes.equals(theirs.changes)
                assert store.rows("events").equals(other.rows("events"))
            for name in TABLES:
                assert store.records(name).equals(other.records(name))
            assert store.checkpoints().equals(other.checkpoints())

    def test_rows_come_by_key_in_the_order_of_code_points(
        self, store: Store, tmp_path: Path
    ) -> None:
        """No database sorts as its locale does: capitals come first, hyphens count."""
        ids = ["b", "B", "a-c", "ab", "a.b", "A", "a", "Z", "0"]
        state = [{**SMALL["events"][0], "event_id": each} for each in ids]
        _import(store, write_table(tmp_path, "events", state))
        assert store.rows("events")["event_id"].to_list() == sorted(ids)

    def test_every_table_comes_back_as_it_was_brought(self, store: Store, tmp_path: Path) -> None:
        """Rows of all tables go in as one batch and come out equal, with their dtypes."""
        receipt = _import(store, *write_tables(tmp_path, SMALL))
        assert receipt.batch == 1
        assert receipt.checkpoint.size == 1 + len(SMALL)
        for name, state in SMALL.items():
            assert store.rows(name).equals(frame(TABLES[name], state))
        assert store.rows("batches").height == 1
        _require_sound(store)

    @pytest.mark.parametrize("rows_at_once", [2, 50_000])
    def test_cells_that_a_database_may_misread_come_as_they_are(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
    ) -> None:
        """Signs of null, of an end, of an escape, and empty text, in any slice of the rows."""
        monkeypatch.setattr(bulk, "SLICE", rows_at_once)
        signs = [r"\N", r"\.", "a\n\\.\nb", "\\", "a\tb", "a\r\nb", r"\x00", r"\n", '"', ",", ""]
        rows = [
            {"event_id": f"e{n:02}", "title": sign or "-", "summary": sign, "latitude": n / 1e6}
            for n, sign in enumerate([*signs, None])
        ]
        logs.record(store, {"events": rows})
        found = store.rows("events").select("event_id", "title", "summary", "latitude")
        assert found.to_dicts() == rows
        _require_sound(store)

    def test_the_database_refuses_to_change_what_is_recorded(
        self, store: Store, tmp_path: Path
    ) -> None:
        """No statement changes or removes a row of the log, nor of the checkpoints."""
        _import(store, *write_tables(tmp_path, SMALL))
        for table in METADATA.tables.values():
            before = _content(store, table)
            assert len(before) == 1
            for template in CHANGES[store._engine.dialect.name]:
                statement = template.format(
                    t=table.name, c=f'"{next(iter(table.primary_key)).name}"'
                )
                with pytest.raises(DBAPIError, match="append-only"):
                    _run(store._engine, statement)
            assert _content(store, table) == before

    @pytest.mark.parametrize("wrong", ["position", "revision", "order"])
    def test_the_database_refuses_a_record_that_is_there_or_comes_too_late(
        self, store: Store, tmp_path: Path, wrong: str
    ) -> None:
        """A record with a known position, a known revision, or behind the last one is refused."""
        _import(store, *write_tables(tmp_path, SMALL))
        for name, log in LOGS.items():
            [record] = _content(store, log)
            key = {column: 7 if column == "batch" else "new" for column in TABLES[name].key}
            changes: dict[str, dict[str, object]] = {
                "position": {**key},
                "revision": {"position": 99},
                "order": {**key, "position": -1},
            }
            added = log.insert().values({**record, **changes[wrong]})
            with pytest.raises(DBAPIError), store._engine.begin() as connection:
                connection.execute(added)
            assert _content(store, log) == [record]

    def test_the_database_refuses_a_second_successor(self, store: Store, tmp_path: Path) -> None:
        """A record is superseded once: the history of a row never forks."""
        _import(store, *write_tables(tmp_path, SMALL))
        for log in LOGS.values():
            [record] = _content(store, log)
            first = {**record, "position": 98, "revision": 2, "supersedes": record["position"]}
            second = {**first, "position": 99, "revision": 3}
            with store._engine.begin() as connection:
                connection.execute(log.insert().values(first))
            with pytest.raises(DBAPIError), store._engine.begin() as connection:
                connection.execute(log.insert().values(second))

    def test_guards_are_all_there(self, store: Store) -> None:
        """A new store has every trigger that keeps it append-only."""
        assert store.own_faults() == []

    def test_a_batch_planned_for_another_head_is_refused_whole(
        self, store: Store, tmp_path: Path
    ) -> None:
        """Who was outrun records nothing, and is told so."""
        _import(store, *write_tables(tmp_path, SMALL))
        for after in (EMPTY, Head(batch=1, size=99, edge=(), recorded_at="")):
            with pytest.raises(Outrun):
                store.append(_batch_after(after))
        assert store.head().batch == 1
        _require_sound(store)

    def test_a_batch_is_appended_whole_or_not_at_all(self, store: Store, tmp_path: Path) -> None:
        """A fault in the middle of a batch leaves nothing of it behind."""
        _import(store, *write_tables(tmp_path, SMALL))
        head = store.head()
        good = _batch_after(head)
        torn = [*good.parts, {"events": store.records("events")}]
        with pytest.raises(RegestaError, match=r"refused|try again"):
            store.append(replace(good, parts=torn))
        assert store.head() == head
        assert store.rows("batches").height == 1
        store.append(good)
        _require_sound(store)

    def test_recorded_time_never_runs_backwards(self, store: Store) -> None:
        """A clock that was set back gives the time of the batch before."""
        [event] = SMALL["events"]
        for hours, title in ((5, "first"), (1, "second"), (7, "third")):
            _become(store, [{**event, "title": title}], hours)
        times = [at for _, at, _ in store.batch_ends()]
        assert times == sorted(times)
        assert times[0] == times[1] < times[2]

    def test_appended_batches_survive_reopening(self, lasting_url: str, tmp_path: Path) -> None:
        """What was acknowledged is there when the store is opened again, and goes on from there."""
        with opened(lasting_url) as store:
            first = _import(store, *write_tables(tmp_path, SMALL))
        with opened(lasting_url) as store:
            assert store.head().checkpoint(store.dataset) == first.checkpoint
            assert store.rows("events").equals(frame(EVENTS, SMALL["events"]))
            second = _import(store, tmp_path / "events.csv")
            assert second.batch is None
            third = _become(store, [{**SMALL["events"][0], "title": "Another car"}], 1)
            assert (third.batch, third.checkpoint.size) == (2, first.checkpoint.size + 2)
            _require_sound(store)

    def test_opening_needs_a_store(self, lasting_url: str) -> None:
        """A database that no store was made in is refused in words, and left as it was."""
        with pytest.raises((NoStore, UsageError), match="regesta init"):
            Store.open(lasting_url)
        gc.collect()  # a connection that was left open is complained of here
        with opened(lasting_url) as made:
            made._engine.dispose()
            again = Store.open(lasting_url)
            assert again.head() == EMPTY
            again._engine.dispose()

    def test_making_a_store_twice_changes_nothing(self, lasting_url: str, tmp_path: Path) -> None:
        """`init` on a store that is there leaves its log alone and keeps its dataset."""
        with opened(lasting_url) as store:
            _import(store, *write_tables(tmp_path, SMALL))
            head = store.head()
        with opened(lasting_url) as store:
            assert store.head() == head
            assert store.own_faults() == []

    def test_a_store_holds_one_dataset(self, lasting_url: str) -> None:
        """A store that was made for a dataset is not made for another."""
        Store.create(lasting_url, dataset="gifts")._engine.dispose()
        again = Store.create(lasting_url, dataset="gifts")
        assert again.dataset == "gifts"
        again._engine.dispose()
        with pytest.raises(UsageError, match=r"'gifts', not 'visits'"):
            Store.create(lasting_url, dataset="visits")
        gc.collect()  # a connection that was left open is complained of here

    def test_writers_at_once_never_fork(self, lasting_url: str, tmp_path: Path) -> None:
        """Several importers leave one line of batches, each file recorded once."""
        files = _files(tmp_path, writers=4, each=3)
        Store.create(lasting_url)._engine.dispose()

        def bring(mine: list[Path]) -> list[int | None]:
            with opened(lasting_url, Store.open) as store:
                return [_patiently(store, path).batch for path in mine]

        with ThreadPoolExecutor(len(files)) as pool:
            batches = [batch for done in pool.map(bring, files) for batch in done]
        with opened(lasting_url) as store:
            _require_sound(store)
            assert sorted(batch for batch in batches if batch) == list(range(1, 13))
            named = store.rows("batches")["source_name"].to_list()
            assert sorted(named) == sorted(path.name for mine in files for path in mine)
            assert store.rows("events").height == 12 * 3
            sizes = store.checkpoints()["size"].to_list()
            assert all(later - size == 4 for size, later in pairwise([0, *sizes]))

    def test_writers_of_the_same_rows_record_them_once(
        self, lasting_url: str, tmp_path: Path
    ) -> None:
        """Whoever comes second finds everything recorded, and records nothing."""
        path = write_table(tmp_path, "events", SMALL["events"])
        Store.create(lasting_url)._engine.dispose()

        def bring(_: int) -> int | None:
            with opened(lasting_url, Store.open) as store:
                return _patiently(store, path).batch

        with ThreadPoolExecutor(4) as pool:
            batches = list(pool.map(bring, range(4)))
        assert sorted(batch for batch in batches if batch) == [1]
        with opened(lasting_url) as store:
            assert store.head().size == 2
            _require_sound(store)


def _content(store: Store, table: sa.Table) -> list[dict[str, object]]:
    with store._reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def _run(engine: sa.Engine, statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements.split("; "):
            connection.execute(sa.text(statement))


def _patiently(store: Store, path: Path) -> Receipt:
    """Import *path* as somebody does who is told to try again."""
    for _ in range(50):
        with suppress(Busy):
            return _import(store, path)
    pytest.fail("others kept writing")


def _files(folder: Path, *, writers: int, each: int) -> list[list[Path]]:
    """Write a few files of three events for each writer, no two with the same event."""
    [event] = SMALL["events"]
    files = []
    for writer in range(writers):
        mine = []
        for number in range(each):
            state = [{**event, "event_id": f"w{writer}.{number}.{i}"} for i in range(3)]
            written = write_table(folder, "events", state)
            mine.append(written.rename(folder / f"events.{writer}-{number}.csv"))
        files.append(mine)
    return files


def _batch_after(head: Head) -> Batch:
    return seal({}, head=head, at=START, provenance=Provenance(author="B"), counts="{}")


def test_sqlite_refuses_a_replacement_from_any_connection(tmp_path: Path) -> None:
    """Not even a client that knows nothing of our settings can replace a record."""
    path = tmp_path / "regesta.db"
    with opened(f"sqlite:///{path}") as store:
        _import(store, *write_tables(tmp_path, SMALL))
    with closing(sqlite3.connect(path)) as plain:
        for table in METADATA.tables:
            before = plain.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            for template in CHANGES["sqlite"]:
                column = METADATA.tables[table].primary_key.columns[0].name
                with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                    plain.execute(template.format(t=table, c=column))
            assert plain.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608


def test_the_root_of_a_store_is_that_of_its_leaves(tmp_path: Path) -> None:
    """Whoever has the leaves in order can compute the checkpoint."""
    with opened("sqlite://") as store:
        receipt = _import(store, *write_tables(tmp_path, SMALL))
        parts = [store.records(name).select("position", "leaf") for name in TABLES]
        leaves = pl.concat(parts).sort("position")["leaf"]
        assert merkle.root_of(leaves) == receipt.checkpoint.root
        assert set(SMALL) == set(IMPORTED)
