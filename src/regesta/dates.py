"""Dates as EDTF text, and the days that they may mean.

The text is kept as coded; the two days are derived from it. Plain days, months, years and
intervals of them are read here, everything else by the `edtf` library, once for each spelling.
"""

from __future__ import annotations

import io
import re
from calendar import monthrange
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from functools import lru_cache

Bounds = tuple[date | None, date | None]

_PLAIN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SEASON = re.compile(r"[0-9]{4}-2[1-4]")
_TIMED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
)
_FAR = re.compile(r"Y-?[0-9]|-?[0-9]{5,}(-|$)|-[0-9]{4}(-|$)|0000")
_MARKED = re.compile(r"([0-9]{4}(?:-(?!2[1-4])[0-9]{2}(?:-[0-9]{2})?)?)[?~%]")
_LIKELY = re.compile(
    r"[?~%]?[0-9X]{4}(S[0-9]+)?[?~%]?(-[?~%]?[0-9X]{2}[?~%]?){0,2}"  # a day, month or year
    r"|[\[{][0-9XS?~%., -]+[\]}]"  # one or all of a set
)
_MAX_LENGTH = 100
_NO_YEAR = "0000"
_NO_DATE = "is not a date in EDTF; write YYYY, YYYY-MM, YYYY-MM-DD or A/B"
_TOO_FAR = "is of a year outside 0001-9999; leave the date open, and write the year into a text"
_TOO_LONG = f"has more than {_MAX_LENGTH} characters, which no date needs; write A/B"
_OPEN = ("", "..", "XXXX")


class BadDate(ValueError):
    """A text that is not EDTF, or names a day that the calendar lacks."""


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
    regesta.dates.BadDate: is no day of the calendar; correct year, month or day
    """
    found = _found(text)
    if isinstance(found, str):
        raise BadDate(found)
    return found


@lru_cache(maxsize=65536)
def _found(text: str) -> Bounds | str:
    """Return the days, or why there are none, once for each text: to refuse takes long as well."""
    try:
        return _bounds(text)
    except BadDate as fault:
        return str(fault)


def _bounds(text: str) -> Bounds:
    # What the library makes of a long text takes more than its length in time.
    if len(text) > _MAX_LENGTH:
        raise BadDate(_TOO_LONG)
    if text.count("/") == 1:
        return _interval(*text.split("/"))
    if text == "XXXX":
        return None, None
    if plain := _PLAIN.fullmatch(text) if not _SEASON.fullmatch(text) else None:
        return _plain(*plain.groups())
    if close := _TIMED.fullmatch(text) or _MARKED.fullmatch(text):
        return bounds(close[1])
    # The library takes milliseconds to refuse a text, and for ever to write out a year like Y1E99.
    if _FAR.match(text) or not _LIKELY.fullmatch(text):
        raise BadDate(_TOO_FAR if _FAR.match(text) else _NO_DATE)
    return _by_library(text)


@lru_cache(maxsize=65536)
def known_at(text: str) -> str | None:
    """Return the moment by which what *text* dates has come, in UTC and to the second.

    That is the end of the last day that it may mean; a time of day counts as it is, as UTC where
    it names no zone. None where the text has no last day.

    Raises
    ------
    BadDate
        As `bounds` does.

    Examples
    --------
    >>> known_at("2024-02"), known_at("2024-02-20T09:30+03:00"), known_at("2022/..")
    ('2024-02-29T23:59:59Z', '2024-02-20T06:30:00Z', None)
    """
    last = bounds(text)[1]
    if not _TIMED.fullmatch(text):
        return None if last is None else f"{last}T23:59:59Z"
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at
    except OverflowError:
        return f"{last}T23:59:59Z"
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _interval(start: str, end: str) -> Bounds:
    if start in _OPEN and end in _OPEN:
        raise BadDate("is an interval without a known end; write the first or the last day")
    earliest = None if start in _OPEN else bounds(start)[0]
    latest = None if end in _OPEN else bounds(end)[1]
    if earliest and latest and earliest > latest:
        raise BadDate("is an interval that ends before it begins; exchange its ends")
    return earliest, latest


def _plain(year: str, month: str | None, day: str | None) -> Bounds:
    if year == _NO_YEAR:
        raise BadDate(_TOO_FAR)
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise BadDate("is no day of the calendar; correct year, month or day") from None
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
        raise BadDate(_NO_DATE) from None
    if text != text.strip() or found[0] > found[1]:
        raise BadDate(_NO_DATE)
    return found
