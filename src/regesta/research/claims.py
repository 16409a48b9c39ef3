"""Claims: each piece of evidence with who really speaks and by when it was known; and the sides.

An official or a state news agency speaks for its state; evidence without a speaker speaks with
its publisher's voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from regesta.log.tables import LOGS
from regesta.research.ground import Column, Ground
from regesta.research.lookups import FIRST, LAST
from regesta.vocabulary import code_list

VOICED_BY_STATE = ("official", "state_media")
"""Kinds of source whose publisher, where it is an actor of a state, speaks for that state."""

LAWFUL = "lawful"
"""Who claims this of the aspect `legality` speaks against the claim that something was breached."""

CLAIM = (
    "evidence_id",
    "event_id",
    "aspect",
    "stance",
    "value",
    "source_id",
    "speaker",
    "gist",
    "publisher",
    "source_kind",
    "published_on",
    "url",
    "at",
    "is_dated",
    "voice_of",
    "state",
    "voice",
    "sign",
)
"""What a claim is: the evidence, `at` when it was known, `is_dated` whether
a date of its own says so, `state` for which it speaks if any,
`voice` that counts, and `sign`: whether it counts for (1) or against (-1) its aspect."""


@dataclass(frozen=True)
class Claims:
    """The claims on a ground, and who takes part in what they are about."""

    ground: Ground

    @cached_property
    def rows(self) -> sa.CTE:
        """One row a piece of evidence, known by then or later: see `CLAIM`."""
        ground = self.ground
        evidence, sources, merged = ground.evidence, ground.sources, ground.merged
        named, speaks = ground.names, ground.actors.alias("speaks")
        said, published = ground.dates.alias("said"), ground.dates.alias("published")
        first, batch = LOGS["evidence"].alias("first_record"), LOGS["batches"].alias("batch_of")
        recorded = sa.func.substr(batch.c.recorded_at, 1, 10) + sa.literal("T23:59:59Z")
        dated = (
            sa.select(
                evidence.c.evidence_id,
                sa.func.coalesce(merged.c.new_id, evidence.c.event_id).label("event_id"),
                evidence.c.event_id.label("as_recorded"),
                evidence.c.aspect,
                evidence.c.stance,
                evidence.c.value,
                evidence.c.source_id,
                evidence.c.speaker,
                evidence.c.gist,
                sources.c.publisher,
                sources.c.kind.label("source_kind"),
                sources.c.published_on,
                sources.c.url,
                sa.func.coalesce(said.c.last, published.c.last, recorded).label("at"),
                sa.case(
                    (sa.func.coalesce(said.c.last, published.c.last).is_not(None), 1), else_=0
                ).label("is_dated"),
                sa.func.coalesce(evidence.c.speaker, named.c.actor_id).label("voice_of"),
            )
            .outerjoin(sources, sources.c.source_id == evidence.c.source_id)
            .outerjoin(merged, merged.c.old_id == evidence.c.event_id)
            .outerjoin(said, said.c.written == evidence.c.said_on)
            .outerjoin(published, published.c.written == sources.c.published_on)
            .outerjoin(named, named.c.name == sources.c.publisher)
            .join(first, (first.c.evidence_id == evidence.c.evidence_id) & (first.c.revision == 1))
            .join(batch, (batch.c.batch == first.c.batch) & (batch.c.revision == 1))
        )
        known = dated.cte("dated")
        voiced = known.c.speaker.is_not(None) | known.c.source_kind.in_(VOICED_BY_STATE)
        state = sa.case((voiced, ground.level(speaks, known.c.at, known.c.at)))
        of_whom = speaks.c.actor_id == known.c.voice_of
        # A newspaper that is called like a state is not that state.
        itself = sa.case(
            (voiced | (sa.func.coalesce(speaks.c.kind, "") != "state"), known.c.voice_of)
        )
        spoken = sa.select(known, state.label("state"), itself.label("itself"))
        said_by = spoken.outerjoin(speaks, of_whom).cte("spoken")
        voice = sa.func.coalesce(said_by.c.state, said_by.c.itself, said_by.c.publisher)
        return (
            sa.select(said_by, voice.label("voice"), _sign(said_by))
            .cte("claims")
            .prefix_with("MATERIALIZED")
        )

    @cached_property
    def heard(self) -> sa.CTE:
        """The claims that the policy counts: of all sources, or of some kinds only."""
        kinds = code_list("policies")[self.ground.policy]["source_kinds"]
        if not kinds:
            return self.rows
        of_kind = self.rows.c.source_kind.in_(kinds.split(";"))
        return sa.select(self.rows).where(of_kind).cte("heard")

    @cached_property
    def first_of_merged(self) -> sa.CTE:
        """When an event that was merged into another was first known itself."""
        rows = self.rows
        first = sa.select(rows.c.as_recorded, sa.func.min(rows.c.at).label("at"))
        gone = rows.c.as_recorded != rows.c.event_id
        return first.where(gone).group_by(rows.c.as_recorded).cte("first_of_merged")

    @cached_property
    def participation(self) -> sa.CTE:
        """Who takes part in each event, at the level that it speaks at, and known from when.

        A participant is known with the event that it was recorded for, unless claims of the aspect
        `participants` name it, as `actor` or `actor:role`: then from the first of them that
        counts for it.
        """
        ground = self.ground
        rows, merged, actors = ground.participants, ground.merged, ground.actors
        event_id = sa.func.coalesce(merged.c.new_id, rows.c.event_id)
        events, claims = ground.events, self.rows
        since = sa.func.coalesce(events.c.date_earliest + sa.literal("T00:00:00Z"), FIRST)
        until = sa.func.coalesce(events.c.date_latest + sa.literal("T23:59:59Z"), LAST)
        for_whom = actors.alias("for_whom")
        side = sa.func.coalesce(ground.level(for_whom, since, until), for_whom.c.actor_id)
        told = sa.select(
            claims.c.event_id, claims.c.value, sa.func.min(claims.c.at).label("at")
        ).where(claims.c.aspect == "participants", claims.c.sign > 0)
        named = told.group_by(claims.c.event_id, claims.c.value).cte("named_participants")
        before = self.first_of_merged
        alone, in_role = named.alias("named_alone"), named.alias("named_in_role")
        part = rows.c.actor_id + sa.literal(":") + rows.c.role
        learnt = sa.case(
            (alone.c.at < in_role.c.at, alone.c.at),
            else_=sa.func.coalesce(in_role.c.at, alone.c.at, before.c.at, FIRST),
        )
        return (
            sa.select(
                rows.c.event_id.label("as_recorded"),
                event_id.label("event_id"),
                rows.c.actor_id,
                rows.c.role,
                sa.func.coalesce(side, rows.c.on_behalf_of, rows.c.actor_id).label("side"),
                learnt.label("known_from"),
            )
            .outerjoin(merged, merged.c.old_id == rows.c.event_id)
            .outerjoin(events, events.c.event_id == event_id)
            .outerjoin(before, before.c.as_recorded == rows.c.event_id)
            .outerjoin(alone, (alone.c.event_id == event_id) & (alone.c.value == rows.c.actor_id))
            .outerjoin(in_role, (in_role.c.event_id == event_id) & (in_role.c.value == part))
            .outerjoin(
                for_whom,
                for_whom.c.actor_id == sa.func.coalesce(rows.c.on_behalf_of, rows.c.actor_id),
            )
            .cte("participation")
        )

    @cached_property
    def sides(self) -> sa.CTE:
        """The sides of each event: participants in principal roles, at their state's level."""
        roles, part = code_list("roles"), self.participation
        principal = [code for code, facts in roles.items() if facts["principal"] == "true"]
        known_from = sa.func.min(part.c.known_from).label("known_from")
        found = sa.select(part.c.event_id, part.c.side, known_from).where(
            part.c.role.in_(principal)
        )
        return found.group_by(part.c.event_id, part.c.side).cte("sides")


def _sign(claim: sa.FromClause) -> Column:
    """Return 1 for a claim that counts for its aspect, -1 against, 0 for one that does not count.

    For `legality` the claim is that something was breached: who calls it lawful denies that.
    """
    counts = {code: facts["counts"] for code, facts in code_list("stances").items()}
    pro = claim.c.stance.in_([code for code, way in counts.items() if way == "for"])
    contra = claim.c.stance.in_([code for code, way in counts.items() if way == "against"])
    turned = (claim.c.aspect == "legality") & (sa.func.coalesce(claim.c.value, "") == LAWFUL)
    return sa.case((pro & turned, -1), (contra & turned, 1), (pro, 1), (contra, -1), else_=0).label(
        "sign"
    )
