"""Tell the log: what changed, when, by whom and why; and every record as it was made."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from regesta.errors import NoSuchName
from regesta.flows.seeing import seen
from regesta.log.changes import CHANGE, as_old, changes, key_text, whole_rows
from regesta.log.leaves import leaf_texts
from regesta.research.merges import names_of
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store.store import Store
from regesta.vocabulary import hint, require_code

WORDS = ("position", "batch", "action", "reason")

HISTORY = {
    "position": pl.Int64(),
    "batch": pl.Int64(),
    "recorded_at": pl.String(),
    "author": pl.String(),
    "message": pl.String(),
    "action": pl.String(),
    "reason": pl.String(),
    **CHANGE,
}


def history(
    store: Store,
    event_id: str | None = None,
    *,
    reason: str | None = None,
    by_reason: bool = False,
    limit: int | None = None,
) -> pl.DataFrame:
    """Return the records, newest first, with what each changed, one column a row of `HISTORY`.

    A record that adds, retracts or restores a row has one line; a revision one for each column.
    With *by_reason* those of one reason stand together.

    Raises
    ------
    NoSuchName
        If the log never held such an event, or there is no such reason.
    """
    if reason is not None:
        require_code(reason, "reasons", "reason")
    newest = limit if reason is None and not by_reason else None
    with store.standing_still():
        if event_id is None:
            found = {name: store.records(name, newest=newest) for name in IMPORTED}
        else:
            found = records_about(store, event_id)
        told = pl.concat([_told(store, name, records) for name, records in found.items()])
        batches = store.rows("batches").select("batch", "recorded_at", "author", "message")
    if reason is not None:
        told = told.filter(pl.col("reason") == reason)
    joined = told.join(batches, on="batch", how="left", maintain_order="left").select(*HISTORY)
    order = ["reason", "position"] if by_reason else ["position"]
    descending = [False, True] if by_reason else [True]
    ordered = joined.sort(order, descending=descending, maintain_order=True)
    return ordered if limit is None else ordered.head(limit)


def records_about(store: Store, event_id: str) -> dict[str, pl.DataFrame]:
    """Return every record of an event, whatever it was called, by table.

    Raises
    ------
    NoSuchName
        If the log never held such an event.
    """
    ids = names_of(event_id, seen(store).merged)
    found = {}
    for name in IMPORTED:
        columns = [c for c in ("event_id", "other_id") if c in TABLES[name].columns]
        parts = [store.records_of(name, column, each) for column in columns for each in ids]
        found[name] = pl.concat([store.records(name, newest=0), *parts]).unique("position")
    if found["events"].is_empty():
        raise NoSuchName(
            kind="event", name=event_id, hint=hint(event_id, store.rows("events")["event_id"])
        )
    return found


def _told(store: Store, name: str, records: pl.DataFrame) -> pl.DataFrame:
    """Return what each record changed: a row that was restored may have come back changed."""
    table = TABLES[name]
    changing = records.filter(pl.col("action").is_in(["revise", "restore"]))
    others = records.filter(pl.col("action") != "revise")
    before = store.records_at(name, changing["supersedes"].alias("position"))
    old = before.select(pl.col("position").alias("supersedes"), *as_old(table))
    pairs = changing.join(old, on="supersedes", maintain_order="left")
    return pl.concat([whole_rows(table, others, WORDS), changes(table, pairs, WORDS)])


def log_lines(store: Store, since: int = 0) -> Iterator[str]:
    """Yield each record from position *since* on as one JSON object, in log order."""
    with store.standing_still():
        ordered = pl.concat([_lines(store, name, since) for name in TABLES]).sort("position")
    yield from ordered["line"]


def _lines(store: Store, name: str, since: int) -> pl.DataFrame:
    """Return position and JSON object of each record of one table."""
    records = store.records(name, since=since)
    place = [pl.lit('{"position":'), pl.col("position").cast(pl.String)]
    if name != "batches":  # there, the batch is the row's own key
        place += [pl.lit(',"batch":'), pl.col("batch").cast(pl.String)]
    leaf = leaf_texts(TABLES[name], records).alias("leaf_text")
    said = pl.col("leaf_text").str.strip_prefix("{")
    return records.select("position", "batch", leaf).select(
        "position", line=pl.concat_str(*place, pl.lit(","), said)
    )


def log_table(store: Store, since: int = 0) -> pl.DataFrame:
    """Return each record from position *since* on: where, what and why, its key and its leaf."""
    with store.standing_still():
        found = {name: store.records(name, since=since) for name in TABLES}
    parts = [
        records.select(
            "position",
            "batch",
            pl.lit(name).alias("table"),
            "action",
            "reason",
            "revision",
            key_text(TABLES[name]).alias("key"),
            leaf_texts(TABLES[name], records).alias("record"),
        )
        for name, records in found.items()
    ]
    return pl.concat(parts).sort("position")
