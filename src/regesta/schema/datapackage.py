"""Frictionless descriptors: the Table Schema of a table and the Data Package of a release."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import polars as pl

from regesta.schema.card import Card, contributors, license_of, license_url, roles_of, words
from regesta.schema.columns import Column, Kind
from regesta.schema.gates import Outcome
from regesta.schema.tables import CHANGES, PUBLISHED, TableSchema
from regesta.vocabulary import Code, code_list

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
    sources: Iterable[Descriptor] = (),
    edition: str | None = None,
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
    sources
        What the release is taken from, beside the `sources` of the card.
    edition
        What `edition` returned when the release was written; a property of ours.
    """
    spdx = license_of(card)
    described: Descriptor = {
        "$schema": PROFILE,
        "name": card["name"],
        "title": card["title"],
        "description": card.get("description"),
        "version": version,
        "created": created,
        "id": f"https://doi.org/{card['doi']}" if card.get("doi") else None,
        "homepage": card.get("homepage"),
        "licenses": [{"name": spdx, "path": license_url(card)}],
        "contributors": _contributors(card),
        "sources": [*map(_source, card.get("sources", [])), *sources],
        "keywords": card.get("keywords"),
        "temporal": card.get("temporal"),
        "spatial": card.get("spatial"),
        "languages": words(card, "languages"),
        "publisher": card.get("publisher"),
        "knownBy": known_by,
        "gates": [gate.as_json() for gate in gates],
        "edition": edition,
        "resources": list(resources),
    }
    return {name: value for name, value in described.items() if value}


def edition(*texts: str) -> str:
    """Return a digest of all that this version of regesta says of tables and codes, and *texts*.

    Two versions of one edition describe equal rows in equal words.
    """
    said = {table.name: table_schema(table) for table in (*PUBLISHED.values(), CHANGES)}
    words = json.dumps([said, *texts], ensure_ascii=False, sort_keys=True)
    return f"sha256:{sha256(words.encode()).hexdigest()}"


def _contributors(card: Card) -> list[Descriptor]:
    listed = zip(contributors(card), card.get("contributors", []), strict=True)
    return [{"title": name, "roles": roles_of(who)} for name, who in listed]


def _source(said: str | Mapping[str, Any]) -> Descriptor:
    return {"title": said} if isinstance(said, str) else dict(said)


def _field(column: Column) -> Descriptor:
    field: Descriptor = {
        "name": column.name,
        "type": TYPES[column.kind],
        "description": column.description,
        "coding": column.coding,
        "unit": column.unit,
        "codes": column.codes,
        "categories": [
            {"value": code, "label": row["label"]} for code, row in short_list(column).items()
        ],
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
    if codes := short_list(column):
        yield "enum", list(codes)


def short_list(column: Column) -> Mapping[str, Code]:
    """Return the codes that *column* may hold, if these are few enough to be spelt out."""
    codes: Mapping[str, Code] = code_list(column.codes) if column.codes else {}
    return codes if len(codes) <= _SHORT_LIST else {}


def _references(
    table: TableSchema, tables: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[str, str, str]]:
    """Yield each referring column of *table* with the table and the column that it refers to."""
    for column, target in table.references.items():
        if target in tables:
            yield column, target, PUBLISHED[target].key[0]
