"""The leaf of a record: what it says, as one line of canonical JSON, and the hash of that line.

A leaf holds `format`, `table`, `action`, `reason`, `revision` and every column that is not null.
Decimals are strings with six digits after the point, days are ISO 8601, a JSON column is the
object itself. A column that is added later is null in old records and changes no old hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import polars as pl

from regesta.schema.columns import DECIMALS, Column
from regesta.schema.tables import TableSchema

FORMAT = 1
"""Version of the leaf's own form; part of every leaf."""

WORDS = {"action": pl.String(), "reason": pl.String(), "revision": pl.Int64()}
"""What a record says beside its row."""

_NULL_MEMBER = r',"[a-z0-9_]+":null'
"""Cannot occur inside a string: there every quote has a backslash before it."""


def leaf_texts(table: TableSchema, records: pl.DataFrame) -> pl.Series:
    """Return the leaf of each record as canonical JSON (RFC 8785).

    *records* has the columns of the table and `action`, `reason` and `revision`.
    """
    members: dict[str, pl.Expr] = {name: pl.col(name) for name in WORDS}
    members |= {"format": pl.lit(FORMAT), "table": pl.lit(table.name)}
    members |= {name: spelt(column) for name, column in table.columns.items()}
    objects = {name for name, column in table.columns.items() if column.kind == "json"}
    pieces = [
        _object_member(run[0])
        if run[0] in objects
        else json_members({name: members[name] for name in run})
        for run in _runs(sorted(members), objects)
    ]
    body = pl.concat_str(pieces, ignore_nulls=True)
    return records.select(leaf=pl.concat_str(pl.lit("{"), body.str.slice(1), pl.lit("}")))["leaf"]


def leaf_hashes(texts: pl.Series) -> pl.Series:
    """Return the RFC 9162 leaf hash of each leaf: 32 bytes."""
    hashes = [sha256(b"\x00" + text.encode()).digest() for text in texts]
    return pl.Series("leaf", hashes, dtype=pl.Binary)


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


def _runs(names: list[str], objects: set[str]) -> list[list[str]]:
    """Return *names* in order, cut so that each JSON column stands alone."""
    runs: list[list[str]] = []
    for name in names:
        if name in objects or not runs or runs[-1][0] in objects:
            runs.append([name])
        else:
            runs[-1].append(name)
    return runs


def json_members(fields: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return `,"a":1,"b":"x"`: the *fields* that are not null as JSON, each after a comma."""
    named = (field.alias(name) for name, field in fields.items())
    encoded = pl.struct(pl.lit(0).alias("#"), *named).struct.json_encode()
    bare = encoded.str.strip_prefix('{"#":0').str.strip_suffix("}")
    return bare.str.replace_all(_NULL_MEMBER, "")


def _object_member(name: str) -> pl.Expr:
    """Return `,"name":{...}`, or null where the object is."""
    return pl.concat_str(pl.lit(f',"{name}":'), pl.col(name))
