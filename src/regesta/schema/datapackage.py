"""Frictionless descriptors: the Table Schema of a table and the Data Package of a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from regesta.schema.card import Card, contributors, license_of
from regesta.schema.columns import Column, Kind
from regesta.schema.gates import Outcome
from regesta.schema.tables import PUBLISHED, TableSchema
from regesta.vocabulary import code_list

Descriptor = dict[str, Any]

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

TYPES: Mapping[Kind, str] = MappingProxyType(
    {"text": "string", "json": "string", "integer": "integer", "decimal": "number", "day": "date"}
)
"""The Table Schema type of a kind of column.

A JSON column is a string there: an `object` would be compared without its canonical spelling.
"""

_SHORT_LIST = 60

# Spelt out, or readers guess the dialect from the first rows, and free text misleads them.
_DIALECT = {
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}


def table_schema(table: TableSchema, foreign_keys: Sequence[Descriptor] = ()) -> Descriptor:
    """Return the Table Schema of *table*, with *foreign_keys* where there are any.

    Examples
    --------
    >>> from regesta.schema.tables import PUBLISHED
    >>> table_schema(PUBLISHED["participants"])["primaryKey"]
    ['event_id', 'actor_id', 'role']
    """
    schema: Descriptor = {
        "fields": [_field(column) for column in table.columns.values()],
        "missingValues": [""],
        "primaryKey": table.key,
    }
    if foreign_keys:
        schema["foreignKeys"] = list(foreign_keys)
    return schema


def foreign_keys(table: TableSchema, tables: Mapping[str, pl.DataFrame]) -> list[Descriptor]:
    """Return the foreign keys of *table* that hold in *tables*.

    A reference may name a row of another dataset, or one that was merged away: such a release is
    valid, so a key is declared only where every value names a row of the same release.
    """
    return [
        {"fields": [column], "reference": {"resource": target, "fields": [key]}}
        for column, target, key in _references(table, tables)
        if tables[table.name][column].drop_nulls().is_in(tables[target][key].implode()).all()
    ]


def csv_resource(
    table: TableSchema, *, size: int, digest: str, foreign_keys: Sequence[Descriptor] = ()
) -> Descriptor:
    """Return the resource of a table's CSV file of *size* bytes with the SHA-256 *digest*.

    The Parquet file of the same rows stands beside it as a property and not as a resource:
    frictionless 5 reads a null among integers there as a fraction and refuses it, cannot compare
    the file's size or hash, and the profile knows no type of resource but `table`.
    """
    return {
        "name": table.name,
        "type": "table",
        "title": table.description,
        "path": f"{table.name}.csv",
        "parquet": f"{table.name}.parquet",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": _DIALECT,
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": table_schema(table, foreign_keys),
    }


def datapackage(
    card: Card,
    version: str,
    created: str,
    resources: Iterable[Descriptor],
    *,
    known_by: str | None = None,
    gates: Iterable[Outcome] = (),
) -> Descriptor:
    """Return the Data Package descriptor, version 2, of a release.

    Parameters
    ----------
    card
        The dataset's card; `name` and `title` are required.
    version
        Version of the release.
    created
        When the last record was made, ISO 8601 in UTC.
    resources
        What `csv_resource` returns, one a table.
    known_by
        The moment by which the tables hold what was known; a property of ours, `knownBy`.
    gates
        What the card asks of a release and what was measured; a property of ours, `gates`.
    """
    spdx = license_of(card)
    described: Descriptor = {
        "$schema": PROFILE,
        "name": card["name"],
        "title": card["title"],
        "description": card.get("description"),
        "version": version,
        "created": created,
        "licenses": [{"name": spdx, "path": f"https://spdx.org/licenses/{spdx}.html"}],
        "contributors": [{"title": name, "roles": ["creator"]} for name in contributors(card)],
        "keywords": card.get("keywords"),
        "temporal": card.get("temporal"),
        "spatial": card.get("spatial"),
        "knownBy": known_by,
        "gates": [gate.as_json() for gate in gates],
        "resources": list(resources),
    }
    return {name: value for name, value in described.items() if value}


def _field(column: Column) -> Descriptor:
    field: Descriptor = {
        "name": column.name,
        "type": TYPES[column.kind],
        "description": column.description,
        "coding": column.coding,
        "unit": column.unit,
        "codes": column.codes,
        "constraints": dict(_constraints(column)),
    }
    return {name: value for name, value in field.items() if value}


def _constraints(column: Column) -> Iterator[tuple[str, Any]]:
    if column.required:
        yield "required", True
    if column.pattern:
        # A pattern of Table Schema is anchored by definition, and XML Schema knows no ^ and $.
        yield "pattern", column.pattern.removeprefix("^").removesuffix("$")
    if column.minimum is not None:
        yield "minimum", column.minimum
    if column.maximum is not None:
        yield "maximum", column.maximum
    if column.codes and len(code_list(column.codes)) <= _SHORT_LIST:
        yield "enum", list(code_list(column.codes))


def _references(
    table: TableSchema, tables: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[str, str, str]]:
    """Yield each referring column of *table* with the table and the column that it refers to."""
    for column, target in table.references.items():
        if target in tables:
            yield column, target, PUBLISHED[target].key[0]
