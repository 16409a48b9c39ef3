"""A moment of a log is named in four ways and includes whole batches or single records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import UsageError
from regesta.log.moment import Moment, cutoff, parse_moment

BATCHES = [
    (1, "2026-11-01T12:00:00.000000Z", 4),
    (2, "2026-11-02T23:59:59.999999Z", 9),
    (3, "2026-11-03T00:00:00.000000Z", 10),
]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (0, Moment(position=0)),
        ("41", Moment(position=41)),
        ("batch:7", Moment(batch=7)),
        ("2026-11-24", Moment(time="2026-11-24T23:59:59.999999Z")),
        ("0001-01-01", Moment(time="0001-01-01T23:59:59.999999Z")),
        ("2026-11-24T09:30", Moment(time="2026-11-24T09:30:00.000000Z")),
        ("2026-11-24 09:30:01", Moment(time="2026-11-24T09:30:01.000000Z")),
        ("2026-11-24T09:30Z", Moment(time="2026-11-24T09:30:00.000000Z")),
        ("2026-11-24T00:30:00.5+09:00", Moment(time="2026-11-23T15:30:00.500000Z")),
    ],
)
def test_a_moment_is_a_position_a_batch_a_day_or_a_time(text: str | int, moment: Moment) -> None:
    """Times are taken to UTC and a day means its last microsecond."""
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        -1,
        True,
        "",
        "yesterday",
        "batch:0",
        "batch:x",
        "batch:1_0",
        "1_0",
        "٤١",
        "2026-11",
        "2026-02-30",
        "2026-W48-2",
        "20261124T093000",
        "2026-11-24T25:00Z",
        "2026-11-24T09:30+99:00",
        "0001-01-01T00:00+09:00",
        "2026-11-24\n",
    ],
)
def test_nonsense_is_refused_with_examples(text: str | int) -> None:
    """The message shows each form that is understood."""
    with pytest.raises(UsageError, match=r"position \(41\), a batch \(batch:7\)"):
        parse_moment(text)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60))
def test_a_time_means_the_same_in_every_zone(at: datetime, minutes: int) -> None:
    """However a time is written, it is spelt as the log spells it."""
    from datetime import timezone

    zone = timezone(timedelta(minutes=minutes))
    try:
        written = at.astimezone(zone).isoformat(timespec="microseconds")
    except OverflowError:
        return
    spelt = at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    assert parse_moment(written).time == spelt


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (0, 0),
        (10, 10),
        ("batch:2", 9),
        ("2026-11-02", 9),
        ("2026-11-03T00:00Z", 10),
        ("2026-11-01T12:00Z", 4),
        ("2026-11-01T11:59:59.999999Z", -1),
        ("2999-12-31", 10),
    ],
)
def test_a_moment_includes_what_was_recorded_by_then(text: str | int, last: int) -> None:
    """A batch is in from the very microsecond it was recorded."""
    assert cutoff(parse_moment(text), BATCHES) == last


@given(st.permutations(BATCHES))
def test_the_order_of_the_batches_does_not_matter(batches: list[tuple[int, str, int]]) -> None:
    """Positions decide, not the order in which somebody lists them."""
    assert cutoff(parse_moment("2026-11-02"), batches) == 9


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    """A batch comes with all before it, even if the clock was wrong when those were recorded."""
    batches = [(1, "2026-11-09T00:00:00.000000Z", 4), (2, "2026-11-02T00:00:00.000000Z", 9)]
    assert cutoff(parse_moment("2026-11-02"), batches) == 9


@pytest.mark.parametrize(("text", "end"), [(11, "10"), ("batch:4", "3")])
def test_what_is_not_recorded_yet_is_refused(text: str | int, end: str) -> None:
    """A position or batch beyond the log is a mistake, such as a year taken for a position."""
    with pytest.raises(UsageError, match=f"the last one is {end}"):
        cutoff(parse_moment(text), BATCHES)


def test_an_empty_log_has_days_and_nothing_else() -> None:
    """Before anything is recorded, a day includes nothing and a position is refused."""
    assert cutoff(parse_moment("2026-11-24"), []) == -1
    with pytest.raises(UsageError):
        cutoff(parse_moment(0), [])
