"""A date in EDTF means days of the calendar, from an earliest to a latest, or is refused."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta import dates
from regesta.dates import BadDate, Bounds, bounds
from tests.strategies import edtf_dates

CASES: dict[str, tuple[str | None, str | None]] = {
    "1648-10-24": ("1648-10-24", "1648-10-24"),
    "1648-10": ("1648-10-01", "1648-10-31"),
    "1648": ("1648-01-01", "1648-12-31"),
    "0001": ("0001-01-01", "0001-12-31"),
    "9999-12": ("9999-12-01", "9999-12-31"),
    "1640/1648": ("1640-01-01", "1648-12-31"),
    "2004-06/2006-08": ("2004-06-01", "2006-08-31"),
    "2024-02-01/2024-02-01": ("2024-02-01", "2024-02-01"),
    "2022/..": ("2022-01-01", None),
    "2022/": ("2022-01-01", None),
    "2022/XXXX": ("2022-01-01", None),
    "../1985-04": (None, "1985-04-30"),
    "/1985-04-12": (None, "1985-04-12"),
    "XXXX": (None, None),
    "2024-05~": ("2024-05-01", "2024-05-31"),
    "1984?": ("1984-01-01", "1984-12-31"),
    "2004-06-11%": ("2004-06-11", "2004-06-11"),
    "1984-06?/2004-08~": ("1984-06-01", "2004-08-31"),
    "201X": ("2010-01-01", "2019-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "2004-XX": ("2004-01-01", "2004-12-31"),
    "2024-02-XX": ("2024-02-01", "2024-02-29"),
    "1964-XX-16": ("1964-01-16", "1964-12-16"),
    "2024-02-20T09:30": ("2024-02-20", "2024-02-20"),
    "2024-02-20T23:59:59Z": ("2024-02-20", "2024-02-20"),
    "2024-02-20T09:30+09:00": ("2024-02-20", "2024-02-20"),
    "2024-02-20T09:30Z/2024-02-21": ("2024-02-20", "2024-02-21"),
}
NO_DATES = [
    "",
    " ",
    "2024 ",
    " 2024",
    "2024\n",
    "yesterday",
    "24.10.1648",
    "10/24/1648",
    "24 Oct 1648",
    "1648-1-2",
    "16481024",
    "2024-W05",
    "2024-W05-1",
    "٢٠٢٤",
    "２０２４",
    "1_000",
    "2024-02-20T24:00",
    "2024-02-20T09:60",
    "2024-02-20T9:30",
    "2024-02T09:30",
    "2024-02-20T09:30+15:00",
    "-9",
    "NA",
    "?",
    "XXXX-XX",
    "/",
    "../..",
    "XXXX/..",
    "2023/2024/2025",
    "2024//",
    "0000",
    "-0044",
    "Y12345",
    "2024/2023",
    "2024-03-01/2024-02-29",
]
NO_DAYS = [
    "2023-02-29",
    "1900-02-29",
    "2024-02-30",
    "2024-04-31",
    "2024-13",
    "2024-00",
    "2024-00-10",
    "2024-01-00",
    "2024-12-32",
    "2023-02-29~",
    "2023-02-29?",
    "2023-02-29T10:00Z",
    "2023-02-29/2023-03-01",
    "2023-02-01/2023-02-29",
    "../2023-02-29",
    "2023-04-3X",
]


def _days(pair: tuple[str | None, str | None]) -> Bounds:
    first, last = (text and date.fromisoformat(text) for text in pair)
    return first or None, last or None


@pytest.mark.parametrize(("text", "pair"), CASES.items())
def test_a_date_means_these_days(text: str, pair: tuple[str | None, str | None]) -> None:
    """Each form that researchers write gives the first and last day that it may mean."""
    assert bounds(text) == _days(pair)


@pytest.mark.parametrize("text", ["2001-21", "2001-22", "2001-23", "2001-24"])
def test_a_season_is_a_date_of_level_1(text: str) -> None:
    """The seasons that EDTF level 1 defines are read, and lie within their year."""
    first, last = bounds(text)
    assert first is not None
    assert last is not None
    assert date(2001, 1, 1) <= first < last <= date(2001, 12, 31)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Other spellings are refused rather than guessed at."""
    with pytest.raises(BadDate):
        bounds(text)


@pytest.mark.parametrize("text", NO_DAYS)
def test_a_day_that_the_calendar_lacks_is_refused(text: str) -> None:
    """An impossible day is refused in every form that can hold one."""
    with pytest.raises(BadDate):
        bounds(text)


@pytest.mark.parametrize("text", ["2023-1X", "2023-0X", "XXXX-XX"])
def test_a_refusal_prints_nothing(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the data: the library that reads dates may not write to it."""
    dates._found.cache_clear()
    with pytest.raises(BadDate):
        bounds(text)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text", ["Y1E999999999", "Y" + "9" * 90, "[" + "2024," * 30 + "2024]", "?" * 101]
)
def test_what_would_take_for_ever_is_refused(text: str) -> None:
    """A year that nobody can write out, and a text longer than any date, are not handed on."""
    with pytest.raises(BadDate):
        bounds(text)


@pytest.mark.parametrize("text", ["2024\t-21", "2024-\n05", "2024\r"])
def test_no_blank_but_a_space_stands_within_a_date(text: str) -> None:
    """The library that reads dates would pass over tabs and line breaks."""
    with pytest.raises(BadDate):
        bounds(text)


def test_a_refusal_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is no date is looked at once, however many rows hold it."""
    asked: list[str] = []

    def refuse(text: str) -> Bounds:
        asked.append(text)
        raise BadDate("is no date")

    monkeypatch.setattr(dates, "_by_library", refuse)
    for _ in range(3):
        with pytest.raises(BadDate):
            bounds("20XX-99")
    assert asked == ["20XX-99"]


@given(edtf_dates())
@settings(deadline=None, max_examples=200)
def test_earliest_is_never_after_latest(text: str) -> None:
    """What a date may mean begins before it ends, and no side is lost but an open one."""
    first, last = bounds(text)
    assert first is None or last is None or first <= last
    assert (first is None) == text.startswith("../")
    assert (last is None) == text.endswith("/..")


@given(st.text("0123456789-/XT:Z.~?%+[]{} YES", max_size=14))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_date_or_refused(text: str) -> None:
    """No text whatever makes the reader fail in another way."""
    try:
        first, last = bounds(text)
    except BadDate as fault:
        assert str(fault)
    else:
        assert first is None or last is None or first <= last


@given(st.dates())
@settings(deadline=None, max_examples=100)
def test_a_day_its_month_and_its_year_hold_one_another(day: date) -> None:
    """A day means itself; its month and its year are the whole of them."""
    text = day.isoformat()
    month = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    assert bounds(text) == (day, day)
    assert bounds(text[:7]) == month
    assert bounds(text[:4]) == (date(day.year, 1, 1), date(day.year, 12, 31))


@given(st.dates(max_value=date(9990, 1, 1)), st.integers(-800, 800))
@settings(deadline=None, max_examples=100)
def test_an_interval_is_read_or_runs_backwards(day: date, length: int) -> None:
    """An interval of two days means them and what is between, or is refused."""
    if day.toordinal() + length < 1:
        length = -length
    end = day + timedelta(days=length)
    if length >= 0:
        assert bounds(f"{day}/{end}") == (day, end)
    else:
        with pytest.raises(BadDate, match="ends before it begins; exchange"):
            bounds(f"{day}/{end}")


def test_every_february_is_as_long_as_the_calendar_says() -> None:
    """The 29th of February exists in leap years and in no others, from year 1 to 9999."""
    for year in range(1, 10_000):
        text = f"{year:04}-02"
        length = monthrange(year, 2)[1]
        assert bounds(text) == (date(year, 2, 1), date(year, 2, length))
        if length == 29:
            assert bounds(f"{text}-29") == (date(year, 2, 29), date(year, 2, 29))
        else:
            with pytest.raises(BadDate):
                bounds(f"{text}-29")


@pytest.mark.parametrize("text", ["0000", "0000-01-01", "-0044", "-0044-03-15", "12024", "Y17000"])
def test_a_year_that_is_too_far_is_told_as_such(text: str) -> None:
    """The calendar here begins in year 1 and ends in 9999, and the refusal says so."""
    with pytest.raises(BadDate, match="outside 0001-9999"):
        bounds(text)
