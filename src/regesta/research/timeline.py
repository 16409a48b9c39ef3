"""The timeline: one row an event, with who took part and who has spoken of it."""

from __future__ import annotations

import polars as pl

from regesta.schema.tables import TIMELINE
from regesta.vocabulary import code_list

ORDER = ("date_earliest", "date_latest", "event_id")
"""What a timeline is sorted by; unknown days come last."""


def timeline(
    events: pl.DataFrame,
    participants: pl.DataFrame,
    summary: pl.DataFrame,
    stance_counts: pl.DataFrame,
) -> pl.DataFrame:
    """Return the timeline of *events*: the columns that the schema describes.

    *summary* has status, legality, counts of voices and days, *stance_counts* how often each
    stance is taken on the occurrence, which is told in the order of the code list.
    """
    described = (
        events.join(_participants(participants), on="event_id", how="left")
        .join(summary, on="event_id", how="left")
        .join(_stances(stance_counts), on="event_id", how="left")
        .with_columns(
            pl.col("n_participants", "n_sources", "n_speakers").fill_null(0),
            pl.col("status").fill_null("unsourced"),
        )
    )
    return described.select(list(TIMELINE.columns)).sort(ORDER, nulls_last=True)


def _participants(participants: pl.DataFrame) -> pl.DataFrame:
    """Return `actor:role` of each event's participants, and how many actors they are."""
    named = pl.concat_str("actor_id", "role", separator=":")
    return (
        participants.sort(_rank("role", "roles"), "role", "actor_id")
        .group_by("event_id", maintain_order=True)
        .agg(participants=named, n_participants=_distinct("actor_id"))
        .with_columns(pl.col("participants").list.join("; "))
    )


def _stances(counts: pl.DataFrame) -> pl.DataFrame:
    """Return how often each stance is taken on the occurrence of each event."""
    counted = pl.concat_str("stance", "count", separator=":")
    return (
        counts.sort(_rank("stance", "stances"), "stance")
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
