"""Status: what the claims on an aspect of an event add up to, at every moment.

A status is read off running sums. Each voice's stance holds until its next one; as a side of the
event it counts from the moment its part in the event is known. The sums of what begins and ends
say at each moment how many sides there are, how many of them speak for the claim and against it,
and whether anybody else speaks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
import sqlalchemy as sa

from regesta.research.claims import Claims
from regesta.research.ground import Column, Ground
from regesta.research.lookups import LAST

Statement = sa.Select[Any]

OCCURRENCE, LEGALITY = "occurrence", "legality"

STEP = {
    "event_id": pl.String(),
    "aspect": pl.String(),
    "at": pl.String(),
    "status": pl.String(),
    "n_sides": pl.Int64(),
    "sides_for": pl.Int64(),
    "sides_against": pl.Int64(),
    "others_for": pl.Int64(),
}
"""A status and the moment from which it holds, with the sums that it is read off."""

POSITION = {
    "event_id": pl.String(),
    "aspect": pl.String(),
    "voice": pl.String(),
    "state": pl.String(),
    "is_side": pl.Int64(),
    "sign": pl.Int64(),
    "stance": pl.String(),
    "value": pl.String(),
    "at": pl.String(),
    "evidence_id": pl.String(),
    "speaker": pl.String(),
    "publisher": pl.String(),
    "gist": pl.String(),
}
"""Where a voice stands on an aspect of an event: its latest stance that counts, else its latest."""

_SUMS = ("n_claims", "n_sides", "sides_for", "sides_against", "others_for")


@dataclass(frozen=True)
class Statuses:
    """The claims of a ground, weighed."""

    claims: Claims

    @property
    def ground(self) -> Ground:
        """What the claims stand on."""
        return self.claims.ground

    def every_step(self) -> Statement:
        """Select every status of every aspect in order of time: the columns of `STEP`."""
        every = self.steps
        columns = (every.c[name] for name in STEP)
        order = (every.c.event_id, every.c.aspect, every.c.at)
        return sa.select(*columns).where(self.ground.by_then(every.c.at)).order_by(*order)

    def holding(self) -> Statement:
        """Select the status of each aspect that holds at the vantage: the columns of `STEP`."""
        now = self.current
        columns = (now.c[name] for name in STEP)
        return sa.select(*columns).order_by(now.c.event_id, now.c.aspect)

    def positions(self) -> Statement:
        """Select where each voice stands at the vantage: the columns of `POSITION`."""
        claims, side = self.claims.heard, self.claims.sides
        is_side = side.c.side.is_not(None) & self.ground.by_then(side.c.known_from)
        counting = sa.case((claims.c.sign != 0, 1), else_=0)
        place = sa.func.row_number().over(
            partition_by=(claims.c.event_id, claims.c.aspect, claims.c.voice),
            order_by=(counting.desc(), claims.c.at.desc(), claims.c.evidence_id.desc()),
        )
        own = {name: claims.c[name] for name in POSITION if name != "is_side"}
        own["is_side"] = sa.case((is_side, 1), else_=0).label("is_side")
        ranked = (
            sa.select(*(own[name] for name in POSITION), place.label("place"))
            .outerjoin(
                side, (side.c.event_id == claims.c.event_id) & (side.c.side == claims.c.voice)
            )
            .where(self.ground.by_then(claims.c.at))
            .cte("ranked")
        )
        order = ("event_id", "aspect", "at", "evidence_id")
        columns = (ranked.c[name] for name in POSITION)
        return (
            sa.select(*columns).where(ranked.c.place == 1).order_by(*(ranked.c[n] for n in order))
        )

    def summary(self) -> Statement:
        """Select one row an event that is known: what the timeline says of the claims on it."""
        claims, now, every = self.claims.heard, self.current, self.steps
        known = self.ground.by_then(claims.c.at)
        voices = (
            sa.select(
                claims.c.event_id,
                sa.func.count(claims.c.source_id.distinct()).label("n_sources"),
                sa.func.count(claims.c.speaker.distinct()).label("n_speakers"),
                sa.func.substr(sa.func.min(claims.c.at), 1, 10).label("first_known_on"),
            )
            .where(known)
            .group_by(claims.c.event_id)
            .cte("voices")
        )
        changed = (
            sa.select(
                every.c.event_id,
                sa.func.substr(sa.func.max(every.c.at), 1, 10).label("last_changed_on"),
            )
            .where(
                every.c.aspect == OCCURRENCE,
                self.ground.by_then(every.c.at),
                sa.func.coalesce(every.c.before, "") != every.c.status,
            )
            .group_by(every.c.event_id)
            .cte("changed")
        )
        verdict = (
            sa.select(now.c.event_id, *(_of(now, each) for each in (OCCURRENCE, LEGALITY)))
            .group_by(now.c.event_id)
            .cte("verdict")
        )
        return (
            sa.select(
                voices.c.event_id,
                sa.func.coalesce(verdict.c.occurrence, "unsourced").label("status"),
                verdict.c.legality,
                voices.c.n_sources,
                voices.c.n_speakers,
                voices.c.first_known_on,
                changed.c.last_changed_on,
            )
            .outerjoin(verdict, verdict.c.event_id == voices.c.event_id)
            .outerjoin(changed, changed.c.event_id == voices.c.event_id)
            .order_by(voices.c.event_id)
        )

    def stance_counts(self) -> Statement:
        """Select how often each stance is taken on the occurrence of each event."""
        claims = self.claims.heard
        count = sa.func.count().label("count")
        counted = sa.select(claims.c.event_id, claims.c.stance, count).where(
            claims.c.aspect == OCCURRENCE, self.ground.by_then(claims.c.at)
        )
        return counted.group_by(claims.c.event_id, claims.c.stance)

    @cached_property
    def current(self) -> sa.CTE:
        """Return the last of the steps that had come by the vantage, for each aspect."""
        every = self.steps
        current = self.ground.by_then(every.c.at)
        if self.ground.vantage.known_by is None:
            current = every.c.until.is_(None)
        else:
            current &= every.c.until.is_(None) | (every.c.until > self.ground.vantage.known_by)
        return sa.select(every).where(current).cte("current_status")

    @cached_property
    def steps(self) -> sa.CTE:
        """Return the status from each moment on at which a claim or a side came to be known."""
        changes = self.changes
        key = (changes.c.event_id, changes.c.aspect, changes.c.at)
        at_once = sa.select(*key, *(sa.func.sum(changes.c[name]).label(name) for name in _SUMS))
        moments = at_once.group_by(*key).cte("moments")
        running = [
            sa.func.sum(moments.c[name])
            .over(partition_by=(moments.c.event_id, moments.c.aspect), order_by=moments.c.at)
            .label(name)
            for name in _SUMS
        ]
        sums = sa.select(moments.c.event_id, moments.c.aspect, moments.c.at, *running).cte("sums")
        whole = [sa.cast(sums.c[name], sa.BigInteger()).label(name) for name in _SUMS]
        told = sa.select(
            sums.c.event_id, sums.c.aspect, sums.c.at, *whole, _status(sums).label("status")
        )
        found = told.where(sums.c.n_claims > 0).cte("found")
        aspect = (found.c.event_id, found.c.aspect)
        before = sa.func.lag(found.c.status).over(partition_by=aspect, order_by=found.c.at)
        until = sa.func.lead(found.c.at).over(partition_by=aspect, order_by=found.c.at)
        columns = (found.c[name] for name in STEP)
        return sa.select(*columns, before.label("before"), until.label("until")).cte("steps")

    @cached_property
    def changes(self) -> sa.CTE:
        """Return what each claim and each side adds to the sums, at the moment when it does."""
        claims, side = self.claims.heard, self.claims.sides
        spans = self.spans
        # A stance counts as a side's once its part in the event is known, until then as anybody's.
        begins = sa.case((spans.c.known_from > spans.c.at, spans.c.known_from), else_=spans.c.at)
        ends = sa.case(
            (spans.c.known_from < spans.c.until, spans.c.known_from), else_=spans.c.until
        )
        pro = sa.case((spans.c.sign > 0, 1), else_=0)
        contra = sa.case((spans.c.sign < 0, 1), else_=0)
        aspects = sa.select(claims.c.event_id, claims.c.aspect).distinct().cte("aspects")
        parts = [
            _part(spans, begins, begins < spans.c.until, sides_for=pro, sides_against=contra),
            _part(
                spans, spans.c.until, begins < spans.c.until, sides_for=-pro, sides_against=-contra
            ),
            _part(spans, spans.c.at, spans.c.at < ends, others_for=pro),
            _part(spans, ends, spans.c.at < ends, others_for=-pro),
            _part(claims, claims.c.at, sa.true(), n_claims=sa.literal(1)),
            _part(
                aspects,
                side.c.known_from,
                side.c.event_id == aspects.c.event_id,
                n_sides=sa.literal(1),
            ),
        ]
        return sa.union_all(*parts).cte("changes")

    @cached_property
    def spans(self) -> sa.CTE:
        """Return each stance that counts, with when the voice's next one came, if ever.

        `known_from` is when the voice is known to be a side; never, if it is none.
        """
        claims, side = self.claims.heard, self.claims.sides
        following = sa.func.lead(claims.c.at).over(
            partition_by=(claims.c.event_id, claims.c.aspect, claims.c.voice),
            order_by=(claims.c.at, claims.c.evidence_id),
        )
        until = sa.func.coalesce(following, LAST)
        return (
            sa.select(
                claims.c.event_id,
                claims.c.aspect,
                claims.c.at,
                claims.c.sign,
                until.label("until"),
                sa.func.coalesce(side.c.known_from, LAST).label("known_from"),
            )
            .outerjoin(
                side, (side.c.event_id == claims.c.event_id) & (side.c.side == claims.c.voice)
            )
            .where(claims.c.sign != 0)
            .cte("spans")
        )


def _status(sums: sa.FromClause) -> Column:
    """Return the status that the sums add up to: the table of the design, from above."""
    anybody = sums.c.sides_for + sums.c.others_for > 0
    return sa.case(
        ((sums.c.sides_against > 0) & anybody, "disputed"),
        (sums.c.sides_against > 0, "denied"),
        ((sums.c.n_sides > 0) & (sums.c.sides_for == sums.c.n_sides), "confirmed"),
        (sums.c.sides_for > 0, "one_sided"),
        (sums.c.others_for > 0, "alleged"),
        else_="unsourced",
    )


def _part(of: sa.FromClause, at: Column, where: Column, **adds: Column) -> Statement:
    sums = [adds.get(name, sa.literal(0)).label(name) for name in _SUMS]
    return sa.select(of.c.event_id, of.c.aspect, at.label("at"), *sums).where(where, at < LAST)


def _of(status: sa.FromClause, aspect: str) -> Column:
    """Return the status of one aspect as a column, for rows that are grouped by event."""
    return sa.func.max(sa.case((status.c.aspect == aspect, status.c.status))).label(aspect)
