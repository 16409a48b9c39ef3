"""Answer with a timeline: the events that a reader asks for, one row each; and who is blamed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from regesta.dates import BadDate, bounds
from regesta.errors import NoSuchName, UsageError
from regesta.flows.seeing import require_event
from regesta.research.filters import Filters
from regesta.research.ground import MANY
from regesta.research.known import VIOLATES
from regesta.research.names import Names
from regesta.research.register import Register
from regesta.research.search import Wanted
from regesta.research.status import LEGALITY
from regesta.research.timeline import ORDER
from regesta.research.values import AS_CODED
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
    wanted = _wanted(register, filters)
    found: list[pl.DataFrame] = []
    for events in _pages(register, wanted, filters.limit):
        rows = _narrowed(register, events, wanted)
        found.append(rows.filter(status=filters.status) if filters.status else rows)
        if filters.limit is not None and sum(each.height for each in found) >= filters.limit:
            break
    rows = pl.concat(found)
    return rows if filters.limit is None else rows.head(filters.limit)


def _wanted(register: Register, filters: Filters) -> Wanted:
    """Return which events the log is asked for."""
    cells = {"event_type": filters.event_type, "country": filters.country}
    named = filter(None, (filters.actor, *(filters.between or ())))
    related_to = filters.related_to
    return Wanted(
        among=related(register, related_to) if related_to else None,
        parties=[_people(name, register) for name in named],
        cells={name: code for name, code in cells.items() if code},
        since=_day(filters.since, 0) if filters.since else None,
        until=_day(filters.until, 1) if filters.until else None,
    )


def _pages(
    register: Register, wanted: Wanted, limit: int | None
) -> Iterator[Collection[str] | None]:
    """Yield the events that may be *wanted*, in order where there is a limit; None for all.

    Each page is twice as long as the one before, as some of its events may not have been known, or
    have another status. What a claim may change is asked of the rows alone.
    """
    if register.value_policy != AS_CODED:
        wanted, limit = replace(wanted, cells={}, since=None, until=None), None
    if limit is None and wanted == Wanted():
        yield None
        return
    done, size = 0, limit
    while True:
        size = None if size is None or size > MANY else size
        page = register.look_for(wanted, limit=size, offset=done)
        yield page
        if size is None or len(page) < size:
            return
        done, size = done + size, size * 2


def _narrowed(register: Register, events: Collection[str] | None, wanted: Wanted) -> pl.DataFrame:
    """Return the timeline of those of *events* that are *wanted* by what was known of them."""
    near = register if events is None else register.narrowed(events)
    rows = near.timeline()
    if events is not None:
        rows = rows.filter(pl.col("event_id").is_in(list(events)))
    for party in wanted.parties:
        acting = near.table("participants").filter(pl.col("actor_id").is_in(list(party)))
        rows = rows.join(acting, on="event_id", how="semi", maintain_order="left")
    first, last = pl.col("date_earliest"), pl.col("date_latest")
    if wanted.since:
        rows = rows.filter(last.is_null() | (last >= date.fromisoformat(wanted.since)))
    if wanted.until:
        rows = rows.filter(first.is_null() | (first <= date.fromisoformat(wanted.until)))
    return rows.filter(*(pl.col(name) == code for name, code in wanted.cells.items()))


def _require_codes(filters: Filters) -> None:
    for code, name, kind in (
        (filters.event_type, "event_types", "event type"),
        (filters.country, "states", "country"),
        (filters.status, "statuses", "status"),
    ):
        if code:
            require_code(code, name, kind)


def _day(text: str, side: int) -> str:
    try:
        day = bounds(text)[side]
    except BadDate as fault:
        raise UsageError(reason=f"{text!r}: {fault}.") from None
    if day is None:
        raise UsageError(reason=f"{text!r} names no day.")
    return day.isoformat()


def _people(name: str, register: Register) -> list[str]:
    """Return the actor called *name*, and if it is a state, its people."""
    actors = register.table("actors")
    names = Names.of(actors)
    found = names.find(name)
    if not found:
        raise NoSuchName(kind="actor", name=name, hint=hint(name, names.by_name))
    is_named = pl.col("actor_id").is_in(list(found))
    states = actors.filter(is_named, kind="state")["country"].drop_nulls().to_list()
    return actors.filter(is_named | pl.col("country").is_in(states))["actor_id"].to_list()


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
