"""The timeline: one row an event, with who took part and who has spoken of it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from regesta.vocabulary import code_list

ORDER = ("date_earliest", "date_latest", "event_id")
"""What a timeline is sorted by; unknown days come last."""


def timeline(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the timeline of *tables*, which hold `events`, `participants` and `evidence`.

    The columns are those of the schema's timeline. Only stances on the aspect `occurrence` are
    counted, in the order of the code list.
    """
    described = (
        tables["events"]
        .join(_participants(tables["participants"]), on="event_id", how="left")
        .join(_voices(tables["evidence"]), on="event_id", how="left")
        .join(_stances(tables["evidence"]), on="event_id", how="left")
    )
    return described.select(
        "event_id",
        "date",
        "date_earliest",
        "date_latest",
        "event_type",
        "title",
        "place",
        "country",
        "participants",
        *(pl.col(count).fill_null(0) for count in ("n_participants", "n_sources", "n_speakers")),
        "stances",
    ).sort(ORDER, nulls_last=True)


def _participants(participants: pl.DataFrame) -> pl.DataFrame:
    """Return `actor:role` of each event's participants, and how many actors they are."""
    named = pl.concat_str("actor_id", "role", separator=":")
    return (
        participants.sort(_rank("role", "roles"), "role", "actor_id")
        .group_by("event_id", maintain_order=True)
        .agg(participants=named, n_participants=_distinct("actor_id"))
        .with_columns(pl.col("participants").list.join("; "))
    )


def _voices(evidence: pl.DataFrame) -> pl.DataFrame:
    """Return of how many sources and speakers each event's evidence is made."""
    return evidence.group_by("event_id").agg(
        n_sources=_distinct("source_id"), n_speakers=_distinct("speaker")
    )


def _stances(evidence: pl.DataFrame) -> pl.DataFrame:
    """Return how often each stance is taken on the occurrence of each event."""
    counted = pl.concat_str("stance", "len", separator=":")
    return (
        evidence.filter(pl.col("aspect") == "occurrence")
        .group_by("event_id", "stance")
        .len()
        .sort(_rank("stance", "stances"), "stance")
        .group_by("event_id", maintain_order=True)
        .agg(stances=counted)
        .with_columns(pl.col("stances").list.join("; "))
    )


def _distinct(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().n_unique().cast(pl.Int64)


def _rank(column: str, codes: str) -> pl.Expr:
    """Return the place of each code in its code list; one that the list lacks comes last."""
    order = {code: place for place, code in enumerate(code_list(codes))}
    return pl.col(column).replace_strict(order, default=len(order), return_dtype=pl.Int64)
