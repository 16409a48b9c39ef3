"""Claims on values: what is claimed for a column or detail of an event, and which claim to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
import polars as pl

from regesta.canonical import encode
from regesta.dates import BadDate, bounds
from regesta.research.status import LEGALITY, OCCURRENCE
from regesta.vocabulary import code_list

AS_CODED = "as_coded"

VALUE = {
    "event_id": pl.String(),
    "aspect": pl.String(),
    "value": pl.String(),
    "is_disputed": pl.Boolean(),
    "claimed": pl.String(),
}
"""What is claimed for one aspect of an event: the value that a policy shows, whether another is
claimed too or a claim is denied, and all that is claimed, each with the voices that claim it."""

NO_VALUES = (OCCURRENCE, LEGALITY, "participants")
"""Aspects that are no column and no detail; nor is the name of a relation."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")

_COLUMNS = ("date", "event_type", "place", "country")
"""Columns of an event that a claim may fill."""


def _most_sources(claims: pl.DataFrame) -> str:
    counted = claims.group_by("value").agg(pl.col("source_id").n_unique(), pl.col("#order").min())
    ranked = counted.sort("source_id", "#order", descending=[True, False])
    return str(ranked["value"][0])


def _official_first(claims: pl.DataFrame) -> str:
    official = claims.filter(pl.col("is_side") == 1)
    return str((official if official.height else claims)["value"][-1])


POLICIES: Mapping[str, Callable[[pl.DataFrame], str]] = MappingProxyType(
    {
        "earliest": lambda claims: str(claims["value"][0]),
        "latest": lambda claims: str(claims["value"][-1]),
        "most_sources": _most_sources,
        "official_first": _official_first,
    }
)
"""How each policy chooses among claims in order of time, those without a date first; the list
`value_policies` also has `as_coded`, which leaves what the coder wrote."""


def values(claims: pl.DataFrame, positions: pl.DataFrame, policy: str) -> pl.DataFrame:
    """Return what is claimed for each aspect of each event: one row a `VALUE`.

    *claims* and *positions* are those of a register. Under `as_coded` no value is chosen.
    """
    about_values = ~pl.col("aspect").is_in([*NO_VALUES, *code_list("relations")])
    sides = positions.select("event_id", "aspect", "voice", "is_side").unique()
    valued = (
        claims.filter(about_values, pl.col("sign") > 0, pl.col("value").is_not_null())
        .join(sides, on=["event_id", "aspect", "voice"], how="left", maintain_order="left")
        .sort("is_dated", "at", "evidence_id")
        .with_row_index("#order")
    )
    standing = positions.filter(about_values, pl.col("sign") != 0)
    disputed = standing.group_by("event_id", "aspect").agg(
        is_disputed=(pl.col("value").filter(pl.col("sign") > 0).drop_nulls().n_unique() > 1)
        | (pl.col("sign") < 0).any()
    )
    rows = [
        {
            "event_id": event_id,
            "aspect": aspect,
            "value": None if policy == AS_CODED else POLICIES[policy](group),
            "claimed": _claimed(group),
        }
        for (event_id, aspect), group in valued.group_by("event_id", "aspect", maintain_order=True)
    ]
    chosen = pl.DataFrame(rows, schema={n: t for n, t in VALUE.items() if n != "is_disputed"})
    joined = chosen.join(disputed, on=["event_id", "aspect"], how="left")
    return joined.select(*VALUE).sort("event_id", "aspect")


def _claimed(claims: pl.DataFrame) -> str:
    """Return each value that is claimed with its voices: `15 (KCNA); 16 (RUS, TASS)`."""
    said = claims.group_by("value", maintain_order=True).agg(
        pl.col("voice").unique(maintain_order=True)
    )
    return "; ".join(f"{value} ({', '.join(voices)})" for value, voices in said.iter_rows())


def with_values(events: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return *events* with the values *chosen* in the columns and details that they are of.

    A claim that a column cannot hold, such as words for a date, leaves what the coder wrote.
    """
    by_event: dict[str, dict[str, str]] = {}
    for event_id, aspect, value in chosen.select("event_id", "aspect", "value").iter_rows():
        by_event.setdefault(event_id, {})[aspect] = value
    named = pl.col("event_id").is_in(list(by_event))
    rows = [
        _filled(row, by_event[row["event_id"]])
        for row in events.filter(named).iter_rows(named=True)
    ]
    filled = pl.DataFrame(rows, schema=events.schema)
    return pl.concat([events.filter(~named), filled]).sort("event_id")


def _filled(row: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    details = orjson.loads(row["details"]) if row["details"] else {}
    facts = {key: _alike(details.get(key), v) for key, v in chosen.items() if key not in row}
    columns: dict[str, Any] = {
        name: text for name, text in chosen.items() if name in _COLUMNS and _fits(name, text)
    }
    if "date" in columns:
        columns |= dict(zip(("date_earliest", "date_latest"), bounds(columns["date"]), strict=True))
    told = encode({**details, **facts}).decode() if facts else row["details"]
    return {**row, **columns, "details": told}


def _alike(coded: object, claimed: str) -> object:
    """Return what is *claimed* as the kind of value that was *coded*, if it is one."""
    if isinstance(coded, int) and not isinstance(coded, bool) and _INTEGER.fullmatch(claimed):
        return int(claimed)
    return claimed


def _fits(name: str, text: str) -> bool:
    if name == "date":
        try:
            bounds(text)
        except BadDate:
            return False
        return True
    codes = {"event_type": "event_types", "country": "states"}
    return name not in codes or text in code_list(codes[name])
