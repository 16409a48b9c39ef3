"""Make the rows of an input ready: typed, completed from the log, and checked against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from regesta.flows.snapshot import Scope
from regesta.intake import flat
from regesta.intake.incoming import Incoming
from regesta.log.checkpoint import Head
from regesta.schema import failures
from regesta.schema.check import Checked, Known, check
from regesta.schema.tables import TABLES, TableSchema
from regesta.schema.tidy import FILE, ROW, tidy, with_days
from regesta.store.store import Store

DERIVED = ("date_earliest", "date_latest")

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An input that has been checked against the log as it stands at `head`.

    `heads` holds the newest record of each key that the input names; `read` counts the rows of
    each table, and `torn` those of them that could not be taken apart.
    """

    head: Head
    checked: Checked
    heads: Frames
    read: Mapping[str, int]
    torn: Mapping[str, int]


def prepare(incoming: Incoming, store: Store, scope: Scope | None) -> Prepared:
    """Read the cells, fill what the files are silent about, and check everything."""
    head = store.head()
    found = [part.failures for part in incoming.parts]
    typed: dict[str, pl.DataFrame] = {}
    heads: dict[str, pl.DataFrame] = {}
    for name, rows in incoming.rows().items():
        table = TABLES[name]
        tidied, wrong = tidy(table, rows)
        found.append(wrong)
        absent = [n for n in table.columns if n not in tidied.columns and n not in DERIVED]
        keys = tidied.select(table.key).drop_nulls().unique()
        heads[name] = store.heads(name, keys, absent)
        completed = _completed(table, tidied, heads[name], absent)
        if name == "events":
            completed, wrong = with_days(completed)
            found.append(wrong)
        typed[name] = completed.select(FILE, ROW, *table.columns)
    replaced = {name for name in incoming.whole() if scope and scope.whole(name)}
    checked = check(typed, failures.together(found), _known(store, replaced))
    checked, unneeded = _without_strangers(checked)
    flat_files = [part.raw.source for part in incoming.parts if part.is_flat]
    checked = replace(checked, failures=flat.in_their_words(checked.failures, flat_files))
    torn = _torn(incoming)
    read = {name: typed[name].height if name in typed else 0 for name in typed.keys() | torn.keys()}
    if unneeded:
        read["actors"] -= unneeded
    return Prepared(
        head=head,
        checked=checked,
        heads=heads,
        read={name: read[name] + torn.get(name, 0) for name in TABLES if name in read},
        torn=torn,
    )


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


def _known(store: Store, replaced: set[str]) -> Known:
    """Return who says which identifiers the log holds; of a table that is replaced, none count."""

    def known(table: str, ids: pl.Series) -> pl.Series:
        if table in replaced:
            return ids.clear()
        key = TABLES[table].key[0]
        heads = store.heads(table, ids.alias(key).to_frame())
        return heads.filter(pl.col("action") != "retract")[key]

    return known
