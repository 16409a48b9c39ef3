"""Why rows and cells differ between two states: what the records in between say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl
import sqlalchemy as sa

from regesta.log.changes import changes, key_text
from regesta.log.tables import LOGS
from regesta.research.ground import Run
from regesta.research.merges import Merged
from regesta.schema.tables import TABLES, TableSchema

ENDS = ("event_id", "other_id")
"""The columns that name an event."""

WHY = ("reason", "batch")

Source = tuple[str | Sequence[str], pl.DataFrame]
"""Columns that rows have, and reasons by as many columns, which stand first."""

_WORDS = {
    "position": pl.Int64(),
    "batch": pl.Int64(),
    "action": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class Between:
    """The records after position `low` up to `high`, and the merges of the states at either end."""

    run: Run
    low: int
    high: int
    maps: Sequence[Merged]

    @cached_property
    def identities(self) -> pl.DataFrame:
        """Why an event came to be read as another, or no longer, by `#event`."""
        told = self.records(TABLES["relations"]).filter(relation="same_as")
        named = [told.select(*_WORDS, pl.col(end).alias("#event")) for end in ENDS]
        read = [
            rows.with_columns(pl.col("#event").replace(dict(merged)))
            for rows in named
            for merged in self.maps
        ]
        return _last(pl.concat([*named, *read]), ["#event"])

    @cached_property
    def renamed(self) -> list[str]:
        """The events that last came or went because they were given another id, or one back."""
        turns = self.records(TABLES["events"]).filter(pl.col("action") != "revise")
        last = _last(turns, ["event_id"]).filter(pl.col("reason").is_in(["rekey", "split"]))
        return last["event_id"].to_list()

    def records(self, table: TableSchema) -> pl.DataFrame:
        """Return the records of *table* with the key of their row."""
        log = LOGS[table.name]
        statement = sa.select(*(log.c[name] for name in (*_WORDS, *table.key)))
        within = log.c.position.between(self.low + 1, self.high)
        return self.run(statement.where(within), {**table.dtypes, **_WORDS})

    def revisions(self, table: TableSchema) -> pl.DataFrame:
        """Return the records that state rows of *table* anew, beside what they supersede."""
        log, earlier = LOGS[table.name], sa.alias(LOGS[table.name], "earlier")
        others = [name for name in table.columns if name not in table.key]
        statement = (
            sa.select(
                *(log.c[name] for name in (*_WORDS, *table.columns)),
                *(earlier.c[name].label(f"old_{name}") for name in others),
            )
            .join(earlier, log.c.supersedes == earlier.c.position)
            .where(log.c.position.between(self.low + 1, self.high), log.c.action != "retract")
        )
        old = {f"old_{name}": table.dtypes[name] for name in others}
        return self.run(statement, {**table.dtypes, **old, **_WORDS})

    def signed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return *rows* with author and message of their batch."""
        log = LOGS["batches"]
        statement = sa.select(log.c.batch, log.c.author, log.c.message)
        batches = self.run(statement, TABLES["batches"].dtypes)
        return rows.join(batches, on="batch", how="left", maintain_order="left")


class Why:
    """The reasons that the records between two states give for the rows of one table.

    A row goes by its key as recorded, and as it is read through the merges of either state.

    Attributes
    ----------
    turns
        Why a row last came or went, by `#key`.
    gone
        Why it last went, by `#key`.
    records
        Why it was last recorded, by `#key`.
    cells
        Why a cell was last changed, by `#key` and `#column`.
    identities
        Why an event came to be read as another, or no longer, by `#event`.
    renamed
        The events that last came or went because they were given another id, or one back.
    """

    def __init__(self, table: TableSchema, between: Between) -> None:
        """Read the records of *table*."""
        self.identities, self.renamed = between.identities, between.renamed
        records = _by_key(table, between.records(table), between.maps)
        self.records = _last(records, ["#key"])
        self.turns = _last(records.filter(pl.col("action") != "revise"), ["#key"])
        self.gone = _last(records.filter(action="retract"), ["#key"])
        revisions = _by_key(table, between.revisions(table), between.maps)
        cells = changes(table, revisions, ["#key", "#is_read", *_WORDS])
        self.cells = _last(cells.rename({"column": "#column"}), ["#key", "#column"])


def _by_key(table: TableSchema, rows: pl.DataFrame, maps: Sequence[Merged]) -> pl.DataFrame:
    """Return *rows* by their key as recorded, and as it is read through each of *maps*."""
    naming = [name for name in ENDS if name in table.key and table.name != "events"]
    read = [rows.with_columns(pl.lit(value=False).alias("#is_read"))]
    for merged in maps if naming else ():
        if merged:
            through = rows.with_columns(pl.col(naming).replace(dict(merged)))
            read.append(through.with_columns(pl.lit(value=True).alias("#is_read")))
    return pl.concat(read).with_columns(key_text(table).alias("#key"))


def _last(records: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the reason and batch of the last of *records* for each *key*, as recorded if there."""
    order = [*(["#is_read"] if "#is_read" in records.columns else []), "position"]
    descending = [name == "position" for name in order]
    ordered = records.sort(order, descending=descending)
    return ordered.unique(key, keep="first", maintain_order=True).select(*key, *WHY)


def explained(rows: pl.DataFrame, *sources: Source) -> pl.DataFrame:
    """Return *rows* with the reason and the batch that the first of *sources* has for each."""
    for number, (columns, told) in enumerate(sources):
        by = [columns] if isinstance(columns, str) else list(columns)
        named = {word: f"#{word}{number}" for word in WHY}
        rows = rows.join(
            told.rename(named),
            left_on=by,
            right_on=told.columns[: len(by)],
            how="left",
            maintain_order="left",
        )
    return rows.with_columns(
        pl.coalesce(f"#{word}{number}" for number in range(len(sources))).alias(word)
        for word in WHY
    )
