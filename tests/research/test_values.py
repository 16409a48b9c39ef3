"""Claims on values: which of them is shown, by which policy, and whether it is disputed."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.errors import NoSuchName
from regesta.research.register import Register
from regesta.research.values import NO_VALUES, VALUE, with_values
from regesta.research.vantage import Vantage
from regesta.schema.tables import TABLES
from regesta.vocabulary import code_list
from tests.logs import logged, told, whole
from tests.research.small_histories import History, small_histories, store_of
from tests.strategies import SWIFT, Row, frame

POLICIES = [code for code in code_list("value_policies") if code != "as_coded"]
GIFT: Row = {"event_id": "gift", "date": "2024-02-18", "details": '{"make":"as coded","n":1}'}


def claim(speaker: str, value: str | None, on: str | None, source: str = "one", **more: str) -> Row:
    """Return a claim that the car is of this make."""
    made = {"speaker": speaker, "value": value, "said_on": on, "source_id": source}
    return {"event_id": "gift", "aspect": "make", **made, **more}


def register(
    *claims: Row, policy: str = "as_coded", event: Row = GIFT, known_by: str | None = None
) -> Register:
    """Return the register of a gift to North Korea on which *claims* were made."""
    store = logged(
        {
            "actors": [
                {"actor_id": "dprk", "kind": "state", "country": "PRK"},
                {"actor_id": "kim", "kind": "person", "country": "PRK"},
                {"actor_id": "rok", "kind": "state", "country": "KOR"},
                {"actor_id": "usa", "kind": "state", "country": "USA"},
            ],
            "sources": [{"source_id": name} for name in ("one", "two", "three")],
            "events": [event],
            "participants": [{"event_id": "gift", "actor_id": "dprk", "role": "recipient"}],
            "evidence": [{"evidence_id": f"e{n}", **row} for n, row in enumerate(claims)],
        }
    )
    return Register(store.fetch, Vantage(known_by=known_by), value_policy=policy)


def value(policy: str, *claims: Row) -> str | None:
    """Return the make that a policy shows."""
    details = register(*claims, policy=policy).table("events")["details"].item()
    found = json.loads(details)["make"]
    assert isinstance(found, str)
    return found


SAID: Sequence[Row] = (
    claim("rok", "ZIL", "2024-02-20", "one"),
    claim("dprk", "Aurus", "2024-02-21", "two"),
    claim("usa", "Aurus", "2024-02-22", "three"),
    claim("rok", "Lada", "2024-02-23", "one"),
)


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ("as_coded", "as coded"),
        ("earliest", "ZIL"),
        ("latest", "Lada"),
        ("most_sources", "Aurus"),
        ("official_first", "Aurus"),
    ],
)
def test_each_policy_chooses_in_its_own_way(policy: str, shown: str) -> None:
    """The order in which the claims were recorded does not matter."""
    assert value(policy, *SAID) == shown
    assert value(policy, *reversed(SAID)) == shown


def test_every_policy_of_the_code_list_is_shown_above() -> None:
    """A new policy needs a new case."""
    assert set(code_list("value_policies")) == {
        "as_coded",
        "earliest",
        "latest",
        "most_sources",
        "official_first",
    }


def test_of_values_that_equally_many_sources_carry_the_earlier_is_shown() -> None:
    """Two claims of one source are one."""
    claims = [
        claim("rok", "ZIL", "2024-02-20", "one"),
        claim("usa", "Aurus", "2024-02-21", "two"),
        claim("dprk", "Aurus", "2024-02-22", "two"),
    ]
    assert value("most_sources", *claims) == "ZIL"


def test_without_a_side_official_first_shows_the_latest() -> None:
    """Of the sides' values the latest is shown, else that of anybody."""
    claims = [claim("rok", "ZIL", "2024-02-20"), claim("usa", "Lada", "2024-02-21")]
    assert value("official_first", *claims) == "Lada"
    sides = [claim("kim", "Aurus", "2024-02-19"), claim("dprk", "Volga", "2024-02-20")]
    assert value("official_first", *claims, *sides) == "Volga"


@pytest.mark.parametrize("stance", ["denies", "mentions", "questions", "conditions", "declines"])
@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_not_asserted_is_never_shown(policy: str, stance: str) -> None:
    """Whoever denies or passes on a value does not claim it."""
    claims = [SAID[0], claim("dprk", "Lada", "2024-03-01", "two", stance=stance)]
    assert value(policy, *claims) == "ZIL"


@pytest.mark.parametrize("policy", POLICIES)
def test_where_nothing_is_claimed_the_coder_s_value_stays(policy: str) -> None:
    """An assertion without a value claims none."""
    assert value(policy) == "as coded"
    assert value(policy, claim("dprk", None, "2024-02-20")) == "as coded"


def _told(*claims: Row) -> list[tuple[str, bool, str]]:
    return told(register(*claims).values(), "aspect", "is_disputed", "claimed")


def test_all_that_is_claimed_is_told_with_the_voices_that_claim_it() -> None:
    """In order of time; a voice is named once for each value."""
    again = claim("usa", "Aurus", "2024-02-24")
    assert _told(*SAID, again) == [("make", True, "ZIL (KOR); Aurus (PRK, USA); Lada (KOR)")]


def test_a_value_is_disputed_while_voices_differ() -> None:
    """Who comes round to the other's value disputes it no more."""
    claims = [claim("rok", "ZIL", "2024-02-20"), claim("dprk", "Aurus", "2024-02-21")]
    assert [disputed for _, disputed, _ in _told(*claims)] == [True]
    round_ = claim("rok", "Aurus", "2024-02-22")
    assert [disputed for _, disputed, _ in _told(*claims, round_)] == [False]


def test_a_value_is_disputed_when_somebody_denies_it() -> None:
    """One claim and one denial are a dispute; a doubt is none."""
    claims = [claim("dprk", "Aurus", "2024-02-20")]
    for stance, disputed in (("denies", True), ("questions", False)):
        other = claim("rok", "Aurus", "2024-02-21", stance=stance)
        assert [found for _, found, _ in _told(*claims, other)] == [disputed]


def test_undated_claims_come_before_dated_ones() -> None:
    """What has no day of its own is not the latest because it was recorded last."""
    claims = [claim("rok", "ZIL", None), claim("usa", "Lada", "2024-02-21")]
    assert value("latest", *claims) == "Lada"
    assert value("earliest", *claims) == "ZIL"


def test_claims_on_what_happened_and_whether_it_was_lawful_are_no_values() -> None:
    """Their statuses tell of them."""
    others = [
        claim("dprk", "lawful", "2024-02-20", aspect="legality"),
        claim("dprk", "yes", "2024-02-20", aspect="occurrence"),
    ]
    found = register(*others).values()
    assert found.is_empty()
    assert dict(found.schema) == VALUE


def test_only_what_was_known_is_chosen_among() -> None:
    """The make that was claimed later is not shown earlier, whatever the policy."""
    for policy in POLICIES:
        early = register(*SAID, policy=policy, known_by="2024-02-20T23:59:59Z").table("events")
        assert json.loads(early["details"].item())["make"] == "ZIL"


def _event(**columns: object) -> pl.DataFrame:
    return frame(TABLES["events"], [whole("events", {**GIFT, **columns})])


def _chosen(**values: str) -> pl.DataFrame:
    return pl.DataFrame([{"event_id": "gift", "aspect": a, "value": v} for a, v in values.items()])


def test_a_claim_on_a_column_fills_the_column() -> None:
    """A date brings its days with it; whatever is no column goes into the details."""
    chosen = _chosen(date="2024-02", place="Pyongyang", country="PRK", event_type="visit", make="X")
    [row] = with_values(_event(), chosen).iter_rows(named=True)
    assert (row["date"], str(row["date_earliest"]), str(row["date_latest"])) == (
        "2024-02",
        "2024-02-01",
        "2024-02-29",
    )
    assert (row["place"], row["country"], row["event_type"]) == ("Pyongyang", "PRK", "visit")
    assert json.loads(row["details"]) == {"make": "X", "n": 1}


@pytest.mark.parametrize(
    ("column", "words"),
    [("date", "early in spring"), ("country", "Korea"), ("event_type", "a present")],
)
def test_words_that_a_column_cannot_hold_leave_what_was_coded(column: str, words: str) -> None:
    """Neither the column nor the details take them."""
    event = _event(country="PRK")
    assert with_values(event, _chosen(**{column: words})).equals(event)


@pytest.mark.parametrize("column", ["title", "summary", "latitude", "date_earliest", "details"])
def test_columns_that_no_claim_may_fill_are_left(column: str) -> None:
    """What the coder says of the row is the coder's."""
    event = _event(summary="A car.", latitude=39.0, longitude=125.7)
    assert with_values(event, _chosen(**{column: "10"})).equals(event)


def test_values_of_other_events_change_nothing() -> None:
    """A claim is about its own event."""
    event = _event()
    other = _chosen(make="X").with_columns(event_id=pl.lit("other"))
    assert with_values(event, other).equals(event)


@settings(SWIFT, max_examples=15)
@given(small_histories(), st.sampled_from(POLICIES))
def test_every_policy_shows_a_value_that_somebody_claims(history: History, policy: str) -> None:
    """What is chosen is among the claims that count, and every aspect claimed has one."""
    found = Register(store_of(history).fetch, Vantage(), value_policy=policy)
    claimed = found.claims().filter(
        pl.col("sign") > 0,
        pl.col("value").is_not_null(),
        ~pl.col("aspect").is_in([*NO_VALUES, *code_list("relations")]),
    )
    chosen = found.values()
    assert set(told(chosen, "event_id", "aspect")) == set(told(claimed, "event_id", "aspect"))
    columns = ("event_id", "aspect", "value")
    assert set(told(chosen, *columns)) <= set(told(claimed, *columns))


def test_a_policy_that_nobody_knows_is_refused() -> None:
    """The name is given back with what it might have meant."""
    with pytest.raises(NoSuchName, match="latest"):
        register(policy="lattest")
