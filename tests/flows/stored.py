"""What a store holds, as plain rows and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from regesta.schema.tables import TABLES
from regesta.store.store import Store
from tests.flows.model import Key, Record, Row, key_of


def rows_of(name: str, frame: pl.DataFrame) -> dict[Key, Row]:
    """Return the rows of a frame by key, each with the cells that say something."""
    return by_key(name, [said(row) for row in frame.to_dicts()])


def said(row: Row) -> Row:
    """Return the cells of *row* that say something."""
    return {column: cell for column, cell in row.items() if cell is not None}


def by_key(name: str, rows: Sequence[Row]) -> dict[Key, Row]:
    """Return *rows* by key."""
    return {key_of(name, row): row for row in rows}


def records_of(store: Store) -> list[dict[str, Any]]:
    """Return all that *store* holds of each record, in order."""
    found = [
        {**record, "table": name} for name in TABLES for record in store.records(name).to_dicts()
    ]
    return sorted(found, key=lambda record: int(record["position"]))


def cells(stored: Mapping[str, Any]) -> Row:
    """Return what the row of a record says."""
    return {
        column: stored[column]
        for column in TABLES[stored["table"]].columns
        if stored[column] is not None
    }


def as_record(stored: Mapping[str, Any]) -> Record:
    """Return a record of the store as the model has it; of a batch it knows the number."""
    table = stored["table"]
    row = {"batch": stored["batch"]} if table == "batches" else cells(stored)
    return Record(
        table=table,
        key=(stored["batch"],) if table == "batches" else key_of(table, row),
        row=row,
        **{name: stored[name] for name in ("action", "reason", "revision", "supersedes")},
    )
