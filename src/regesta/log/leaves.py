"""The leaf of a record: what it says, as one line of canonical JSON, and the hash of that line.

A leaf holds `format`, `table`, `action`, `reason`, `revision` and every column that is not null.
Decimals are strings with six digits after the point, days are ISO 8601, a JSON column is the
object itself. A column that is added later is null in old records and changes no old hash.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from regesta.hashing import sha256_each
from regesta.schema.columns import DECIMALS, Column
from regesta.schema.tables import TableSchema
from regesta.vectors import by_slices, utf8_of

FORMAT = 1
"""Version of the leaf's own form; part of every leaf."""

WORDS = {"action": pl.String(), "reason": pl.String(), "revision": pl.Int64()}
"""What a record says beside its row."""


def leaf_texts(table: TableSchema, records: pl.DataFrame) -> pl.Series:
    """Return the leaf of each record as canonical JSON (RFC 8785).

    *records* has the columns of the table and `action`, `reason` and `revision`.
    """
    words = [pl.col(name) for name in WORDS]
    form = [pl.lit(FORMAT).alias("format"), pl.lit(table.name).alias("table")]
    said = records.select(*words, *form, *map(spelt, table.columns.values()))
    objects = {name for name, column in table.columns.items() if column.kind == "json"}
    members = json_members(said.select(sorted(said.columns)), objects).str.slice(1)
    whole = pl.concat_str(pl.lit("{"), members.name, pl.lit("}")).alias("leaf")
    return members.to_frame().select(whole).to_series()


def leaf_hashes(texts: pl.Series) -> pl.Series:
    """Return the RFC 9162 leaf hash of each leaf: 32 bytes."""
    prefixed = texts.to_frame("leaf").select(pl.concat_str(pl.lit("\0"), "leaf"))
    return sha256_each(prefixed.to_series()).alias("leaf")


def leaves_of(table: TableSchema, records: pl.DataFrame) -> pl.Series:
    """Return the RFC 9162 leaf hash of each record; *records* are as for `leaf_texts`."""
    return by_slices(records, lambda part: leaf_hashes(leaf_texts(table, part)))


def spelt(column: Column) -> pl.Expr:
    """Return the value of a column as a leaf spells it."""
    cell = pl.col(column.name)
    match column.kind:
        case "decimal":
            return cell.round(DECIMALS).cast(pl.Decimal(18, DECIMALS)).cast(pl.String)
        case "day":
            return cell.dt.to_string("%Y-%m-%d")
        case _:
            return cell


def json_members(rows: pl.DataFrame, objects: Collection[str] = ()) -> pl.Series:
    """Return of each of *rows* the cells that are not null as members of a JSON object.

    They come in the order of the columns, each after a comma. Cells are texts or integers; those
    of the columns *objects* are JSON already.

    Examples
    --------
    >>> print(json_members(pl.DataFrame({"a": [1], "b": ["x"], "c": [None]}))[0])
    ,"a":1,"b":"x"
    """
    pieces = [piece for name in rows.columns for piece in _member(rows[name], name in objects)]
    together = pl.concat_str(pieces or [pl.lit("")], ignore_nulls=True)
    return rows.with_columns(members=together)["members"]


def _member(cells: pl.Series, is_json: bool) -> list[pl.Expr]:
    """Return the pieces of `,"name":value`, which are null where the cell is."""
    if cells.null_count() == len(cells):
        return []
    value, quote = pl.col(cells.name), ""
    if cells.dtype == pl.String and not is_json:
        if _has_escapes(cells):
            value = _escaped(value)
        else:
            quote = '"'
    pieces = [pl.lit(f',"{cells.name}":{quote}'), value, pl.lit(quote)]
    # What every row has needs no string of its own.
    return [pl.concat_str(pieces)] if cells.null_count() else pieces


def _has_escapes(texts: pl.Series) -> bool:
    """Return whether JSON writes any of *texts* otherwise than it is (RFC 8785, 3.2.2.2)."""
    data = utf8_of(texts)
    if not len(data):
        return False
    return bool(data.min() < ord(" ") or (data == ord('"')).any() or (data == ord("\\")).any())


def _escaped(text: pl.Expr) -> pl.Expr:
    """Return *text* as a JSON string."""
    member = pl.struct(text.alias("t")).struct.json_encode()
    string = member.str.strip_prefix('{"t":').str.strip_suffix("}")
    return pl.when(text.is_not_null()).then(string)
