"""The codebook: what every column of every table says about itself, for people to read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from regesta.schema.columns import Column
from regesta.schema.tables import PUBLISHED, TableSchema
from regesta.schema.tables import table as table_called
from regesta.vocabulary import code_list

LOG_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "position": "Place of the record in the log, over all tables, from 0.",
        "batch": "Batch that brought the record.",
        "revision": "How many records the row has had, this one included.",
        "supersedes": "Position of the record that this one replaces; empty for the first.",
        "action": "What the record does with its row: add, revise, retract or restore.",
        "reason": "Why the record was made, as a code of the list `reasons`.",
        "leaf": "RFC 9162 leaf hash of the record's line in log.jsonl.",
    }
)
"""What each column of a log table says that is no column of the table itself."""

_EXAMPLE = 60


def describe(name: str) -> list[dict[str, str | bool | None]]:
    """Return what each column of the table *name* says about itself, one dict a column.

    Raises
    ------
    NoSuchName
        If there is no such table.

    Examples
    --------
    >>> describe("participants")[0]["references"]
    'events'
    """
    return [_described(column) for column in table_called(name).columns.values()]


def template(name: str) -> str:
    r"""Return the CSV header line of the table *name*, to be filled in.

    Raises
    ------
    NoSuchName
        If there is no such table.

    Examples
    --------
    >>> template("participants")
    'event_id,actor_id,role,on_behalf_of,label\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(table_called(name).columns)
    return line.getvalue()


def codebook(
    tables: Mapping[str, pl.DataFrame] | None = None,
    *,
    details: Mapping[str, str] | None = None,
) -> str:
    """Return the codebook as Markdown: every table, its key, and every column.

    Parameters
    ----------
    tables
        The rows of the tables; each column then also shows how many cells are filled, how many
        values are distinct and the first of them, and each coded column the codes in use.
    details
        What the keys of `details` mean in this dataset, by key.
    """
    frames = tables or {}
    parts = ["# Codebook", "Written by regesta from its schema; an empty CSV cell is a null."]
    for table in PUBLISHED.values():
        parts += _chapter(table, frames.get(table.name))
    if details:
        rows = [(_code(key), _cell(text)) for key, text in sorted(details.items())]
        parts += ["## Keys of details", _grid(("key", "description"), rows)]
    rows = [(_code(name), _cell(text)) for name, text in LOG_COLUMNS.items()]
    parts += [
        "## history",
        "Each table of the log holds the columns of its table and those that make a row a record.",
        _grid(("column", "description"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def _described(column: Column) -> dict[str, str | bool | None]:
    return {
        "column": column.name,
        "kind": column.kind,
        "required": column.required,
        "coding": column.coding,
        "unit": column.unit,
        "codes": column.codes,
        "references": column.references,
        "description": column.description,
    }


def _chapter(table: TableSchema, frame: pl.DataFrame | None) -> Iterable[str]:
    yield f"## {table.name}"
    yield table.description
    yield f"Key: {', '.join(_code(name) for name in table.key)}."
    described = [_described(column) for column in table.columns.values()]
    rows = [[_code(str(row["column"])), *map(_cell, list(row.values())[1:])] for row in described]
    header = list(described[0])
    if frame is not None:
        yield f"Rows: {frame.height}."
        header += ["filled", "distinct", "first example"]
        rows = [row + _figures(frame[name]) for row, name in zip(rows, table.columns, strict=True)]
    yield _grid(header, rows)
    if frame is not None:
        yield from _codes_in_use(table, frame)


def _figures(cells: pl.Series) -> list[str]:
    """Return fill rate, number of distinct values and first value of a column."""
    filled = cells.drop_nulls()
    if filled.is_empty():
        return ["0 %", "0", ""]
    share = 100 * filled.len() / cells.len()
    return [f"{share:.1f} %", str(filled.n_unique()), _code(_plain(filled[0]))]


def _codes_in_use(table: TableSchema, frame: pl.DataFrame) -> Iterable[str]:
    rows: list[tuple[str, str, str, str]] = []
    for column in table.columns.values():
        if column.codes:
            labels = code_list(column.codes)
            counts = frame[column.name].drop_nulls().value_counts(name="rows").sort(column.name)
            rows += [
                (_code(column.name), _code(code), _cell(labels[code]["label"]), str(count))
                for code, count in counts.iter_rows()
            ]
    if rows:
        yield f"### Codes in use in {table.name}"
        yield _grid(("column", "code", "label", "rows"), rows)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(value: object) -> str:
    """Return *value* on one line, short, and without an exponent."""
    text = format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)
    line = " ".join(text.split())
    return line if len(line) <= _EXAMPLE else f"{line[:_EXAMPLE]}…"


def _code(text: str) -> str:
    """Return *text* as a code span that a cell of a Markdown table can hold."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{_cell(text)}{pad}{fence}"


def _cell(value: str | bool | None) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case _:
            return str(value).replace("|", "\\|")
