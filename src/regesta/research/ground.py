"""The tables as they stand at a vantage: what statements over claims are made from.

All of it is SQLAlchemy Core over the log tables, so that one statement answers alike on SQLite, on
PostgreSQL and in DuckDB over the history of a release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from regesta.log.project import live
from regesta.log.tables import LOGS
from regesta.research.lookups import FIRST, LAST, Lookups, listed
from regesta.research.vantage import Vantage

Column = sa.ColumnElement[Any]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The tables as they stand at a vantage: what statements over claims are made from.

    `only` narrows all of it to these events, given by the ids that stayed; `policy` is a code
    of the list `policies` and names the kinds of source that count.
    """

    vantage: Vantage
    lookups: Lookups
    policy: str = "parties"
    only: Sequence[str] | None = None

    def table(self, name: str) -> sa.CTE:
        """Return the live rows of a table, narrowed to the events asked for."""
        rows = live(name, self.vantage.upto)
        if self.only is not None and "event_id" in LOGS[name].c:
            rows = rows.where(LOGS[name].c.event_id.in_(self._ids))
        return rows.cte(name)

    @property
    def _ids(self) -> list[str]:
        """Return the events asked for and all that were merged into them."""
        wanted = set(self.only or ())
        return sorted(wanted | {old for old, new in self.lookups.merged.items() if new in wanted})

    @cached_property
    def actors(self) -> sa.CTE:
        """The live rows of `actors`."""
        return self.table("actors")

    @cached_property
    def relations(self) -> sa.CTE:
        """The live rows of `relations`."""
        return self.table("relations")

    @cached_property
    def sources(self) -> sa.CTE:
        """The live rows of `sources`."""
        return self.table("sources")

    @cached_property
    def evidence(self) -> sa.CTE:
        """The live rows of `evidence`."""
        return self.table("evidence")

    @cached_property
    def participants(self) -> sa.CTE:
        """The live rows of `participants`."""
        return self.table("participants")

    @cached_property
    def events(self) -> sa.CTE:
        """The live rows of `events`."""
        return self.table("events")

    @cached_property
    def dates(self) -> sa.CTE:
        """First day and last moment of each date that is met."""
        rows = [(text, *ends) for text, ends in self.lookups.dates.items()]
        return listed("dates", ["written", "first", "last"], rows)

    @cached_property
    def merged(self) -> sa.CTE:
        """The event that stayed, by each that was merged into it."""
        return listed("merged", ["old_id", "new_id"], self.lookups.merged.items())

    @cached_property
    def names(self) -> sa.CTE:
        """The actor that a publisher or an organisation is."""
        return listed("names", ["name", "actor_id"], self.lookups.names.items())

    @cached_property
    def held(self) -> sa.CTE:
        """The offices: for whom they speak, and the moments between which they were held."""
        offices, names = self.table("offices"), self.names
        begun, ended = self.dates.alias("begun"), self.dates.alias("ended")
        return (
            sa.select(
                offices.c.actor_id,
                sa.func.coalesce(offices.c.country, names.c.actor_id).label("speaks_for"),
                sa.func.coalesce(begun.c.first, FIRST).label("first"),
                sa.func.coalesce(ended.c.last, LAST).label("last"),
            )
            .outerjoin(names, names.c.name == offices.c.organisation)
            .outerjoin(begun, begun.c.written == offices.c.held_from)
            .outerjoin(ended, ended.c.written == offices.c.held_until)
            .cte("held")
        )

    def level(self, actor: sa.FromClause, since: Column, until: Column) -> Column:
        """Return the country or body that *actor* speaks for between two moments, null for none.

        A person speaks for the state of an office held then, or for the organisation if that has
        no state; for nobody else once all known offices are over; without a known office, for
        the country that the actor's row names. So does an organisation.
        """
        held = self.held
        mine = held.c.actor_id == actor.c.actor_id
        then = mine & (held.c.first <= until) & (held.c.last >= since)
        office = sa.select(sa.func.min(held.c.speaks_for)).where(then).scalar_subquery()
        in_office = sa.select(sa.literal(1)).where(then).exists()
        ever = sa.select(sa.literal(1)).where(mine).exists()
        later = sa.select(sa.literal(1)).where(mine, held.c.last >= since).exists()
        person = sa.case((in_office, office), (ever & ~later, sa.null()), else_=actor.c.country)
        return sa.case(
            (actor.c.kind == "state", sa.func.coalesce(actor.c.country, actor.c.actor_id)),
            (actor.c.kind == "person", person),
            (actor.c.kind == "organisation", actor.c.country),
        )

    def by_then(self, at: Column) -> Column:
        """Return the condition that what came at the moment *at* is known."""
        known_by = self.vantage.known_by
        return sa.true() if known_by is None else at <= known_by
