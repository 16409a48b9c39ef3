"""The timeline has one row an event, in order, and counts what the other tables hold."""

from __future__ import annotations

from datetime import date
from random import Random

import polars as pl
from hypothesis import given
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
EVIDENCE = [
    ("e1", "s1", "denies", "occurrence", "x"),
    ("e2", "s1", "confirms", "occurrence", "y"),
    ("e3", "s2", "confirms", "occurrence", None),
    ("e4", "s2", "asserts", "legality", "x"),
]


def _frame(name: str, columns: list[str], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    said = pl.DataFrame(rows, schema=columns, orient="row")
    empty = TABLES[name].empty()
    return pl.concat([empty, said], how="diagonal_relaxed").cast(empty.schema)


def _tables() -> dict[str, pl.DataFrame]:
    events = [(*event, "2024", "gift", "x") for event in EVENTS]
    evidence = [("later", *piece) for piece in EVIDENCE]
    days = ["event_id", "date_earliest", "date_latest", "date", "event_type", "title"]
    claims = ["event_id", "evidence_id", "source_id", "stance", "aspect", "speaker"]
    return {
        "events": _frame("events", days, [*events]),
        "participants": _frame("participants", ["event_id", "actor_id", "role"], [*PARTICIPANTS]),
        "evidence": _frame("evidence", claims, [*evidence]),
    }


def test_the_columns_are_those_of_the_schema() -> None:
    """Names, order and dtypes are the schema's, and every row passes it."""
    found = timeline(_tables())
    assert dict(found.schema) == TIMELINE.dtypes
    assert list(found.schema) == list(TIMELINE.columns)
    TIMELINE.model.validate(found)


def test_an_empty_register_has_an_empty_timeline() -> None:
    """No event gives no row, with the same columns."""
    found = timeline({name: table.empty() for name, table in TABLES.items()})
    assert found.is_empty()
    assert dict(found.schema) == TIMELINE.dtypes


def test_rows_stand_in_time_and_unknown_days_last() -> None:
    """The earliest day decides, then the latest, then the identifier."""
    order = timeline(_tables())["event_id"].to_list()
    assert order == ["old", "narrow", "wide", "open", "later", "unknown"]


def test_participants_stand_by_role_and_then_by_name() -> None:
    """Roles keep the order of the code list; an actor with two roles counts once."""
    row = timeline(_tables()).row(4, named=True)
    assert row["participants"] == "z:host; a:guest; b:guest; a:observer"
    assert row["n_participants"] == 3


def test_voices_are_counted_once_and_stances_by_aspect() -> None:
    """Sources and speakers are distinct ones; only the occurrence shows in the stances."""
    row = timeline(_tables()).row(4, named=True)
    assert (row["n_sources"], row["n_speakers"]) == (2, 2)
    assert row["stances"] == "confirms:2; denies:1"


def test_an_event_without_evidence_has_zeros_and_no_text() -> None:
    """Nothing known is zero where it is counted and null where it is told."""
    row = timeline(_tables()).row(0, named=True)
    assert (row["n_participants"], row["n_sources"], row["n_speakers"]) == (0, 0, 0)
    assert (row["participants"], row["stances"]) == (None, None)


STANCES = st.lists(
    st.tuples(st.sampled_from(["later", "old"]), st.sampled_from([*code_list("stances")]))
)


@given(STANCES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_show(claims: list[tuple[str, str]], random: Random) -> None:
    """Shuffled tables give the same timeline, and its stances add up to the evidence."""
    tables = _tables()
    rows = [(event, f"e{n}", "s", stance, "occurrence") for n, (event, stance) in enumerate(claims)]
    columns = ["event_id", "evidence_id", "source_id", "stance", "aspect"]
    tables["evidence"] = (
        _frame("evidence", columns, [*rows]) if rows else tables["evidence"].clear()
    )
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=random.randrange(2**32))
        for name, frame in tables.items()
    }
    found = timeline(shuffled)
    assert found.equals(timeline(tables))
    told = [part for text in found["stances"].drop_nulls() for part in text.split("; ")]
    assert sum(int(part.rpartition(":")[2]) for part in told) == len(claims)
