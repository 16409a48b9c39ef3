"""Look events up by what is recorded of them: which ones, in the order of a timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa

from regesta.log.project import stands
from regesta.log.tables import LOGS
from regesta.research.ground import MANY, Ground
from regesta.research.timeline import ORDER

Column = sa.ColumnElement[Any]

FEW = 10_000
"""Records of an actor up to which it is quicker to begin with them than with the events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events are looked for; what is empty or None is not asked for.

    `among` has their ids. `parties` has groups of actors: somebody of each takes part. `cells` has
    the values of columns. An event is not over before the day `since`, and has begun by `until`.
    """

    among: Collection[str] | None = None
    parties: Sequence[Collection[str]] = ()
    cells: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None
    until: str | None = None


def look_for(
    wanted: Wanted, ground: Ground, *, limit: int | None = None, offset: int = 0
) -> list[str]:
    """Return the events recorded by then that are *wanted*; with a *limit*, those, in order.

    Whether a value or a participant was known by then is not asked.
    """
    log = LOGS["events"]
    asked = sa.select(log.c.event_id).where(stands(log, ground.vantage.upto))
    asked = asked.where(*_conditions(wanted, ground))
    if limit is not None:
        asked = asked.order_by(*(log.c[name].nulls_last() for name in ORDER[:-1]), log.c.event_id)
        asked = asked.limit(limit).offset(offset)
    return ground.run(asked, {"event_id": pl.String()})["event_id"].to_list()


def _conditions(wanted: Wanted, ground: Ground) -> list[Column]:
    log = LOGS["events"]
    found = [log.c[name] == value for name, value in wanted.cells.items()]
    if wanted.since:
        found.append(log.c.date_latest.is_(None) | (log.c.date_latest >= wanted.since))
    if wanted.until:
        found.append(log.c.date_earliest.is_(None) | (log.c.date_earliest <= wanted.until))
    if wanted.among is not None:
        found.append(log.c.event_id.in_(sorted(wanted.among)))
    return [*found, *(_takes_part(party, ground) for party in wanted.parties)]


def _takes_part(actors: Collection[str], ground: Ground) -> Column:
    """Return the condition that one of *actors* takes part in an event, or in one merged into it.

    Of few records the events are looked up; else, event for event, whether there is a record.
    """
    event_id, part = LOGS["events"].c.event_id, LOGS["participants"]
    is_theirs = part.c.actor_id.in_(sorted(actors))
    theirs = sa.select(part.c.event_id).where(is_theirs, stands(part, ground.vantage.upto))
    named = sa.select(part.c.position).where(is_theirs).limit(FEW + 1)
    is_common = ground.run(named, {"position": pl.Int64()}).height > FEW
    itself = theirs.where(part.c.event_id == event_id).exists()
    found = itself if is_common else event_id.in_(theirs)
    stayed = _stayed(theirs, ground)
    return found | event_id.in_(stayed) if stayed else found


def _stayed(theirs: sa.Select[Any], ground: Ground) -> list[str]:
    """Return the events that stayed for those of *theirs*, event ids, that were merged."""
    merged = ground.merged
    if not merged:
        return []
    part = LOGS["participants"]
    gone = theirs if len(merged) > MANY else theirs.where(part.c.event_id.in_(list(merged)))
    names = ground.run(gone, {"event_id": pl.String()})["event_id"]
    return sorted({merged[name] for name in names if name in merged})
