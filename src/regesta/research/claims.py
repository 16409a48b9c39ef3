"""Claims: each piece of evidence with who really speaks and by when it was known; and the sides.

An official or a state news agency speaks for its state; evidence without a speaker speaks with
its publisher's voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from regesta.research.ground import Ground
from regesta.research.lookups import FIRST, LAST, read_dates, read_names
from regesta.vocabulary import code_list

VOICED_BY_STATE = ("official", "state_media")
"""Kinds of source whose publisher, where it is an actor of a state, speaks for that state."""

LAWFUL = "lawful"
"""Who claims this of the aspect `legality` speaks against the claim that something was breached."""

CLAIM = {
    "evidence_id": pl.String(),
    "event_id": pl.String(),
    "aspect": pl.String(),
    "stance": pl.String(),
    "value": pl.String(),
    "source_id": pl.String(),
    "speaker": pl.String(),
    "gist": pl.String(),
    "publisher": pl.String(),
    "source_kind": pl.String(),
    "published_on": pl.String(),
    "url": pl.String(),
    "at": pl.String(),
    "is_dated": pl.Int64(),
    "voice_of": pl.String(),
    "state": pl.String(),
    "voice": pl.String(),
    "sign": pl.Int64(),
}
"""What a claim is: the evidence, `at` when it was known, `is_dated` whether
a date of its own says so, `state` for which it speaks if any,
`voice` that counts, and `sign`: whether it counts for (1) or against (-1) its aspect."""


@dataclass(frozen=True)
class Claims:
    """The claims on a ground, and who takes part in what they are about."""

    ground: Ground

    @cached_property
    def rows(self) -> pl.DataFrame:
        """One row a piece of evidence, known by then or later: `CLAIM` but for words and address.

        `as_recorded` is the event that the evidence was given for, merged by now or not.
        """
        voice = pl.coalesce("state", "itself", "publisher").alias("voice")
        return _spoken(_dated(self.ground), self.ground).with_columns(voice, _sign())

    @cached_property
    def heard(self) -> pl.DataFrame:
        """The claims that the policy counts: of all sources, or of some kinds only."""
        kinds = code_list("policies")[self.ground.policy]["source_kinds"]
        if not kinds:
            return self.rows
        return self.rows.filter(pl.col("source_kind").is_in(kinds.split(";")))

    def told(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Return those of *claims* that are known by then, with words and address: `CLAIM`."""
        words = self.ground.recorded("evidence", "evidence_id", "gist")
        addresses = self.ground.recorded("sources", "source_id", "url")
        return (
            claims.filter(self.ground.by_then("at"))
            .join(words, on="evidence_id", how="left")
            .join(addresses, on="source_id", how="left")
            .select(*CLAIM)
            .sort("event_id", "at", "evidence_id")
        )

    @cached_property
    def first_of_merged(self) -> pl.DataFrame:
        """When an event that was merged into another was first known itself."""
        gone = self.rows.filter(pl.col("as_recorded") != pl.col("event_id"))
        return gone.group_by("as_recorded").agg(first_at=pl.col("at").min())

    @cached_property
    def participation(self) -> pl.DataFrame:
        """Who takes part in each event of which anybody speaks, at what level, known from when.

        A participant is known with the event that it was recorded for, unless claims of the aspect
        `participants` name it, as `actor` or `actor:role`: then from the first of them that
        counts for it.
        """
        ground = self.ground
        part = ground.participants.select(
            as_recorded="event_id",
            event_id=ground.survivors("event_id"),
            actor_id="actor_id",
            role="role",
            whom=pl.coalesce("on_behalf_of", "actor_id"),
        ).join(self.rows, on="event_id", how="semi")
        named = self.rows.filter(pl.col("sign") > 0, aspect="participants")
        first = named.group_by("event_id", "value").agg(pl.col("at").min())
        names = (("alone_at", pl.col("actor_id")), ("in_role_at", _actor_and_role()))
        for name, spelling in names:
            told = first.rename({"at": name})
            part = part.with_columns(value=spelling).join(
                told, on=["event_id", "value"], how="left"
            )
        learnt = pl.coalesce(pl.min_horizontal("alone_at", "in_role_at"), "first_at", pl.lit(FIRST))
        return part.join(self.first_of_merged, on="as_recorded", how="left").select(
            "as_recorded", "event_id", "actor_id", "role", "whom", known_from=learnt
        )

    @cached_property
    def sides(self) -> pl.DataFrame:
        """The sides of each event: participants in principal roles, at their state's level."""
        principal = [
            code for code, facts in code_list("roles").items() if facts["principal"] == "true"
        ]
        part = self.participation.filter(pl.col("role").is_in(principal))
        days = self.ground.events.select(
            "event_id",
            since=(pl.col("date_earliest").cast(pl.String) + FIRST[10:]).fill_null(FIRST),
            until=(pl.col("date_latest").cast(pl.String) + LAST[10:]).fill_null(LAST),
        )
        asked = part.select("event_id", "known_from", actor_id="whom").join(
            days, on="event_id", how="left"
        )
        return (
            self.ground.levels(asked)
            .group_by("event_id", side=pl.coalesce("level", "actor_id"))
            .agg(pl.col("known_from").min())
        )


def _dated(ground: Ground) -> pl.DataFrame:
    """Return the evidence with when it was known: as it says, as its source says, as recorded."""
    rows = ground.evidence
    dates = read_dates(pl.concat([rows["said_on"], rows["published_on"]]))
    said, published = (
        dates.select(pl.col("written").alias(name), pl.col("last").alias(f"{name}_last"))
        for name in ("said_on", "published_on")
    )
    own = pl.coalesce("said_on_last", "published_on_last").alias("at")
    dated = rows.join(said, on="said_on", how="left").join(published, on="published_on", how="left")
    dated = dated.with_columns(own, is_dated=own.is_not_null().cast(pl.Int64))
    undated = dated.filter(is_dated=0)
    if undated.is_empty():
        return dated
    recorded = ground.first_recorded(undated)
    return dated.join(recorded, on="evidence_id", how="left").with_columns(
        pl.coalesce("at", "recorded").alias("at")
    )


def _spoken(claims: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Return *claims* with whose voice each is, and the state or body that it speaks for if any."""
    silent = claims.filter(pl.col("speaker").is_null())["publisher"]
    named = read_names(silent, ground.actors).rename({"name": "publisher"})
    kinds = ground.actors.select(voice_of="actor_id", voice_kind="kind")
    voiced = pl.col("speaker").is_not_null() | pl.col("source_kind").is_in(VOICED_BY_STATE)
    asked = (
        claims.join(named, on="publisher", how="left")
        .with_columns(voice_of=pl.coalesce("speaker", "named"))
        .join(kinds, on="voice_of", how="left")
        .with_columns(actor_id="voice_of", since="at", until="at")
    )
    # A newspaper that is called like a state is not that state.
    itself = pl.when(voiced | pl.col("voice_kind").ne_missing("state")).then("voice_of")
    return ground.levels(asked).with_columns(state=pl.when(voiced).then("level"), itself=itself)


def _actor_and_role() -> pl.Expr:
    return pl.concat_str("actor_id", "role", separator=":")


def _sign() -> pl.Expr:
    """Return 1 for a claim that counts for its aspect, -1 against, 0 for one that does not count.

    For `legality` the claim is that something was breached: who calls it lawful denies that.
    """
    ways = {"for": 1, "against": -1}
    counts = {code: ways.get(facts["counts"], 0) for code, facts in code_list("stances").items()}
    sign = pl.col("stance").replace_strict(counts, default=0, return_dtype=pl.Int64)
    turned = (pl.col("aspect") == "legality") & pl.col("value").eq_missing(LAWFUL)
    return pl.when(turned).then(-sign).otherwise(sign).alias("sign")
