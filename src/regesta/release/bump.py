"""Which version a release should be, by what changed since the one before.

The recipe is that of the Data Package: MAJOR when the shape or the keys of a table break or rows
are withdrawn, MINOR when rows or columns are added, PATCH when values are corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from regesta.catalog.versions import version_order
from regesta.schema.datapackage import table_schema
from regesta.schema.tables import PUBLISHED
from regesta.vocabulary import code_list

LEVELS = ("major", "minor", "patch")
"""From the heaviest to the lightest."""

FIRST = "1.0.0"
"""The version of a first release."""

Cause = Mapping[str, str | int]
"""What changed: `what`, a key of `CAUSES`, and where."""

Shape = Mapping[str, Mapping[str, Any]]
"""The Table Schema of each table, by name."""

CAUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "table_removed": ("major", "the table {table} is gone"),
        "key_changed": ("major", "the table {table} has another key"),
        "column_removed": ("major", "the column {table}.{column} is gone"),
        "column_retyped": ("major", "the column {table}.{column} is of another type"),
        "retracted": ("major", "{count} of {table} were retracted"),
        "merged": ("major", "{count} of {table} were merged into others"),
        "rekeyed": ("major", "{count} of {table} were given another key"),
        "table_added": ("minor", "the table {table} is new"),
        "column_added": ("minor", "the column {table}.{column} is new"),
        "added": ("minor", "{count} of {table} were added"),
        "revised": ("patch", "{count} of {table} were revised"),
        "described": ("patch", "the dataset is described otherwise"),
    }
)
"""What calls for which level, and how it is said; a cause with rows is an action of a change."""


def level_of(causes: Iterable[Cause]) -> str | None:
    """Return the heaviest level that *causes* call for, None where there are none.

    Examples
    --------
    >>> level_of([{"what": "added", "table": "events", "rows": 2}, {"what": "described"}])
    'minor'
    """
    called = {CAUSES[str(cause["what"])][0] for cause in causes}
    return next((level for level in LEVELS if level in called), None)


def reasons(causes: Sequence[Cause]) -> list[str]:
    """Return in words those of *causes* that call for the level of all.

    Examples
    --------
    >>> reasons([{"what": "merged", "table": "events", "rows": 1}, {"what": "described"}])
    ['1 row of events was merged into others']
    """
    level = level_of(causes)
    return [_said(cause) for cause in causes if CAUSES[str(cause["what"])][0] == level]


def _said(cause: Cause) -> str:
    rows = int(cause.get("rows", 0))
    text = CAUSES[str(cause["what"])][1].format(
        **{"count": f"{rows:,} row{'s'[: rows != 1]}", **cause}
    )
    return text.replace(" were ", " was ") if rows == 1 else text


def next_version(version: str, level: str) -> str:
    """Return the version that follows *version* at a *level*.

    Examples
    --------
    >>> [next_version("1.4.2", level) for level in LEVELS]
    ['2.0.0', '1.5.0', '1.4.3']
    """
    numbers = [int(number) for number in version.partition("-")[0].split(".")]
    at = LEVELS.index(level)
    follows = [*numbers[:at], numbers[at] + 1, *[0] * (len(LEVELS) - at - 1)]
    return ".".join(map(str, follows))


def next_candidate(version: str, there: Iterable[str]) -> str:
    """Return the next provisional version of *version*, after those that are *there*.

    Examples
    --------
    >>> next_candidate("1.2.0", ["1.1.0", "1.2.0-rc.1", "1.2.0-rc.9"])
    '1.2.0-rc.10'
    """
    orders = [version_order(name) for name in there if name.startswith(f"{version}-rc.")]
    return f"{version}-rc.{max((order[-1] for order in orders if order), default=0) + 1}"


def causes_in_rows(changes: pl.DataFrame) -> list[Cause]:
    """Return how many rows of which table came to be what, in the order of `CAUSES`."""
    counted = changes.group_by("action", "table").agg(pl.col("key").n_unique().alias("rows"))
    found = {(what, table): rows for what, table, rows in counted.iter_rows()}
    return [
        {"what": what, "table": table, "rows": found[what, table]}
        for what in CAUSES
        if what in code_list("changes")
        for table in PUBLISHED
        if (what, table) in found
    ]


def shape_of(resources: Iterable[Mapping[str, Any]]) -> Shape:
    """Return the shape of the tables that a Data Package describes as its *resources*."""
    schemas = {each.get("name"): each.get("schema") for each in resources}
    return {
        str(name): schema
        for name, schema in schemas.items()
        if isinstance(schema, dict) and "primaryKey" in schema
    }


def causes_in_shape(before: Shape) -> list[Cause]:
    """Return what became of the shape that the tables had *before*."""
    after = {name: table_schema(table) for name, table in PUBLISHED.items()}
    return [
        *({"what": "table_removed", "table": name} for name in before if name not in after),
        *({"what": "table_added", "table": name} for name in after if name not in before),
        *(
            cause
            for name, schema in after.items()
            if name in before
            for cause in _between(name, before[name], schema)
        ),
    ]


def _between(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Cause]:
    types, now = (
        {field["name"]: field["type"] for field in schema["fields"]} for schema in (old, new)
    )
    if old["primaryKey"] != new["primaryKey"]:
        yield {"what": "key_changed", "table": table}
    for column in {**types, **now}:
        if types.get(column) != now.get(column):
            word = "retyped" if column in types and column in now else "added"
            what = f"column_{word}" if column in now else "column_removed"
            yield {"what": what, "table": table, "column": column}
