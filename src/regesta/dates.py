"""Dates as EDTF text, and the days that they may mean.

The text is kept as coded; the two days are derived from it. Plain days, months, years and
intervals of them are read here, everything else by the `edtf` library, once for each spelling.
"""

from __future__ import annotations

import io
import re
from calendar import monthrange
from contextlib import redirect_stdout
from datetime import date
from functools import lru_cache

Bounds = tuple[date | None, date | None]

_PLAIN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SEASON = re.compile(r"[0-9]{4}-2[1-4]")
_TIMED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
)
_OPEN = ("", "..", "XXXX")


class BadDate(ValueError):
    """A text that is not EDTF, or names a day that the calendar lacks."""


@lru_cache(maxsize=65536)
def bounds(text: str) -> Bounds:
    """Return the first and last day that *text* may mean (Gregorian, both included).

    Parameters
    ----------
    text
        EDTF: ``1648``, ``1648-10``, ``1648-10-24``, ``1640/1648``, ``2024-05~``, ``199X``,
        ``2022/..``; a time of day, to the minute, may follow a day: ``2024-02-20T09:30Z``.
        An open or unknown end gives None.

    Raises
    ------
    BadDate
        If *text* is not EDTF, names a day that the calendar lacks or a year outside 1-9999, or is
        an interval that ends before it begins.

    Examples
    --------
    >>> bounds("1648-10")
    (datetime.date(1648, 10, 1), datetime.date(1648, 10, 31))
    >>> bounds("2023-02-30")
    Traceback (most recent call last):
    regesta.dates.BadDate: the calendar has no such day
    """
    if text.count("/") == 1:
        return _interval(*text.split("/"))
    if text == "XXXX":
        return None, None
    if plain := _PLAIN.fullmatch(text) if not _SEASON.fullmatch(text) else None:
        return _plain(*plain.groups())
    if timed := _TIMED.fullmatch(text):
        return bounds(timed[1])
    return _by_library(text)


def _interval(start: str, end: str) -> Bounds:
    if start in _OPEN and end in _OPEN:
        raise BadDate("an interval needs at least one known end")
    earliest = None if start in _OPEN else bounds(start)[0]
    latest = None if end in _OPEN else bounds(end)[1]
    if earliest and latest and earliest > latest:
        raise BadDate("the interval ends before it begins")
    return earliest, latest


def _plain(year: str, month: str | None, day: str | None) -> Bounds:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise BadDate("the calendar has no such day") from None
    if day:
        return first, first
    last_month = int(month or 12)
    return first, date(first.year, last_month, monthrange(first.year, last_month)[1])


def _by_library(text: str) -> Bounds:
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        with redirect_stdout(io.StringIO()):  # the library thinks aloud
            parsed = parse_edtf(text)
        earliest, latest = parsed.lower_strict(), parsed.upper_strict()
        found = date(*earliest[:3]), date(*latest[:3])
    except (EDTFParseException, ValueError, TypeError, AttributeError, OverflowError):
        raise BadDate("is not a date in EDTF; write YYYY, YYYY-MM, YYYY-MM-DD or A/B") from None
    if text != text.strip() or found[0] > found[1]:
        raise BadDate("is not a date in EDTF; write YYYY, YYYY-MM, YYYY-MM-DD or A/B")
    return found
