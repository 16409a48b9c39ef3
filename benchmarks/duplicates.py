"""Plant known duplicates among events, let `regesta duplicates` look for them, and count.

    python benchmarks/duplicates.py [PLANTED] [SEED]

The events are those of russia-dprk and as many again as make a thousand, between twenty states.
A planted event repeats one of them as another coder would have told it: the title in other words
and another order, the day one off or the same, the actors under aliases of theirs. Pairs that are
found and were planted count for precision and recall; every other pair counts as wrong.
"""

from __future__ import annotations

import csv
import random
import sys
from datetime import date, timedelta

import polars as pl

from regesta.dates import bounds
from regesta.places import shelf
from regesta.research.duplicates import LEAST, WINDOW, duplicates
from regesta.schema.tables import TABLES

EVENTS = 1000
SHORT = 4
"""Words of a title of which none is dropped."""

STATES = [
    "Austria",
    "Belgium",
    "Canada",
    "Denmark",
    "Egypt",
    "France",
    "Germany",
    "Hungary",
    "India",
    "Japan",
    "Kenya",
    "Laos",
    "Mexico",
    "Norway",
    "Oman",
    "Peru",
    "Qatar",
    "Romania",
    "Spain",
    "Turkey",
]
TYPES = {
    "meeting": ("meets", "holds talks with", "confers with"),
    "visit": ("visits", "travels to see", "pays a visit to"),
    "letter": ("writes to", "sends a letter to", "sends a message to"),
    "gift": ("gives a present to", "presents a gift to", "makes a gift to"),
    "agreement": ("signs an accord with", "concludes an agreement with", "agrees with"),
}
OFFICES = ("president", "foreign minister", "prime minister", "defence minister", "envoy")
MATTERS = [
    "fishing rights",
    "border crossings",
    "grain shipments",
    "rail freight",
    "visa rules",
    "student exchanges",
    "a pipeline",
    "prisoner exchange",
    "flood relief",
    "air traffic",
    "dam construction",
    "tariffs on steel",
    "a satellite launch",
    "museum loans",
    "naval exercises",
    "debt relief",
    "vaccines",
    "cyber security",
    "a trade fair",
    "labour migration",
    "nuclear safety",
    "water sharing",
    "tourism",
    "a film festival",
]
PLACES = ["Geneva", "Vienna", "Oslo", "Cairo", "Lima", "Doha", "Tokyo", "Delhi", "Madrid", "Paris"]
OTHER_WORDS = {
    "gives": "presents", "meet": "hold talks", "meets": "receives", "visit": "trip",
    "says": "states", "adopts": "passes", "signs": "concludes", "and": "with", "sends": "conveys",
    "holds": "has", "talks": "discussions", "present": "gift", "accord": "agreement",
    "writes": "sends a letter", "visits": "travels to", "pays": "makes", "letter": "message",
    "about": "on", "after": "following", "denies": "rejects", "confirms": "acknowledges",
}  # fmt: skip

Rows = dict[str, list[dict[str, object]]]


def _curated() -> Rows:
    folder = shelf() / "russia-dprk" / "tables"
    found: Rows = {}
    for name in ("actors", "events", "participants"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found[name] = [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
    return found


def _invented(rows: Rows, dice: random.Random) -> None:
    """Add states, and events between them until there are `EVENTS`."""
    for state in STATES:
        rows["actors"].append(
            {"actor_id": state.lower(), "name": state, "kind": "other", "aliases": f"{state} Rep"}
        )
    for number in range(EVENTS - len(rows["events"])):
        one, other = dice.sample(STATES, 2)
        kind = dice.choice(list(TYPES))
        verb = TYPES[kind][0]
        title = (
            f"{one} {dice.choice(OFFICES)} {verb} {other} {dice.choice(OFFICES)} about "
            f"{dice.choice(MATTERS)} in {dice.choice(PLACES)}"
        )
        day = date(2018, 1, 1) + timedelta(days=dice.randrange(2500))
        _tell(
            rows,
            f"invented-{number:04}",
            kind,
            title,
            day.isoformat(),
            (one.lower(), other.lower()),
        )


def _tell(rows: Rows, name: str, kind: str, title: str, day: str, cast: tuple[str, ...]) -> None:
    event: dict[str, object] = {"event_id": name, "event_type": kind, "title": title, "date": day}
    rows["events"].append(event)
    for actor in dict.fromkeys(cast):
        part: dict[str, object] = {"event_id": name, "actor_id": actor, "role": "participant"}
        rows["participants"].append(part)


def _planted(rows: Rows, count: int, dice: random.Random) -> set[frozenset[str]]:
    """Tell *count* of the events again, each in other words; return the pairs."""
    plain = [row for row in rows["events"] if len(str(row["date"])) == len("2024-02-18")]
    actors = {str(row["actor_id"]): row for row in rows["actors"]}
    cast: dict[str, list[str]] = {}
    for row in rows["participants"]:
        cast.setdefault(str(row["event_id"]), []).append(str(row["actor_id"]))
    pairs = set()
    for number, event in enumerate(dice.sample(plain, count)):
        day = date.fromisoformat(str(event["date"])) + timedelta(days=dice.choice((-1, 0, 1)))
        name, old = f"planted-{number:03}", str(event["event_id"])
        people = tuple(_alias(actors[actor], rows) for actor in cast.get(old, ()))
        title = _rephrased(str(event["title"]), dice)
        _tell(rows, name, str(event["event_type"]), title, day.isoformat(), people)
        pairs.add(frozenset((name, old)))
    return pairs


def _alias(actor: dict[str, object], rows: Rows) -> str:
    """Return an actor that is known by an alias of *actor*, as an import of names would make it."""
    known = [each.strip() for each in str(actor["aliases"] or actor["name"]).split(";")]
    name = f"alias-of-{actor['actor_id']}"
    if not any(row["actor_id"] == name for row in rows["actors"]):
        rows["actors"].append({"actor_id": name, "name": known[-1], "kind": "other"})
    return name


def _rephrased(title: str, dice: random.Random) -> str:
    """Return *title* with other words where there are some, one word dropped, halves exchanged."""
    words = [OTHER_WORDS.get(word.lower(), word) for word in title.split()]
    if len(words) > SHORT:
        words.pop(dice.randrange(len(words)))
    half = len(words) // 2
    return (
        " ".join([*words[half:], *words[:half]]) if dice.choice((True, False)) else " ".join(words)
    )


def _frames(rows: Rows) -> dict[str, pl.DataFrame]:
    for event in rows["events"]:
        event["date_earliest"], event["date_latest"] = bounds(str(event["date"]))
    frames = {}
    for name in ("actors", "events", "participants", "relations"):
        kept = [{c: row.get(c) for c in TABLES[name].columns} for row in rows.get(name, [])]
        texts = {c: t if t == pl.Date else pl.String() for c, t in TABLES[name].dtypes.items()}
        frames[name] = pl.DataFrame(kept, schema=texts)
    return frames


def main(count: int = 200, seed: int = 1) -> None:
    """Print how many of the planted pairs are found, and how many of those found were planted."""
    dice = random.Random(seed)  # noqa: S311 - the same events every time
    rows = _curated()
    _invented(rows, dice)
    planted = _planted(rows, count, dice)
    found = duplicates(_frames(rows), window=WINDOW, least=LEAST)
    pairs = {frozenset(pair) for pair in found.select("event_id", "other_id").iter_rows()}
    right = len(pairs & planted)
    print(f"{len(rows['events'])} events, {count} of them planted; {len(pairs)} pairs proposed")
    print(f"precision {right / max(1, len(pairs)):.3f}, recall {right / count:.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
