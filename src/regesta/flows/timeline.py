"""Answer with a timeline: the events that a reader asks for, one row each; and who is blamed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from regesta.dates import BadDate, bounds
from regesta.errors import NoSuchName, UsageError
from regesta.flows.seeing import require_event
from regesta.research.known import VIOLATES
from regesta.research.names import Names
from regesta.research.register import Register
from regesta.research.status import LEGALITY
from regesta.research.timeline import ORDER
from regesta.vocabulary import code_list, hint, require_code

BREACH = {
    "date": pl.String(),
    "event_id": pl.String(),
    "title": pl.String(),
    "provision": pl.String(),
    "legality": pl.String(),
    "state": pl.String(),
    "stance": pl.String(),
    "value": pl.String(),
    "known_on": pl.String(),
    "speaker": pl.String(),
    "gist": pl.String(),
    "evidence_id": pl.String(),
}
"""A state's position on whether an event breached an instrument; without one, the event alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which events a reader wants; what is None is not asked for."""

    actor: str | None = None
    between: tuple[str, str] | None = None
    event_type: str | None = None
    country: str | None = None
    since: str | None = None
    until: str | None = None
    status: str | None = None
    related_to: str | None = None
    limit: int | None = None


def filtered_timeline(register: Register, filters: Filters) -> pl.DataFrame:
    """Return the timeline of the events that *filters* let through, one row an event.

    Raises
    ------
    NoSuchName
        If an actor, an event or a code is not known.
    UsageError
        If a day cannot be read.
    """
    _require_codes(filters)
    found = register.table("events")
    for wanted in filter(None, (filters.actor, *(filters.between or ()))):
        found = found.join(_acting(wanted, register), on="event_id", how="semi")
    if filters.related_to:
        found = found.filter(pl.col("event_id").is_in(related(register, filters.related_to)))
    found = _in_period(_of_kind(found, filters), filters)
    if filters.limit is not None and filters.status is None and register.policy == "parties":
        found = found.sort(ORDER, nulls_last=True).head(filters.limit)
    rows = register.narrowed(found["event_id"].to_list()).timeline()
    rows = rows.join(found, on="event_id", how="semi", maintain_order="left")
    if filters.status:
        rows = rows.filter(pl.col("status") == filters.status)
    return rows if filters.limit is None else rows.head(filters.limit)


def _require_codes(filters: Filters) -> None:
    for code, name, kind in (
        (filters.event_type, "event_types", "event type"),
        (filters.country, "states", "country"),
        (filters.status, "statuses", "status"),
    ):
        if code:
            require_code(code, name, kind)


def _of_kind(events: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    wanted = {"event_type": filters.event_type, "country": filters.country}
    return events.filter(*(pl.col(name) == code for name, code in wanted.items() if code))


def _in_period(events: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    found = events
    if filters.since:
        last = pl.col("date_latest").fill_null(pl.date(9999, 12, 31))
        found = found.filter(last >= _day(filters.since, 0))
    if filters.until:
        first = pl.col("date_earliest").fill_null(pl.date(1, 1, 1))
        found = found.filter(first <= _day(filters.until, 1))
    return found


def _day(text: str, side: int) -> pl.Expr:
    try:
        day = bounds(text)[side]
    except BadDate as fault:
        raise UsageError(reason=f"{text!r}: {fault}.") from None
    if day is None:
        raise UsageError(reason=f"{text!r} names no day.")
    return pl.lit(day)


def _acting(name: str, register: Register) -> pl.DataFrame:
    """Return the events in which the actor called *name* takes part, itself or by its people."""
    actors = register.table("actors")
    names = Names.of(actors)
    found = names.find(name)
    if not found:
        raise NoSuchName(kind="actor", name=name, hint=hint(name, names.by_name))
    named = actors.filter(pl.col("actor_id").is_in(list(found)))
    states = named.filter(pl.col("kind") == "state")["country"].drop_nulls().to_list()
    ids = actors.filter(
        pl.col("actor_id").is_in(named["actor_id"].to_list()) | pl.col("country").is_in(states)
    )["actor_id"]
    return register.table("participants").filter(pl.col("actor_id").is_in(ids.to_list()))


def related(register: Register, event_id: str) -> list[str]:
    """Return an event, by the id that stayed, and all that stand in a relation to it."""
    survivor = require_event(register, event_id)
    touching = neighbours(register, survivor)
    return sorted({survivor, *touching["event_id"], *touching["other_id"]})


def neighbours(register: Register, event_id: str) -> pl.DataFrame:
    """Return the relations that are known of an event, in both directions."""
    named = register.relations_of(event_id)
    around = {event_id, *named["event_id"], *named["other_id"]}
    return (
        register.narrowed({register.survivor(each) for each in around})
        .table("relations")
        .filter((pl.col("event_id") == event_id) | (pl.col("other_id") == event_id))
    )


def breaches(register: Register, instrument: str) -> pl.DataFrame:
    """Return every event alleged to breach *instrument*, with each state's position on it.

    A row is a position, in order of the events' days; an event on which no state has spoken has
    one row. The columns are those of `BREACH`.
    """
    survivor = require_event(register, instrument)
    alleged = neighbours(register, survivor).filter(
        pl.col("relation") == VIOLATES, pl.col("other_id") == survivor
    )
    near = register.narrowed(alleged["event_id"].to_list())
    of_states = pl.col("state").is_in(list(code_list("states")))
    positions = near.positions().filter(pl.col("aspect") == LEGALITY, of_states)
    told = positions.select(
        "event_id",
        "state",
        "stance",
        "value",
        pl.col("at").str.slice(0, 10).alias("known_on"),
        "speaker",
        "gist",
        "evidence_id",
    )
    events = near.timeline().select("event_id", "date", "title", "legality", *ORDER[:2])
    return (
        alleged.select("event_id", "provision")
        .join(events, on="event_id")
        .join(told, on="event_id", how="left")
        .sort(*ORDER[:2], "event_id", "known_on", "state", nulls_last=True)
        .select(*BREACH)
    )
