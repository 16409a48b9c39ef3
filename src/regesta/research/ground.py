"""The tables as they stand at a vantage: what claims, sides and statuses are made from.

The log is asked for live rows only, with statements that every database answers alike; all that
is made from them is made in frames, so that it is the same whoever keeps the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl
import sqlalchemy as sa

from regesta.log.project import live
from regesta.log.tables import LOGS
from regesta.research.lookups import FIRST, LAST, read_dates, read_names
from regesta.research.merges import Merged
from regesta.research.vantage import Vantage
from regesta.schema.tables import TABLES, TIMELINE

Run = Callable[[sa.Select[Any], Mapping[str, pl.DataType]], pl.DataFrame]
"""What runs a statement and returns its rows with the dtypes given by column."""

MANY = 5000
"""More names than these are not listed in a statement; it is asked of all."""

SHOWN = tuple(name for name in TIMELINE.columns if name in TABLES["events"].columns)
"""The columns of an event that a timeline shows."""

_DTYPES = {
    **{name: dtype for table in TABLES.values() for name, dtype in table.dtypes.items()},
    "batch": pl.Int64(),
    "revision": pl.Int64(),
}
_PERIOD = ["actor_id", "since", "until"]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The live rows of a log at a vantage, asked for through `run` when they are needed.

    `merged` has the event that stayed by each that gave way; `only` narrows all of it to these
    events, given by the ids that stayed; `policy` is a code of the list `policies`; `at_hand` has
    all live rows of some tables, with what their records say besides: nobody is asked for them.
    """

    run: Run
    vantage: Vantage
    merged: Merged
    policy: str = "parties"
    only: Collection[str] | None = None
    at_hand: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def recorded(self, name: str, *columns: str) -> pl.DataFrame:
        """Return the live rows of a table as recorded: all of their columns, or these."""
        if self.only is None and name in self.at_hand:
            return self.at_hand[name].select(columns or TABLES[name].columns.keys())
        statement, log = live(name, self.vantage.upto), LOGS[name]
        if columns:
            statement = statement.with_only_columns(*(log.c[column] for column in columns))
        if self.only is not None and "event_id" in log.c:
            statement = statement.where(log.c.event_id.in_(self._ids))
        elif self.only is not None and name == "sources":
            said = LOGS["evidence"]
            cited = sa.select(said.c.source_id).where(said.c.event_id.in_(self._ids))
            statement = statement.where(log.c.source_id.in_(cited))
        return self.run(statement, {**_DTYPES, **TABLES[name].dtypes})

    @cached_property
    def _ids(self) -> list[str]:
        """The events asked for and all that were merged into them."""
        wanted = set(self.only or ())
        return sorted(wanted | {old for old, new in self.merged.items() if new in wanted})

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """The evidence, but for its words, with the publisher, kind and date of its source.

        `event_id` is the event that stayed, `as_recorded` the one that the evidence was given for.
        """
        columns = ("evidence_id", "event_id", "source_id", "stance", "aspect", "value", "speaker")
        said = self.recorded("evidence", *columns, "said_on", "batch", "revision")
        sources = self.recorded("sources", "source_id", "publisher", "kind", "published_on")
        cited = said.join(sources.rename({"kind": "source_kind"}), on="source_id", how="left")
        return cited.with_columns(as_recorded="event_id", event_id=self.survivors("event_id"))

    @cached_property
    def events(self) -> pl.DataFrame:
        """The events, as recorded: what a timeline shows of them."""
        return self.recorded("events", *SHOWN)

    @cached_property
    def participants(self) -> pl.DataFrame:
        """The rows of `participants`, as recorded."""
        return self.recorded("participants")

    @cached_property
    def actors(self) -> pl.DataFrame:
        """The rows of `actors`, by key."""
        return self.recorded("actors").sort("actor_id")

    @cached_property
    def offices(self) -> pl.DataFrame:
        """The offices: for whom their holders speak, and the moments between which they do."""
        rows = self.recorded("offices")
        dates = read_dates(pl.concat([rows["held_from"], rows["held_until"]]))
        begun, ended = (
            dates.select(pl.col("written").alias(name), pl.col(end))
            for name, end in (("held_from", "first"), ("held_until", "last"))
        )
        named = read_names(rows["organisation"], self.actors).rename({"name": "organisation"})
        told = rows.join(named, on="organisation", how="left")
        return (
            told.join(begun, on="held_from", how="left")
            .join(ended, on="held_until", how="left")
            .select(
                "actor_id",
                pl.coalesce("country", "named").alias("speaks_for"),
                pl.col("first").fill_null(FIRST),
                pl.col("last").fill_null(LAST),
            )
        )

    def survivors(self, column: str) -> pl.Expr:
        """Return the events that stayed for those that *column* names."""
        return pl.col(column).replace(dict(self.merged))

    def first_recorded(self, evidence: pl.DataFrame) -> pl.DataFrame:
        """Return the end of the day on which each piece of *evidence* was first recorded."""
        first = evidence.filter(revision=1).select("evidence_id", "batch")
        if first.height < evidence.height:
            later = evidence.filter(pl.col("revision") > 1)["evidence_id"].to_list()
            first = pl.concat([first, self._first_records(later)])
        log = LOGS["batches"]
        batches = self.run(
            sa.select(log.c.batch, log.c.recorded_at).where(log.c.revision == 1), _DTYPES
        )
        end_of_day = pl.col("recorded_at").str.slice(0, 10) + LAST[10:]
        return first.join(batches, on="batch").select("evidence_id", recorded=end_of_day)

    def _first_records(self, evidence_ids: list[str]) -> pl.DataFrame:
        log = LOGS["evidence"]
        asked = sa.select(log.c.evidence_id, log.c.batch).where(log.c.revision == 1)
        if len(evidence_ids) <= MANY:
            asked = asked.where(log.c.evidence_id.in_(evidence_ids))
        return self.run(asked, _DTYPES).filter(pl.col("evidence_id").is_in(evidence_ids))

    def levels(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return *rows* with the `level` that their actors speak at: a country or body, or null.

        The columns `actor_id`, `since` and `until` say who, and between which two moments. A
        person speaks for the state of an office held then, or for the organisation if that has
        no state; for nobody else once all known offices are over; without a known office, for
        the country that the actor's row names. So does an organisation.
        """
        asked = rows.select(_PERIOD).unique()
        then = (pl.col("first") <= pl.col("until")) & (pl.col("last") >= pl.col("since"))
        held = asked.join(self.offices, on="actor_id").group_by(_PERIOD)
        offices = held.agg(
            in_office=then.any(),
            office=pl.col("speaks_for").filter(then).min(),
            is_over=(pl.col("last") < pl.col("since")).all(),
        )
        person = pl.when("in_office").then("office").when(~pl.col("is_over")).then("country")
        found = (
            asked.join(self.actors.select("actor_id", "kind", "country"), on="actor_id")
            .join(offices, on=_PERIOD, how="left")
            .with_columns(pl.col("in_office", "is_over").fill_null(value=False))
            .select(
                *_PERIOD,
                pl.when(kind="state")
                .then(pl.coalesce("country", "actor_id"))
                .when(kind="person")
                .then(person)
                .when(kind="organisation")
                .then("country")
                .alias("level"),
            )
        )
        return rows.join(found, on=_PERIOD, how="left", maintain_order="left")

    def by_then(self, at: str) -> pl.Expr:
        """Return the condition that what came at the moment *at* is known."""
        known_by = self.vantage.known_by
        return pl.lit(value=True) if known_by is None else pl.col(at) <= known_by
