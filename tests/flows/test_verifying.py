"""Whatever is altered beneath a store, past its guards, is found by verifying it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from regesta import merkle
from regesta.errors import VerificationFailed
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.flows.snapshot import parse_scope
from regesta.flows.verifying import verify_store
from regesta.log.leaves import WORDS, leaf_hashes, leaf_texts
from regesta.log.tables import CHECKPOINTS, LOGS, METADATA, STORE
from regesta.schema.tables import TABLES
from regesta.store.engine import connect, parse_url
from regesta.store.store import Store
from tests.strategies import SMALL, SWIFT, write_table, write_tables

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
VERSION = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String()))
KEPT: dict[str, sa.Table] = {**{log.name: log for log in LOGS.values()}, "checkpoints": CHECKPOINTS}
GUARDS = [
    f"{table}_{kind}"
    for table in METADATA.tables
    for kind in ("no_update", "no_delete", "no_replace")
]
ALL = {**KEPT, "store": STORE, "alembic_version": VERSION}
COLUMNS = [(name, column.name) for name, table in ALL.items() for column in table.columns]


@dataclass(frozen=True)
class Saved:
    """A store as the bytes of its database, which nobody wants to see in a message."""

    content: bytes = field(repr=False)


def _fill(store: Store, folder: Path) -> None:
    """Make a log with all four actions and a row in every table."""
    order = Order(author="A. Coder", snapshot=None)
    import_paths(write_tables(folder, SMALL), store, order, at=AT)
    [search] = SMALL["coverage"]
    whole = Order(author="A. Coder", snapshot=parse_scope("table=coverage"))
    for state in ([{**search, "note": "seen"}], [{**search, "coverage_id": "s2"}], [search]):
        import_paths([write_table(folder, "coverage", state)], store, whole, at=AT)


def _disarm(connection: sa.Connection) -> None:
    for guard in GUARDS:
        connection.execute(sa.text(f"DROP TRIGGER {guard}"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Return a small store as the bytes of its database."""
    store = Store.create("sqlite://", dataset="gifts")
    _fill(store, tmp_path_factory.mktemp("tables"))
    data = Saved(_raw(store).serialize())
    store._engine.dispose()
    return data


def _raw(store: Store) -> sqlite3.Connection:
    """Return the driver's one connection to a store in memory."""
    connection = store._engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


@contextmanager
def _copy(data: Saved) -> Iterator[Store]:
    """Open a copy of the store *data*, in memory."""
    store = Store(connect(parse_url("sqlite://")))
    _raw(store).deserialize(data.content)
    try:
        yield store
    finally:
        store._engine.dispose()


def _faults(store: Store) -> list[str]:
    """Return what verifying *store* finds beside the guards that a test has dropped."""
    try:
        verify_store(store, step=lambda _: None)
    except VerificationFailed as fault:
        found = fault.facts["faults"]
        assert isinstance(found, list)
        return [each for each in found if not each.startswith("the guard ")]
    return []


def _found_after(data: Saved, alter: Callable[[sa.Connection], object]) -> list[str]:
    """Return what is found in a copy of the store *data*, disarmed and altered."""
    with _copy(data) as store:
        with store._engine.begin() as connection:
            _disarm(connection)
            alter(connection)
        return _faults(store)


@cache
def _rows(data: Saved, table: sa.Table) -> list[dict[str, Any]]:
    """Return all rows of *table*, in order."""
    with _copy(data) as store, store._engine.connect() as connection:
        found = connection.execute(sa.select(table).order_by(*list(table.columns)[:1]))
        return [dict(row) for row in found.mappings()]


def _others(column: sa.Column[Any], old: object, whole: int, words: str) -> list[Any]:
    """Return values that may stand in *column* and are not the *old* one: near ones and far."""
    kind = column.type.python_type
    found: list[Any] = [None] if column.nullable else []
    match old:
        case int():
            found += [old + 1, old - 1, whole]
        case float():
            found += [old + 0.000001, whole / 10**6]
        case bytes():
            found += [bytes([old[0] ^ 1]) + old[1:], old[:-1], b""]
        case str():
            found += [f"{old}x", f"{old} ", words]
        case _:
            blank: dict[type, list[Any]] = {int: [0, whole], float: [0.0, whole / 10**6]}
            found += blank.get(kind, ["", words])
    return [value for value in found if value != old]


def test_a_store_that_nobody_touched_holds(sound: Saved) -> None:
    """What was imported verifies, with or without its guards' help, and says what it checked."""
    with _copy(sound) as store:
        verified = verify_store(store, step=lambda _: None)
        assert verified.checkpoint == store.head().checkpoint("gifts")
        assert "checkpoint that was kept elsewhere" in str(verified)
    assert _found_after(sound, lambda _: None) == []
    actions = {row["action"] for table in LOGS.values() for row in _rows(sound, table)}
    assert actions == {"add", "revise", "retract", "restore"}
    assert all(_rows(sound, table) for table in KEPT.values())


def test_an_empty_store_holds() -> None:
    """A log without records has the root of nothing."""
    store = Store.create("sqlite://")
    assert verify_store(store, step=lambda _: None).checkpoint.size == 0
    store._engine.dispose()


@pytest.mark.parametrize(("name", "column"), COLUMNS)
@given(pick=st.integers(0, 59), whole=st.integers(-(2**53), 2**53), words=st.text("ab1 é"))
@example(pick=1, whole=7, words="x")
@settings(SWIFT, max_examples=1)
def test_any_altered_cell_is_found(
    sound: Saved, name: str, column: str, pick: int, whole: int, words: str
) -> None:
    """Whichever cell of whichever table is altered, the store no longer verifies."""
    table = ALL[name]
    there = _rows(sound, table)
    row = there[pick % len(there)]
    values = _others(table.c[column], row[column], whole, words)
    _require_found(sound, table, row, {column: values[pick % len(values)]})


@pytest.mark.slow
@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_every_altered_cell_is_found(sound: Saved, name: str, column: str) -> None:
    """Each cell of each row of each table, altered in each way that we know, is found."""
    table = ALL[name]
    for row in _rows(sound, table):
        for value in _others(table.c[column], row[column], 7, "x"):
            _require_found(sound, table, row, {column: value})


def _require_found(
    data: Saved, table: sa.Table, row: dict[str, Any], values: dict[str, Any]
) -> None:
    """Fail unless the store *data* no longer verifies once *row* says other *values*."""
    key = next(iter(table.columns))
    change = table.update().where(key == row[key.name]).values(values)
    with suppress(IntegrityError):  # then the database itself refuses
        assert _found_after(data, lambda connection: connection.execute(change)), values


@pytest.mark.parametrize("name", ALL)
def test_any_deleted_row_is_found(sound: Saved, name: str) -> None:
    """Whichever record or checkpoint is taken away, it is missed: the last as well."""
    table = ALL[name]
    key = next(iter(table.columns))
    for row in _rows(sound, table):
        removal = table.delete().where(key == row[key.name])
        assert _found_after(sound, partial(sa.Connection.execute, statement=removal))


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("place", ["after", "far after", "before", "within"])
def test_any_added_row_is_found(sound: Saved, name: str, place: str) -> None:
    """A record that no batch recorded is found, wherever it is put."""
    table = KEPT[name]
    [key] = table.primary_key
    newest = _rows(sound, table)[-1]
    size = max(row["size"] for row in _rows(sound, CHECKPOINTS))
    end = size if key.name == "position" else newest["batch"] + 1
    number = {"after": end, "far after": end + 7, "before": -1, "within": 0}[place]
    changes = {key.name: number, "revision": 9, "supersedes": None}
    added = {**newest, **{n: value for n, value in changes.items() if n in newest}}
    if any(row[key.name] == number for row in _rows(sound, table)):
        added[key.name] = -2
    assert _found_after(sound, lambda connection: connection.execute(table.insert().values(added)))


def test_a_record_given_to_another_batch_is_found(sound: Saved) -> None:
    """Who moves a record to another author's batch, checkpoints and all, is given away."""
    first, second, *_ = _rows(sound, CHECKPOINTS)
    last = first["size"] - 1
    places = {log: [row["position"] for row in _rows(sound, log)] for log in LOGS.values()}
    log = next(log for log, positions in places.items() if last in positions)
    with _copy(sound) as store:
        size, edge = merkle.grow(0, (), store.leaves(last))
    cut = {"size": size, "root": merkle.root(edge), "edge": merkle.pack(edge)}
    moved = log.update().where(log.c.position == size).values(batch=second["batch"])
    shorter = CHECKPOINTS.update().where(CHECKPOINTS.c.batch == first["batch"]).values(cut)

    def alter(connection: sa.Connection) -> None:
        connection.execute(moved)
        connection.execute(shorter)

    found = _found_after(sound, alter)
    assert found == [f"the record at position {size} is not of the batch that it names"]


@pytest.mark.parametrize("value", [float("inf"), 1e13, 1e300, b"\xff\xfe"])
def test_what_no_leaf_can_spell_is_a_fault(sound: Saved, value: float | bytes) -> None:
    """A number beyond all numbers, or bytes that are no text, is told and not stumbled over."""
    column = "title" if isinstance(value, bytes) else "latitude"
    cell = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
    statement = f"UPDATE events_log SET {column} = {cell}"  # noqa: S608 - our own names
    assert _found_after(sound, lambda connection: connection.exec_driver_sql(statement, (value,)))


def test_a_second_row_of_the_store_is_found(sound: Saved) -> None:
    """A store says of itself one thing, and is of one migration."""
    [row] = _rows(sound, STORE)
    for added in (STORE.insert().values({**row, "only": 2}), VERSION.insert().values(["0001"])):
        found = _found_after(sound, partial(sa.Connection.execute, statement=added))
        assert len(found) == 1


def test_a_damaged_index_is_found(sound: Saved) -> None:
    """An index that lacks a row would hide it from whoever looks it up."""
    index = "ix_evidence_log_event_id"
    hidden = (
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = sql || ' WHERE 1 = 0' WHERE name = '{index}'",  # noqa: S608
    )

    def alter(connection: sa.Connection) -> None:
        for statement in hidden:
            connection.exec_driver_sql(statement)

    assert _found_after(sound, alter)


def test_rows_that_change_places_are_found(sound: Saved) -> None:
    """Two records whose rows are exchanged, leaves and all, no longer give the root."""
    log = LOGS["coverage"]
    first, second, *_ = _rows(sound, log)
    places = {"position": second["position"], "supersedes": None}

    def swap(connection: sa.Connection) -> None:
        connection.execute(
            log.delete().where(log.c.position.in_([first["position"], second["position"]]))
        )
        connection.execute(log.insert().values({**second, "position": first["position"]}))
        connection.execute(log.insert().values({**first, **places}))

    assert _found_after(sound, swap)


def test_a_row_altered_together_with_its_leaf_is_found(sound: Saved) -> None:
    """Who recomputes the leaf as well is given away by the root."""
    log, table = LOGS["events"], TABLES["events"]
    [row] = _rows(sound, log)
    forged = {**row, "title": "Another car"}
    words = {name: forged[name] for name in ("action", "reason", "revision")}
    days = {name: date.fromisoformat(forged[name]) for name in ("date_earliest", "date_latest")}
    frame = pl.DataFrame(
        [{**{name: forged[name] for name in table.columns}, **days, **words}],
        schema={**table.dtypes, **WORDS},
    )
    [leaf] = leaf_hashes(leaf_texts(table, frame))
    change = log.update().values(title="Another car", leaf=leaf)
    found = _found_after(sound, lambda connection: connection.execute(change))
    assert found
    assert all("checkpoint" in each for each in found)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_missing_guard_is_found(sound: Saved, guard: str) -> None:
    """A store that no longer refuses changes does not verify, even if nothing was changed."""
    with _copy(sound) as store:
        with store._engine.begin() as connection:
            connection.execute(sa.text(f"DROP TRIGGER {guard}"))
        with pytest.raises(VerificationFailed, match=f"the guard {guard} is missing"):
            verify_store(store, step=lambda _: None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            [
                "DROP TRIGGER events_log_no_update",
                "CREATE TRIGGER events_log_no_update BEFORE UPDATE ON store BEGIN SELECT 1; END",
            ],
            "the guard events_log_no_update is missing",
        ),
        (["DROP VIEW events"], "the view events is missing"),
        (
            ["CREATE TRIGGER eats BEFORE INSERT ON EVENTS_LOG BEGIN SELECT RAISE(IGNORE); END"],
            "the guard eats is none of ours",
        ),
        (["DROP TABLE coverage_log"], "the table coverage_log is missing"),
        (
            ["DROP VIEW events", "CREATE VIEW events AS SELECT * FROM events_log"],
            "the view events was altered",
        ),
        (
            ["CREATE TRIGGER swallow BEFORE INSERT ON store BEGIN SELECT RAISE(IGNORE); END"],
            "the guard swallow is none of ours",
        ),
    ],
)
def test_an_altered_guard_or_view_is_found(sound: Saved, changes: list[str], says: str) -> None:
    """A trigger that lets changes through, or a view that shows other rows, does not verify."""
    with _copy(sound) as store:
        with store._engine.begin() as connection:
            for change in changes:
                connection.execute(sa.text(change))
        with pytest.raises(VerificationFailed, match=says):
            verify_store(store, step=lambda _: None)


def test_every_fault_is_told_at_once(sound: Saved) -> None:
    """Two altered rows are two faults, each with its position."""
    changes = [LOGS["events"].update().values(title="x"), LOGS["actors"].update().values(name="x")]

    def alter(connection: sa.Connection) -> None:
        for change in changes:
            connection.execute(change)

    found = [each for each in _found_after(sound, alter) if "does not give its leaf" in each]
    assert [each.partition("(")[2].partition(")")[0] for each in found] == ["actors", "events"]
