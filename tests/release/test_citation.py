"""A citation can be read by those who read such things, and a query's can be read back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from regesta.errors import UsageError
from regesta.release.citation import FORMS, QUERY_FORMS, Cited
from regesta.release.query import Query, read_events, read_query
from regesta.release.rows import digest_of, events_of
from regesta.research.filters import MOST, Filters
from regesta.schema.tables import TIMELINE
from regesta.vocabulary import code_list

CARD = {
    "name": "two-gifts",
    "title": "Two gifts {50 % & more}, #1_a",
    "contributors": ["Anna Amsel", "Smith and Sons, Ltd."],
    "publisher": "Institut für Beispiele",
    "id": "https://doi.org/10.5555/12345",
    "homepage": "https://example.org/a_b%20c",
}
CSL_KEYS = {"id", "type", "title", "author", "issued", "version", "publisher", "DOI", "URL"} | {
    "note",
    "custom",
}
"""Keys that the schema of CSL-JSON 1.0.2 (`csl-data.json`) has, and that we use."""

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
DAY = st.dates().map(str)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def filters() -> st.SearchStrategy[Filters]:
    """Return any filters, of any words."""
    asked: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("actor", "event_type", "country", "since", "until"), WORDS),
        **dict.fromkeys(("status", "related_to"), WORDS),
        "between": st.tuples(WORDS, WORDS),
        "limit": st.integers(1, MOST),
    }
    return st.fixed_dictionaries({}, optional=asked).map(lambda said: Filters(**said))


def queries() -> st.SearchStrategy[Query]:
    """Return any query, and any answer."""
    return st.builds(
        Query,
        dataset=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True),
        version=st.none() | st.sampled_from(["1.0.0", "2.10.3-rc.1"]),
        filters=filters(),
        policy=st.sampled_from([*code_list("policies")]),
        values=st.sampled_from([*code_list("value_policies")]),
        position=st.integers(0, 10**9),
        day=DAY,
        known_by=st.none() | DAY.map("{}T23:59:59Z".format),
        root=HEX,
        rows=st.integers(0, 10**9),
        sha256=HEX,
    )


QUERY = Query(
    dataset="two-gifts",
    version="1.2.3",
    filters=Filters(between=("RUS", "Kim {Jong} Un"), event_type="gift", since="2023/.."),
    policy="parties",
    values="as_coded",
    position=26,
    day="2026-11-24",
    known_by="2024-02-20T23:59:59Z",
    root="ab" * 32,
    rows=2,
    sha256="cd" * 32,
)
CITED = Cited(
    card=CARD,
    version="1.2.3",
    day="2026-11-24",
    digest=f"sha256:{QUERY.root}",
    query=QUERY,
    events={"gift-car": "0123456789abcdef", "gift-dogs": "fedcba9876543210"},
)


@given(queries())
def test_a_query_is_read_back_from_its_line(query: Query) -> None:
    """Whatever was asked, wherever the line stands."""
    line = str(query)
    assert line.isascii()
    assert not set(line) & set(" \"'{}<>\\,;")
    for text in (line, f"A (2026). B.\n{line}\n", f"  regesta = {{{line}}},\n", json.dumps([line])):
        assert read_query(text, "x") == query


@given(queries(), st.data())
def test_a_line_that_lost_its_end_is_no_query(query: Query, data: st.DataObject) -> None:
    """However much of it is left."""
    line = str(query)
    left = data.draw(st.integers(0, len(line) - 1))
    with pytest.raises(UsageError, match=r"garbled|cites no query"):
        read_query(line[:left], "x")


def test_a_query_is_spelt_as_it_was_asked_and_in_one_order() -> None:
    """What was asked comes first, then from where it was seen, then what was answered."""
    assert str(QUERY) == (
        "regesta:two-gifts@1.2.3?between=RUS&between=Kim%20%7BJong%7D%20Un&type=gift&since=2023/.."
        "&policy=parties&values=as_coded&as-of=26&day=2026-11-24&known-by=2024-02-20T23:59:59Z"
        f"&root={QUERY.root}&rows=2&sha256={QUERY.sha256}"
    )
    assert QUERY.in_words == (
        "Timeline (between RUS and Kim {Jong} Un, type gift, since 2023/..), policy parties, "
        "values as_coded, as of record 26 (recorded on 2026-11-24), by what was known by "
        f"2024-02-20: 2 rows, whose CSV has the SHA-256 {QUERY.sha256}."
    )


@pytest.mark.parametrize(
    "change",
    [
        ("type=gift", "kind=gift"),
        ("type=gift", "type=gift&type=visit"),
        ("type=gift&since=2023/..", "since=2023/..&type=gift"),
        ("rows=2", "rows=+2"),
        ("rows=2", "rows=two"),
        ("as-of=26", "as-of=-1"),
        ("policy=parties&", ""),
        ("cdcd", "CDCD"),
        ("&rows=2", "&limit=5&rows=2"),
        ("type=gift", "type=%FF"),
        ("day=2026-11-24", "day=2026"),
        ("20T23:59:59Z", "20"),
    ],
    ids=lambda change: change[1] or "left-out",
)
def test_a_line_that_is_spelt_otherwise_is_garbled(change: tuple[str, str]) -> None:
    """It is refused with the way out, and never half understood."""
    with pytest.raises(UsageError, match=r"x is garbled.*take the citation anew"):
        read_query(str(QUERY).replace(*change, 1), "x")


def test_of_two_queries_neither_is_taken() -> None:
    """The same one twice is one."""
    other = replace(QUERY, rows=3)
    assert read_query(f"{QUERY}\n{QUERY}", "x") == QUERY
    with pytest.raises(UsageError, match="cites 2 queries; put each into its own file"):
        read_query(f"{QUERY}\n{other}", "x")


@pytest.mark.parametrize("form", QUERY_FORMS)
def test_each_form_of_a_citation_holds_its_query(form: str) -> None:
    """And says title, root and digest of the rows to people."""
    said = QUERY_FORMS[form](CITED)
    assert read_query(said, form) == QUERY
    assert said.count(QUERY.sha256) > 1
    assert said.count(QUERY.root) > 1


def test_bibtex_is_parsed_as_it_was_meant() -> None:
    """By a parser of BibTeX: fields, authors whole, and what TeX would take for its own."""
    [(key, entry)] = parse_string(QUERY_FORMS["bibtex"](CITED), "bibtex").entries.items()
    assert key == f"two-gifts-1.2.3-{QUERY.sha256[:8]}"
    assert entry.type == "misc"
    assert [str(who) for who in entry.persons["author"]] == [
        "{Anna Amsel}",
        "{Smith and Sons, Ltd.}",
    ]
    title = r"{Two gifts \textbraceleft{}50 \% \& more\textbraceright{}, \#1\_a}"
    said = dict(entry.fields)
    assert said["title"] == title
    assert said["regesta"] == str(QUERY)
    assert (said["doi"], said["url"]) == ("10.5555/12345", CARD["homepage"])
    assert (said["year"], said["publisher"]) == ("2026", CARD["publisher"])


@pytest.mark.parametrize("cited", [CITED, replace(CITED, query=None, events=None)])
def test_csl_json_has_what_the_format_requires(cited: Cited) -> None:
    """One item, with the keys and forms of CSL-JSON 1.0.

    No package carries the official schema: these are its requirements, kept by hand.
    """
    [item] = json.loads(FORMS["csl-json"](cited))
    assert set(item) <= CSL_KEYS
    assert (item["type"], item["id"]) == ("dataset", cited.key)
    assert item["author"] == [{"literal": "Anna Amsel"}, {"literal": "Smith and Sons, Ltd."}]
    assert item["issued"] == {"date-parts": [[2026, 11, 24]]}
    assert (item["title"], item["version"]) == (CARD["title"], "1.2.3")
    assert (item["publisher"], item["DOI"]) == (CARD["publisher"], "10.5555/12345")
    assert item["URL"] == CARD["homepage"]
    assert item["custom"]["root"] == cited.digest
    assert item["custom"].get("query") == (cited.query and str(cited.query))
    assert cited.digest in item["note"]


def test_a_citation_without_links_has_no_empty_ones() -> None:
    """A card that names no publisher, DOI or address is cited without."""
    cited = replace(CITED, card={"name": "x", "title": "X"}, version=None, position=26)
    [item] = json.loads(FORMS["csl-json"](cited))
    assert not {"publisher", "DOI", "URL", "version"} & set(item)
    entry = parse_string(FORMS["bibtex"](cited), "bibtex").entries[cited.key]
    assert not {"publisher", "doi", "url", "version"} & set(entry.fields)
    assert "(log, as it stood after record 26)" in FORMS["text"](cited)


def test_json_lists_rows_and_must_agree_with_its_line() -> None:
    """Whoever changes what a program would read is found out."""
    said = QUERY_FORMS["json"](CITED)
    assert read_events(said, QUERY, "x") == CITED.events
    assert read_events(QUERY_FORMS["text"](CITED), QUERY, "x") is None
    read = json.loads(said)
    first = {"gift-car": "0123456789abcdef"}
    for name, false in (
        ("policy", "strict"),
        ("filters", {}),
        ("rows", 3),
        ("events", first),
        ("events", [*first]),
        ("events", {**first, "gift-dogs": 7}),
        ("events", {**first, "gift-dogs": "short"}),
    ):
        with pytest.raises(UsageError, match="x is garbled"):
            read_events(json.dumps({**read, name: false}), QUERY, "x")
    for text in (said[:-3], "{}", "{" * 100_000):
        with pytest.raises(UsageError, match="x is garbled"):
            read_events(text, QUERY, "x")


@pytest.mark.parametrize("limit", [0, -1, MOST + 1])
def test_a_limit_that_is_none_is_refused(limit: int) -> None:
    """With what a limit is."""
    with pytest.raises(UsageError, match="A limit is a number of events"):
        Filters(limit=limit)


CELLS = st.none() | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8
)
ROWS = st.lists(st.tuples(CELLS, CELLS, st.none() | st.integers(0, 9)), min_size=1, max_size=4)


def _frame(rows: list[tuple[str | None, str | None, int | None]]) -> pl.DataFrame:
    """Return *rows* of a timeline, whose other columns say nothing."""
    columns = {
        "event_id": [f"e{n}" for n in range(len(rows))],
        "title": [title for title, _, _ in rows],
        "place": [place for _, place, _ in rows],
        "n_sources": [count for _, _, count in rows],
    }
    absent = {name: [None] * len(rows) for name in TIMELINE.columns}
    return pl.DataFrame({**absent, **columns}, schema=TIMELINE.dtypes)


@given(ROWS)
def test_a_stranger_recomputes_the_digests_from_the_csv(
    rows: list[tuple[str | None, str | None, int | None]],
) -> None:
    """That of the rows is that of the file, that of a row is that of its line."""
    frame = _frame(rows)
    text = frame.write_csv()
    assert sha256(text.encode()).hexdigest() == digest_of(frame)
    lines = []
    for cells in [*csv.reader(io.StringIO(text, newline=""))][1:]:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        lines.append(line.getvalue())
    assert text == f"{','.join(TIMELINE.columns)}\n{''.join(lines)}"
    shorts = [sha256(line.encode()).hexdigest()[:16] for line in lines]
    assert events_of(frame) == {f"e{n}": short for n, short in enumerate(shorts)}


@given(ROWS, st.data())
def test_one_changed_cell_changes_the_digest_and_that_of_its_row(
    rows: list[tuple[str | None, str | None, int | None]], data: st.DataObject
) -> None:
    """And no other row's."""
    changed = data.draw(st.integers(0, len(rows) - 1))
    title, place, count = rows[changed]
    anew = [*rows]
    anew[changed] = (data.draw(CELLS.filter(lambda cell: cell != title)), place, count)
    before, after = _frame(rows), _frame(anew)
    assert digest_of(before) != digest_of(after)
    first, second = events_of(before), events_of(after)
    assert {name for name in first if first[name] != second[name]} == {f"e{changed}"}
