"""The timeline has one row an event, in order, and tells what it is given of each."""

from __future__ import annotations

from datetime import date
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.research.timeline import timeline
from regesta.schema.tables import TABLES, TIMELINE
from regesta.vocabulary import code_list

EVENTS = [
    ("later", date(2024, 2, 20), date(2024, 2, 20)),
    ("wide", date(2024, 2, 18), date(2024, 2, 29)),
    ("narrow", date(2024, 2, 18), date(2024, 2, 18)),
    ("unknown", None, None),
    ("open", date(2024, 2, 18), None),
    ("old", date(1648, 10, 24), date(1648, 10, 24)),
]
PARTICIPANTS = [
    ("later", "b", "guest"),
    ("later", "z", "host"),
    ("later", "a", "guest"),
    ("later", "a", "observer"),
]
SUMMARY = [
    ("later", "disputed", "alleged", 2, 3, date(2024, 2, 20), date(2024, 3, 1)),
    ("wide", "unsourced", None, 1, 0, date(2024, 2, 21), None),
]
STANCES = [
    ("later", "denies", 1),
    ("later", "asserts", 4),
    ("later", "mentions", 2),
]
COUNTED = {"event_id": pl.String(), "stance": pl.String(), "count": pl.Int64()}


def _frame(name: str, columns: list[str], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    said = pl.DataFrame(rows, schema=columns, orient="row")
    empty = TABLES[name].empty()
    return pl.concat([empty, said], how="diagonal_relaxed").cast(empty.schema)


def _events() -> pl.DataFrame:
    columns = ["event_id", "date_earliest", "date_latest", "date", "event_type", "title"]
    return _frame("events", columns, [(*event, "2024", "gift", "x") for event in EVENTS])


def _participants() -> pl.DataFrame:
    return _frame("participants", ["event_id", "actor_id", "role"], [*PARTICIPANTS])


def _summary() -> pl.DataFrame:
    columns = ("event_id", "status", "legality", "n_sources", "n_speakers")
    known = ("first_known_on", "last_changed_on")
    schema = {name: TIMELINE.dtypes[name] for name in (*columns, *known)}
    return pl.DataFrame(SUMMARY, schema=schema, orient="row")


def _counts(rows: list[tuple[str, str, int]] = STANCES) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COUNTED, orient="row")


def _whole() -> pl.DataFrame:
    return timeline(_events(), _participants(), _summary(), _counts())


def test_the_columns_are_those_of_the_schema() -> None:
    """Names, order and dtypes are the schema's, and every row passes it."""
    found = _whole()
    assert dict(found.schema) == TIMELINE.dtypes
    assert list(found.schema) == list(TIMELINE.columns)
    TIMELINE.model.validate(found)


def test_an_empty_register_has_an_empty_timeline() -> None:
    """No event gives no row, with the same columns."""
    nothing = [each.clear() for each in (_events(), _participants(), _summary(), _counts())]
    found = timeline(*nothing)
    assert found.is_empty()
    assert dict(found.schema) == TIMELINE.dtypes


def test_rows_stand_in_time_and_unknown_days_last() -> None:
    """The earliest day decides, then the latest, then the identifier."""
    order = _whole()["event_id"].to_list()
    assert order == ["old", "narrow", "wide", "open", "later", "unknown"]


def test_participants_stand_by_role_and_then_by_name() -> None:
    """Roles keep the order of the code list; an actor with two roles counts once."""
    row = _whole().row(4, named=True)
    assert row["participants"] == "z:host; a:guest; b:guest; a:observer"
    assert row["n_participants"] == 3


def test_what_is_known_of_an_event_is_told_as_it_is_given() -> None:
    """Statuses, counts of voices and days stand in the row of their event."""
    row = _whole().row(4, named=True)
    assert tuple(row[name] for name in _summary().columns) == SUMMARY[0]


def test_stances_stand_in_the_order_of_the_code_list() -> None:
    """Each stance that is taken stands with its count; one that is not does not stand."""
    row = _whole().row(4, named=True)
    assert row["stances"] == "asserts:4; denies:1; mentions:2"


def test_an_event_of_which_nothing_is_known_has_zeros_and_no_text() -> None:
    """Nothing known is zero where it is counted, null where it is told, and no source."""
    row = _whole().row(0, named=True)
    assert (row["n_participants"], row["n_sources"], row["n_speakers"]) == (0, 0, 0)
    assert (row["participants"], row["stances"]) == (None, None)
    assert (row["status"], row["legality"]) == ("unsourced", None)
    assert (row["first_known_on"], row["last_changed_on"]) == (None, None)


def test_what_is_given_of_another_event_makes_no_row() -> None:
    """Participants, summaries and stances of an event that is not there are not told."""
    one = _events().filter(event_id="old")
    found = timeline(one, _participants(), _summary(), _counts())
    assert found["event_id"].to_list() == ["old"]
    assert (found["n_participants"][0], found["stances"][0]) == (0, None)


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["later", "old"]), st.sampled_from([*code_list("stances")])),
    st.integers(1, 99),
)


@settings(deadline=None)
@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_show(
    counts: dict[tuple[str, str], int], random: Random
) -> None:
    """Shuffled tables give the same timeline, and its stances add up to those counted."""
    counted = _counts([(event, stance, count) for (event, stance), count in counts.items()])
    given_ = (_events(), _participants(), _summary(), counted)
    shuffled = [
        each.sample(fraction=1, shuffle=True, seed=random.randrange(2**32)) for each in given_
    ]
    found = timeline(*shuffled)
    assert found.equals(timeline(*given_))
    said = [part for text in found["stances"].drop_nulls() for part in text.split("; ")]
    assert sum(int(part.rpartition(":")[2]) for part in said) == sum(counts.values())
