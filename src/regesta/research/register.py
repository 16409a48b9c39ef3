"""The register as it is seen from a vantage: tables, claims, statuses and timeline.

It asks its questions through a function that runs a statement, so it serves a store as well as
the history of a release. Answers are polars frames.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from types import MappingProxyType

import polars as pl

from regesta.log.project import gave_way, live
from regesta.log.tables import LOGS
from regesta.research import known
from regesta.research.claims import Claims
from regesta.research.ground import MANY, Ground, Run
from regesta.research.merges import names_of, resolved, survivors
from regesta.research.search import Wanted, look_for
from regesta.research.status import Statuses
from regesta.research.timeline import timeline
from regesta.research.values import AS_CODED, values, with_values
from regesta.research.vantage import Vantage
from regesta.schema.tables import TABLES
from regesta.vocabulary import code_list, require_code


class Register:
    """The events of a log, and who says what of them, as seen from a vantage under a policy."""

    def __init__(
        self,
        run: Run,
        vantage: Vantage,
        *,
        policy: str = "parties",
        value_policy: str = AS_CODED,
        events: Collection[str] | None = None,
        at_hand: Mapping[str, pl.DataFrame] = MappingProxyType({}),
    ) -> None:
        """Look through *run* from *vantage*; *events* narrows what is asked to these.

        *at_hand* has all live records of some tables, which are then asked for nowhere.

        Raises
        ------
        NoSuchName
            If there is no such policy.
        """
        require_code(policy, "policies", "policy")
        require_code(value_policy, "value_policies", "policy of values")
        self._run = run
        self.vantage = vantage
        self.policy = policy
        self.value_policy = value_policy
        self._at_hand = at_hand
        self._events = None if events is None or len(events) > MANY else sorted(events)

    def narrowed(self, events: Collection[str]) -> Register:
        """Return the register of these events only."""
        return Register(
            self._run,
            self.vantage,
            policy=self.policy,
            value_policy=self.value_policy,
            events=events,
        )

    def look_for(self, wanted: Wanted, *, limit: int | None = None, offset: int = 0) -> list[str]:
        """Return the events recorded by then that are *wanted*; with a *limit*, those, in order.

        Whether a value or a participant was known by then is not asked.
        """
        return look_for(wanted, self._ground, limit=limit, offset=offset)

    def survivor(self, event_id: str) -> str:
        """Return the event that *event_id* names: itself, or the one that it was merged into."""
        return self.merged.get(event_id, event_id)

    @cached_property
    def merged(self) -> dict[str, str]:
        """The event that stayed, by each that was merged into it."""
        relations = self._at_hand.get("relations")
        if relations is not None and relations.filter(relation="same_as").is_empty():
            return {}
        rows = self._run(gave_way(self.vantage.upto), TABLES["relations"].dtypes)
        return survivors(dict(rows.select("event_id", "other_id").iter_rows()))

    @cached_property
    def _ground(self) -> Ground:
        """The live rows that claims, sides and statuses are made from."""
        return Ground(
            run=self._run,
            vantage=self.vantage,
            merged=self.merged,
            policy=self.policy,
            only=self._events,
            at_hand=self._at_hand,
        )

    @cached_property
    def _claims(self) -> Claims:
        return Claims(self._ground)

    @cached_property
    def _statuses(self) -> Statuses:
        return Statuses(self._claims)

    def _recorded(self, name: str) -> pl.DataFrame:
        """Return the live rows of a table as recorded, whatever was known, narrowed or not."""
        is_kept = name == "participants"  # which statuses are made from as well
        rows = self._ground.participants if is_kept else self._ground.recorded(name)
        return rows.sort(TABLES[name].key)

    def is_recorded(self, event_id: str) -> bool:
        """Return whether the log holds an event, known by then or not."""
        return event_id in self._recorded("events")["event_id"]

    def table(self, name: str) -> pl.DataFrame:
        """Return the rows of a table as they were known, each merged event read as its survivor.

        Actors, offices, coverage and batches do not hang on an event: they are as recorded.
        """
        rows = self._recorded(name)
        if self.vantage.known_by is not None:
            rows = self._known(name, rows, self.vantage.known_by)
        if name == "events" and self.value_policy != AS_CODED:
            rows = with_values(rows, self.values())
        return resolved(name, rows, self.merged)

    def relations_of(self, event_id: str) -> pl.DataFrame:
        """Return the relations, as recorded, that name an event or one that was merged into it."""
        ids = names_of(event_id, self.merged)
        log = LOGS["relations"]
        named = log.c.event_id.in_(ids) | log.c.other_id.in_(ids)
        statement = live("relations", self.vantage.upto).where(named)
        return self._run(statement, TABLES["relations"].dtypes)

    def _known(self, name: str, rows: pl.DataFrame, known_by: str) -> pl.DataFrame:
        match name:
            case "events":
                there = _kept(rows, known.known_events(self._claims))
                first = known.first_claims(self._claims)
                return known.withheld(there, first, known_by, self._incomplete())
            case "participants":
                return _kept(rows, known.known_participants(self._claims))
            case "relations":
                return _kept(rows, known.known_relations(self._claims))
            case "evidence":
                return _kept(rows, self.claims().select("evidence_id"))
            case "sources":
                return _kept(rows, self.claims().select("source_id").unique())
            case _:
                return rows

    def _incomplete(self) -> list[str]:
        """Return the events, by the ids that stayed, of which not every participant is known."""
        rows = self._recorded("participants")
        there = known.known_participants(self._claims)
        hidden = rows.join(there, on=there.columns, how="anti")["event_id"].unique()
        return [self.survivor(event_id) for event_id in hidden]

    def claims(self) -> pl.DataFrame:
        """Return every claim that was known: the columns of `CLAIM`, in the order of knowledge."""
        return self._claims.told(self._claims.rows)

    def heard(self) -> pl.DataFrame:
        """Return those of the claims that the policy counts."""
        return self._claims.told(self._claims.heard)

    def statuses(self) -> pl.DataFrame:
        """Return the status of each aspect of each event: the columns of `STEP`."""
        return self._statuses.holding

    def steps(self) -> pl.DataFrame:
        """Return every status that an aspect has had, in order of time: the columns of `STEP`."""
        return self._statuses.steps

    def positions(self) -> pl.DataFrame:
        """Return where each voice stands: the columns of `POSITION`."""
        return self._statuses.positions()

    def values(self) -> pl.DataFrame:
        """Return what is claimed for columns and details: the columns of `VALUE`."""
        return values(self.heard(), self.positions(), self.value_policy)

    def timeline(self) -> pl.DataFrame:
        """Return one row an event that the policy keeps: the timeline of the schema."""
        is_as_recorded = self.vantage.known_by is None and self.value_policy == AS_CODED
        rows = timeline(
            self._ground.events if is_as_recorded else self.table("events"),
            self.table("participants"),
            self._statuses.summary(),
            self._statuses.stance_counts(),
        )
        keeps = code_list("policies")[self.policy]["keeps"]
        return rows.filter(pl.col("status").is_in(keeps.split(";"))) if keeps else rows


def _kept(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Return those of *rows* whose key is among *keys*, in their order."""
    return rows.join(keys, on=keys.columns, how="semi", maintain_order="left")
