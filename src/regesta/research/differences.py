"""What differs between two states of a log, and why.

The one account of it: `regesta diff` prints it, a release keeps it, `verify` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from regesta.log.changes import as_old, changes, key_text, whole_rows
from regesta.research.ground import Run
from regesta.research.merges import IDENTITY, Merged
from regesta.research.reasons import ENDS, Between, Source, Why, explained
from regesta.research.register import Register
from regesta.research.vantage import Vantage
from regesta.schema.tables import CHANGES, IMPORTED, TableSchema

_LINE = ("reason", "batch", "action", "table", "key", "column", "old", "new")

_LED = {"#from": pl.String(), "#to": pl.String(), "#renamed": pl.Boolean()}


def differences(run: Run, before: Vantage, after: Vantage) -> pl.DataFrame:
    """Return what differs in *after*, by reason, then in the order of tables and keys.

    Both name the last record that counts. A row has one line where it came or went, was merged or
    was given another key, and one for each cell that differs. The columns are those of `CHANGES`.
    """
    states = Register(run, before), Register(run, after)
    low, high = sorted(-1 if end.upto is None else end.upto for end in (before, after))
    between = Between(run, low, high, [state.merged for state in states])
    parts = [
        part for table in IMPORTED.values() for part in _of(table, *states, Why(table, between))
    ]
    found = pl.concat([part.select(_LINE) for part in parts])
    told = between.signed(found).select(list(CHANGES.columns))
    return told.sort("reason", nulls_last=True, maintain_order=True)


def _of(table: TableSchema, before: Register, after: Register, why: Why) -> Iterator[pl.DataFrame]:
    """Yield the lines of one table: rows that came, went, gave way, and cells."""
    old, new = (
        state.table(table.name).with_columns(key_text(table).alias("#key"))
        for state in (before, after)
    )
    came = new.join(old, on="#key", how="anti", maintain_order="left")
    went = old.join(new, on="#key", how="anti", maintain_order="left")
    moved = _moved(table, came, went, (before.merged, after.merged), why)
    recoded = _recoded(table, came, went, moved, why)
    led = _led(table, went, after.merged, why).select("#from", "#to").sort("#from")
    merged = led.join(moved, on="#from", how="anti", maintain_order="left")
    merged = merged.filter(pl.col("#to").is_in(new["#key"].implode()))
    rekeyed = pl.concat([moved, recoded])
    came = came.join(rekeyed, left_on="#key", right_on="#to", how="anti", maintain_order="left")
    gone = pl.concat([rekeyed, merged]).rename({"#from": "#key"})
    yield _whole(table, came, "added", why)
    yield _whole(
        table, went.join(gone, on="#key", how="anti", maintain_order="left"), "retracted", why
    )
    if _naming(table):
        yield _gave_way(table, went, merged, "merged", _by_their_events(table, why))
        yield _gave_way(table, went, moved, "rekeyed", _by_their_events(table, why))
    yield _gave_way(table, went, recoded, "rekeyed", [("#key", why.gone), ("#to", why.gone)])
    yield _cells(table, old, new, rekeyed, why)


def _naming(table: TableSchema) -> list[str]:
    return [name for name in ENDS if name in table.key]


def _led(table: TableSchema, rows: pl.DataFrame, merged: Merged, why: Why) -> pl.DataFrame:
    """Return the keys of those *rows* that are read under another one through *merged*.

    Those of events that were given another id come first.
    """
    naming = _naming(table)
    if not merged or not naming:
        return pl.DataFrame(schema=_LED)
    led = rows.filter(~pl.col("relation").is_in(IDENTITY)) if table.name == "relations" else rows
    renamed = pl.any_horizontal(pl.col(naming).is_in(why.renamed)).alias("#renamed")
    read = led.with_columns(renamed, pl.col("#key").alias("#from"))
    read = read.with_columns(pl.col(naming).replace(dict(merged)))
    pairs = read.select("#from", key_text(table).alias("#to"), "#renamed")
    found = pairs.filter(pl.col("#from") != pl.col("#to"))
    return found.sort("#renamed", descending=True, maintain_order=True)


def _moved(
    table: TableSchema,
    came: pl.DataFrame,
    went: pl.DataFrame,
    maps: tuple[Merged, Merged],
    why: Why,
) -> pl.DataFrame:
    """Return the keys, then and now, of rows that went under one and came under another."""
    before, after = maps
    there = _led(table, went, after, why)
    back = _led(table, came, before, why).rename({"#from": "#to", "#to": "#from"})
    pairs = pl.concat([there, back.select(there.columns)]).filter(
        pl.col("#from").is_in(went["#key"].implode()), pl.col("#to").is_in(came["#key"].implode())
    )
    if table.name == "events":  # others that gave way were merged, into whatever came since
        pairs = pairs.filter(pl.col(end).is_in(why.renamed) for end in ("#from", "#to"))
    for end in ("#from", "#to"):
        pairs = pairs.unique(end, keep="first", maintain_order=True)
    return pairs.select("#from", "#to").sort("#from")


def _recoded(
    table: TableSchema, came: pl.DataFrame, went: pl.DataFrame, moved: pl.DataFrame, why: Why
) -> pl.DataFrame:
    """Return the keys, then and now, of rows that one batch withdrew and stated under another.

    They name the same rows and differ in one other part of the key, as in the role of an actor in
    an event; of several rows that each may be the one that went, none is taken for it.
    """
    naming = [name for name in table.key if name in table.references]
    parts = [name for name in table.key if name not in naming]
    if not naming or not parts:
        return moved.clear()
    there, back = (
        rows.filter(~pl.col("#key").is_in(moved[end].implode()))
        .filter(~pl.col(parts).is_in(IDENTITY) if table.name == "relations" else True)
        .join(why.turns, on="#key")
        .select("batch", *table.key, pl.col("#key").alias(end))
        for rows, end in ((went, "#from"), (came, "#to"))
    )
    pairs = there.join(back, on=["batch", *naming], suffix="_now")
    differ = pl.sum_horizontal(pl.col(name) != pl.col(f"{name}_now") for name in parts)
    alone = pl.col("#from").is_unique() & pl.col("#to").is_unique()
    return pairs.filter(differ == 1).filter(alone).select("#from", "#to").sort("#from")


def _whole(table: TableSchema, rows: pl.DataFrame, action: str, why: Why) -> pl.DataFrame:
    """Return one line for each of *rows*, which came or went."""
    told = explained(
        rows.with_columns(action=pl.lit(action)),
        ("#key", why.turns),
        *_by_their_events(table, why),
        ("#key", why.records),
    )
    return whole_rows(table, told, ("reason", "batch", "action"))


def _by_their_events(table: TableSchema, why: Why) -> list[Source]:
    """Return where the reasons are told for which a row's events are read as others."""
    return [(name, why.identities) for name in ENDS if name in table.columns]


def _gave_way(
    table: TableSchema, went: pl.DataFrame, pairs: pl.DataFrame, action: str, sources: list[Source]
) -> pl.DataFrame:
    """Return one line for each of *pairs* of keys: a row of *went*, and the one that tells it."""
    rows = went.join(pairs, left_on="#key", right_on="#from", maintain_order="left")
    told = explained(rows.with_columns(action=pl.lit(action)), *sources)
    lines = whole_rows(table, told, ("reason", "batch", "action", "#key", "#to"))
    return lines.with_columns(old="#key", new="#to")


def _cells(
    table: TableSchema,
    old: pl.DataFrame,
    new: pl.DataFrame,
    moved: pl.DataFrame,
    why: Why,
) -> pl.DataFrame:
    """Return one line for each cell that differs in a row of both states."""
    before = old.select(pl.col("#key").alias("#from"), *as_old(table))
    now = new.join(moved, left_on="#key", right_on="#to", how="left", maintain_order="left")
    now = now.with_columns(pl.col("#from").fill_null(pl.col("#key")))
    pairs = now.join(before, on="#from", maintain_order="left")
    events = {f"#{name}": name for name in ENDS if name in table.columns}
    pairs = pairs.with_columns(pl.col(name).alias(word) for word, name in events.items())
    lines = changes(table, pairs, ["#from", *events])
    names_event = pl.col("column").is_in(ENDS)
    lines = lines.with_columns(
        pl.when(names_event).then(end).alias(f"#{end}") for end in ("old", "new")
    )
    return explained(
        lines.with_columns(action=pl.lit("revised")),
        (["key", "column"], why.cells),
        (["#from", "column"], why.cells),
        ("#new", why.identities),
        ("#old", why.identities),
        ("#from", why.gone),
        ("key", why.records),
        *((word, why.identities) for word in events),
    )
