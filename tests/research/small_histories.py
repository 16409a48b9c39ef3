"""Small histories of who said what when: few names and few days, so that much falls together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regesta.schema.tables import IMPORTED
from regesta.store.store import Store
from tests.logs import Rows, new_store, record, whole
from tests.strategies import Row, key_of

EVENTS = ("a", "B", "c")
"""Names that people sort in another order than computers do."""

MOSTLY_A = st.sampled_from(["a", "a", "a", "a", "B", "c"])

ENDS: Mapping[str | None, tuple[str | None, str | None]] = {
    None: (None, None),
    "XXXX": (None, None),
    "2024": ("2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
    "2024-03": ("2024-03-01T00:00:00Z", "2024-03-31T23:59:59Z"),
    "2024-03-01": ("2024-03-01T00:00:00Z", "2024-03-01T23:59:59Z"),
    "2024-03-02": ("2024-03-02T00:00:00Z", "2024-03-02T23:59:59Z"),
    "2024-03-03": ("2024-03-03T00:00:00Z", "2024-03-03T23:59:59Z"),
    "2024-03-04": ("2024-03-04T00:00:00Z", "2024-03-04T23:59:59Z"),
    "2024-03-02/..": ("2024-03-02T00:00:00Z", None),
    "../2024-03-02": (None, "2024-03-02T23:59:59Z"),
    "2024-03-01/2024-03-03": ("2024-03-01T00:00:00Z", "2024-03-03T23:59:59Z"),
    "2024-03-02T09:30Z": (None, "2024-03-02T09:30:00Z"),
    "2024-03-02T09:30+09:00": (None, "2024-03-02T00:30:00Z"),
    "2024-03-03T23:30-02:00": (None, "2024-03-04T01:30:00Z"),
}
"""The dates of these histories, each with the first and the last moment that it may mean."""

DAYS = ("2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04")
VAGUE = ("XXXX", "2024", "2024-03", "2024-03-02/..", "../2024-03-02", "2024-03-01/2024-03-03")
TIMED = ("2024-03-02T09:30Z", "2024-03-02T09:30+09:00", "2024-03-03T23:30-02:00")

MOMENTS = (
    "2024-02-29T23:59:59Z",
    "2024-03-01T23:59:59Z",
    "2024-03-02T00:30:00Z",
    "2024-03-02T09:29:59Z",
    "2024-03-02T09:30:00Z",
    "2024-03-02T23:59:59Z",
    "2024-03-03T23:59:59Z",
    "2024-03-04T01:30:00Z",
    "2024-03-04T23:59:59Z",
    "2024-03-31T23:59:59Z",
    "2024-12-31T23:59:59Z",
)
"""Moments around all that these histories date."""

STEPS = tuple(datetime(2024, 3, day, 12, tzinfo=UTC) for day in (2, 4, 5))
"""When the three batches of a history are recorded."""

ACTORS: Sequence[Row] = (
    {"actor_id": "russia", "name": "Russia", "kind": "state", "country": "RUS"},
    {"actor_id": "dprk", "name": "North Korea", "kind": "state", "country": "PRK"},
    {"actor_id": "land", "name": "A land", "kind": "state"},
    {"actor_id": "putin", "name": "Putin", "kind": "person", "country": "RUS"},
    {"actor_id": "envoy", "name": "An envoy", "kind": "person"},
    {"actor_id": "kcna", "name": "News agency", "kind": "organisation", "country": "PRK"}
    | {"aliases": "KCNA; Chosun"},
    {"actor_id": "wagner", "name": "Wagner", "kind": "armed_group", "country": "RUS"},
)
SOURCES: Sequence[Row] = (
    {"source_id": "kcna", "publisher": "KCNA", "kind": "state_media", "published_on": "2024-03-02"},
    {"source_id": "page", "publisher": "russia", "kind": "official"},
    {"source_id": "press", "publisher": "chosun", "kind": "press", "published_on": "2024-03-03"},
    {"source_id": "blog", "publisher": "Blog", "kind": "blog", "published_on": "2024-03-02/.."},
)
NAMES = [str(row["actor_id"]) for row in ACTORS]
OFTEN = ["russia", "dprk", "putin", "kcna"]
"""Who speaks and takes part more often than others, so that sides meet."""

ROLES = ("host", "guest", "announcer", "observer")
STANCES = ("asserts", "asserts", "confirms", "confirms", "denies", "denies", "mentions")
PLACES, MAKES = ("Pyongyang", "Moscow"), ("Aurus", "ZIL")

ABOUT: Mapping[str, Sequence[str | None]] = {
    "occurrence": (None,),
    "legality": (None, "lawful", "unlawful"),
    "participants": ("russia", "dprk", "kcna", "putin:host", "putin:guest", "russia:host"),
    "place": PLACES,
    "make": MAKES,
    "follows": EVENTS,
}
"""What claims are about, with what they may claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A batch: the rows that it states, those that it retracts, and when it is recorded."""

    at: datetime
    rows: Rows
    gone: Rows = field(default_factory=dict)


History = Sequence[Step]


def store_of(history: History, url: str | None = None) -> Store:
    """Return a new store whose log holds *history*: in memory, or at *url*."""
    store = Store.create(url) if url else new_store()
    for step in history:
        record(store, step.rows, gone=step.gone, at=step.at)
    return store


def standing(history: History) -> dict[str, list[Row]]:
    """Return the rows that *history* adds up to, by table."""
    found: dict[str, dict[tuple[object, ...], Row]] = {name: {} for name in IMPORTED}
    for step in history:
        for name, table in IMPORTED.items():
            found[name] |= {key_of(table, row): whole(name, row) for row in step.rows.get(name, ())}
            for row in step.gone.get(name, ()):
                found[name].pop(key_of(table, row), None)
    return {name: list(rows.values()) for name, rows in found.items()}


def first_recorded(history: History) -> dict[str, str]:
    """Return the end of the day on which each piece of evidence was first recorded."""
    found: dict[str, str] = {}
    for step in history:
        for row in step.rows.get("evidence", ()):
            found.setdefault(row["evidence_id"], f"{step.at:%Y-%m-%d}T23:59:59Z")
    return found


def without(history: History, evidence: set[str]) -> History:
    """Return *history* in which these pieces of *evidence* were never recorded."""
    return [
        Step(at=step.at, rows=_less(step.rows, evidence), gone=_less(step.gone, evidence))
        for step in history
    ]


def _less(rows: Rows, evidence: set[str]) -> Rows:
    kept = [row for row in rows.get("evidence", ()) if row["evidence_id"] not in evidence]
    return {**rows, "evidence": kept}


def _events() -> SearchStrategy[list[Row]]:
    made = st.fixed_dictionaries(
        {
            "date": st.sampled_from([*DAYS, *VAGUE]),
            "place": st.sampled_from([None, *PLACES]),
            "summary": st.sampled_from([None, "What happened."]),
            "details": st.sampled_from([None, '{"make":"Aurus"}', '{"make":"ZIL","n":1}']),
        }
    )
    return st.tuples(made, made, made).map(
        lambda rows: [{**row, "event_id": name} for name, row in zip(EVENTS, rows, strict=True)]
    )


def _offices() -> SearchStrategy[list[Row]]:
    made = st.fixed_dictionaries(
        {
            "actor_id": st.sampled_from(["putin", "envoy"]),
            "held_from": st.sampled_from([*DAYS, "XXXX", "2024"]),
            "held_until": st.sampled_from([None, "2024-03-04", "2024"]),
            "country": st.sampled_from(["RUS", "PRK", None, None]),
            "organisation": st.sampled_from([None, "Wagner", "A ministry"]),
        }
    )
    return st.lists(made, max_size=3).map(
        lambda rows: [{**row, "office": f"office {n}"} for n, row in enumerate(rows)]
    )


def _participants() -> SearchStrategy[list[Row]]:
    made = st.fixed_dictionaries(
        {
            "event_id": MOSTLY_A,
            "actor_id": st.sampled_from([*OFTEN, *NAMES]),
            "role": st.sampled_from(ROLES),
            "on_behalf_of": st.sampled_from([None, None, None, "dprk", "envoy"]),
        }
    )
    return st.lists(
        made,
        min_size=2,
        max_size=6,
        unique_by=lambda row: (row["event_id"], row["actor_id"], row["role"]),
    )


def _claim(aspects: Mapping[str, Sequence[str | None]]) -> SearchStrategy[Row]:
    about = [(aspect, value) for aspect in aspects for value in aspects[aspect]]
    often = st.sampled_from([("occurrence", None)] * len(about) + about)
    made = {
        "event_id": MOSTLY_A,
        "source_id": st.sampled_from([str(row["source_id"]) for row in SOURCES]),
        "stance": st.sampled_from(STANCES),
        "speaker": st.sampled_from([None, *OFTEN, *OFTEN, *NAMES]),
        "said_on": st.sampled_from([None, None, *DAYS, *DAYS, *TIMED, "2024-03", "2024-03-02/.."]),
    }
    return st.tuples(often, st.fixed_dictionaries(made)).map(
        lambda drawn: {**drawn[1], "aspect": drawn[0][0], "value": drawn[0][1]}
    )


def _relations() -> SearchStrategy[list[Row]]:
    pairs = st.permutations(EVENTS).map(lambda names: tuple(names[:2]))
    made = st.tuples(pairs, st.sampled_from(["follows", "allegedly_violates"]))
    return st.lists(made, max_size=3, unique=True).map(
        lambda rows: [
            {"event_id": one, "relation": relation, "other_id": other}
            for (one, other), relation in rows
        ]
    )


def _named(rows: Sequence[Row]) -> list[Row]:
    """Return evidence with the names e0, E1, e2 and so on."""
    return [{**row, "evidence_id": f"{'eE'[n % 2]}{n}"} for n, row in enumerate(rows)]


@st.composite
def small_histories(draw: st.DrawFn, *, max_claims: int = 12) -> History:
    """Return three batches: rows, more evidence and second thoughts, and perhaps merges."""
    drawn = draw(st.lists(_claim(ABOUT), min_size=4, max_size=max_claims))
    claims = _named(drawn)
    split = draw(st.integers(0, len(claims)))
    early, late = claims[:split], claims[split:]
    changed = draw(st.lists(_claim(ABOUT), max_size=min(2, split)))
    taken = draw(st.sets(st.sampled_from([row["evidence_id"] for row in claims]), max_size=1))
    order = draw(st.permutations(EVENTS))
    merges = list(pairwise(order))[: draw(st.sampled_from([0, 0, 1, 2]))]
    return [
        Step(
            at=STEPS[0],
            rows={
                "actors": ACTORS,
                "sources": SOURCES,
                "events": draw(_events()),
                "offices": draw(_offices()),
                "participants": draw(_participants()),
                "relations": draw(_relations()),
                "evidence": early,
            },
        ),
        Step(at=STEPS[1], rows={"evidence": [*late, *_named(changed)]}),
        Step(
            at=STEPS[2],
            rows={
                "relations": [
                    {"event_id": one, "relation": "same_as", "other_id": other}
                    for one, other in merges
                ]
            },
            gone={
                "events": [{"event_id": one} for one, _ in merges],
                "evidence": [{"evidence_id": name} for name in sorted(taken)],
            },
        ),
    ]


ODD = """L'Écho — 100% :sure \\ "조선" {x} ?"""
"""A publisher whose name is hard to quote."""


def _said(event_id: str, *what: str | None) -> dict[str, str | None]:
    """Return a claim on an event: speaker, stance, day, aspect, value and source."""
    names = ("speaker", "stance", "said_on", "aspect", "value", "source_id")
    given = dict(zip(names, what, strict=False))
    return {"event_id": event_id, "aspect": "occurrence", "source_id": "odd", **given}


_DATES: Mapping[str, str] = {
    "alleged": "2024-03-02/..",
    "one_sided": "../2024-03-02",
    "confirmed": "2024-03-01",
    "disputed": "2024",
    "denied": "XXXX",
    "Twin": "2024-03-01/2024-03-03",
    "unsourced": "2024-03",
}

STORY: History = (
    Step(
        at=STEPS[0],
        rows={
            "actors": ACTORS,
            "sources": [*SOURCES, {"source_id": "odd", "publisher": ODD, "kind": "press"}],
            "events": [
                {"event_id": name, "date": date, "place": "Moscow", "details": '{"make":"ZIL"}'}
                for name, date in _DATES.items()
            ],
            "offices": [
                {"actor_id": "putin", "office": "President", "held_from": "XXXX"}
                | {"held_until": "2024-03-03", "country": "RUS"},
                {"actor_id": "envoy", "office": "Envoy", "held_from": "2024", "country": "PRK"},
            ],
            "participants": [
                {"event_id": name, "actor_id": actor, "role": role}
                for name in _DATES
                for actor, role in (("putin", "host"), ("dprk", "guest"), ("land", "observer"))
            ],
            "relations": [
                {"event_id": "confirmed", "relation": "follows", "other_id": "Twin"},
                {"event_id": "denied", "relation": "allegedly_violates", "other_id": "confirmed"},
            ],
            "evidence": _named(
                [
                    _said("unsourced", "russia", "mentions", "2024-03-01"),
                    _said("alleged", None, "asserts", None),
                    _said("one_sided", "kcna", "asserts", "2024-03-02T09:30+09:00"),
                    _said("confirmed", "dprk", "denies", "2024-03-02T09:30Z"),
                    _said("confirmed", None, "asserts", None, "occurrence", None, "kcna"),
                    _said("disputed", "wagner", "asserts", "2024-03-03T23:30-02:00"),
                    _said("denied", "russia", "denies", "2024-03-03"),
                    _said("denied", "land", "asserts", "2024-03-04", "legality", "unlawful"),
                    _said("denied", "envoy", "confirms", "2024-03-03", "legality", "lawful"),
                    _said("disputed", "land", "asserts", "2024-03-04", "make", "ZIL"),
                    _said("disputed", "dprk", "asserts", "2024-03-03", "place", "Pyongyang"),
                    _said("one_sided", "land", "asserts", "2024-03-04", "participants", "putin"),
                    _said("confirmed", "land", "asserts", "2024-03-04", "follows", "Twin"),
                ]
            ),
        },
    ),
    Step(
        at=STEPS[1],
        rows={
            "evidence": [
                _said("Twin", "putin", "confirms", "2024-03-03") | {"evidence_id": "F1"},
                _said("disputed", "russia", "denies", "2024-03-04") | {"evidence_id": "f2"},
                _said("alleged", "putin", "asserts", "2024-03-04") | {"evidence_id": "F3"},
            ]
        },
    ),
    Step(
        at=STEPS[2],
        rows={"relations": [{"event_id": "Twin", "relation": "same_as", "other_id": "confirmed"}]},
        gone={"events": [{"event_id": "Twin"}]},
    ),
)
"""A history that meets every status, offices that end, a merge, and names hard to quote."""
