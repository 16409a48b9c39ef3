"""Damaged inputs, one after the other: each is refused, named and located, and nothing recorded."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from tests.cli.conftest import SEED, Regesta, write_files

FIRST = {"event_id": "new-1", "event_type": "visit", "title": "A visit", "date": "2024-05-01"}
LAST = {"event_id": "new-2", "event_type": "gift", "title": "A gift", "date": "2024-06"}
HEADER = b"event_id,event_type,title,date\n"
GOOD = b"new-1,visit,A visit,2024-05-01\n"
GOOD_2 = b"new-2,gift,A gift,2024-06\n"

Files = Mapping[str, bytes]
Cells = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Damage:
    """An input and what its refusal must say.

    `rows` are those that the refusal names, by file; a file without rows is named as a whole.
    """

    name: str
    files: Files
    says: str
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    status: int = 3
    words: tuple[str, ...] = ()

    def paths(self) -> tuple[str, ...]:
        """Return what stands behind `import`."""
        return self.words or tuple(self.files)


def table(*rows: Cells) -> bytes:
    """Return *rows* as a CSV file."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def whole(name: str, file: str, data: bytes, says: str, *rows: int, status: int = 3) -> Damage:
    """Return one damaged file; *rows* are the rows at fault, none if it is the file as a whole."""
    return Damage(name=name, files={file: data}, says=says, rows={file: rows}, status=status)


def event(name: str, says: str, **cells: str) -> Damage:
    """Return a file of events whose third row, between two good ones, is wrong in *cells*."""
    wrong = {**FIRST, "event_id": "new-bad", **cells}
    return whole(name, "events.csv", table(FIRST, wrong, LAST), says, 3)


def row_of(name: str, says: str, of: str, good: Cells, **cells: str) -> Damage:
    """Return a file of the table *of* whose third row differs from its good second in *cells*."""
    return whole(name, f"{of}.csv", table(good, {**good, **cells}), says, 3)


def flat(name: str, says: str, **cells: str) -> Damage:
    """Return a flat file whose third row is wrong in *cells*."""
    good = {
        "date": "2024-05-01",
        "event_type": "visit",
        "title": "A visit",
        "participants": "RUS:guest; PRK:host",
        "source_url": "https://example.org/1",
        "published_on": "2024-05-02",
    }
    other = {**good, "source_url": "https://example.org/2", **cells}
    return whole(name, "mine.csv", table(good, other), says, 3)


def parquet(frame: pl.DataFrame) -> bytes:
    """Return *frame* as a Parquet file."""
    data = io.BytesIO()
    frame.write_parquet(data)
    return data.getvalue()


def sheet(*rows: list[object]) -> bytes:
    """Return *rows* as an XLSX file."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def lines(*texts: str) -> bytes:
    """Return a JSON Lines file whose first line is a good event."""
    return "\n".join([json.dumps(FIRST), *texts, ""]).encode()


def folder(
    name: str, says: str, *rows: int, at: str, files: Mapping[str, str], status: int = 3
) -> Damage:
    """Return the dataset folder `set`: `SEED` with *files* added or in place of its own."""
    given = {f"set/{path}": text.encode() for path, text in {**SEED, **files}.items()}
    return Damage(name=name, files=given, says=says, rows={at: rows}, status=status, words=("set",))


def card(name: str, says: str, line: str) -> Damage:
    """Return a dataset folder whose card is TOML, and wrong in its last *line*."""
    text = f'name = "two-gifts"\n{line}\n'
    return folder(name, says, at="dataset.toml", files={"dataset.toml": text})


PARQUET = parquet(pl.DataFrame([FIRST, LAST]))
XLSX = sheet(list(FIRST), list(FIRST.values()))
PARTY = {"event_id": "gift-car", "actor_id": "dprk", "role": "recipient"}
CLAIM = {
    "evidence_id": "gift-car.e09",
    "event_id": "gift-car",
    "source_id": "kcna-1",
    "stance": "asserts",
    "aspect": "occurrence",
    "speaker": "putin",
}
SOURCE = {"source_id": "new-1", "publisher": "KCNA", "kind": "press", "url": "https://kcna.kp/1"}
ACTOR = {"actor_id": "new-1", "name": "A person", "kind": "person", "country": "RUS"}
OFFICE = {"actor_id": "kim", "office": "Chairman", "held_from": "2016-06-29", "held_until": "2021"}
LINK = {"event_id": "gift-dogs", "relation": "follows", "other_id": "gift-car"}
SEARCH = {"coverage_id": "new-1", "scope": "Gifts", "period": "2023", "n_events": "4"}

ENCODINGS = (
    whole("latin-1", "events.csv", HEADER + GOOD + b"x,visit,M\xfcnster,2024\n", "Latin-1", 3),
    whole("windows-1251", "events.csv", HEADER + "x,visit,Визит,2024".encode("cp1251"), "UTF-8", 2),
    whole("euc-kr", "events.csv", HEADER + GOOD + "x,gift,선물,2024".encode("euc-kr"), "UTF-8", 3),
    whole("utf-16-bom", "events.csv", (HEADER + GOOD).decode().encode("utf-16"), "UTF-16"),
    whole("utf-16-le-no-bom", "events.csv", HEADER.decode().encode("utf-16-le"), "UTF-16"),
    whole("utf-16-be-no-bom", "events.csv", HEADER.decode().encode("utf-16-be"), "UTF-16"),
    whole("utf-32", "events.csv", HEADER.decode().encode("utf-32"), "UTF-32"),
    whole("overlong-utf-8", "events.csv", HEADER + b"x,visit,a\xc0\xafb,2024\n", "0xC0", 2),
    whole("surrogate", "events.csv", HEADER + GOOD + b"x,visit,\xed\xa0\x80,2024\n", "0xED", 3),
    whole("beyond-unicode", "events.csv", HEADER + b"x,visit,\xf5\x80\x80\x80,2024\n", "0xF5", 2),
    whole("cut-within-character", "events.csv", HEADER + GOOD + b"x,visit,\xe2\x82", "0xE2", 3),
    whole("two-boms", "events.csv", b"\xef\xbb\xbf" * 2 + HEADER + GOOD, "two byte order marks", 1),
    whole("nul", "events.csv", HEADER + GOOD + b"x,visit,A\x00B,2024\n", "NUL", 3),
    whole("bytes-of-a-picture", "events.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "NUL", 1, 3),
)

SHAPES = (
    whole("short-row", "events.csv", HEADER + GOOD + b"new-3,visit\n", "2 cells, the header 4", 3),
    whole(
        "long-row", "events.csv", HEADER + GOOD + b"x,visit,A,B,2024\n", "5 cells, the header", 3
    ),
    whole(
        "ragged-after-blank-row",
        "events.csv",
        HEADER + GOOD + b"\n,,,\n" + b"new-3,visit\n",
        "2 cells",
        5,
    ),
    whole(
        "ragged-after-cell-of-two-lines",
        "events.csv",
        b"event_id,event_type,title,date,summary\n"
        b'new-1,visit,A visit,2024,"one\ntwo\nthree"\nnew-2,visit\n',
        "2 cells",
        3,
    ),
    whole(
        "ragged-with-crlf",
        "events.csv",
        (HEADER + GOOD + b"new-3\n").replace(b"\n", b"\r\n"),
        "1 cells",
        3,
    ),
    whole(
        "tsv-named-csv-ragged",
        "events.csv",
        (HEADER + GOOD).replace(b",", b"\t") + b"x\ty\n",
        "2",
        3,
    ),
    whole("csv-named-tsv", "events.tsv", HEADER + GOOD, "no column that is known", 1),
    whole(
        "unclosed-quote", "events.csv", HEADER + GOOD + b'new-3,visit,"A,2024\n', "never closes", 3
    ),
    whole(
        "text-after-quote", "events.csv", HEADER + GOOD + b'x,visit,"A"B,2024\n', "closing quote", 3
    ),
    whole("empty-file", "events.csv", b"", "is empty"),
    whole("only-a-bom", "events.csv", b"\xef\xbb\xbf", "is empty"),
    whole("only-blank-lines", "events.csv", b"\n\n  \n", "is empty"),
    whole("only-delimiters", "events.csv", b",,,\n", "blank", 1),
)

HEADERS = (
    whole("blank-first-row", "events.csv", b",,,\n" + HEADER + GOOD, "first row is blank", 1),
    whole("duplicate-label", "events.csv", b"event_id,title,title\nx,A,B\n", "'title' 2 times", 1),
    whole("blank-label", "events.csv", b"event_id,,title\nx,1,A\n", "cell 2 of the header", 1),
    whole(
        "misspelt-label",
        "events.csv",
        HEADER.replace(b"event_type", b"event_typ") + GOOD,
        "did you mean 'event_type'",
        1,
    ),
    whole("label-in-capitals", "events.csv", HEADER.replace(b"date", b"Date") + GOOD, "'date'", 1),
    whole("key-missing", "sources.csv", b"publisher,url\nTASS,https://tass.com\n", "source_id", 1),
    whole(
        "flat-lacks-title", "mine.csv", b"date,event_type,participants\n2024,gift,\n", "title", 1
    ),
    whole("unknown-columns-only", "strange.csv", b"foo,bar\n", "no column that is known", 1),
    whole("unknown-column-in-flat", "mine.csv", b"date,event_type,title,gost\n", "did you mean", 1),
    whole(
        "header-with-direction-mark",
        "events.csv",
        HEADER.replace(b"title", "\u202etitle".encode()),
        "",
        1,
    ),
    whole(
        "required-columns-missing", "events.csv", b"event_id,title\nnew-1,A\n", "every row needs", 2
    ),
)

DATES = (
    event("day-beyond-february", "2023-02-30", date="2023-02-30"),
    event("month-13", "2024-13-01", date="2024-13-01"),
    event("day-first", "30/02/2023", date="30/02/2023"),
    event("no-leading-zeros", "2023-2-3", date="2023-2-3"),
    event("no-leap-year", "2023-02-29", date="2023-02-29"),
    event("reversed-interval", "2024-05-02/2024-05-01", date="2024-05-02/2024-05-01"),
    event("date-in-words", "May 2024", date="May 2024"),
    event("full-width-digits", "bad-date", date="\uff12\uff10\uff12\uff14"),
    event("excel-serial-date", "45352", date="45352"),
    event("date-empty", "is empty", date=""),
    event("date-NA", "NA", date="NA"),
    event("earliest-contradicts", "does not follow", date="2024-05", date_earliest="2024-05-02"),
    event("latest-contradicts", "does not follow", date="2024-05", date_latest="2024-05-30"),
    event("earliest-no-day", "YYYY-MM-DD", date="2024-02-01", date_earliest="2024-02-30"),
)

CELLS = (
    event("latitude-beyond-the-pole", "out-of-range", latitude="90.01"),
    event("longitude-beyond-180", "out-of-range", longitude="-180.5"),
    event("latitude-with-comma", "with a point", latitude="39,04"),
    event("latitude-in-degrees", "not a number", latitude="39°02'N"),
    event("latitude-nan", "not a number", latitude="NaN"),
    event("latitude-inf", "not a number", latitude="inf"),
    event("latitude-exponent", "not a number", latitude="1e1"),
    event("geonames-fraction", "not a whole number", geonames_id="1871859.5"),
    event("geonames-zero", "out-of-range", geonames_id="0"),
    event("geonames-too-big", "not a whole number", geonames_id="9" * 25),
    event("unknown-event-type", "did you mean 'visit'", event_type="vist"),
    event("event-type-in-capitals", "unknown-code", event_type="VISIT"),
    event("unknown-country", "unknown-code", country="XXQ"),
    event("country-by-name", "did you mean 'RUS'", country="Russia"),
    event("latitude-as-written", "'91,'", latitude="91,"),
    event("latitude-of-two-digits", "'91' is out of range", latitude="91", longitude="1"),
    event("details-as-written", """'{ "a": null }'""", details='{ "a": null }'),
    event("title-very-long", "…", title="\u200b" + "x" * 200),
    event("country-alpha-2", "unknown-code", country="RU"),
    event("unknown-code-scheme", "code list", code="010", code_scheme="cameo"),
    event("unknown-precision", "unknown-code", place_precision="street"),
    event("zero-width-space", "U+200B", title="A vi\u200bsit"),
    event("bidi-override", "U+202E", title="A \u202evisit"),
    event("byte-order-mark-within", "U+FEFF", title="\ufeffA visit"),
    event("soft-hyphen", "U+00AD", title="A vi\u00adsit"),
    event("tab-in-title", "U+0009", title="A\tvisit"),
    event("line-break-in-title", "U+000A", title="A\nvisit"),
    event("line-separator-in-title", "U+2028", title="A\u2028visit"),
    event("escape-character", "U+001B", title="A \x1b[31mvisit"),
    event("control-in-summary", "U+0007", summary="Ring\x07ing"),
    event("private-use-character", "U+E000", title="A \ue000 visit"),
    event("title-blank", "is empty", title=" \u00a0 "),
    event("identifier-blank", "is empty", event_id=""),
    event("identifier-slash", "no identifier", event_id="a/b"),
    event("identifier-space", "no identifier", event_id="new 1"),
    event("identifier-leading-dot", "no identifier", event_id=".hidden"),
    event("identifier-of-129", "no identifier", event_id="x" * 129),
    event("identifier-cyrillic-letter", "no identifier", event_id="gift-\u0441"),
    event("details-list", "not a JSON object", details="[1]"),
    event("details-fraction", "fraction", details='{"tonnes":1.5}'),
    event("details-null", "null", details='{"tonnes":null}'),
    event("details-key-twice", "twice", details='{"a":1,"a":2}'),
    event("details-nan", "NaN", details='{"a":NaN}'),
    event("details-cut-off", "not JSON", details='{"a":"b'),
    event("details-single-quotes", "not JSON", details="{'a': 1}"),
    event("details-too-big-a-number", "2^53-1", details='{"a":9007199254740993}'),
    event("details-foreign-key", "not ASCII", details='{"größe":1}'),
    event("details-nested-deeply", "bad-json", details='{"a":' * 5000 + "1" + "}" * 5000),
    event("details-half-surrogate", "bad-json", details='{"a":"\\ud800"}'),
    event("details-hidden-character", "details", details='{"a":"b\\u202ec"}'),
)

OTHER_TABLES = (
    row_of("unknown-role", "'guest'", "participants", PARTY, role="gest"),
    row_of("role-empty", "is empty", "participants", PARTY, role=""),
    row_of("participant-event", "mean 'gift-car'", "participants", PARTY, event_id="gift-cat"),
    row_of("participant-actor", "foreign-key", "participants", PARTY, actor_id="nobody"),
    row_of(
        "participant-on-behalf",
        "nobody",
        "participants",
        PARTY,
        role="giver",
        on_behalf_of="nobody",
    ),
    row_of("unknown-stance", "'denies'", "evidence", CLAIM, evidence_id="x", stance="denys"),
    row_of(
        "evidence-event", "foreign-key", "evidence", CLAIM, evidence_id="x", event_id="gift-cat"
    ),
    row_of(
        "evidence-source", "foreign-key", "evidence", CLAIM, evidence_id="x", source_id="kcna-2"
    ),
    row_of("evidence-speaker", "foreign-key", "evidence", CLAIM, evidence_id="x", speaker="nobody"),
    row_of(
        "aspect-in-words", "does not match", "evidence", CLAIM, evidence_id="x", aspect="A claim"
    ),
    row_of("said-on-no-date", "bad-date", "evidence", CLAIM, evidence_id="x", said_on="yesterday"),
    row_of("source-url", "no web address", "sources", SOURCE, source_id="x", url="www.kcna.kp"),
    row_of(
        "source-url-script", "web address", "sources", SOURCE, source_id="x", url="javascript:1"
    ),
    row_of("source-language", "language", "sources", SOURCE, source_id="x", language="English!"),
    row_of("source-digest", "sha256", "sources", SOURCE, source_id="x", content_sha256="ABC"),
    row_of("source-kind", "'press'", "sources", SOURCE, source_id="x", kind="pres"),
    row_of("source-link-state", "link_states", "sources", SOURCE, source_id="x", link_state="gone"),
    row_of("publisher-empty", "is empty", "sources", SOURCE, source_id="x", publisher=""),
    row_of("wikidata-id", "wikidata_id", "actors", ACTOR, actor_id="x", wikidata_id="7747"),
    row_of("actor-kind", "'person'", "actors", ACTOR, actor_id="x", kind="persn"),
    row_of("cow-code", "cow_code", "actors", ACTOR, actor_id="x", cow_code="RUS"),
    row_of("office-actor", "foreign-key", "offices", OFFICE, actor_id="nobody"),
    row_of("office-from-never", "is empty", "offices", OFFICE, held_from=""),
    row_of("relation-unknown", "'follows'", "relations", LINK, relation="folows"),
    row_of("relation-event", "foreign-key", "relations", LINK, event_id="gift-cat"),
    row_of("relation-other", "foreign-key", "relations", LINK, other_id="gift-cat"),
    row_of("coverage-count", "whole number", "coverage", SEARCH, coverage_id="x", n_events="four"),
    row_of("coverage-negative", "out-of-range", "coverage", SEARCH, coverage_id="x", n_events="-1"),
    row_of("coverage-period", "bad-date", "coverage", SEARCH, coverage_id="x", period="2023-2024"),
)

FLAT = (
    flat("flat-date", "bad-date", date="2024-5-1"),
    flat("flat-actor", "no actor", participants="RUS:guest; Nobody:host"),
    flat("flat-actor-nearly", "'kim jong un'", participants="Kim Jong Unn:host"),
    flat("flat-role", "unknown-code", participants="RUS:gost"),
    flat("flat-without-role", "no role", participants="RUS; PRK:host"),
    flat("flat-role-without-actor", "is empty", participants=":host"),
    flat("flat-url", "no web address", source_url="example.org/1"),
    flat("flat-published-on", "bad-date", published_on="2 May 2024"),
    flat("flat-stance", "unknown-code", stance="says"),
    flat("flat-speaker", "no actor", speaker="Nobody"),
    flat(
        "flat-stance-without-source",
        "source",
        source_url="",
        published_on="",
        gist="So it is said.",
    ),
)

KEYS = (
    whole(
        "key-twice-disagrees",
        "events.csv",
        table(FIRST, LAST, {**FIRST, "title": "Another"}),
        "names the same row as events.csv row 4",
        2,
        4,
    ),
    Damage(
        name="key-twice-across-files",
        files={"a.csv": table(FIRST, LAST), "b.csv": table({**FIRST, "date": "2024-05-02"})},
        says="names the same row as a.csv row 2",
        rows={"a.csv": (2,), "b.csv": (2,)},
    ),
    Damage(
        name="row-that-names-a-refused-row",
        files={
            "events.csv": table(FIRST, {**LAST, "date": "never"}),
            "participants.csv": table({"event_id": "new-2", "actor_id": "kim", "role": "guest"}),
        },
        says="mend that row first",
        rows={"events.csv": (3,), "participants.csv": (2,)},
    ),
    Damage(
        name="key-blank-and-unknown-name",
        files={
            "sources.csv": table({**SOURCE, "source_id": ""}),
            "evidence.csv": table({**CLAIM, "source_id": "kcna-2"}),
        },
        says="is no row of sources",
        rows={"sources.csv": (2,), "evidence.csv": (2,)},
    ),
    whole(
        "two-rows-at-fault",
        "events.csv",
        table(
            FIRST,
            {**FIRST, "event_id": "a", "date": "x"},
            LAST,
            {**LAST, "event_id": "b", "event_type": "y"},
        ),
        "2 failures",
        3,
        5,
    ),
)

CONTAINERS = (
    whole("parquet-cut-off", "events.parquet", PARQUET[: len(PARQUET) // 2], "export it again"),
    whole("parquet-empty", "events.parquet", b"", "events.parquet"),
    whole("parquet-that-is-csv", "events.parquet", HEADER + GOOD, "export it again"),
    whole(
        "parquet-nested-title",
        "events.parquet",
        parquet(pl.DataFrame([{**FIRST, "title": ["A", "B"]}])),
        "title",
        2,
    ),
    whole(
        "jsonl-nested-title",
        "events.jsonl",
        lines(json.dumps({**LAST, "title": ["A"]})),
        "title",
        2,
    ),
    whole(
        "parquet-nan-latitude",
        "events.parquet",
        parquet(
            pl.DataFrame(
                [
                    {**FIRST, "latitude": 1.0, "longitude": 1.0},
                    {**LAST, "latitude": float("nan"), "longitude": 1.0},
                ]
            )
        ),
        "not a number",
        3,
    ),
    whole(
        "xlsx-formula",
        "events.xlsx",
        sheet(list(FIRST), ["x", "visit", "=1+1", "2024"]),
        "formula",
        2,
    ),
    whole(
        "xlsx-error-cell",
        "events.xlsx",
        sheet(list(FIRST), ["x", "visit", "#REF!", "2024"]),
        "error",
        2,
    ),
    whole("xlsx-cut-off", "events.xlsx", XLSX[:-200], "damaged"),
    whole("xlsx-that-is-csv", "events.xlsx", HEADER + GOOD, "damaged"),
    whole("xlsx-empty", "events.xlsx", sheet(), "is empty"),
    whole("xls-old", "events.xlsx", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old .xls"),
    whole(
        "xlsx-surplus-cell",
        "events.xlsx",
        sheet(list(FIRST), list(FIRST.values()), ["x", "gift", "A", "2024", "z"]),
        "column E",
        3,
    ),
    whole("gz-that-is-none", "events.csv.gz", HEADER + GOOD, "no whole gzip file"),
    whole("gz-cut-off", "events.csv.gz", gzip.compress(HEADER + GOOD)[:-9], "no whole gzip file"),
    whole("gz-of-a-bad-row", "events.csv.gz", gzip.compress(HEADER + GOOD + b"x\n"), "1 cells", 3),
    whole("jsonl-not-json", "events.jsonl", lines("{not json}"), "not JSON", 2),
    whole("jsonl-key-twice", "events.jsonl", lines('{"event_id":"a","event_id":"b"}'), "twice", 2),
    whole("jsonl-array", "events.jsonl", lines('["new-3"]'), "object", 2),
    whole("jsonl-pretty-printed", "events.jsonl", b'{\n"event_id": "a"\n}\n', "not JSON", 1, 2, 3),
    whole("jsonl-nan", "events.jsonl", lines('{"event_id":"a","latitude":NaN}'), "NaN", 2),
    whole(
        "jsonl-bad-cell-after-blank-line", "events.jsonl", lines("", '{"event_id":"a b"}'), "", 3
    ),
    whole("jsonl-empty", "events.jsonl", b"\n", "is empty"),
    whole("jsonl-of-one-bad-line", "events.jsonl", b'{"event_id"', "1 failure in", 1),
    whole("jsonl-value-is-shown", "events.jsonl", lines('{"title":["A"]}'), """'["A"]'""", 2),
    whole("jsonl-line-is-shown", "events.jsonl", lines("{not json}"), "'{not json}'", 2),
    whole(
        "jsonl-unknown-key",
        "events.jsonl",
        lines(json.dumps({**LAST, "titel": "A"})),
        "did you mean 'title'",
        2,
    ),
)

FOLDERS = (
    folder(
        "card-not-toml",
        "is not TOML",
        2,
        at="dataset.toml",
        files={"dataset.toml": "a = 1\nb = ?\n"},
    ),
    folder(
        "card-of-another-dataset", "'other'", at="two", files={"dataset.toml": 'name = "other"\n'}
    ),
    folder(
        "unknown-table-file",
        "no table is called",
        at="gifts.csv",
        status=2,
        files={"tables/gifts.csv": "gift_id\nx\n"},
    ),
    *(
        folder(
            f"two-files-of-a-table-{name}",
            f"events.csv and {name}",
            at="set/tables",
            status=2,
            files={f"tables/{name}": SEED["tables/events.csv"]},
        )
        for name in ("events.old.csv", "events.tsv", "events.jsonl", "events.csv.bak")
    ),
    Damage(
        name="folder-without-tables",
        files={"set/dataset.toml": b'name = "two-gifts"\ntitle = "Two gifts"\n'},
        says="holds no table",
        rows={"set": ()},
        status=2,
        words=("set",),
    ),
    folder(
        "folder-with-flat-columns",
        "'participants' is no column",
        1,
        at="events.csv",
        files={"tables/events.csv": "event_id,date,event_type,title,participants\n"},
    ),
    folder(
        "folder-with-a-blank-key",
        "is empty",
        2,
        at="events.csv",
        files={"tables/events.csv": "event_id,date,event_type,title\n,2024,gift,A car\n"},
    ),
    folder(
        "bad-row-in-one-table",
        "nobody",
        3,
        at="participants.csv",
        files={
            "tables/participants.csv": "event_id,actor_id,role\n"
            "gift-car,kim,recipient\ngift-car,nobody,giver\n"
        },
    ),
    Damage(
        name="card-not-utf-8",
        files={"set/dataset.toml": b'name = "two-gifts"\ntitle = "M\xfcnster"\n'},
        says="UTF-8",
        rows={"dataset.toml": (2,)},
        words=("set",),
    ),
    card("card-with-a-fraction", "fraction", "weight = 1.5"),
    card("card-with-a-day", "made_on", "made_on = 2024-01-01"),
    card("card-with-a-foreign-key", "ASCII", '[details]\n"gr\u00f6\u00dfe" = "Size."'),
    card("card-with-contributors-as-text", "contributors", 'contributors = "Anna Amsel"'),
    card("card-with-misspelt-key", "did you mean 'license'", 'licence = "CC0-1.0"'),
    card("card-with-hidden-title", "title holds the invisible", 'title = "T\u200bwo"'),
    card("card-with-hidden-item", "U+3164", 'keywords = ["g\u3164fts"]'),
    card("card-nested-deeply", "nested too deeply", "deep = " + "[" * 5000 + "]" * 5000),
    card("card-with-license-as-list", "license", 'license = ["CC-BY-4.0"]'),
)

NAMES = (
    Damage(
        name="missing-file",
        files={},
        says="no such file",
        rows={"gone.csv": ()},
        status=2,
        words=("gone.csv",),
    ),
    whole("unknown-ending", "events.pdf", HEADER + GOOD, "no ending that tells", status=2),
    whole("no-ending", "events", HEADER + GOOD, "no ending that tells", status=2),
    Damage(
        name="folder-without-card",
        files={"set/events.csv": HEADER + GOOD},
        says="dataset.toml",
        rows={"set": ()},
        status=2,
        words=("set",),
    ),
    Damage(
        name="folder-named-csv",
        files={"events.csv/a": b""},
        says="folder",
        rows={"events.csv": ()},
        status=2,
        words=("events.csv",),
    ),
    Damage(
        name="device",
        files={},
        says="no ending that tells",
        rows={"/dev/null": ()},
        status=2,
        words=("/dev/null",),
    ),
    Damage(
        name="one-good-file-one-missing",
        files={"events.csv": HEADER + GOOD},
        says="no such file",
        rows={"gone.csv": ()},
        status=2,
        words=("events.csv", "gone.csv"),
    ),
    Damage(name="path-with-nul", files={}, says="", rows={"a": ()}, status=2, words=("a\0b.csv",)),
)

DAMAGES = (
    *ENCODINGS,
    *SHAPES,
    *HEADERS,
    *DATES,
    *CELLS,
    *OTHER_TABLES,
    *FLAT,
    *KEYS,
    *CONTAINERS,
    *FOLDERS,
    *NAMES,
)


def rows_named(err: str, file: str) -> tuple[int, ...]:
    """Return the rows of *file* that the failures on stderr begin with, in order, each once."""
    found = re.findall(rf"^(?:\S*/)?{re.escape(file)} row (\d+)\b", err, re.MULTILINE)
    return tuple(dict.fromkeys(map(int, found)))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage_is_refused_named_and_located(damage: Damage, regesta: Regesta, desk: Path) -> None:
    """A damaged input ends with its status and place on stderr, and leaves the log as it was."""
    write_files(desk, dict(damage.files))
    before = regesta("checkpoint").out
    answer = regesta("import", *damage.paths())
    assert answer.status == damage.status, answer.err
    assert damage.says in answer.err
    for file, rows in damage.rows.items():
        assert file in answer.err
        assert rows_named(answer.err, file) == rows, answer.err
    assert "Traceback" not in answer.err
    assert "fault of ours" not in answer.err
    assert answer.out == ""
    assert regesta("checkpoint").out == before


def test_the_seed_itself_is_refused_for_none_of_these_reasons(regesta: Regesta, desk: Path) -> None:
    """The good rows that surround each damage are valid, so that the damage alone is at fault."""
    good = {
        "events.csv": table(FIRST, LAST),
        "participants.csv": table(PARTY),
        "evidence.csv": table(CLAIM),
        "sources.csv": table(SOURCE),
        "actors.csv": table(ACTOR),
        "offices.csv": table(OFFICE),
        "relations.csv": table(LINK),
        "coverage.csv": table(SEARCH),
    }
    write_files(desk, good)
    answer = regesta("import", *good, "--json")
    assert answer.status == 0, answer.err
    assert sum(counts["added"] for counts in answer.json["tables"].values()) == 9


def test_the_ids_of_damages_are_distinct() -> None:
    """No damage hides another by its name."""
    assert len({damage.name for damage in DAMAGES}) == len(DAMAGES) >= 70


def balances(counts: Mapping[str, int]) -> bool:
    """Return whether a table's receipt accounts for every row that was read."""
    kept = ("added", "revised", "restored", "unchanged", "duplicate", "rejected")
    return counts["read"] == sum(counts[name] for name in kept)


def test_quarantine_records_the_good_rows_and_writes_the_bad_ones_whole(
    regesta: Regesta, desk: Path
) -> None:
    """Each refused row stands in the quarantine as it was written, with where and why before it."""
    bad = [
        {**FIRST, "event_id": "bad-1", "date": "2023-02-30", "title": ' 007, "so" '},
        {**FIRST, "event_id": "bad/2", "event_type": "vist", "title": "=1+1"},
    ]
    write_files(desk, {"events.csv": table(FIRST, bad[0], FIRST, bad[1], LAST)})
    answer = regesta("import", "events.csv", "--quarantine", "bad.csv", "--json")
    assert answer.status == 0, answer.err
    counts = answer.json["tables"]["events"]
    assert balances(counts)
    assert (counts["read"], counts["added"], counts["rejected"], counts["duplicate"]) == (
        5,
        2,
        2,
        1,
    )
    assert rows_named(answer.err, "events.csv") == (3, 5)
    with (desk / "bad.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [{name: row[name] for name in FIRST} for row in found] == bad
    assert [(row["rejected_file"], row["rejected_row"]) for row in found] == [
        ("events.csv", "3"),
        ("events.csv", "5"),
    ]
    assert found[0]["rejected_column"] == "date"
    assert found[0]["rejected_rule"] == "bad-date"
    assert set(found[1]["rejected_column"].split(" | ")) == {"event_id", "event_type"}
    titles = [
        row["title"] for row in regesta("timeline", "--since", "2024-05", "--format", "csv").rows
    ]
    assert titles == ["A visit", "A gift", "Two dogs"]


def test_quarantine_keeps_torn_rows_as_they_were_written(regesta: Regesta, desk: Path) -> None:
    """A row with too few or too many cells stands in the quarantine as the text that it was."""
    torn = [b"new-3,visit", b'new-4,visit,"A, B",2024,surplus']
    write_files(desk, {"events.csv": HEADER + GOOD + b"\n".join(torn) + b"\n" + GOOD_2})
    answer = regesta("import", "events.csv", "--quarantine", "bad.csv", "--json")
    assert answer.status == 0, answer.err
    counts = answer.json["tables"]["events"]
    assert balances(counts)
    assert (counts["read"], counts["added"], counts["rejected"]) == (4, 2, 2)
    with (desk / "bad.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["rejected_text"].encode() for row in found] == torn
    assert [row["rejected_row"] for row in found] == ["3", "4"]


def test_quarantined_rows_come_in_once_they_are_mended(regesta: Regesta, desk: Path) -> None:
    """Importing the mended file after a quarantine adds what was refused, and nothing else."""
    write_files(desk, {"events.csv": table(FIRST, {**LAST, "date": "2024-13"})})
    first = regesta("import", "events.csv", "--quarantine", "bad.csv", "--json")
    assert first.json["tables"]["events"]["added"] == 1, first.err
    write_files(desk, {"events.csv": table(FIRST, LAST)})
    counts = regesta("import", "events.csv", "--json").json["tables"]["events"]
    assert (counts["added"], counts["unchanged"]) == (1, 1)


def test_a_quarantine_holds_no_rows_of_an_earlier_import(regesta: Regesta, desk: Path) -> None:
    """When nothing is refused any more, the old quarantine goes, and that is said."""
    write_files(desk, {"events.csv": table(FIRST, {**LAST, "date": "2024-13"})})
    assert "bad.csv" not in regesta("import", "events.csv", "--quarantine", "bad.csv").err
    write_files(desk, {"events.csv": table(FIRST, LAST)})
    assert "bad.csv" in regesta("import", "events.csv", "--quarantine", "bad.csv").err
    assert not (desk / "bad.csv").exists()


@pytest.mark.parametrize(
    ("file", "data", "says"),
    [
        ("events.csv", HEADER + b"x\n", "Every row was refused"),
        ("events.jsonl", b'{"a\n[1]\n', "Every row was refused"),
        ("events.csv", HEADER + GOOD + b"x\n", "all that is valid already"),
    ],
)
def test_where_nothing_is_left_to_record_the_receipt_says_why(
    file: str, data: bytes, says: str, regesta: Regesta, desk: Path
) -> None:
    """A file whose every row is refused is not one that the log knows already."""
    write_files(desk, {"first.csv": HEADER + GOOD, file: data})
    regesta("import", "first.csv")
    answer = regesta("import", file, "--quarantine", "bad.csv")
    assert answer.status == 0, answer.err
    assert says in answer.out


def test_quarantine_takes_what_hangs_on_a_refused_row(regesta: Regesta, desk: Path) -> None:
    """A participant whose event is refused is refused with it, and accounted for."""
    write_files(
        desk,
        {
            "events.csv": table(FIRST, {**LAST, "date": "never"}),
            "participants.csv": table(
                {"event_id": "new-1", "actor_id": "kim", "role": "guest"},
                {"event_id": "new-2", "actor_id": "kim", "role": "guest"},
            ),
        },
    )
    answer = regesta("import", "events.csv", "participants.csv", "--quarantine", "q.csv", "--json")
    assert answer.status == 0, answer.err
    tables = answer.json["tables"]
    assert all(balances(counts) for counts in tables.values())
    assert {name: counts["rejected"] for name, counts in tables.items()} == {
        "events": 1,
        "participants": 1,
    }
    assert regesta("show", "new-2").status == 2
    assert regesta("show", "new-1").status == 0
    with (desk / "q.csv").open(encoding="utf-8", newline="") as file:
        assert [row["rejected_file"] for row in csv.DictReader(file)] == [
            "events.csv",
            "participants.csv",
        ]


def test_a_flat_row_is_quarantined_with_all_that_it_holds(regesta: Regesta, desk: Path) -> None:
    """A flat row with one unknown actor brings no event, no other participant and no source."""
    head = "date,event_type,title,participants,source_url,published_on\n"
    good = "2024-05-01,visit,A visit,RUS:guest; PRK:host,https://example.org/g,2024-05-02\n"
    bad = "2024-05-03,visit,Another,RUS:guest; Nobody:host,https://example.org/b,2024-05-04\n"
    write_files(desk, {"mine.csv": head + bad + good})
    before = regesta("log", "--format", "jsonl").out.count("\n")
    answer = regesta("import", "mine.csv", "--quarantine", "bad.csv", "--json")
    assert answer.status == 0, answer.err
    assert all(balances(counts) for counts in answer.json["tables"].values())
    assert rows_named(answer.err, "mine.csv") == (2,)
    log = regesta("log", "--since", before, "--format", "jsonl").out
    assert "Another" not in log
    assert "example.org/b" not in log
    assert answer.json["size"] - before == 1 + 1 + 2 + 1 + 1


@pytest.mark.parametrize("options", [(), ("--format", "csv")], ids=["table", "csv"])
def test_validate_finds_what_import_finds(
    options: tuple[str, ...], regesta: Regesta, desk: Path
) -> None:
    """`validate` refuses with the same status and place, and can list the failures as data."""
    write_files(desk, {"events.csv": table(FIRST, {**LAST, "date": "never"})})
    answer = regesta("validate", "events.csv", *options)
    assert answer.status == 3
    if options:
        assert [(row["file"], row["row"], row["column"], row["value"]) for row in answer.rows] == [
            ("events.csv", "3", "date", "never")
        ]
    else:
        assert rows_named(answer.err, "events.csv") == (3,)
    assert regesta("validate", "seed-that-is-not-there.csv").status == 2


def test_a_quarantine_never_takes_the_place_of_the_input(regesta: Regesta, desk: Path) -> None:
    """Naming the input as the quarantine is refused, and the input stays as it was."""
    data = table(FIRST, {**LAST, "date": "never"})
    write_files(desk, {"events.csv": data})
    answer = regesta("import", "events.csv", "--quarantine", "./events.csv")
    assert (desk / "events.csv").read_bytes() == data
    assert answer.status == 2, answer.err


def test_what_an_editor_leaves_beside_a_table_is_no_table(regesta: Regesta, desk: Path) -> None:
    """Hidden files and backups of a dataset folder are passed over."""
    beside = {"tables/.events.csv.swp": "x", "tables/events.csv~": "x"}
    write_files(desk / "set", {**SEED, **beside})
    assert regesta("import", "set", "--json").json["batch"] is None


def test_an_aspect_that_nothing_has_is_told_and_recorded(regesta: Regesta, desk: Path) -> None:
    """A misspelt detail is likely a slip; one that an event or the card has is none."""
    known = [
        {**CLAIM, "aspect": aspect, "evidence_id": f"x-{aspect}"}
        for aspect in ("item_count", "country", "follows", "legality", "participants")
    ]
    write_files(desk, {"evidence.csv": table(*known, {**CLAIM, "aspect": "item_cuont"})})
    for command in ("validate", "import"):
        answer = regesta(command, "evidence.csv")
        assert answer.status == 0, answer.err
        assert answer.err.count("is no column") == 1
        assert "'item_cuont'" in answer.err
        assert "did you mean 'item_count'" in answer.err


def test_files_of_one_name_are_told_apart(regesta: Regesta, desk: Path) -> None:
    """A bad row of one `events.csv` does not take the same row of another along."""
    write_files(
        desk, {"a/events.csv": table(FIRST), "b/events.csv": table({**LAST, "date": "never"})}
    )
    words = ("import", "a/events.csv", "b/events.csv", "--quarantine", "bad.csv", "--json")
    answer = regesta(*words)
    counts = answer.json["tables"]["events"]
    assert (counts["read"], counts["added"], counts["rejected"]) == (2, 1, 1)
    with (desk / "bad.csv").open(encoding="utf-8", newline="") as file:
        assert [row["event_id"] for row in csv.DictReader(file)] == ["new-2"]


@pytest.mark.parametrize(
    "damaged",
    [b"gift-car.e02,gift-car,tass-1,confrms,occurrence,,putin,x\n", b"gift-car.e02,gift-car\n"],
    ids=["wrong-cell", "torn"],
)
def test_a_quarantined_row_is_not_taken_for_gone(
    damaged: bytes, regesta: Regesta, desk: Path
) -> None:
    """In a snapshot, a row that was refused is not one that the input lacks: it stays live."""
    lines_of = SEED["tables/evidence.csv"].encode().splitlines(keepends=True)
    lines_of[2] = damaged
    write_files(desk, {"evidence.csv": b"".join(lines_of)})
    regesta("import", "evidence.csv", "--snapshot", "all", "--quarantine", "bad.csv")
    evidence = regesta("show", "gift-car", "--format", "json").json["evidence"]
    assert {row["evidence_id"] for row in evidence} == {"gift-car.e01", "gift-car.e02"}
