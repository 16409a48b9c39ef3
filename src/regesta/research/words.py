"""A status in words: the sentence that says why, naming the evidence that decided it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from regesta.research.lookups import LAST
from regesta.vocabulary import code_list

Position = Mapping[str, Any]

WHY: Mapping[str, str] = {
    "unsourced": "nobody asserts it and no side denies it",
    "alleged": "only speakers who are no side assert it",
    "one_sided": "a side asserts it, no side denies it, and not every side has spoken",
    "confirmed": "every side asserts or confirms it",
    "disputed": "it is asserted, and a side denies it",
    "denied": "a side denies it and nobody asserts it",
}


def when(at: str) -> str:
    """Return a moment as a reader says it: the day, and the time where one is known.

    Examples
    --------
    >>> when("2024-02-20T23:59:59Z"), when("2024-02-20T01:09:00Z")
    ('2024-02-20', '2024-02-20 01:09 UTC')
    """
    day, _, time = at.removesuffix("Z").partition("T")
    return day if at.endswith(LAST[10:]) else f"{day} {time[:5]} UTC"


def voice_name(voice: str) -> str:
    """Return the name of the state that a voice is, or the voice.

    Examples
    --------
    >>> voice_name("PRK"), voice_name("TASS")
    ('North Korea', 'TASS')
    """
    state = code_list("states").get(voice)
    return state["label"] if state else voice


def said(position: Position) -> str:
    """Return one position: who, what, by whom, when, and the evidence."""
    who = voice_name(position["voice"])
    by = position["speaker"] or position["publisher"]
    through = f" ({by})" if by and by != who else ""
    return (
        f"{who}{through} {position['stance']} on {when(position['at'])} [{position['evidence_id']}]"
    )


def explained(status: str, positions: pl.DataFrame) -> str:
    """Return why an aspect has its *status*, from the *positions* on it.

    Named are the sides that speak for and against it, and others only where no side speaks.
    """
    counting = positions.filter(pl.col("sign") != 0).sort("at", "evidence_id")
    sides = counting.filter(pl.col("is_side") == 1)
    others = counting.filter(pl.col("is_side") == 0, pl.col("sign") > 0)
    deciding = sides if (sides["sign"] > 0).any() else pl.concat([sides, others])
    named = "; ".join(_said(deciding.iter_rows(named=True)))
    return f"{WHY[status]}: {named}" if named else WHY[status]


def _said(positions: Iterable[Position]) -> list[str]:
    return [said(position) for position in positions]
