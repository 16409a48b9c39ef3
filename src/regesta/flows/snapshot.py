"""Say that a file is the whole of a scope: live rows of the scope that it lacks are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from regesta.errors import InvalidInput, UsageError
from regesta.log.plan import TablePlan
from regesta.research.merges import IDENTITY, Merged
from regesta.schema import failures
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store.store import Store
from regesta.vocabulary import hint

ALL = "all"

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which live rows a snapshot stands for: of one table or of all that the input brings."""

    table: str | None = None
    where: Mapping[str, str]

    def covers(self, table: str) -> bool:
        """Return whether rows of *table* can be in the scope."""
        return self.table in (None, table)

    def whole(self, table: str) -> bool:
        """Return whether every row of *table* is in the scope."""
        return self.covers(table) and not self.where

    def of(self, live: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of *live* that are in the scope."""
        return live.filter(
            *(pl.col(name).cast(pl.String) == text for name, text in self.where.items())
        )


def parse_scope(text: str) -> Scope:
    """Return the scope that *text* names: `all`, or `table=events, code_scheme=cameo-1.1b3`.

    Raises
    ------
    UsageError
        If it names no table, or a column that the table lacks.

    Examples
    --------
    >>> parse_scope("table=events, country=PRK").where
    {'country': 'PRK'}
    """
    if text.strip() == ALL:
        return Scope(where={})
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    where = {name.strip(): value.strip() for name, value in pairs.items()}
    table = where.pop("table", "")
    is_whole = len(pairs) == len(text.split(",")) and all(where.values())
    if table not in IMPORTED or not is_whole:
        raise UsageError(
            reason=f"{text!r} is no scope; write 'all', or 'table=events, country=PRK'."
        )
    for name in where:
        if name not in IMPORTED[table].columns:
            raise UsageError(
                reason=f"{table} has no column {name!r}{hint(name, IMPORTED[table].columns)}."
            )
    return Scope(table=table, where=where)


def gone_rows(
    plans: Mapping[str, TablePlan],
    store: Store,
    scope: Scope | None,
    whole: Collection[str],
    merged: Merged,
) -> dict[str, pl.DataFrame]:
    """Return the live rows of the scope that the input lacks, by table.

    *whole* names the tables that the input can be the whole of; *merged* the events that gave way.

    Raises
    ------
    UsageError
        If the scope is of a table that the input does not bring.
    """
    if scope is None:
        return {}
    if scope.table not in (None, *whole):
        raise UsageError(reason=f"The input brings no {scope.table}, so it is not the whole of it.")
    gone = {}
    for name in filter(scope.covers, whole):
        live = scope.of(store.live_heads(name))
        gone[name] = live.join(plans[name].wanted, on=TABLES[name].key, how="anti")
    if "relations" in gone:  # what curation said of rows, no file is the whole of
        gone["relations"] = gone["relations"].filter(~pl.col("relation").is_in(IDENTITY))
    if "events" in gone:
        told = [merged.get(each, each) for each in plans["events"].wanted["event_id"]]
        gone["events"] = gone["events"].filter(~pl.col("event_id").is_in(told))
    return {name: rows for name, rows in gone.items() if rows.height}


def require_no_orphans(gone: Frames, brought: Frames, store: Store) -> None:
    """Refuse to retract a row that rows which stay, in the log or in the input, still name."""
    found = []
    for name, rows in gone.items():
        lost = rows[TABLES[name].key[0]].to_list()
        for other, table in IMPORTED.items():
            columns = [column for column, target in table.references.items() if target == name]
            staying = _staying(other, gone, brought, store) if columns else table.empty()
            for column in columns:
                naming = staying.filter(pl.col(column).is_in(lost))[column].value_counts(sort=True)
                found += [_orphaned(other, column, *counted) for counted in naming.iter_rows()]
    if found:
        raise InvalidInput(failures.together(found))


def _staying(name: str, gone: Frames, brought: Frames, store: Store) -> pl.DataFrame:
    """Return the rows of a table as the import leaves them."""
    table = TABLES[name]
    live = store.rows(name)
    for rows in (gone.get(name), brought.get(name)):
        live = live if rows is None else live.join(rows, on=table.key, how="anti")
    return pl.concat([live, brought.get(name, table.empty()).select(list(table.columns))])


def _orphaned(table: str, column: str, value: str, count: int) -> pl.DataFrame:
    return failures.failure(
        file="(the log)",
        table=table,
        column=column,
        rule="foreign-key",
        value=value,
        message=f"the input lacks {value!r}, which {count} rows of {table} still name;"
        f" take it out of {table} too, or keep the row",
    )
