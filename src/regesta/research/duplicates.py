"""Pairs of events that may be one: near in time, alike in title, with actors in common.

A score is a weighted mean of four likenesses between 0 and 1: of the titles, the actors (the share
of the smaller cast that is in the other), the days (1 on the same day, 0 beyond the window) and the
types. Titles are alike by the words that they share, spelt alike as rapidfuzz compares them, each
weighed by how rare it is in all titles (inverse document frequency): names of actors that stand in
every title tell little, a gift or a place tells much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log

import polars as pl
from rapidfuzz import fuzz, process, utils

from regesta.research.merges import IDENTITY
from regesta.research.names import folded

WINDOW = 3
"""Days that two tellings of one event may lie apart."""

LEAST = 0.72
"""The score from which a pair is proposed."""

SPELT_ALIKE = 80
"""The ratio, of 100, from which two spellings are one word."""

WEIGHTS: Mapping[str, float] = {"title": 0.45, "actors": 0.3, "days": 0.15, "type": 0.1}

PAIR = {
    "event_id": pl.String(),
    "other_id": pl.String(),
    "score": pl.Float64(),
    "why": pl.String(),
    "date": pl.String(),
    "other_date": pl.String(),
    "title": pl.String(),
    "other_title": pl.String(),
    "decision": pl.String(),
}
"""A pair of events; to merge them is to merge the first into the other. `decision` is left to be
filled in: `same` or `different`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is compared of an event."""

    event_id: str
    event_type: str
    written: str
    first: date
    last: date
    title: str
    words: Mapping[str, float]
    actors: frozenset[str]


def duplicates(
    tables: Mapping[str, pl.DataFrame], *, window: int = WINDOW, least: float = LEAST
) -> pl.DataFrame:
    """Return the pairs that may be one event, the likeliest first: the columns of `PAIR`.

    Parameters
    ----------
    tables
        `events`, `participants`, `actors` and `relations`. Pairs that a `same_as` or
        `not_same_as` names, either way, are not proposed.
    window
        How many days two tellings may lie apart.
    least
        The least score of a pair.
    """
    told = _tellings(tables)
    decided = _decided(tables["relations"])
    rows = [
        _compared(one, other, window)
        for one, other in _near(told, timedelta(days=window))
        if frozenset((one.event_id, other.event_id)) not in decided
    ]
    found = pl.DataFrame(rows, schema=PAIR).filter(pl.col("score") >= least)
    return found.sort("score", "event_id", "other_id", descending=[True, False, False])


def _tellings(tables: Mapping[str, pl.DataFrame]) -> list[Telling]:
    same = _one_actor(tables["actors"])
    cast: dict[str, set[str]] = {}
    for event_id, actor_id in tables["participants"].select("event_id", "actor_id").iter_rows():
        cast.setdefault(event_id, set()).add(same.get(actor_id, actor_id))
    dated = tables["events"].filter(pl.col("date_earliest").is_not_null())
    rarity = _rarity(dated["title"].to_list())
    return [
        Telling(
            event_id=row["event_id"],
            event_type=row["event_type"],
            written=row["date"],
            first=row["date_earliest"],
            last=row["date_latest"] or row["date_earliest"],
            title=row["title"],
            words={word: rarity[word] for word in _words(row["title"])},
            actors=frozenset(cast.get(row["event_id"], ())),
        )
        for row in dated.sort("date_earliest", "event_id").iter_rows(named=True)
    ]


def _words(title: str) -> list[str]:
    return list(dict.fromkeys(utils.default_process(title).split()))


def _rarity(titles: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of each word of *titles*."""
    counts = Counter(word for title in titles for word in _words(title))
    return {word: log(1 + len(titles) / count) for word, count in counts.items()}


def title_likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the share of the words of two titles that both have, weighed by rarity: 0 to 1.

    Examples
    --------
    >>> title_likeness({"putin": 1.0, "dogs": 4.0}, {"putin": 1.0, "busts": 4.0})
    0.2
    """
    total = sum(one.values()) + sum(other.values())
    shared = _matched(one, other) + _matched(other, one)
    return shared / total if total else 0.0


def _matched(words: Mapping[str, float], among: Mapping[str, float]) -> float:
    """Return the weight of those of *words* that *among* has, in this or a like spelling."""
    found = 0.0
    for word, weight in words.items():
        if word in among or process.extractOne(
            word, among.keys(), scorer=fuzz.ratio, score_cutoff=SPELT_ALIKE
        ):
            found += weight
    return found


def _one_actor(actors: pl.DataFrame) -> dict[str, str]:
    """Return one actor for all that share a name or an alias, by actor."""
    by_name: dict[str, str] = {}
    same: dict[str, str] = {}
    for actor_id, name, aliases in (
        actors.sort("actor_id").select("actor_id", "name", "aliases").iter_rows()
    ):
        names = {folded(each) for each in (name, *(aliases or "").split(";")) if each.strip()}
        known = sorted({same[by_name[each]] for each in names & by_name.keys()})
        chosen = known[0] if known else actor_id
        same[actor_id] = chosen
        for other in known[1:]:
            same |= {actor: chosen for actor, one in same.items() if one == other}
        by_name |= {each: by_name.get(each, actor_id) for each in names}
    return same


def _decided(relations: pl.DataFrame) -> set[frozenset[str]]:
    told = relations.filter(pl.col("relation").is_in(IDENTITY))
    return {frozenset(pair) for pair in told.select("event_id", "other_id").iter_rows()}


def _near(tellings: list[Telling], window: timedelta) -> Iterator[tuple[Telling, Telling]]:
    """Yield the pairs that can have happened within *window* of one another.

    Only pairs with an actor in common are, or those of which one names none.
    """
    open_: list[Telling] = []
    for telling in tellings:
        open_ = [each for each in open_ if each.last + window >= telling.first]
        for each in open_:
            if not each.actors or not telling.actors or each.actors & telling.actors:
                yield each, telling
        open_.append(telling)


def _compared(one: Telling, other: Telling, window: int) -> dict[str, object]:
    apart = max(0, (other.first - one.last).days)
    smaller = min(len(one.actors), len(other.actors))
    shared = one.actors & other.actors
    alike = {
        "title": title_likeness(one.words, other.words),
        "actors": len(shared) / smaller if smaller else 0.5,
        "days": 1 - apart / (window + 1),
        "type": float(one.event_type == other.event_type),
    }
    score = sum(weight * alike[name] for name, weight in WEIGHTS.items())
    stays, goes = sorted((one, other), key=lambda telling: telling.event_id)
    return {
        "event_id": goes.event_id,
        "other_id": stays.event_id,
        "score": round(score, 3),
        "why": _why(alike["title"], apart, sorted(shared), one.event_type == other.event_type),
        "date": goes.written,
        "other_date": stays.written,
        "title": goes.title,
        "other_title": stays.title,
        "decision": None,
    }


def _why(title: float, apart: int, shared: list[str], same_type: bool) -> str:
    days = (
        "days may be the same"
        if apart == 0
        else "a day apart"
        if apart == 1
        else f"{apart} days apart"
    )
    actors = f"both with {', '.join(shared)}" if shared else "no actor in common"
    kind = "same type" if same_type else "another type"
    return f"titles {title:.0%} alike; {days}; {actors}; {kind}"
