"""Check rows against the schema and against one another, and report all failures at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from regesta.schema import failures
from regesta.schema.rules import explain
from regesta.schema.tables import TABLES, TableSchema
from regesta.schema.tidy import FILE, ROW, wrong_cells
from regesta.vocabulary import HINTED, hint

Frames = Mapping[str, pl.DataFrame]
Known = Callable[[str, pl.Series], pl.Series]
"""Which of these identifiers a table of the log already holds."""

Identifiers = Callable[[str], Collection[str]]
"""All identifiers that a table of the log holds."""

ORIGIN = [FILE, ROW]

_NAMED = 4
"""How many rows that say different things are named at most."""


def _none_known(_: str) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Rows that may be recorded, and what was kept out.

    `rows` holds the good rows by table, each once; `duplicates` and `rejected` count, by table,
    the repeated and the refused ones; `failures` says why. `notes` tells what is recorded and
    may be a slip.
    """

    rows: Frames
    duplicates: Mapping[str, int]
    rejected: Mapping[str, int]
    failures: pl.DataFrame
    notes: tuple[str, ...] = ()


def check_header(
    header: Collection[str],
    known: Iterable[str],
    needed: Iterable[str],
    file: str,
    named_at: Mapping[str, int] = MappingProxyType({}),
) -> pl.DataFrame:
    """Return a failure for each column of *header* that is not *known*, or *needed* and not there.

    A column that nobody knows is told with the nearest known name. *named_at* gives the row that
    names a column where that is not the first.
    """
    known = list(known)
    kept = ", or keep it in details with --keep-extra" if "details" in known else ""
    unknown = [
        failures.failure(
            file=file,
            row=named_at.get(name, 1),
            column=name,
            rule="unknown-column",
            value=name,
            message=f"is no column that is known here{hint(name, known)}; rename it{kept}",
        )
        for name in header
        if name not in known
    ]
    absent = [
        failures.failure(
            file=file,
            row=1,
            column=name,
            rule="missing-column",
            message="is no column of the file, and every row needs it",
        )
        for name in needed
        if name not in header
    ]
    return failures.together(unknown + absent)


def check(
    frames: Frames, before: pl.DataFrame, known: Known, ids: Identifiers = _none_known
) -> Checked:
    """Check typed rows of one input: each cell, each key, each reference.

    Parameters
    ----------
    frames
        Rows by table, with the dtypes of the schema and their origin in `#file` and `#row`.
    before
        Failures that were found when the rows were read.
    known
        Says which identifiers the log already holds.
    ids
        Says all that it holds of a table, to find what somebody meant.
    """
    frames = {name: frames[name] for name in TABLES if name in frames}
    repeated = {name for name, frame in frames.items() if _repeats(TABLES[name], frame)}
    cells = [_invalid_cells(TABLES[name], frame) for name, frame in frames.items()]
    keys = [_disagreeing(TABLES[name], frames[name]) for name in frames if name in repeated]
    dangling = _dangling(frames, frames, known, ids)
    found = failures.together([before, *_unless_known(cells, before), *keys, *dangling])
    good = _without(frames, found)
    while found.height and (
        lost := [part for part in _dangling(good, frames, known, ids) if part.height]
    ):
        found = failures.together([found, *lost])
        good = _without(good, found)
    once = {**good, **{name: _once(TABLES[name], good[name]) for name in repeated}}
    return Checked(
        rows=once,
        duplicates={name: frame.height - once[name].height for name, frame in good.items()},
        rejected={name: frame.height - good[name].height for name, frame in frames.items()},
        failures=found,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Where a reference may lead: to the good rows, to all that were brought, to the log."""

    rows: Frames
    brought: Frames
    known: Known
    ids: Identifiers


def _invalid_cells(table: TableSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of *frame* that fail a check of the table's model."""
    schema = _cell_schema(table)
    try:
        schema.validate(frame.drop(ORIGIN), lazy=True)
    except SchemaErrors as errors:
        return failures.together(
            wrong_cells(table, frame, name, wrong) for name, wrong in _explained(errors, frame)
        )
    return failures.none()


def _cell_schema(table: TableSchema) -> pa.DataFrameSchema:
    """Return the model's schema without its key, which is compared with more care below."""
    schema = table.model.to_schema()
    return pa.DataFrameSchema(schema.columns, checks=schema.checks, strict=True)


def _explained(
    errors: SchemaErrors, frame: pl.DataFrame
) -> Iterable[tuple[str, dict[int, tuple[str, str]]]]:
    """Yield, by column, the indexes of wrong cells with rule and message."""
    for error in errors.schema_errors:
        check = error.check
        facts = getattr(check, "statistics", None) or {}
        rule = str(getattr(check, "name", check))
        name = str(error.schema.name) if error.schema.name in frame.columns else rule
        wrong = error.check_output["check_output"].fill_null(value=True).not_().arg_true()
        values = frame[name][wrong].cast(pl.String).fill_null("").to_list()
        advice = {value: explain(rule, value, facts) for value in dict.fromkeys(values)}
        yield name, {i: advice[v] for i, v in zip(wrong.to_list(), values, strict=True)}


def _unless_known(found: Iterable[pl.DataFrame], before: pl.DataFrame) -> list[pl.DataFrame]:
    """Return *found* without the cells that failed before: an unreadable cell is not empty too."""
    at = ["file", "row", "column"]
    return [part.join(before, on=at, how="anti", nulls_equal=True) for part in found]


def _repeats(table: TableSchema, frame: pl.DataFrame) -> bool:
    """Return whether two rows have the same key."""
    return bool(frame.select(table.key).is_duplicated().any())


def _disagreeing(table: TableSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Return failures for rows that share a key and say different things."""
    indexed = frame.with_row_index("#index")
    distinct = indexed.unique(
        [*table.columns.keys() & set(frame.columns)], keep="first", maintain_order=True
    )
    repeated = distinct.filter(
        pl.struct(table.key).is_duplicated(), *(pl.col(name).is_not_null() for name in table.key)
    )
    disagreeing = indexed.join(repeated, on=table.key, how="semi", maintain_order="left")
    wrong: dict[int, tuple[str, str]] = {}
    for _, group in disagreeing.group_by(table.key, maintain_order=True):
        places = [f"{file} row {row}" for file, row in group.select(ORIGIN).iter_rows()]
        for index, place in zip(group["#index"].to_list(), places, strict=True):
            others = ", ".join([other for other in places[:_NAMED] if other != place])
            wrong[index] = (
                "unique-error",
                f"names the same row as {others} and says something else; keep one of them",
            )
    return wrong_cells(table, frame, table.key[0], wrong)


def _dangling(rows: Frames, brought: Frames, known: Known, ids: Identifiers) -> list[pl.DataFrame]:
    """Return failures for references of *rows* to what neither they nor the log hold."""
    return [
        _dangling_column(TABLES[name], frame, column, target, _Held(rows, brought, known, ids))
        for name, frame in rows.items()
        for column, target in TABLES[name].references.items()
        if column in frame.columns
    ]


def _dangling_column(
    table: TableSchema,
    frame: pl.DataFrame,
    column: str,
    target: str,
    held: _Held,
) -> pl.DataFrame:
    named = frame[column].drop_nulls().unique()
    named = named.filter(~named.str.contains("/", literal=True))
    key = TABLES[target].key[0]
    missing = named.to_frame(key).join(_ids(held.rows, target, key), on=key, how="anti")[key]
    if len(missing):
        missing = missing.filter(~missing.is_in(held.known(target, missing).to_list()))
    if missing.is_empty():
        return failures.none()
    indexes = frame[column].is_in(missing.to_list()).fill_null(value=False).arg_true()
    refused = set(_ids(held.brought, target, key)[key])
    there = {*refused, *held.ids(target)}
    values = frame[column][indexes].to_list()
    advice = {
        value: (
            "foreign-key",
            _dangling_advice(value, target, refused, there if n < HINTED else ()),
        )
        for n, value in enumerate(dict.fromkeys(values))
    }
    wrong = {i: advice[v] for i, v in zip(indexes.to_list(), values, strict=True)}
    return wrong_cells(table, frame, column, wrong)


def _ids(frames: Frames, target: str, key: str) -> pl.DataFrame:
    found = frames[target] if target in frames else TABLES[target].empty()
    return found.select(key).drop_nulls()


def _dangling_advice(
    value: str, target: str, refused: Collection[str], there: Collection[str]
) -> str:
    if value in refused:
        return f"names a row of {target} that is refused itself; mend that row first"
    return f"is no row of {target}{hint(value, there)}; add it there or correct the name"


def _without(frames: Frames, found: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return *frames* without the rows that *found* names; a flat row goes with all it holds."""
    if found.is_empty():
        return dict(frames)
    refused = found.select(pl.col("file").alias(FILE), pl.col("row").alias(ROW)).unique()
    return {
        name: frame.join(refused, on=ORIGIN, how="anti", nulls_equal=True)
        for name, frame in frames.items()
    }


def _once(table: TableSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with each row once, in the order of the input."""
    return frame.unique(table.key, keep="first", maintain_order=True)
