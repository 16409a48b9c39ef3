"""Status: what the claims on an aspect of an event add up to, at every moment.

A status is read off running sums. Each voice's stance holds until its next one; as a side of the
event it counts from the moment its part in the event is known. The sums of what begins and ends
say at each moment how many sides there are, how many of them speak for the claim and against it,
and whether anybody else speaks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from regesta.research.claims import Claims
from regesta.research.ground import Ground
from regesta.research.lookups import LAST

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
_ASPECT = ["event_id", "aspect"]
_VOICE = [*_ASPECT, "voice"]


def status() -> pl.Expr:
    """Return the status that the sums add up to: the table of the design, from above."""
    sides_for, sides_against = pl.col("sides_for"), pl.col("sides_against")
    others_for, n_sides = pl.col("others_for"), pl.col("n_sides")
    return (
        pl.when(sides_against > 0, sides_for + others_for > 0)
        .then(pl.lit("disputed"))
        .when(sides_against > 0)
        .then(pl.lit("denied"))
        .when(n_sides > 0, sides_for == n_sides)
        .then(pl.lit("confirmed"))
        .when(sides_for > 0)
        .then(pl.lit("one_sided"))
        .when(others_for > 0)
        .then(pl.lit("alleged"))
        .otherwise(pl.lit("unsourced"))
    )


@dataclass(frozen=True)
class Statuses:
    """The claims of a ground, weighed."""

    claims: Claims

    @property
    def ground(self) -> Ground:
        """What the claims stand on."""
        return self.claims.ground

    @cached_property
    def steps(self) -> pl.DataFrame:
        """Every status of every aspect that had come by then, in order of time: see `STEP`.

        There is one from each moment on at which a claim or a side came to be known.
        """
        changes = self._changes.filter(self.ground.by_then("at"))
        at_once = changes.group_by(*_ASPECT, "at").agg(pl.col(_SUMS).sum()).sort(*_ASPECT, "at")
        sums = at_once.with_columns(pl.col(_SUMS).cum_sum().over(_ASPECT))
        found = sums.filter(pl.col("n_claims") > 0).with_columns(status=status())
        return found.select(*STEP)

    @cached_property
    def holding(self) -> pl.DataFrame:
        """The status of each aspect that holds at the vantage: the last of its steps."""
        return self.steps.unique(_ASPECT, keep="last", maintain_order=True)

    def positions(self) -> pl.DataFrame:
        """Return where each voice stands at the vantage: the columns of `POSITION`."""
        known = self.claims.told(self.claims.heard)
        by_weight = known.sort(pl.col("sign") != 0, "at", "evidence_id", descending=True)
        latest = by_weight.unique(_VOICE, keep="first")
        sides = self._known_sides.with_columns(is_side=pl.lit(1, pl.Int64))
        found = latest.join(sides, on=["event_id", "voice"], how="left")
        told = found.with_columns(pl.col("is_side").fill_null(0))
        return told.select(*POSITION).sort(*_ASPECT, "at", "evidence_id")

    @property
    def _known_sides(self) -> pl.DataFrame:
        known = self.claims.sides.filter(self.ground.by_then("known_from"))
        return known.select("event_id", voice="side")

    def summary(self) -> pl.DataFrame:
        """Return one row an event that is known: what the timeline says of the claims on it."""
        known = self.claims.heard.filter(self.ground.by_then("at"))
        first = pl.col("at").min().alias("first_known_on")
        verdict = self.holding.filter(aspect=OCCURRENCE).select("event_id", "status")
        legality = self.holding.filter(aspect=LEGALITY).select("event_id", legality="status")
        found = known.group_by("event_id").agg(first)
        for part in (
            verdict,
            legality,
            _counted(known, "source_id", "n_sources"),
            _counted(known, "speaker", "n_speakers"),
            self._last_changes(),
        ):
            found = found.join(part, on="event_id", how="left")
        days = pl.col("first_known_on", "last_changed_on").str.slice(0, 10).str.to_date("%Y-%m-%d")
        return found.with_columns(days)

    def _last_changes(self) -> pl.DataFrame:
        """Return when the status of each event's occurrence last became another."""
        steps = self.steps.filter(aspect=OCCURRENCE)
        before = pl.col("status").shift(1).over("event_id")
        changed = steps.filter(pl.col("status").ne_missing(before))
        return changed.group_by("event_id").agg(last_changed_on=pl.col("at").max())

    def stance_counts(self) -> pl.DataFrame:
        """Return how often each stance is taken on the occurrence of each event."""
        told = self.claims.heard.filter(self.ground.by_then("at"), aspect=OCCURRENCE)
        return told.group_by("event_id", "stance").agg(count=pl.len().cast(pl.Int64))

    @cached_property
    def _changes(self) -> pl.DataFrame:
        """What each claim and each side adds to the sums, at the moment when it does."""
        claims, sides, spans = self.claims.heard, self.claims.sides, self._spans
        # A stance counts as a side's once its part in the event is known, until then as anybody's.
        begins, ends = (
            pl.max_horizontal("known_from", "at"),
            pl.min_horizontal("known_from", "until"),
        )
        pro, contra = (pl.col("sign") > 0).cast(pl.Int64), (pl.col("sign") < 0).cast(pl.Int64)
        as_side = spans.filter(begins < pl.col("until"))
        as_other = spans.filter(pl.col("at") < ends)
        aspects = claims.select(_ASPECT).unique()
        parts = [
            _part(as_side, begins, sides_for=pro, sides_against=contra),
            _part(as_side, pl.col("until"), sides_for=-pro, sides_against=-contra),
            _part(as_other, pl.col("at"), others_for=pro),
            _part(as_other, ends, others_for=-pro),
            _part(claims, pl.col("at"), n_claims=pl.lit(1)),
            _part(aspects.join(sides, on="event_id"), pl.col("known_from"), n_sides=pl.lit(1)),
        ]
        return pl.concat(parts)

    @property
    def _spans(self) -> pl.DataFrame:
        """Each stance that counts, with when the voice's next one came, if ever.

        `known_from` is when the voice is known to be a side; never, if it is none.
        """
        sides = self.claims.sides.rename({"side": "voice"})
        stances = self.claims.heard.filter(pl.col("sign") != 0).sort(*_VOICE, "at", "evidence_id")
        spans = stances.with_columns(until=pl.col("at").shift(-1).over(_VOICE).fill_null(LAST))
        return spans.join(sides, on=["event_id", "voice"], how="left").select(
            *_ASPECT, "at", "sign", "until", pl.col("known_from").fill_null(LAST)
        )


def _counted(claims: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Return how many different values *column* has in the *claims* on each event."""
    met = claims.select("event_id", column).drop_nulls().unique()
    return met.group_by("event_id").agg(pl.len().cast(pl.Int64).alias(name))


def _part(rows: pl.DataFrame, at: pl.Expr, **adds: pl.Expr) -> pl.DataFrame:
    sums = [adds.get(name, pl.lit(0)).cast(pl.Int64).alias(name) for name in _SUMS]
    return rows.select(*_ASPECT, at.alias("at"), *sums).filter(pl.col("at") < LAST)
