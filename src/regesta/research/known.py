"""What was known by a day: nothing that was learnt later shows in an earlier view.

An event is known from its first evidence; what hangs on it, from then too, unless claims say
that it was learnt later: a participant by claims of the aspect `participants`, a relation by
claims of the aspect that is its name, an alleged breach by claims of the aspect `legality`, a
value by claims of its column or detail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import polars as pl

from regesta.canonical import encode
from regesta.research.claims import Claims
from regesta.research.lookups import FIRST
from regesta.research.status import LEGALITY, OCCURRENCE

VIOLATES = "allegedly_violates"
NEVER_EMPTY = ("event_type", "title", "date")
"""Columns of an event that cannot be withheld; a title must hold from the first report on."""

FIRST_CLAIM = {name: pl.String() for name in ("event_id", "aspect", "value", "at")}
"""A value that is claimed for an event, and when it was first claimed."""

_SELF = ("event_id", "summary", "details", "date_earliest", "date_latest")


def known_events(claims: Claims) -> pl.DataFrame:
    """Return the events that are known at the vantage: those with a claim known by then."""
    return claims.rows.filter(claims.ground.by_then("at")).select("event_id").unique()


def known_participants(claims: Claims) -> pl.DataFrame:
    """Return the keys, as recorded, of the participants that are known at the vantage."""
    part = claims.participation.filter(claims.ground.by_then("known_from"))
    known = part.join(known_events(claims), on="event_id", how="semi")
    return known.select("actor_id", "role", event_id="as_recorded")


def known_relations(claims: Claims) -> pl.DataFrame:
    """Return the keys, as recorded, of the relations that are known at the vantage."""
    ground, said = claims.ground, claims.rows
    key = ["event_id", "relation", "other_id"]
    known = known_events(claims)
    about_legality = pl.col("aspect") == LEGALITY
    breach = said.filter(about_legality, pl.col("stance") != "denies").group_by("event_id")
    named = said.filter(pl.col("sign") > 0).group_by("event_id", "aspect", "value")
    rows = (
        ground.recorded("relations", *key)
        .with_columns(
            stayed=ground.survivors("event_id"), stayed_other=ground.survivors("other_id")
        )
        .join(
            breach.agg(breach_at=pl.col("at").min()),
            left_on="stayed",
            right_on="event_id",
            how="left",
        )
        .join(
            named.agg(named_at=pl.col("at").min()),
            left_on=["stayed", "relation", "other_id"],
            right_on=["event_id", "aspect", "value"],
            how="left",
        )
    )
    for name, end in (("one_at", "event_id"), ("other_at", "other_id")):
        first = claims.first_of_merged.rename({"as_recorded": end, "first_at": name})
        rows = rows.join(first, on=end, how="left")
    breach_at = pl.when(relation=VIOLATES).then("breach_at")
    learnt = pl.min_horizontal("named_at", breach_at)
    moments = [learnt, pl.col("one_at"), pl.col("other_at")]
    there = rows.select(
        *key,
        "stayed",
        "stayed_other",
        at=pl.max_horizontal(moment.fill_null(FIRST) for moment in moments),
    ).filter(ground.by_then("at"), pl.col("stayed").is_in(known["event_id"].to_list()))
    elsewhere = pl.col("other_id").str.contains("/", literal=True)
    there = there.filter(elsewhere | pl.col("stayed_other").is_in(known["event_id"].to_list()))
    return there.select(key)


def first_claims(claims: Claims) -> pl.DataFrame:
    """Return each value that is claimed for an event, with when it was first claimed."""
    of_values = ~pl.col("aspect").is_in([OCCURRENCE, LEGALITY])
    said = claims.rows.filter(pl.col("sign") > 0, pl.col("value").is_not_null(), of_values)
    return said.group_by("event_id", "aspect", "value").agg(pl.col("at").min())


def withheld(
    events: pl.DataFrame, first: pl.DataFrame, known_by: str, incomplete: Collection[str] = ()
) -> pl.DataFrame:
    """Return *events* without the values that were claimed only after *known_by*.

    A summary is written with all the evidence in mind: it is withheld wherever a value is, and
    in the events that are *incomplete*. *first* has the columns of `FIRST_CLAIM`.
    """
    partly = pl.col("event_id").is_in(list(incomplete))
    events = events.with_columns(pl.when(~partly).then("summary").alias("summary"))
    late: dict[str, dict[str, set[str]]] = {}
    later = first.filter(pl.col("at") > known_by)
    for event_id, aspect, value in later.select("event_id", "aspect", "value").iter_rows():
        late.setdefault(event_id, {}).setdefault(aspect, set()).add(value)
    touched = pl.col("event_id").is_in(list(late))
    rows = [
        _without(row, late[row["event_id"]]) for row in events.filter(touched).iter_rows(named=True)
    ]
    changed = pl.DataFrame(rows, schema=events.schema)
    return pl.concat([events.filter(~touched), changed]).sort("event_id")


def _without(row: dict[str, Any], late: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return an event's *row* without the values that are in *late*, by column or detail."""
    details = orjson.loads(row["details"]) if row["details"] else {}
    columns = [
        name
        for name in row.keys() - _SELF
        if row[name] is not None and as_claimed(row[name]) in late.get(name, ())
    ]
    known = {key: _known_part(fact, late.get(key, set())) for key, fact in details.items()}
    if not columns and known == details:
        return row
    known = {key: fact for key, fact in known.items() if fact is not None}
    hidden = dict.fromkeys(name for name in columns if name not in NEVER_EMPTY)
    return {
        **row,
        **hidden,
        "summary": None,
        "details": encode(known).decode() if known else None,
    }


def _known_part(fact: object, late: set[str]) -> object:
    """Return what of a *fact* is known: None if all is in *late*, a list without late items."""
    if as_claimed(fact) in late:
        return None
    if isinstance(fact, list):
        return [item for item in fact if as_claimed(item) not in late] or None
    return fact


def as_claimed(fact: object) -> str:
    """Return a value of an event as a claim spells it.

    Examples
    --------
    >>> as_claimed(["a dirk", "a tea set"]), as_claimed(15), as_claimed(True)
    ('a dirk; a tea set', '15', 'true')
    """
    match fact:
        case str():
            return fact
        case bool():
            return "true" if fact else "false"
        case list():
            return "; ".join(map(as_claimed, fact))
        case dict():
            return encode(fact).decode()
        case _:
            return str(fact)
