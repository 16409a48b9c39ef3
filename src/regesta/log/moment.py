"""Moments of a log, as people name them, and the last record that each includes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from regesta.errors import UsageError

BEFORE = -1
"""The position before the first record."""

_NUMBER = re.compile(r"[0-9]{1,18}")
_BATCH = re.compile(r"batch:([1-9][0-9]{0,17})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A state of a log, named in one of three ways; the other two are None.

    `time` is spelt as the log spells it: ISO 8601, UTC, to the microsecond.
    """

    position: int | None = None
    batch: int | None = None
    time: str | None = None


def parse_moment(text: str | int) -> Moment:
    """Return the moment that *text* names.

    Parameters
    ----------
    text
        A position (``41``: the state after the record with that position), a batch
        (``batch:7``), a day (``2026-11-24``: its end in UTC) or a time
        (``2026-11-24T09:30+09:00``; UTC where no zone is given).

    Raises
    ------
    UsageError
        If it names none of these, or a day that the calendar lacks.

    Examples
    --------
    >>> parse_moment("2026-11-24T09:30+09:00").time
    '2026-11-24T00:30:00.000000Z'
    """
    written = str(text)
    if _NUMBER.fullmatch(written):
        return Moment(position=int(written))
    if batch := _BATCH.fullmatch(written):
        return Moment(batch=int(batch[1]))
    return Moment(time=_instant(written))


def cutoff(moment: Moment, batches: Iterable[tuple[int, str, int]]) -> int:
    """Return the position of the last record that *moment* includes, or -1 if it includes none.

    Parameters
    ----------
    moment
        Which state of the log.
    batches
        Number, recorded time and last position of each batch, in any order. A batch is included
        with all before it, whatever the clock said when those were recorded.

    Raises
    ------
    UsageError
        If the log has no such position or batch yet.

    Examples
    --------
    >>> rows = [(1, "2026-11-01T00:00:00.000000Z", 4), (2, "2026-11-02T00:00:00.000000Z", 9)]
    >>> cutoff(parse_moment("2026-11-01"), rows), cutoff(parse_moment("2026-10-31"), rows)
    (4, -1)
    """
    ends = {batch: (at, last) for batch, at, last in batches}
    newest = max((last for _, last in ends.values()), default=BEFORE)
    if moment.position is not None:
        if moment.position > newest:
            raise UsageError(
                reason=f"There is no record {moment.position}; the last one is {newest}."
            )
        return moment.position
    if moment.batch is not None:
        if moment.batch not in ends:
            raise UsageError(
                reason=f"There is no batch {moment.batch}; the last one is {max(ends, default=0)}."
            )
        return ends[moment.batch][1]
    by_then = str(moment.time)
    return max((last for at, last in ends.values() if at <= by_then), default=BEFORE)


def _instant(text: str) -> str:
    """Return a day's end, or a time, as the log spells times."""
    try:
        at = _read(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            reason=f"{text!r} is no moment of a log; write a position (41), a batch (batch:7), "
            "a day (2026-11-24) or a time (2026-11-24T09:30Z)."
        ) from None
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _read(text: str) -> datetime:
    """Return the time that *text* spells, or the last microsecond of its day."""
    if _DAY.fullmatch(text):
        return datetime.combine(datetime.fromisoformat(text), time.max, UTC)
    if _TIME.fullmatch(text):
        return datetime.fromisoformat(text)
    raise ValueError(text)
