"""Make the rows of an input ready: typed, completed from the log, and checked against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from regesta.flows.aspects import strange_aspects
from regesta.flows.seeing import seen
from regesta.flows.snapshot import Scope
from regesta.intake import flat
from regesta.intake.incoming import Incoming
from regesta.log.checkpoint import Head
from regesta.research.merges import Merged
from regesta.schema import failures
from regesta.schema.check import Checked, Identifiers, Known, check
from regesta.schema.tables import TABLES, TableSchema
from regesta.schema.tidy import FILE, ROW, tidy, with_days, wrong_cells
from regesta.store.store import Store

DERIVED = ("date_earliest", "date_latest")

Frames = Mapping[str, pl.DataFrame]

FINGERPRINTS = {ROW: pl.Int64(), "fingerprint": pl.UInt64()}
"""Of a row: its number in the file, and a hash of its key, which another key may have too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An input that has been checked against the log as it stands at `head`.

    `heads` holds the newest record of each key that the input names, and `keys` a fingerprint of
    the key of each row, with its number in the file; `read` counts the rows of each table, and
    `torn` those of them that could not be taken apart; `merged` gives the event that stayed for
    each that gave way.
    """

    head: Head
    checked: Checked
    heads: Frames
    keys: Frames
    read: Mapping[str, int]
    torn: Mapping[str, int]
    merged: Merged


def prepare(incoming: Incoming, store: Store, scope: Scope | None) -> Prepared:
    """Read the cells, fill what the files are silent about, and check everything."""
    head, merged = store.head(), seen(store).merged
    flat_files = [part.raw.source for part in incoming.parts if part.is_flat]
    found = [part.failures for part in incoming.parts]
    typed: dict[str, pl.DataFrame] = {}
    heads: dict[str, pl.DataFrame] = {}
    prints: dict[str, pl.DataFrame] = {}
    for name, rows in incoming.rows().items():
        table = TABLES[name]
        absent = [n for n in table.columns if n not in rows.columns and n not in DERIVED]
        with store.looking_up(name, absent, count=rows.height) as heads_of:
            tidied, wrong = tidy(table, rows)
            heads[name] = heads_of(tidied.select(table.key))
        found.append(wrong)
        prints[name] = _fingerprints(tidied, table.key)
        completed = _completed(table, tidied, heads[name], absent)
        completed = flat.with_defaults(name, completed, flat_files)
        if name == "events":
            completed, wrong = with_days(completed)
            found += [wrong, _given_way(completed, heads[name], merged, store)]
        typed[name] = completed.select(FILE, ROW, *table.columns)
    replaced = {name for name in incoming.whole() if scope and scope.whole(name)}
    checked = check(typed, failures.together(found), _known(store, replaced, merged), _ids(store))
    checked, unneeded = _without_strangers(checked)
    told = flat.in_their_words(_as_written(checked.failures, incoming.rows()), flat_files)
    notes = strange_aspects(checked.rows, incoming.card or {}, store)
    checked = replace(checked, failures=told, notes=notes)
    torn = _torn(incoming)
    read = {name: typed[name].height if name in typed else 0 for name in typed.keys() | torn.keys()}
    if unneeded:
        read["actors"] -= unneeded
    return Prepared(
        head=head,
        checked=checked,
        heads=heads,
        keys=prints,
        read={name: read[name] + torn.get(name, 0) for name in TABLES if name in read},
        torn=torn,
        merged=merged,
    )


def _fingerprints(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return of each row that has a key the fingerprint of that, and its number in the file."""
    keyed = rows.select(ROW, *key).drop_nulls(key)
    return keyed.select(ROW, fingerprint=keyed.select(key).hash_rows())


def _as_written(found: pl.DataFrame, rows: Frames) -> pl.DataFrame:
    """Return failures with numbers, days and objects as the file has them, not as they were read.

    Only tables whose rows stand for one row of a file each have such columns.
    """
    written = [
        rows[name].select(file=FILE, row=ROW, table=pl.lit(name), column=pl.lit(column), raw=column)
        for name, column in found.select("table", "column").unique().drop_nulls().iter_rows()
        if name in rows and column in rows[name].columns and _is_read(name, column)
    ]
    if not written:
        return found
    at = ["file", "row", "table", "column"]
    told = found.join(pl.concat(written), on=at, how="left", maintain_order="left")
    return told.with_columns(value=pl.coalesce("raw", "value")).drop("raw")


def _is_read(table: str, column: str) -> bool:
    columns = TABLES[table].columns
    return column in columns and columns[column].kind != "text"


def _without_strangers(checked: Checked) -> tuple[Checked, int]:
    """Return *checked* without newcomers that only refused rows name, and how many those are."""
    actors = checked.rows.get("actors")
    if actors is None or not (newcomers := actors.filter(pl.col(ROW).is_null())).height:
        return checked, 0
    named = [
        rows[column].drop_nulls()
        for name, rows in checked.rows.items()
        for column, target in TABLES[name].references.items()
        if target == "actors"
    ]
    needed = pl.concat(named).unique() if named else pl.Series(dtype=pl.String)
    strangers = newcomers.filter(~pl.col("actor_id").is_in(needed.to_list()))
    kept = actors.join(strangers, on="actor_id", how="anti", maintain_order="left")
    return replace(checked, rows={**checked.rows, "actors": kept}), strangers.height


def _torn(incoming: Incoming) -> dict[str, int]:
    """Return how many rows could not be taken apart, by the table that they count for."""
    torn: dict[str, int] = {}
    for part in incoming.parts:
        torn[part.counted_as] = torn.get(part.counted_as, 0) + len(part.raw.torn)
    return {name: count for name, count in torn.items() if count}


def _given_way(
    rows: pl.DataFrame, heads: pl.DataFrame, merged: Merged, store: Store
) -> pl.DataFrame:
    """Return failures for events that gave way to others and are now told otherwise.

    Told as they were, they say what the log says.
    """
    table = TABLES["events"]
    gone = heads.filter(pl.col("event_id").is_in(list(merged)))
    if gone.is_empty():
        return failures.none()
    as_they_were = store.records_at("events", gone["position"]).select(list(table.columns))
    told = rows.with_row_index("#index").join(gone.select("event_id"), on="event_id", how="semi")
    otherwise = told.join(as_they_were, on=list(table.columns), how="anti", nulls_equal=True)
    advice = (
        "was merged into another event or rekeyed and is told otherwise here; "
        "tell it of that event, or `regesta split` it first"
    )
    wrong = dict.fromkeys(otherwise["#index"].to_list(), ("merged-event", advice))
    return wrong_cells(table, rows, "event_id", wrong)


def _completed(
    table: TableSchema, rows: pl.DataFrame, heads: pl.DataFrame, absent: Sequence[str]
) -> pl.DataFrame:
    """Return *rows* with every column: those *absent* from the file stay as the log has them."""
    if not absent:
        return rows
    filled = rows.join(
        heads.select(*table.key, *absent), on=table.key, how="left", maintain_order="left"
    )
    defaults = {n: c.default for n, c in table.columns.items() if n in absent and c.default}
    return filled.with_columns(pl.col(name).fill_null(text) for name, text in defaults.items())


def _ids(store: Store) -> Identifiers:
    """Return who says all the identifiers of live rows that the log holds."""
    return lambda table: store.rows(table)[TABLES[table].key[0]].to_list()


def _known(store: Store, replaced: set[str], merged: Merged) -> Known:
    """Return who says which identifiers the log holds; of a table that is replaced, none count."""

    def known(table: str, ids: pl.Series) -> pl.Series:
        if table in replaced:
            return ids.clear()
        key = TABLES[table].key[0]
        heads = store.heads(table, ids.alias(key).to_frame())
        resolves = pl.col(key).is_in(list(merged) if table == "events" else [])
        return heads.filter((pl.col("action") != "retract") | resolves)[key]

    return known
