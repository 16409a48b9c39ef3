"""What would bring the log in step with the rows of a file: the heart of regesta.

Given rows and, for each of their keys, the newest record in the log, `plan` names the records to
append and nothing else happens. A row that says what the log says plans nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from regesta.log.leaves import leaves_of
from regesta.schema.tables import TableSchema

HEAD = {
    "position": pl.Int64(),
    "revision": pl.Int64(),
    "action": pl.String(),
    "reason": pl.String(),
    "leaf": pl.Binary(),
}
"""What the plan needs to know of the newest record of a key, beside the key itself."""

PLANNED = {
    "action": pl.String(),
    "reason": pl.String(),
    "revision": pl.Int64(),
    "supersedes": pl.Int64(),
    "leaf": pl.Binary(),
}
"""What the plan says of a record, beside its row."""

DEFAULT_REASONS: Mapping[str, str] = MappingProxyType(
    {"add": "new", "revise": "correction", "retract": "retraction", "restore": "correction"}
)

NOT_FOR_ADD = frozenset({"correction", "recoding", "retraction", "source_lost"})
"""Reasons that explain why a row changed or went, and never why one came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """The keys that the rows name, the records they need, in order, and how many needed none."""

    table: TableSchema
    wanted: pl.DataFrame
    records: pl.DataFrame
    unchanged: int

    def count(self, action: str) -> int:
        """Return how many of the records are of this *action*."""
        return int((self.records["action"] == action).sum())


def plan(
    table: TableSchema,
    rows: pl.DataFrame,
    heads: pl.DataFrame,
    *,
    reason: str | None = None,
    gave_way: Collection[str] = (),
    anew: bool = False,
) -> TablePlan:
    """Name the records that bring *table* in step with *rows*.

    Parameters
    ----------
    rows
        Valid rows with every column of the table, each key once.
    heads
        The newest record of each of their keys that the log holds: key and `HEAD`.
    reason
        Why, for what is revised or restored, and for what is added where it fits an addition.
    gave_way
        Rows, by the first column of their key, that are read as others since: retracted, but
        no news where they are told as they were.
    anew
        Whether a row is stated again that says what the log says.
    """
    wanted = rows.select(*table.columns)
    headed = wanted.join(
        _prefixed(heads, table.key), on=table.key, how="left", maintain_order="left"
    )
    known = headed["head_position"].is_not_null()
    unchanged = _says_the_same(table, headed.filter(known), gave_way) & (not anew)
    actions = (
        pl.when(pl.col("head_position").is_null())
        .then(pl.lit("add"))
        .when(pl.col("head_action") == "retract")
        .then(pl.lit("restore"))
        .otherwise(pl.lit("revise"))
    )
    due = headed.filter(~_spread(unchanged, known)).with_columns(
        action=actions,
        revision=pl.col("head_revision").fill_null(0) + 1,
        supersedes=pl.col("head_position"),
    )
    return TablePlan(
        table=table,
        wanted=wanted.select(table.key),
        records=_sealed(table, due, reason),
        unchanged=int(unchanged.sum()),
    )


def plan_retractions(
    table: TableSchema, gone: pl.DataFrame, *, reason: str | None = None
) -> pl.DataFrame:
    """Return the records that retract the live rows *gone*, each with its last values.

    *gone* has the columns of the table and of `HEAD`.
    """
    due = gone.select(
        *table.columns,
        pl.lit("retract").alias("action"),
        pl.col("revision") + 1,
        pl.col("position").alias("supersedes"),
    )
    return _sealed(table, due, reason)


def _prefixed(heads: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return heads.select(*key, *(pl.col(name).alias(f"head_{name}") for name in HEAD))


def _says_the_same(
    table: TableSchema, headed: pl.DataFrame, gave_way: Collection[str]
) -> pl.Series:
    """Return for each row whether its newest record stands or gave way, and has the same leaf."""
    as_recorded = headed.select(
        *table.columns,
        *(pl.col(f"head_{name}").alias(name) for name in ("action", "reason", "revision")),
    )
    leaves = leaves_of(table, as_recorded)
    stands = (pl.col("head_action") != "retract") | pl.col(table.key[0]).is_in(list(gave_way))
    return (leaves == headed["head_leaf"]) & headed.select(stands).to_series()


def _spread(answers: pl.Series, known: pl.Series) -> pl.Series:
    """Return *answers*, one for each row that is known, as one for each row."""
    spread = pl.Series([False]).new_from_index(0, len(known))
    return spread.scatter(known.arg_true(), answers)


def _sealed(table: TableSchema, due: pl.DataFrame, reason: str | None) -> pl.DataFrame:
    """Return records with their reasons and leaves."""
    chosen = {
        action: reason if reason and not (action == "add" and reason in NOT_FOR_ADD) else default
        for action, default in DEFAULT_REASONS.items()
    }
    reasoned = due.with_columns(
        reason=pl.col("action").replace_strict(chosen, return_dtype=pl.String)
    )
    leaves = leaves_of(table, reasoned)
    return reasoned.with_columns(leaves).select(*table.columns, *PLANNED)
