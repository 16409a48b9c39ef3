"""Pairs of events that may be one are proposed with a score and the reasons for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.research.duplicates import LEAST, PAIR, WEIGHTS, WINDOW, duplicates
from regesta.schema.tables import TABLES
from tests.logs import told, whole
from tests.strategies import Row, frame

Tables = Mapping[str, pl.DataFrame]

TITLE = "Putin gives Kim Jong Un a car"
REPHRASED = "A car is given to Kim Jong Un by Putin"
OTHER_TITLE = "Ministers sign a protocol on fisheries"
CAST = ("putin:giver", "kim:recipient")


def event(name: str, title: str = TITLE, day: str = "2024-02-18", **more: str) -> Row:
    """Return an event."""
    return {"event_id": name, "title": title, "date": day, **more}


def tables(
    *events: Row,
    cast: Mapping[str, Sequence[str]] | None = None,
    actors: Sequence[Row] = (),
    relations: Sequence[tuple[str, str, str]] = (),
) -> Tables:
    """Return the tables that are compared; every event has the same two actors unless said."""
    parts = {row["event_id"]: CAST for row in events} if cast is None else cast
    rows: Mapping[str, Sequence[Row]] = {
        "events": events,
        "participants": [
            dict(zip(("event_id", "actor_id", "role"), (name, *part.split(":")), strict=True))
            for name, those in parts.items()
            for part in those
        ],
        "actors": actors,
        "relations": [
            dict(zip(("event_id", "relation", "other_id"), row, strict=True)) for row in relations
        ],
    }
    return {
        name: frame(TABLES[name], [whole(name, row) for row in each]) for name, each in rows.items()
    }


def pairs(given_: Tables, **options: float) -> list[tuple[str, str]]:
    """Return the pairs that are proposed."""
    window, least = int(options.get("window", WINDOW)), options.get("least", LEAST)
    return told(duplicates(given_, window=window, least=least), "event_id", "other_id")


def test_two_tellings_of_one_event_are_proposed() -> None:
    """The title is rephrased, the day is the next; the greater name would go into the lesser."""
    found = duplicates(tables(event("b"), event("a", REPHRASED, "2024-02-19")))
    assert dict(found.schema) == PAIR
    [row] = found.iter_rows(named=True)
    assert (row["event_id"], row["other_id"]) == ("b", "a")
    assert (row["title"], row["other_title"]) == (TITLE, REPHRASED)
    assert (row["date"], row["other_date"]) == ("2024-02-18", "2024-02-19")
    assert row["decision"] is None


def test_the_reasons_are_told() -> None:
    """Title, days, actors and type."""
    apart = tables(event("a"), event("b", day="2024-02-20"))
    [why] = duplicates(apart)["why"]
    assert why == "titles 100% alike; 2 days apart; both with kim, putin; same type"
    other = tables(event("a"), event("b", event_type="visit"), cast={})
    [why] = duplicates(other)["why"]
    assert why == "titles 100% alike; days may be the same; no actor in common; another type"


def test_the_same_telling_twice_scores_one() -> None:
    """The likenesses are weighed so that all of them together make one."""
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert duplicates(tables(event("a"), event("b")))["score"].to_list() == [1]


def test_other_titles_are_not_proposed() -> None:
    """The same actors on the same day may do two things."""
    assert pairs(tables(event("a"), event("b", OTHER_TITLE))) == []


def test_other_actors_are_not_proposed() -> None:
    """The same title of two pairs of actors tells two events."""
    cast = {"a": ["putin:giver"], "b": ["xi:giver"]}
    assert pairs(tables(event("a"), event("b"), cast=cast)) == []


def test_an_event_without_actors_may_be_any() -> None:
    """What names nobody is compared with all."""
    assert pairs(tables(event("a"), event("b"), cast={"a": CAST})) == [("b", "a")]


def test_a_smaller_cast_within_a_larger_one_counts_whole() -> None:
    """One telling may name fewer who took part."""
    cast = {"a": CAST, "b": ["kim:recipient"]}
    assert duplicates(tables(event("a"), event("b"), cast=cast))["score"].to_list() == [1]


def test_actors_that_share_a_name_are_one() -> None:
    """Whichever of names and aliases they share, and through however many others."""
    actors = [
        {"actor_id": "kim", "name": "Kim Jong Un", "aliases": "Kim Jong-un; The Marshal"},
        {"actor_id": "k2", "name": "KIM JONG-UN"},
        {"actor_id": "k3", "name": "Chairman Kim", "aliases": "the marshal"},
    ]
    for one, other in (("kim", "k2"), ("k3", "kim"), ("k2", "k3")):
        cast = {"a": [f"{one}:recipient"], "b": [f"{other}:recipient"]}
        assert pairs(tables(event("a"), event("b"), cast=cast, actors=actors)) == [("b", "a")]


def test_an_actor_who_comes_last_joins_those_before() -> None:
    """Two who share no name are one if a third shares one with each."""
    actors = [
        {"actor_id": "k1", "name": "Kim"},
        {"actor_id": "k2", "name": "The Marshal"},
        {"actor_id": "k3", "name": "Chairman", "aliases": "Kim; The Marshal"},
    ]
    cast = {"a": ["k1:recipient"], "b": ["k2:recipient"]}
    assert pairs(tables(event("a"), event("b"), cast=cast, actors=actors)) == [("b", "a")]


@pytest.mark.parametrize("days", range(WINDOW + 3))
def test_the_window_bounds_the_days_between(days: int) -> None:
    """The last day of the window is within it; the more days between, the lower the score."""
    day = date(2024, 2, 18) + timedelta(days)
    found = duplicates(tables(event("a"), event("b", day=str(day))))
    assert found.height == (days <= WINDOW)
    if 0 < days <= WINDOW:
        nearer = duplicates(tables(event("a"), event("b", day=str(day - timedelta(1)))))
        assert found["score"].item() < nearer["score"].item()


def test_vague_days_are_near_whatever_they_may_mean() -> None:
    """A month may be any of its days; an event of unknown day is compared with none."""
    assert pairs(tables(event("a"), event("b", day="2024-02"))) == [("b", "a")]
    assert pairs(tables(event("a"), event("b", day="2024-03"))) == []
    assert pairs(tables(event("a"), event("b", day="XXXX"))) == []


def test_a_long_event_is_compared_with_all_within_it() -> None:
    """Others that begin in between do not end it."""
    found = pairs(
        tables(
            event("a", day="2024-02-01/2024-02-28"),
            event("b", OTHER_TITLE, "2024-02-02"),
            event("c", day="2024-02-27"),
        )
    )
    assert found == [("c", "a")]


@pytest.mark.parametrize("relation", ["same_as", "not_same_as"])
def test_a_pair_that_was_decided_is_not_proposed_again(relation: str) -> None:
    """Whichever way the decision names the two; another relation decides nothing."""
    for pair in (("a", "b"), ("b", "a")):
        decided = [(pair[0], relation, pair[1])]
        assert pairs(tables(event("a"), event("b"), relations=decided)) == []
    follows = [("b", "follows", "a")]
    assert pairs(tables(event("a"), event("b"), relations=follows)) == [("b", "a")]


def test_the_likeliest_pair_comes_first() -> None:
    """Equals stand by name."""
    events = [event("a"), event("b", REPHRASED), event("c"), event("d", REPHRASED)]
    found = duplicates(tables(*events))
    assert found["score"].is_sorted(descending=True)
    assert told(found, "event_id", "other_id")[:2] == [("c", "a"), ("d", "b")]


def test_nothing_gives_no_pair() -> None:
    """An empty register and a single event have no duplicates."""
    for given_ in (tables(), tables(event("a"))):
        assert duplicates(given_).is_empty()
        assert dict(duplicates(given_).schema) == PAIR


SOME = st.lists(
    st.tuples(
        st.sampled_from([TITLE, REPHRASED, OTHER_TITLE, "Gift", "선물"]),
        st.dates(date(2024, 2, 1), date(2024, 2, 12)).map(str)
        | st.sampled_from(["2024-02", "2024", "2024-02-03/2024-02-08", "2024-02-03/.."]),
        st.sets(st.sampled_from(["putin:giver", "kim:recipient", "xi:guest"]), max_size=2),
        st.sampled_from(["gift", "visit"]),
    ),
    max_size=7,
)


@settings(deadline=None)
@given(SOME, st.integers(0, 5), st.floats(0, 1), st.randoms(use_true_random=False))
def test_what_is_proposed_depends_on_the_events_alone(
    drawn: list[tuple[str, str, set[str], str]], window: int, least: float, random: object
) -> None:
    """No pair twice or with itself, none below the least score; the order of rows does not show."""
    events = [
        event(f"e{n}", title, day, event_type=kind) for n, (title, day, _, kind) in enumerate(drawn)
    ]
    cast = {f"e{n}": sorted(those) for n, (_, _, those, _) in enumerate(drawn)}
    given_ = tables(*events, cast=cast)
    found = duplicates(given_, window=window, least=least)
    both = [frozenset(pair) for pair in told(found, "event_id", "other_id")]
    assert len(both) == len(set(both))
    assert all(len(pair) == 2 for pair in both)
    assert found["score"].is_between(least, 1).all()
    seed = random.randrange(2**32)  # type: ignore[attr-defined]
    shuffled = {
        name: rows.sample(fraction=1, shuffle=True, seed=seed) for name, rows in given_.items()
    }
    assert duplicates(shuffled, window=window, least=least).equals(found)


@settings(deadline=None)
@given(SOME)
def test_a_wider_window_and_a_lower_score_propose_no_fewer(
    drawn: list[tuple[str, str, set[str], str]],
) -> None:
    """What is near is near in a wider window, and what scores enough scores more than less."""
    events = [
        event(f"e{n}", title, day, event_type=kind) for n, (title, day, _, kind) in enumerate(drawn)
    ]
    cast = {f"e{n}": sorted(those) for n, (_, _, those, _) in enumerate(drawn)}
    given_ = tables(*events, cast=cast)
    strict = set(pairs(given_, window=1, least=0.8))
    assert strict <= set(pairs(given_, window=4, least=0.8))
    assert strict <= set(pairs(given_, window=1, least=0.4))
