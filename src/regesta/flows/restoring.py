"""Open the log of a release as a store in memory, so that any question can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from regesta import merkle
from regesta.log.batch import Batch
from regesta.log.checkpoint import EMPTY, Head
from regesta.release import duck
from regesta.release.tabular import read_records
from regesta.research.register import Run
from regesta.schema.tables import TABLES
from regesta.store.store import Store

IN_MEMORY = "sqlite://"

Histories = Mapping[str, pl.DataFrame]


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
    """Append the records *histories* to the empty *store*, batch by batch, and return it."""
    head = EMPTY
    for batch in histories["batches"].sort("batch").iter_rows(named=True):
        records = {
            name: part
            for name, rows in histories.items()
            if (part := rows.filter(batch=batch["batch"]).sort("position")).height
        }
        after = _grown(head, records, batch["recorded_at"])
        store.append(Batch(records=records, head=after), after=head)
        head = after
    return store


def _grown(head: Head, records: Histories, recorded_at: str) -> Head:
    leaves = pl.concat(part.select("position", "leaf") for part in records.values())
    size, edge = merkle.grow(head.size, head.edge, leaves.sort("position")["leaf"])
    return Head(batch=head.batch + 1, size=size, edge=edge, recorded_at=recorded_at)
