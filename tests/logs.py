"""Small logs: a store in memory, filled batch by batch from rows that say only what matters."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from regesta.log.batch import Provenance, seal
from regesta.log.plan import plan, plan_retractions
from regesta.release.tabular import write_history
from regesta.schema.tables import IMPORTED, TABLES, TableSchema
from regesta.store.engine import connect, parse_url
from regesta.store.store import Store
from tests.strategies import Row, frame, with_days

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
"""When a batch is recorded, unless a test says otherwise."""

Rows = Mapping[str, Sequence[Row]]
NOTHING: Rows = MappingProxyType({})

STAND_INS: Mapping[str, Row] = {
    "events": {"event_type": "gift", "title": "A gift", "date": "2024-02-18"},
    "actors": {"name": "somebody", "kind": "other"},
    "offices": {"office": "Minister", "held_from": "XXXX"},
    "sources": {"publisher": "The Daily", "kind": "press"},
    "evidence": {"stance": "asserts", "aspect": "occurrence"},
}
"""What a row says in the columns that must be filled, unless a test says otherwise."""


def whole(name: str, row: Row) -> Row:
    """Return *row* of the table *name* with every column."""
    table = TABLES[name]
    unknown = row.keys() - table.columns.keys()
    assert not unknown, f"{name} has no columns {unknown}"
    return with_days({**dict.fromkeys(table.columns), **STAND_INS.get(name, {}), **row})


@cache
def _empty() -> bytes:
    """Return the bytes of an empty store: to copy them is faster than to migrate again."""
    return _raw(Store.create("sqlite://")).serialize()


def _raw(store: Store) -> sqlite3.Connection:
    """Return the driver's one connection to a store in memory."""
    connection = store._engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def new_store() -> Store:
    """Return a new, empty store in memory."""
    store = Store(connect(parse_url("sqlite://")))
    _raw(store).deserialize(_empty())
    return store


def logged(*batches: Rows, at: datetime = AT) -> Store:
    """Return a new store in memory whose log holds *batches*."""
    store = new_store()
    for rows in batches:
        record(store, rows, at=at)
    return store


def record(store: Store, rows: Rows, *, gone: Rows = NOTHING, at: datetime = AT) -> Store:
    """Append a batch to *store* that states *rows* and retracts the rows *gone*; return it."""
    due = {}
    for name, table in IMPORTED.items():
        stated = [_stated(store, table, rows[name])] if rows.get(name) else []
        retracted = [_retracted(store, table, gone[name])] if gone.get(name) else []
        records = [each for each in (*stated, *retracted) if each.height]
        if records:
            due[name] = pl.concat(records)
    head = store.head()
    batch = seal(due, head=head, at=at, provenance=Provenance(author="A. Coder"), counts="{}")
    store.append(batch)
    return store


def _stated(store: Store, table: TableSchema, rows: Sequence[Row]) -> pl.DataFrame:
    wanted = frame(table, [whole(table.name, row) for row in rows])
    return plan(table, wanted, store.heads(table.name, wanted.select(table.key))).records


def _retracted(store: Store, table: TableSchema, rows: Sequence[Row]) -> pl.DataFrame:
    gone = frame(table, [whole(table.name, row) for row in rows])
    live = store.live_heads(table.name).join(gone, on=table.key, how="semi")
    return plan_retractions(table, live)


def histories(store: Store, upto: int | None = None) -> dict[str, pl.DataFrame]:
    """Return the records of *store*, or those up to a position, by table."""
    found = {name: store.records(name) for name in TABLES}
    if upto is None:
        return found
    return {name: records.filter(pl.col("position") <= upto) for name, records in found.items()}


def write_histories(store: Store, folder: Path) -> Path:
    """Write the log of *store* into *folder* as a release holds it, and return the folder."""
    (folder / "history").mkdir(parents=True, exist_ok=True)
    for name, records in histories(store).items():
        with write_history(TABLES[name], folder / "history" / f"{name}.parquet", {}) as write:
            write(records)
    return folder


def told(found: pl.DataFrame, *columns: str) -> list[Any]:
    """Return the cells of *columns* row by row; of one column, its cells."""
    return found[columns[0]].to_list() if len(columns) == 1 else found.select(columns).rows()
