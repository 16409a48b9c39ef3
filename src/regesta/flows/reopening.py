"""Open the log of a release as a store in memory, so that any question can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.flows.sound import Histories
from regesta.log.checkpoint import EMPTY, Head
from regesta.release import duck
from regesta.release.tabular import read_records
from regesta.research.ground import Run
from regesta.schema.tables import TABLES
from regesta.store.store import Store

IN_MEMORY = "sqlite://"


def run_over(release: Path) -> Run:
    """Return what runs a statement on the log of *release*.

    DuckDB reads its Parquet files in place where it is installed; else they are put into an
    SQLite database in memory. Both give the same answers.
    """
    if duck.is_installed():
        return duck.run_over(release)
    return store_of(release).fetch


def store_of(release: Path, dataset: str | None = None) -> Store:
    """Return a store in memory that holds the log of *release*: same positions, same root.

    Digests are the caller's to check.
    """
    histories = {name: read_records(table, release) for name, table in TABLES.items()}
    return refilled(Store.create(IN_MEMORY, dataset=dataset), histories)


def refilled(store: Store, histories: Histories) -> Store:
    """Append the records *histories* to the empty *store*, all or none, and return it."""
    ends = list(_ends(histories))
    if ends:
        store.fill({name: rows for name, rows in histories.items() if rows.height}, ends)
    return store


def _ends(histories: Histories) -> Iterator[Head]:
    """Yield where the log ended after each batch."""
    leaves = pl.concat(rows.select("position", "batch", "leaf") for rows in histories.values())
    batches = histories["batches"].sort("position").select("batch", "recorded_at")
    by_batch = leaves.sort("position").partition_by("batch", as_dict=True)
    size, edge = EMPTY.size, EMPTY.edge
    for batch, recorded_at in batches.iter_rows():
        size, edge = merkle.grow(size, edge, by_batch[batch,]["leaf"])
        yield Head(batch=batch, size=size, edge=edge, recorded_at=recorded_at)
