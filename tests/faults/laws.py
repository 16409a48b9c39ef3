"""What holds of a store whatever has happened to whoever wrote to it."""

from __future__ import annotations

import json

import polars as pl

from regesta.errors import NoStore
from regesta.flows.verifying import verify_store
from regesta.log.checkpoint import Checkpoint
from regesta.log.receipt import Counts
from regesta.schema.tables import IMPORTED
from regesta.store.store import Store
from tests.faults.workload import Told

RECORDED = ("added", "revised", "restored", "retracted")


def opened(url: str) -> Store | None:
    """Return the store at *url*, None where none has been made yet."""
    try:
        return Store.open(url)
    except NoStore:
        return None


def checkpoint(url: str) -> Checkpoint:
    """Return where the log of the store at *url* ends, after verifying all of it."""
    return verify_store(Store.open(url), step=lambda _: None).checkpoint


def told(store: Store) -> Told:
    """Return the titles that the log gives each event, oldest first; its revisions are gap-free."""
    records = store.records("events").sort("event_id", "revision")
    numbers = pl.int_range(1, pl.len() + 1).over("event_id")
    assert records.filter(pl.col("revision") != numbers).is_empty(), "a row forked"
    titles = records.group_by("event_id", maintain_order=True).agg("title")
    return dict(titles.rows())


def torn_batches(store: Store) -> list[int]:
    """Return each batch that has not as many records as it says, in one state of the store."""
    with store.standing_still():
        batches = store.records("batches").select("batch", "counts")
        parts = [store.records(name).select("batch") for name in IMPORTED]
    found = dict(pl.concat(parts)["batch"].value_counts().rows())
    whole = {batch: promised(json.loads(counts)) for batch, counts in batches.rows()}
    wrong = [batch for batch, size in whole.items() if found.pop(batch, 0) != size]
    return [*wrong, *found]


def promised(counts: Counts) -> int:
    """Return how many records a batch has by its own *counts*."""
    return sum(table.get(word, 0) for table in counts.values() for word in RECORDED)


def require_sound(url: str) -> None:
    """Require that the store at *url* verifies, and that each of its batches is whole."""
    checkpoint(url)
    assert not torn_batches(Store.open(url))
