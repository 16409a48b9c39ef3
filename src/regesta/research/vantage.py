"""From when one looks: up to which record of the log, and knowing what by when."""

from __future__ import annotations

from dataclasses import dataclass

from regesta.dates import BadDate, known_at
from regesta.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """A point in recorded time and one in known time; None is no limit.

    `upto` is the position of the last record that counts. `known_by` is the last moment at which
    a claim that counts became known: ISO 8601, UTC, to the second.
    """

    upto: int | None = None
    known_by: str | None = None


def parse_known_by(text: str) -> str:
    """Return the moment that `--known-by` names, as claims are dated.

    Parameters
    ----------
    text
        A day (its end in UTC), a time to the minute, or any EDTF date (the end of its last day).

    Raises
    ------
    UsageError
        If it is no date, or one without an end.

    Examples
    --------
    >>> parse_known_by("2024-02-20"), parse_known_by("2024-02-20T18:30+09:00")
    ('2024-02-20T23:59:59Z', '2024-02-20T09:30:00Z')
    """
    try:
        found = known_at(text.strip())
    except BadDate as fault:
        raise UsageError(reason=f"{text!r} {fault}.") from None
    if found is None:
        raise UsageError(reason=f"{text!r} has no end; name a day or a time.")
    return found
