"""Who held which office on a day, and which states there were."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.research.offices import Span, existed, held_on, state_spells
from regesta.schema.tables import TABLES
from regesta.vocabulary import code_list
from tests.logs import whole
from tests.strategies import edtf_dates, frame

DAYS = st.dates(date(1800, 1, 1), date(2100, 1, 1))


def offices(*held: tuple[str, str, str | None]) -> pl.DataFrame:
    """Return offices of Shoigu from name, beginning and end, and one of somebody else."""
    rows = [("shoigu", *each) for each in held] + [("lavrov", "Foreign Minister", "2004", None)]
    names = ("actor_id", "office", "held_from", "held_until")
    table = TABLES["offices"]
    return frame(table, [whole("offices", dict(zip(names, row, strict=True))) for row in rows])


def on(day: str) -> Span:
    """Return a day as a span."""
    return date.fromisoformat(day), date.fromisoformat(day)


SHOIGU = offices(
    ("Minister of Defence", "2012-11-06", "2024-05-12"),
    ("Secretary of the Security Council", "2024-05-12", None),
)


def test_an_office_is_held_from_its_first_to_its_last_day() -> None:
    """Both ends count; the day before and the day after do not."""
    assert held_on(SHOIGU, "shoigu", on("2012-11-05")) is None
    assert held_on(SHOIGU, "shoigu", on("2012-11-06")) == "Minister of Defence"
    assert held_on(SHOIGU, "shoigu", on("2024-05-13")) == "Secretary of the Security Council"


def test_of_several_offices_the_newest_comes_first() -> None:
    """On the day of a change both were held."""
    both = "Secretary of the Security Council; Minister of Defence"
    assert held_on(SHOIGU, "shoigu", on("2024-05-12")) == both


def test_a_span_meets_every_office_that_was_held_on_one_of_its_days() -> None:
    """An event of unknown day meets them all."""
    assert held_on(SHOIGU, "shoigu", (date(2024, 1, 1), date(2024, 5, 11))) == "Minister of Defence"
    for span in ((None, None), (date(2012, 1, 1), None)):
        assert str(held_on(SHOIGU, "shoigu", span)).count(";") == 1


def test_months_count_whole_and_an_unknown_beginning_is_none() -> None:
    """Offices are dated as their sources date them."""
    vague = offices(("Minister", "XXXX", "2024-05"))
    assert held_on(vague, "shoigu", on("1900-01-01")) == "Minister"
    assert held_on(vague, "shoigu", on("2024-05-31")) == "Minister"
    assert held_on(vague, "shoigu", on("2024-06-01")) is None


def test_who_holds_no_office_has_none() -> None:
    """The offices of others are theirs."""
    assert held_on(SHOIGU, "putin", on("2024-01-01")) is None
    assert held_on(SHOIGU.clear(), "shoigu", on("2024-01-01")) is None


@settings(deadline=None)
@given(edtf_dates(), st.none() | edtf_dates(), DAYS, st.integers(0, 400), st.integers(0, 400))
def test_a_wider_span_never_loses_an_office(
    begun: str, ended: str | None, day: date, before: int, after: int
) -> None:
    """What was held on a day was held in every span around it."""
    one = offices(("Minister", begun, ended))
    if held_on(one, "shoigu", (day, day)):
        around = (day - timedelta(before), day + timedelta(after))
        for span in (around, (None, around[1]), (around[0], None), (None, None)):
            assert held_on(one, "shoigu", span) == "Minister"


@pytest.mark.parametrize(
    ("country", "first", "last"),
    [("SUN", "1922-12-30", "1991-12-25"), ("DDR", "1949-10-05", "1990-10-02")],
)
def test_states_begin_and_end(country: str, first: str, last: str) -> None:
    """A state is one from its first to its last day in the lists."""
    begun, ended, day = date.fromisoformat(first), date.fromisoformat(last), timedelta(1)
    assert existed(country, (begun, begun))
    assert existed(country, (ended, ended))
    assert not existed(country, (begun - day, begun - day))
    assert not existed(country, (ended + day, ended + day))
    assert existed(country, (ended, None))


def test_a_state_that_no_list_knows_is_not_doubted() -> None:
    """The lists of states do not tell of all that have a code."""
    assert existed("nowhere", on("2024-01-01"))


@settings(deadline=None)
@given(st.sampled_from(sorted(state_spells())), DAYS, st.integers(0, 4000))
def test_a_state_that_existed_on_a_day_existed_in_every_span_around_it(
    country: str, day: date, days: int
) -> None:
    """A longer span sees at least as much."""
    if existed(country, (day, day)):
        assert existed(country, (day - timedelta(days), day + timedelta(days)))


def test_every_state_in_the_lists_has_a_code() -> None:
    """Spells are of states that the code list has, and none ends before it begins."""
    assert state_spells().keys() <= code_list("states").keys()
    for country, spells in state_spells().items():
        for first, last in spells:
            assert (first or date.min) <= (last or date.max), country
