"""What a machine imports: few names and few cells, so that much falls together."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.flows.model import KEYS, REFERENCES, Model, Row, Tables, key_of
from tests.flows.model_imports import BAD, DAYS, NEEDED

EVENTS = ("a", "B", "c", "d", "n")
"""Names that people sort in another order than computers do."""

ACTORS = ("russia", "dprk", "un")
NOBODY = "nobody"
MOSTLY = st.sampled_from([True, True, True, False])
TITLES = ("A car", "NA", "1E5", '"Žluťoučký", \\ kůň')

POOLS: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "actors": {
        "actor_id": ACTORS,
        "name": ("A state", "A person", "007"),
        "kind": ("state", "person"),
        "country": (None, "RUS", "PRK"),
    },
    "offices": {
        "office": ("Host", "Envoy"),
        "held_from": ("XXXX", "2024-02-18"),
        "held_until": (None, "2025"),
        "organisation": (None, "Кремль"),
    },
    "sources": {
        "source_id": ("s1", "s2"),
        "publisher": ("KCNA", "The Daily"),
        "kind": (None, "press", "official"),
        "published_on": (None, "2024-02-20", "2024-02-20T10:09+09:00"),
    },
    "events": {
        "event_id": EVENTS,
        "event_type": ("gift", "visit"),
        "title": TITLES,
        "date": tuple(DAYS),
        "summary": (None, "Two\nlines."),
        "latitude": (None, 39.033333, -0.5),
        "geonames_id": (None, 1871859),
        "details": (None, '{"make":"Aurus"}', '{"make":"ZIL","n":1}'),
    },
    "participants": {"role": ("host", "guest"), "label": (None, "Он")},
    "evidence": {
        "evidence_id": ("e1", "e2", "E3"),
        "stance": ("asserts", "denies", "mentions"),
        "aspect": (None, "occurrence", "legality"),
        "value": (None, "lawful"),
        "said_on": (None, "2024-02-20"),
        "gist": (None, "Says so."),
    },
    "relations": {
        "relation": ("follows", "part_of", "same_as", "not_same_as"),
        "note": (None, "as critics say"),
    },
    "coverage": {
        "coverage_id": ("gifts", "visits"),
        "scope": ("Gifts", "Visits"),
        "period": ("2024", "2023/2024"),
        "n_events": (None, 0, 4),
    },
}
"""What each column may say, but for those that name rows of other tables."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys([*KEYS[name], *REFERENCES.get(name, {}), *POOLS[name]]))
    for name in KEYS
}
WHOLE = {**COLUMNS, "events": (*COLUMNS["events"], "longitude")}

FLAT = (
    "event_id",
    "event_type",
    "title",
    "date",
    "participants",
    "source_url",
    "stance",
    "speaker",
)
URLS = ("https://kcna.kp/1", "https://tass.example/gift")


BEGINNING: Tables = {
    "actors": [
        {"actor_id": each, "name": "A state", "kind": "state"} for each in ("russia", "dprk")
    ],
    "sources": [{"source_id": "s1", "publisher": "KCNA"}],
    "events": [
        {"event_id": each, "event_type": "gift", "title": f"Gift {each}", "date": "1648"}
        for each in "aBcd"
    ],
    "participants": [
        {"event_id": "a", "actor_id": "russia", "role": "host"},
        {"event_id": "B", "actor_id": "dprk", "role": "host"},
        {"event_id": "c", "actor_id": "dprk", "role": "guest"},
    ],
    "evidence": [
        {"evidence_id": "e1", "event_id": "a", "source_id": "s1", "stance": "asserts"},
        {"evidence_id": "e2", "event_id": "B", "source_id": "s1", "stance": "denies"},
    ],
    "relations": [
        {"event_id": "a", "relation": "follows", "other_id": "B"},
        {"event_id": "B", "relation": "not_same_as", "other_id": "c"},
        {"event_id": "d", "relation": "same_as", "other_id": "a"},
    ],
}
"""What a log may begin with: much to merge, to split and to take back."""


def known(model: Model) -> dict[str, list[str]]:
    """Return what rows may name, by table: what stands and, of events, what gave way."""
    return {
        "actors": model.ids("actors"),
        "sources": model.ids("sources"),
        "events": [*model.ids("events"), *sorted(model.stays)],
    }


def event_among(likely: Collection[str]) -> SearchStrategy[str]:
    """Return names of events: mostly one of those that are *likely*, else any."""
    return st.sampled_from([*sorted(likely) * 6, *EVENTS, NOBODY])


def _cells(name: str, column: str, names: Mapping[str, Sequence[str]]) -> SearchStrategy[Any]:
    """Return what a cell may say; one that names a row seldom names one that is not there."""
    target = REFERENCES.get(name, {}).get(column)
    if target is None:
        return st.sampled_from(POOLS[name][column])
    standing = list(names[target]) * 9
    away = ["elsewhere/x"] if column == "other_id" else []
    nothing = [] if column in (*KEYS[name], *NEEDED[name]) else [None]
    return st.sampled_from([*standing, *away, *nothing, NOBODY])


def _coherent(row: Row) -> Row:
    """Return *row* with a longitude where it has a latitude, and related to another event."""
    if "latitude" in row:
        row = {**row, "longitude": None if row["latitude"] is None else 125.75}
    if "other_id" in row and row["other_id"] == row["event_id"]:
        row = {**row, "other_id": "elsewhere/y"}
    return row


@st.composite
def tables(draw: st.DrawFn, model: Model) -> Tables:
    """Return some rows of some tables, each with the cells of its file's header."""
    names = known(model)
    wanted = draw(st.sets(st.sampled_from(list(KEYS)), min_size=1, max_size=4))
    brought: dict[str, list[Row]] = {}
    for name in (name for name in KEYS if name in wanted):
        first = [*KEYS[name], *NEEDED[name]]
        more = [column for column in COLUMNS[name] if column not in first]
        header = first + (draw(st.lists(st.sampled_from(more), unique=True)) if more else [])
        made = st.fixed_dictionaries({c: _cells(name, c, names) for c in header}).map(_coherent)
        unique = st.lists(made, min_size=1, max_size=3, unique_by=partial(key_of, name))
        brought[name] = list(draw(unique))
        if name in names:
            names[name] += [row[KEYS[name][0]] for row in brought[name]]
    return brought


@st.composite
def one_cell(draw: st.DrawFn, model: Model) -> Tables:
    """Return a file of one column beside the key, with another cell for one row that stands."""
    standing = [(name, row) for name in KEYS for row in model.standing(name)]
    name, row = draw(st.sampled_from(standing))
    columns = [column for column in COLUMNS[name] if column not in KEYS[name]]
    column = draw(st.sampled_from(columns or list(KEYS[name])))
    cell = draw(_cells(name, column, known(model)))
    key = {each: row[each] for each in KEYS[name]}
    return {name: [key | ({} if column in key else {column: cell})]}


@st.composite
def invalid(draw: st.DrawFn, model: Model) -> Tables:
    """Return rows of which one has a cell that no column takes."""
    brought = {name: list(rows) for name, rows in draw(tables(model)).items()}
    name = draw(st.sampled_from(list(brought)))
    place = draw(st.integers(0, len(brought[name]) - 1))
    column = draw(
        st.sampled_from([c for c in brought[name][place] if c not in KEYS[name]] or [KEYS[name][0]])
    )
    if column not in ("n_events", "geonames_id"):
        brought[name][place] = {**brought[name][place], column: draw(st.sampled_from(BAD[2:]))}
    return brought


@st.composite
def working_copy(draw: st.DrawFn, model: Model) -> Tables:
    """Return some tables as they stand, mostly all, with rows left out, changed and new."""
    some = st.sets(st.sampled_from(list(KEYS)), min_size=1)
    wanted = set(KEYS) if draw(MOSTLY) else draw(some)
    fresh = {} if draw(MOSTLY) else draw(tables(model))
    told_still = draw(st.booleans())
    copied: dict[str, list[Row]] = {}
    for name in (name for name in KEYS if name in wanted):
        rows = {key_of(name, row): _whole(name, row) for row in model.standing(name)}
        if name == "events" and told_still:
            rows |= _told_still(model)
        left_out = draw(st.sets(st.sampled_from(list(rows)), max_size=1)) if rows else set()
        for row in fresh.get(name, ()):
            key = key_of(name, row)
            rows[key] = {**rows.get(key, dict.fromkeys(WHOLE[name])), **row}
        copied[name] = [row for key, row in rows.items() if key not in left_out]
    if draw(MOSTLY):
        copied = _without_orphans(copied, model)
    return {name: rows for name, rows in copied.items() if rows}


def _without_orphans(copied: Tables, model: Model) -> dict[str, list[Row]]:
    """Return tables without the rows that name what was left out."""
    there = {
        name: {row[KEYS[name][0]] for row in copied[name]} if name in copied else set(names_of)
        for name, names_of in known(model).items()
    }
    return {
        name: [
            row
            for row in rows
            if all(
                row[column] is None or "/" in row[column] or row[column] in there[target]
                for column, target in REFERENCES.get(name, {}).items()
            )
        ]
        for name, rows in copied.items()
    }


def _told_still(model: Model) -> dict[Any, Row]:
    """Return the events that gave way, as they were."""
    heads = model.heads()
    gone = {old: model.log[heads["events", (old,)]].row for old in model.stays}
    return {(old,): _whole("events", row) for old, row in gone.items()}


def _whole(name: str, row: Row) -> Row:
    return {column: row.get(column) for column in WHOLE[name]}


@st.composite
def flat_rows(draw: st.DrawFn, model: Model) -> list[Row]:
    """Return lines of a flat file: an event with who took part and who said so."""
    actors = [*model.ids("actors") * 3, "JPN", NOBODY]
    party = st.tuples(st.sampled_from(actors), st.sampled_from(["host", "guest"])).map(":".join)
    parties = st.lists(party, max_size=2, unique=True).map("; ".join)
    event = {
        "event_id": st.sampled_from([*EVENTS, None]),
        **{
            name: st.sampled_from(POOLS["events"][name]) for name in ("event_type", "title", "date")
        },
        "participants": parties.map(lambda text: text or None),
    }
    said = {
        "source_url": st.sampled_from(URLS),
        "stance": st.sampled_from([None, "denies"]),
        "speaker": st.sampled_from([None, *actors]),
    }
    unsaid = st.just(dict.fromkeys(said))
    line = st.tuples(st.fixed_dictionaries(event), st.fixed_dictionaries(said) | unsaid)
    lines = line.map(lambda pair: {**pair[0], **pair[1]})
    return draw(
        st.lists(lines, min_size=1, max_size=3, unique_by=lambda each: each["event_id"] or id(each))
    )


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write *rows* as CSV and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_tables(folder: Path, brought: Tables) -> list[Path]:
    """Write *brought* as one file a table and return the paths."""
    return [
        write_csv(folder / f"{name}.csv", list(rows[0]), rows) for name, rows in brought.items()
    ]


def write_dataset(folder: Path, brought: Tables, card: Mapping[str, str]) -> Path:
    """Write *brought* as a dataset folder with a card and return it."""
    write_tables(folder / "tables", brought)
    lines = (f'{name} = "{text}"\n' for name, text in card.items())
    (folder / "dataset.toml").write_text("".join(lines), encoding="utf-8")
    return folder
