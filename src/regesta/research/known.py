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
import sqlalchemy as sa

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


def known_events(claims: Claims) -> sa.Select[Any]:
    """Select the events that are known at the vantage: those with a claim known by then."""
    rows = claims.rows
    return sa.select(rows.c.event_id).where(claims.ground.by_then(rows.c.at)).distinct()


def known_participants(claims: Claims) -> sa.Select[Any]:
    """Select the keys, as recorded, of the participants that are known at the vantage."""
    part = claims.participation
    known = known_events(claims).cte("known")
    return (
        sa.select(part.c.as_recorded.label("event_id"), part.c.actor_id, part.c.role)
        .join(known, known.c.event_id == part.c.event_id)
        .where(claims.ground.by_then(part.c.known_from))
    )


def known_relations(claims: Claims) -> sa.Select[Any]:
    """Select the keys, as recorded, of the relations that are known at the vantage."""
    ground, said = claims.ground, claims.rows
    rows = ground.relations
    old, old_other = ground.merged.alias("merged_one"), ground.merged.alias("merged_other")
    event_id = sa.func.coalesce(old.c.new_id, rows.c.event_id)
    other_id = sa.func.coalesce(old_other.c.new_id, rows.c.other_id)
    known = known_events(claims).cte("known")
    one, other = known.alias("known_one"), known.alias("known_other")
    told = sa.select(said.c.event_id, sa.func.min(said.c.at).label("at"))
    legality = (said.c.aspect == LEGALITY) & (said.c.stance != "denies")
    breach = told.where(legality).group_by(said.c.event_id).cte("told_breaches")
    by_name = told.add_columns(said.c.aspect, said.c.value).where(said.c.sign > 0)
    by_name = by_name.group_by(said.c.event_id, said.c.aspect, said.c.value)
    named = by_name.cte("told_relations")
    learnt = sa.case(
        (breach.c.at < named.c.at, breach.c.at),
        else_=sa.func.coalesce(named.c.at, breach.c.at, FIRST),
    )
    before, other_before = (claims.first_of_merged.alias(name) for name in ("one_was", "other_was"))
    elsewhere = rows.c.other_id.contains("/", autoescape=True)
    return (
        sa.select(rows.c.event_id, rows.c.relation, rows.c.other_id)
        .outerjoin(old, old.c.old_id == rows.c.event_id)
        .outerjoin(old_other, old_other.c.old_id == rows.c.other_id)
        .join(one, one.c.event_id == event_id)
        .outerjoin(other, other.c.event_id == other_id)
        .outerjoin(before, before.c.as_recorded == rows.c.event_id)
        .outerjoin(other_before, other_before.c.as_recorded == rows.c.other_id)
        .outerjoin(breach, (breach.c.event_id == event_id) & (rows.c.relation == VIOLATES))
        .outerjoin(
            named,
            (named.c.event_id == event_id)
            & (named.c.aspect == rows.c.relation)
            & (named.c.value == rows.c.other_id),
        )
        .where(
            ground.by_then(learnt),
            ground.by_then(sa.func.coalesce(before.c.at, FIRST)),
            ground.by_then(sa.func.coalesce(other_before.c.at, FIRST)),
            elsewhere | other.c.event_id.is_not(None),
        )
    )


def first_claims(claims: Claims) -> sa.Select[Any]:
    """Select each value that is claimed for an event, with when it was first claimed."""
    said = claims.rows
    return (
        sa.select(said.c.event_id, said.c.aspect, said.c.value, sa.func.min(said.c.at).label("at"))
        .where(
            said.c.sign > 0,
            said.c.value.is_not(None),
            said.c.aspect.not_in((OCCURRENCE, LEGALITY)),
        )
        .group_by(said.c.event_id, said.c.aspect, said.c.value)
    )


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
    for event_id, aspect, value, at in first.select(*FIRST_CLAIM).iter_rows():
        if at > known_by:
            late.setdefault(event_id, {}).setdefault(aspect, set()).add(value)
    if not late:
        return events
    rows = [_without(row, late.get(row["event_id"], {})) for row in events.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=events.schema)


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
