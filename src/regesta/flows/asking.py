"""Answer what a reader asks of a store: its timeline, one event, its history, its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from regesta.dates import BadDate, bounds
from regesta.errors import NoSuchName, UsageError
from regesta.log.changes import CHANGE, as_old, changes, key_text, whole_rows
from regesta.log.leaves import leaf_texts
from regesta.log.moment import cutoff, parse_moment
from regesta.research.names import Names
from regesta.research.timeline import timeline
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store.store import Store
from regesta.vocabulary import hint, require_code

Frames = Mapping[str, pl.DataFrame]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which events a reader wants; what is None is not asked for."""

    actor: str | None = None
    between: tuple[str, str] | None = None
    event_type: str | None = None
    country: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = None


def position_of(store: Store, as_of: str | None) -> int:
    """Return the position that *as_of* means in *store*; None means the last one now.

    Whoever reads several tables reads them all up to that position: others may be writing.
    """
    if as_of is None:
        return store.head().size - 1
    return cutoff(parse_moment(as_of), store.batch_ends())


def filtered_timeline(store: Store, filters: Filters, as_of: str | None = None) -> pl.DataFrame:
    """Return the timeline of the events that *filters* let through, one row an event.

    Raises
    ------
    NoSuchName
        If an actor is not known.
    UsageError
        If a day cannot be read.
    """
    if filters.event_type:
        require_code(filters.event_type, "event_types", "event type")
    if filters.country:
        require_code(filters.country, "states", "country")
    upto = position_of(store, as_of)
    tables = {
        name: store.rows(name, upto) for name in ("events", "participants", "evidence", "actors")
    }
    found = tables["events"]
    for wanted in filter(None, (filters.actor, *(filters.between or ()))):
        among = _acting(wanted, tables)
        found = found.join(among, on="event_id", how="semi")
    if filters.event_type:
        found = found.filter(pl.col("event_type") == filters.event_type)
    if filters.country:
        found = found.filter(pl.col("country") == filters.country)
    if filters.since:
        found = found.filter(
            pl.col("date_latest").fill_null(pl.date(9999, 12, 31)) >= _day(filters.since, 0)
        )
    if filters.until:
        found = found.filter(
            pl.col("date_earliest").fill_null(pl.date(1, 1, 1)) <= _day(filters.until, 1)
        )
    rows = timeline({**tables, "events": found})
    return rows if filters.limit is None else rows.head(filters.limit)


def _day(text: str, side: int) -> pl.Expr:
    try:
        day = bounds(text)[side]
    except BadDate as fault:
        raise UsageError(reason=f"{text!r}: {fault}.") from None
    if day is None:
        raise UsageError(reason=f"{text!r} names no day.")
    return pl.lit(day)


def _acting(name: str, tables: Frames) -> pl.DataFrame:
    """Return the events in which the actor called *name* takes part, itself or by its people."""
    actors = tables["actors"]
    names = Names.of(actors)
    found = names.find(name)
    if not found:
        raise NoSuchName(kind="actor", name=name, hint=hint(name, names.by_name))
    named = actors.filter(pl.col("actor_id").is_in(list(found)))
    states = named.filter(pl.col("kind") == "state")["country"].drop_nulls().to_list()
    ids = actors.filter(
        pl.col("actor_id").is_in(named["actor_id"].to_list()) | pl.col("country").is_in(states)
    )["actor_id"]
    return tables["participants"].filter(pl.col("actor_id").is_in(ids.to_list()))


def event(store: Store, event_id: str, as_of: str | None = None) -> dict[str, pl.DataFrame]:
    """Return all that hangs on one event, by table.

    `events` holds its row; `participants` also has `name`; `evidence` also has `publisher`,
    `published_on` and `url`; `relations` holds both directions, with the other's `title`.

    Raises
    ------
    NoSuchName
        If there is no such event at that moment.
    """
    upto = position_of(store, as_of)
    mine = {"event_id": [event_id]}
    found = store.rows("events", upto, mine)
    if found.is_empty():
        known = store.rows("events", upto)["event_id"]
        raise NoSuchName(kind="event", name=event_id, hint=hint(event_id, known))
    participants = store.rows("participants", upto, mine)
    evidence = store.rows("evidence", upto, mine)
    relations = _neighbours(
        store.rows("relations", upto, mine),
        store.rows("relations", upto, {"other_id": [event_id]}),
    )
    people = pl.concat([participants["actor_id"], evidence["speaker"]]).drop_nulls().unique()
    names = store.rows("actors", upto, {"actor_id": people.to_list()}).select("actor_id", "name")
    sources = store.rows("sources", upto, {"source_id": evidence["source_id"].to_list()})
    others = store.rows("events", upto, {"event_id": relations["other_id"].to_list()})
    titles = others.select(other_id="event_id", other_title="title", other_date="date")
    return {
        "events": found,
        "participants": participants.join(names, on="actor_id", how="left", maintain_order="left"),
        "evidence": evidence.join(
            sources.select("source_id", "publisher", "published_on", "url"),
            on="source_id",
            how="left",
            maintain_order="left",
        )
        .join(
            names.rename({"actor_id": "speaker", "name": "speaker_name"}),
            on="speaker",
            how="left",
            maintain_order="left",
        )
        .sort(
            pl.col("aspect") != "occurrence",
            "aspect",
            pl.coalesce("said_on", "published_on"),
            "evidence_id",
            nulls_last=True,
        ),
        "relations": relations.join(titles, on="other_id", how="left", maintain_order="left"),
    }


def _neighbours(onward: pl.DataFrame, inward: pl.DataFrame) -> pl.DataFrame:
    """Return the relations of an event in both directions; `direction` is `to` or `from`."""
    turned = inward.with_columns(other_id=pl.col("event_id"), event_id=pl.col("other_id"))
    directed = {"to": onward, "from": turned}
    return pl.concat(f.with_columns(direction=pl.lit(way)) for way, f in directed.items())


def history(store: Store, event_id: str | None = None, limit: int | None = None) -> pl.DataFrame:
    """Return the records, newest first, with what each changed, one column a row of `HISTORY`.

    A record that adds, retracts or restores a row has one line; a revision one for each column.

    Raises
    ------
    NoSuchName
        If the log never held such an event.
    """
    found = {name: _records(store, name, event_id, limit) for name in IMPORTED}
    if event_id is not None and found["events"].is_empty():
        raise NoSuchName(
            kind="event", name=event_id, hint=hint(event_id, store.rows("events")["event_id"])
        )
    told = pl.concat([_told(store, name, records) for name, records in found.items()])
    batches = store.rows("batches").select("batch", "recorded_at", "author", "message")
    joined = told.join(batches, on="batch", how="left", maintain_order="left").select(*HISTORY)
    ordered = joined.sort("position", descending=True, maintain_order=True)
    return ordered if limit is None else ordered.head(limit)


def _records(store: Store, name: str, event_id: str | None, limit: int | None) -> pl.DataFrame:
    """Return the records that may be asked for: an event's, or the newest of the table."""
    if event_id is None:
        return store.records(name, newest=limit)
    columns = [c for c in ("event_id", "other_id") if c in TABLES[name].columns]
    parts = [store.records_of(name, column, event_id) for column in columns]
    return pl.concat(parts).unique("position") if parts else store.records(name, newest=0)


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
    parts = [
        (records := store.records(name, since=since)).select(
            "position",
            "batch",
            pl.lit(name).alias("table"),
            "action",
            "reason",
            "revision",
            key_text(TABLES[name]).alias("key"),
            leaf_texts(TABLES[name], records).alias("record"),
        )
        for name in TABLES
    ]
    return pl.concat(parts).sort("position")
