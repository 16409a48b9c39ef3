"""Rows and histories for Hypothesis, derived from the schema: a new column is covered by itself."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regesta.canonical import MAX_INTEGER, encode
from regesta.dates import bounds
from regesta.schema.columns import DECIMALS, EDTF, Column
from regesta.schema.tables import IMPORTED, TABLES, TableSchema
from regesta.vocabulary import code_list

Row = Mapping[str, Any]
State = Sequence[Row]

SWIFT = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""For tests that open a store: to shrink what fails there would take minutes."""

SCALE = 10**DECIMALS
LARGEST = 10**9 - 1  # whole part of a decimal that a cell can spell
OFTEN_MISREAD = ("NA", "null", "007", "1E5", "TRUE", "=1+1", '"', "\\", '","a":null', "-")
LETTERS = string.ascii_letters + string.digits + " \"'\\/,;:.|-_{}[]=éñöŁžПривет김정은평양한국"


def texts(extra: str = "", max_size: int = 12) -> SearchStrategy[str]:
    """Return text as a tidied cell holds it: NFC, nothing unseen, no blank at either end."""
    written = st.text(LETTERS + extra, min_size=1, max_size=max_size).map(str.strip)
    return st.sampled_from(OFTEN_MISREAD) | written.filter(bool)


def identifiers() -> SearchStrategy[str]:
    """Return identifiers of few letters, so that some of them meet again."""
    return st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,3}", fullmatch=True)


def edtf_dates() -> SearchStrategy[str]:
    """Return dates as people code them: days, months, years, intervals, open ends, vague ones."""
    days = st.dates(date(1000, 1, 1), date(2100, 1, 1))
    plain = st.one_of(
        days.map(date.isoformat),
        days.map(lambda day: day.isoformat()[:7]),
        days.map(lambda day: day.isoformat()[:4]),
    )
    spans = st.tuples(days, st.integers(0, 999)).map(
        lambda pair: f"{pair[0]}/{pair[0] + timedelta(days=pair[1])}"
    )
    return st.one_of(
        plain,
        spans,
        st.builds("{}{}".format, plain, st.sampled_from("~?%")),
        st.builds("{}T{:02}:{:02}Z".format, days, st.integers(0, 23), st.integers(0, 59)),
        plain.map(lambda text: f"{text}/.."),
        plain.map(lambda text: f"../{text}"),
        days.map(lambda day: f"{day.isoformat()[:3]}X"),
    )


def profile_values() -> SearchStrategy[Any]:
    """Return JSON values within the profile of a leaf."""
    atoms = st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts("\n\t\x01😀")
    return st.recursive(
        atoms, lambda inner: st.lists(inner, max_size=3) | profile_objects(inner), max_leaves=8
    )


def profile_objects(values: SearchStrategy[Any] | None = None) -> SearchStrategy[dict[str, Any]]:
    """Return JSON objects within the profile of a leaf; keys are ASCII of every kind."""
    keys = st.text(st.characters(max_codepoint=127), max_size=4)
    return st.dictionaries(keys, profile_values() if values is None else values, max_size=4)


def details() -> SearchStrategy[str]:
    """Return JSON objects as a tidied cell holds them: canonical, with no character unseen."""
    keys = st.text(string.ascii_letters + '"\\', max_size=4)
    values = st.recursive(
        st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
        max_leaves=4,
    )
    return st.dictionaries(keys, values, max_size=3).map(lambda found: encode(found).decode())


def cells(column: Column) -> SearchStrategy[Any]:
    """Return valid values of *column*, as the column in flight holds them."""
    match column.kind:
        case "json":
            return details()
        case "day":
            return st.dates()
        case "integer":
            return st.integers(_bound(column.minimum, -MAX_INTEGER), MAX_INTEGER)
        case "decimal":
            low = _bound(column.minimum, -LARGEST) * SCALE
            high = _bound(column.maximum, LARGEST) * SCALE
            return st.integers(low, high).map(lambda units: units / SCALE)
        case _:
            return _texts_of(column)


def _bound(given: float | None, otherwise: int) -> int:
    return otherwise if given is None else int(given)


def _texts_of(column: Column) -> SearchStrategy[str]:
    if column.codes:
        return st.sampled_from(list(code_list(column.codes)))
    if column.coding == EDTF:
        return edtf_dates()
    if column.coding == "identifier":
        return identifiers()
    if column.pattern:
        inner = column.pattern.removeprefix("^").removesuffix("$")
        plain = st.characters(codec="ascii", exclude_categories=["Cc", "Zs"])
        return st.from_regex(inner, fullmatch=True, alphabet=plain)
    return texts("\n" if column.prose else "")


def rows(table: TableSchema) -> SearchStrategy[Row]:
    """Return valid rows of *table*; the days that are derived from a date follow from it."""
    columns = {
        name: cells(column) if column.required else st.none() | cells(column)
        for name, column in table.columns.items()
    }
    return st.fixed_dictionaries(columns).map(with_days).map(COHERENT.get(table.name, with_days))


def _coherent_event(row: Row) -> Row:
    """Return *row* without the values that its model refuses to see stand alone."""
    scheme = code_list("code_schemes").get(row["code_scheme"], {"list": ""})
    listed = list(code_list(scheme["list"])) if scheme["list"] else [row["code"]]
    code = listed[len(row["code"]) % len(listed)] if row["code"] and row["code_scheme"] else None
    placed = None not in (row["latitude"], row["longitude"])
    return {
        **row,
        "code": code,
        "intensity": row["intensity"] if row["intensity_scheme"] else None,
        "latitude": row["latitude"] if placed else None,
        "longitude": row["longitude"] if placed else None,
    }


def _coherent_office(row: Row) -> Row:
    """Return *row* without its end, if that may be before its beginning."""
    begun = bounds(row["held_from"])[0]
    ended = bounds(row["held_until"])[1] if row["held_until"] else None
    backwards = begun and ended and ended < begun
    return {**row, "held_until": None if backwards else row["held_until"]}


def _coherent_relation(row: Row) -> Row:
    """Return *row* between two events."""
    same = row["event_id"] == row["other_id"]
    return {**row, "other_id": f"other-{row['other_id']}"[:128] if same else row["other_id"]}


COHERENT: Mapping[str, Callable[[Row], Row]] = {
    "events": _coherent_event,
    "offices": _coherent_office,
    "relations": _coherent_relation,
}
"""What makes a row obey the rules of its model that hold between columns."""

APART = ("code", "code_scheme", "intensity", "intensity_scheme", "latitude", "longitude")
"""Columns of events that cannot be changed one by one."""


def with_days(row: Row) -> Row:
    """Return *row* with the days that its date may mean, if it is one of an event."""
    if "date_earliest" not in row:
        return row
    earliest, latest = bounds(row["date"])
    return {**row, "date_earliest": earliest, "date_latest": latest}


def _key(table: TableSchema, row: Row) -> Row:
    return {name: row[name] for name in table.key}


def key_of(table: TableSchema, row: Row) -> tuple[Any, ...]:
    """Return what names *row*."""
    return tuple(row[name] for name in table.key)


def states(table: TableSchema, *, min_size: int = 0, max_size: int = 4) -> SearchStrategy[State]:
    """Return some rows of *table*, each key once."""
    return st.lists(
        rows(table),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda row: key_of(table, row),
    )


@st.composite
def histories(draw: st.DrawFn, table: TableSchema, *, max_states: int = 4) -> list[State]:
    """Return full states of *table*, one after another: rows come, change, go and come back."""
    first = draw(states(table, min_size=2, max_size=3))
    others = [
        COHERENT.get(table.name, with_days)({**draw(rows(table)), **_key(table, row)})
        for row in first
    ]
    forms = [
        (None, with_days(row), with_days(other)) for row, other in zip(first, others, strict=True)
    ]
    picks = st.tuples(*(st.sampled_from(each) for each in forms))
    drawn = draw(st.lists(picks, min_size=1, max_size=max_states))
    return [[row for row in picked if row is not None] for picked in drawn]


def event_histories(*, max_states: int = 4) -> SearchStrategy[list[State]]:
    """Return small histories of the table of events."""
    return histories(IMPORTED["events"], max_states=max_states)


def frame(table: TableSchema, state: Iterable[Row]) -> pl.DataFrame:
    """Return *state* as rows in flight."""
    return pl.DataFrame(list(state), schema=table.dtypes, orient="row")


def spelt(column: Column, value: object) -> str | None:
    """Return *value* as a cell of a file spells it."""
    if value is None:
        return None
    return f"{value:.{DECIMALS}f}" if column.kind == "decimal" else str(value)


def as_text(table: TableSchema, row: Row) -> dict[str, str | None]:
    """Return *row* with every value as a cell of a file spells it."""
    return {name: spelt(column, row[name]) for name, column in table.columns.items()}


def csv_text(rows_of_text: Sequence[Mapping[str, str | None]], header: Sequence[str]) -> str:
    """Return rows as CSV with the columns *header*, missing cells empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows_of_text)
    return text.getvalue()


def write_table(folder: Path, name: str, state: Iterable[Row]) -> Path:
    """Write *state* as the CSV file of the table *name* and return its path."""
    table = TABLES[name]
    path = folder / f"{name}.csv"
    texts_of = [as_text(table, row) for row in state]
    path.write_text(csv_text(texts_of, list(table.columns)), encoding="utf-8")
    return path


def _only(table: str, /, **given: str) -> dict[str, list[Row]]:
    whole = {**dict.fromkeys(TABLES[table].columns), **given}
    return {table: [with_days(whole)]}


SMALL: Mapping[str, list[Row]] = {
    **_only("actors", actor_id="RUS", name="Russia", kind="state", country="RUS"),
    **_only("offices", actor_id="RUS", office="Host", held_from="2024"),
    **_only("sources", source_id="kcna", publisher="KCNA", published_on="2024-02-20"),
    **_only("events", event_id="gift", event_type="gift", title="A car", date="2024-02-18"),
    **_only("participants", event_id="gift", actor_id="RUS", role="giver"),
    **_only(
        "evidence",
        evidence_id="c1",
        event_id="gift",
        source_id="kcna",
        stance="asserts",
        aspect="occurrence",
    ),
    **_only("relations", event_id="gift", relation="follows", other_id="elsewhere/visit"),
    **_only("coverage", coverage_id="s1", scope="gifts", period="2024"),
}
"""One row of every table that people fill in."""


def write_tables(folder: Path, tables: Mapping[str, Iterable[Row]]) -> list[Path]:
    """Write *tables* as CSV files into *folder* and return their paths."""
    return [write_table(folder, name, state) for name, state in tables.items()]
