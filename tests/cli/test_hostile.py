"""What a hostile file, release or word on the command line may not do."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from regesta.errors import RegestaError, VerificationFailed
from regesta.flows.loading import load
from regesta.release.digests import write_sums
from regesta.schema.unseen import visible
from tests.cli.conftest import SEED, Regesta, write_files

HEADER = "event_id,event_type,title,date\n"
ESCAPES = "\x1b[31mred\x07\x9b2J\u202e"
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=already", '=a,"b"', "-5"]
INJECTIONS = [
    "'; DROP TABLE events_log; --",
    '"; DROP TABLE events_log; --',
    "%s %(x)s %d %",
    ":title :1 ? $1",
    "{0} {title}",
    "\\'; SELECT 1; --",
    "100% of it_",
]


def _wide_row() -> bytes:
    return b"," * 100_000 + b"\n"


def _ever_other_keys() -> bytes:
    return b"".join(b'{"k%d":1}\n' % number for number in range(5000))


def _parquet(table: pa.Table, **how: object) -> bytes:
    data = io.BytesIO()
    pq.write_table(table, data, **how)
    return data.getvalue()


def _repeated_text() -> bytes:
    numbers = pa.array([0] * 5000, pa.int32())
    texts = pa.DictionaryArray.from_arrays(numbers, pa.array(["x" * 500_000]))
    return _parquet(pa.table({"event_id": texts}))


def _sheet(change: Callable[[bytes], bytes]) -> bytes:
    """Return an XLSX file of one event, with its sheet changed."""
    book, plain, changed = Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["new-1", "visit", "A visit", "2024-05-01"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
        target.writestr("../../../evil.txt", "out of the folder")
    return changed.getvalue()


def _with_entities(sheet: bytes) -> bytes:
    entities = "".join(
        f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10)
    )
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'.encode() + sheet


def _outside_entity(sheet: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet


def _far_cells(sheet: bytes) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(3, 1500))
    return sheet.replace(b"</sheetData>", f"{rows}</sheetData>".encode())


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "wide-header": ("events.csv", _wide_row),
    "packed-nothing": ("events.csv.gz", lambda: gzip.compress(bytes(2**26))),
    "packed-rows": ("events.csv.gz", lambda: gzip.compress(b",,,\n" * 2**23)),
    "ever-other-keys": ("events.jsonl", _ever_other_keys),
    "parquet-of-nulls": (
        "events.parquet",
        lambda: _parquet(pa.table({"title": pa.nulls(2**25, pa.string())})),
    ),
    "parquet-of-one-letter": (
        "events.parquet",
        lambda: _parquet(pa.table({"title": ["x" * 2**26]}), compression="zstd"),
    ),
    "parquet-that-repeats": ("events.parquet", _repeated_text),
    "parquet-of-columns": (
        "events.parquet",
        lambda: _parquet(pa.table({f"c{number}": ["x"] for number in range(5000)})),
    ),
    "billion-laughs": ("events.xlsx", lambda: _sheet(_with_entities)),
    "outside-entity": ("events.xlsx", lambda: _sheet(_outside_entity)),
    "far-cells": ("events.xlsx", lambda: _sheet(_far_cells)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(name: str, regesta: Regesta, desk: Path) -> None:
    """A small file that would fill the memory is refused as a whole, before it does."""
    file, make = BOMBS[name]
    (desk / file).write_bytes(make())
    answer = regesta("validate", file)
    assert answer.status == 3, answer.err
    assert answer.err.startswith(file)
    assert "1 failure" in answer.err


def test_a_workbook_unpacks_nothing_onto_the_disk(regesta: Regesta, desk: Path) -> None:
    """Names in a workbook that lead out of the folder are names and nothing more."""
    before = {*desk.parent.rglob("*")}
    (desk / "events.xlsx").write_bytes(_sheet(lambda part: part))
    assert regesta("validate", "events.xlsx").status == 0
    assert {*desk.parent.rglob("*")} - before == {desk / "events.xlsx"}


DEEP_CARDS = {
    "arrays": "[notes]\nx = " + "[" * 5000 + "]" * 5000,
    "tables": "[notes]\nx = " + "{a = " * 5000 + "1" + "}" * 5000,
    "dotted-key": "[notes]\n" + ".".join(["a"] * 20_000) + ' = "x"',
    "quoted-key": "[notes]\n" + " . ".join(['"a"'] * 20_000) + ' = "x"',
    "dotted-table": "[" + ".".join(["a"] * 20_000) + "]",
    "number": "[notes]\nx = " + "9" * 10_000,
    "hexadecimal": "[notes]\nx = 0x" + "f" * 10_000,
    "exponent": "[notes]\nx = 1e999999999",
    "size": 'title = "' + "x" * 2**20 + '"',
}


@pytest.mark.parametrize("name", DEEP_CARDS)
def test_a_card_of_absurd_depth_or_size_is_refused(name: str, regesta: Regesta, desk: Path) -> None:
    """TOML that would take the parser for ever, or that no leaf holds, is refused as a card."""
    files = {**SEED, "dataset.toml": f'name = "two-gifts"\n{DEEP_CARDS[name]}\n'}
    write_files(desk / "set", files)
    answer = regesta("import", "set")
    assert answer.status == 3, answer.err
    assert "dataset.toml" in answer.err


def test_a_long_key_in_prose_is_no_key(regesta: Regesta, desk: Path) -> None:
    """Dots in a text are dots."""
    said = f'name = "two-gifts"\ndescription = "And so on {". " * 500}. {"a.b" * 30}"\n'
    write_files(desk / "set", {**SEED, "dataset.toml": said})
    assert regesta("import", "set").status == 0


NAMES = ["..", ".", "../x", "/srv/x", "a/b", "a\\b", "x" * 200, "", "a\nb", "\x1b[31m", "."]


@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_name_leads_nowhere(name: str, bare: Regesta, desk: Path) -> None:
    """A name that would lead out of the folder makes no store and no release."""
    write_files(desk / "set", {**SEED, "dataset.toml": f"name = {json.dumps(name)}\n"})
    made = bare("init", "--dataset", name)
    assert made.status in (2, 3), made.err
    assert bare("import", "set").status == 3
    assert {path.name for path in desk.iterdir()} == {"set"}


VERSIONS = ["..", ".", "../1.0.0", "/1.0.0", "1.0.0/..", "1.0", "1.0.0\n", "1.0.0-x", "9" * 200]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_leads_nowhere(version: str, regesta: Regesta, desk: Path) -> None:
    """A version that is no number makes no folder."""
    assert regesta("release", version, "--out", "out").status == 2
    assert not (desk / "out").exists()


def test_a_link_in_the_place_of_a_version_is_not_followed(regesta: Regesta, desk: Path) -> None:
    """What stands where the release would go stays, wherever it leads."""
    outside = desk / "outside"
    outside.mkdir()
    shelf = desk / "out" / "two-gifts"
    shelf.mkdir(parents=True)
    (shelf / "1.0.0").symlink_to(outside)
    (shelf / "1.0.1").symlink_to(desk / "nowhere")
    for version in ("1.0.0", "1.0.1"):
        assert regesta("release", version, "--out", "out").status == 3
    assert not [*outside.iterdir()]
    assert not (desk / "nowhere").exists()
    assert {path.name for path in shelf.iterdir()} == {"1.0.0", "1.0.1"}


@pytest.mark.parametrize("out", ["/dev/null/x", "a-file", "/dev/full"])
def test_a_release_into_what_is_no_folder_is_refused(
    out: str, regesta: Regesta, desk: Path
) -> None:
    """A file or a device is no shelf."""
    (desk / "a-file").touch()
    assert regesta("release", "1.0.0", "--out", out).status in (2, 6)


def test_an_answer_for_a_full_device_is_a_fault_of_storage(regesta: Regesta) -> None:
    """What a device does not take is told."""
    assert regesta("timeline", "--format", "csv", "--out", "/dev/full").status == 6


@pytest.mark.parametrize("place", ["/dev/null", "/dev/full", "/dev/zero", ".", "a-pipe"])
def test_a_quarantine_is_written_to_no_device(place: str, regesta: Regesta, desk: Path) -> None:
    """Rows are not thrown away: a quarantine is a file."""
    os.mkfifo(desk / "a-pipe")
    (desk / "events.csv").write_text(HEADER + "new-1,vist,A visit,2024-05-01\n")
    answer = regesta("import", "events.csv", "--quarantine", place)
    assert answer.status == 2
    assert regesta("log", "--format", "csv").rows[-1]["batch"] == "1"


@pytest.mark.parametrize(
    "words", [[f"--{ESCAPES}"], [ESCAPES], ["codes", ESCAPES], ["show", ESCAPES]]
)
def test_what_somebody_typed_is_echoed_as_escapes(words: list[str], regesta: Regesta) -> None:
    """A usage error repeats a word without what would steer the terminal."""
    answer = regesta(*words)
    assert answer.status == 2
    assert answer.err == visible(answer.err)


def test_an_option_is_echoed_as_escapes(regesta: Regesta) -> None:
    """Values of options, and files that are not there, likewise."""
    for words in (
        ["timeline", "--format", ESCAPES],
        ["timeline", "--since", ESCAPES],
        ["timeline", "--as-of", ESCAPES],
        ["timeline", "--limit", ESCAPES],
        ["codes", "statuses", ESCAPES],
        ["--store", f"{ESCAPES}.db", "timeline"],
        ["import", f"{ESCAPES}.csv"],
        ["verify", ESCAPES],
        ["cite", ESCAPES],
        ["release", ESCAPES],
        ["import", "x.csv", "--snapshot", ESCAPES],
    ):
        answer = regesta(*words)
        assert answer.status == 2, words
        assert answer.err == visible(answer.err), words


def test_a_file_is_told_as_escapes(regesta: Regesta, desk: Path) -> None:
    """Names of files and columns, and cells that are refused, are shown and do nothing."""
    (desk / f"{ESCAPES}.csv").write_text(f"event_id,{ESCAPES}\nx,{ESCAPES}\n")
    (desk / "events.csv").write_text(HEADER + f"new-1,visit,{ESCAPES},2024\n")
    (desk / "events.parquet").write_bytes(_parquet(pa.table({ESCAPES: ["x"]})))
    for file in (f"{ESCAPES}.csv", "events.csv", "events.parquet"):
        answer = regesta("import", file)
        assert answer.status == 3
        assert answer.err == visible(answer.err)


def _imported(regesta: Regesta, desk: Path, titles: list[str]) -> list[dict[str, str]]:
    rows = [
        {"event_id": f"new-{n}", "event_type": "visit", "date": "2024", "title": title}
        for n, title in enumerate(titles)
    ]
    (desk / "events.csv").write_text(pl.DataFrame(rows).write_csv())
    answer = regesta("import", "events.csv")
    assert answer.status == 0, answer.err
    return rows


def test_formulas_come_back_exactly(regesta: Regesta, desk: Path) -> None:
    """CSV and Parquet keep such cells, and importing them again is no news."""
    _imported(regesta, desk, FORMULAS)
    released = regesta("release", "1.0.0", "--out", "out", "--json").json["path"]
    for ending in ("csv", "parquet"):
        shutil.copy(desk / released / f"events.{ending}", desk / f"events.{ending}")
        again = regesta("import", f"events.{ending}", "--json").json
        assert again["batch"] is None
        assert again["tables"]["events"]["unchanged"] == len(FORMULAS) + 4


def test_a_guarded_answer_is_for_looking_at(regesta: Regesta, desk: Path) -> None:
    """With --excel-safe each text that would run has an apostrophe, and nothing else has."""
    _imported(regesta, desk, FORMULAS)
    plain = regesta("timeline", "--format", "csv").rows
    safe = regesta("timeline", "--format", "csv", "--excel-safe").rows
    told = {row["title"]: other["title"] for row, other in zip(plain, safe, strict=True)}
    assert {title: told[title] for title in FORMULAS} == {
        title: f"'{title}" if title[0] in "=+-@" and title != "-5" else title for title in FORMULAS
    }
    regesta("timeline", "--out", "safe.csv", "--excel-safe")
    assert (desk / "safe.csv").read_text() == regesta(
        "timeline", "--format", "csv", "--excel-safe"
    ).out


READING = (
    ["timeline"],
    ["show", "gift-car"],
    ["show", "gift-car", "--status-history"],
    ["history"],
    ["log"],
    ["diff", "0", "1"],
    ["breaches", "vote-2006"],
    ["duplicates"],
    ["codes"],
    ["codes", "statuses"],
    ["schema"],
    ["schema", "events"],
    ["datasets"],
    ["validate", "events.csv"],
)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_guards_csv_and_nothing_else(
    words: list[str], regesta: Regesta, desk: Path
) -> None:
    """--excel-safe goes with CSV; with another form it is a usage error that says so."""
    (desk / "events.csv").write_text(HEADER + "new-1,visit,A visit,2024-05-01\n")
    assert regesta(*words, "--format", "csv", "--excel-safe").status == 0
    for form in ("table", "json", "jsonl", "parquet"):
        answer = regesta(*words, "--format", form, "--excel-safe")
        assert (answer.status, answer.data) == (2, b"")
        assert "--format csv" in answer.err


def test_a_release_may_have_guarded_copies(regesta: Regesta, desk: Path) -> None:
    """They are listed and verified: one that is not the guarded form of its table is told."""
    _imported(regesta, desk, FORMULAS)
    path = desk / regesta("release", "1.0.0", "--out", "out", "--excel-safe", "--json").json["path"]
    copy = path / "spreadsheet" / "events.csv"
    assert "spreadsheet/events.csv" in (path / "SHA256SUMS").read_text()
    assert "spreadsheet/" in (path / "README.md").read_text()
    assert "'=1+1" in copy.read_text()
    assert regesta("verify", path).status == 0
    for damage in ("'=1+1", "A car"):
        whole = copy.read_text()
        copy.write_text(whole.replace(damage, "=2+2"))
        write_sums(path)
        answer = regesta("verify", path)
        assert answer.status == 4
        assert "spreadsheet/events.csv" in answer.err
        copy.write_text(whole)
    copy.unlink()
    write_sums(path)
    assert regesta("verify", path).status == 4


@pytest.mark.parametrize("text", INJECTIONS)
def test_sql_in_values_is_text(text: str, regesta: Regesta, desk: Path) -> None:
    """Quotes, signs of parameters and whole statements come back as they were written."""
    _inert(regesta, desk, [], text)


def test_sql_in_values_is_text_on_postgresql(bare: Regesta, desk: Path, postgresql: str) -> None:
    """The same, on a server."""
    from tests.postgresql import databases

    store = ["--store", databases(postgresql)()]
    write_files(desk / "seed", SEED)
    assert bare(*store, "init").status == 0
    assert bare(*store, "import", "seed").status == 0
    for text in INJECTIONS:
        _inert(bare, desk, store, text)


def test_sql_in_a_release_is_text(regesta: Regesta, desk: Path) -> None:
    """A release of such values verifies, and answers for any moment."""
    _imported(regesta, desk, INJECTIONS)
    path = desk / regesta("release", "1.0.0", "--out", "out", "--json").json["path"]
    assert regesta("verify", path).status == 0
    for moment in ({"as_of": 20}, {"known_by": "2100-01-01"}, {"policy": "any"}):
        assert "A car" in [*load(path, **moment).events["title"]], moment
    assert {*INJECTIONS} < {*load(path, as_of="2100-01-01").events["title"]}
    for text in INJECTIONS:
        with pytest.raises(RegestaError):
            load(path, known_by=text)
        with pytest.raises(RegestaError):
            load(path, as_of=text)
        with pytest.raises(RegestaError):
            load(path).resolve(text)


def _inert(regesta: Regesta, desk: Path, store: list[str], text: str) -> None:
    """Import *text* wherever text may stand, ask by it, and find it and all else unharmed."""
    others = ("timeline", "--until", "2029", "--format", "csv")
    whole = regesta(*store, *others).rows
    row = {
        "event_id": "zz",
        "event_type": "visit",
        "date": "2030",
        "title": text,
        "summary": text,
        "details": json.dumps({"a": text}),
    }
    (desk / "events.csv").write_text(pl.DataFrame([row]).write_csv())
    answer = regesta(*store, "import", "events.csv", "--author", text, "--message", text)
    assert answer.status == 0, answer.err
    shown = regesta(*store, "show", "zz", "--format", "json").json["event"]
    assert (shown["title"], shown["summary"], shown["details"]) == (text, text, {"a": text})
    told = regesta(*store, "history", "zz", "--format", "csv", "--limit", "1").rows[0]
    assert (told["author"], told["message"]) == (text, text)
    for option in (
        "--actor",
        "--type",
        "--country",
        "--status",
        "--since",
        "--as-of",
        "--related-to",
        "--policy",
    ):
        assert regesta(*store, "timeline", option, text).status == 2, option
    assert regesta(*store, "show", text).status == 2
    assert regesta(
        *store, "import", "events.csv", "--snapshot", f"table=events, title={text}", "--dry-run"
    ).status in (0, 2, 3)
    assert regesta(*store, *others).rows == whole
    assert regesta(*store, "verify").status == 0


def test_a_nul_is_refused_everywhere(regesta: Regesta, desk: Path) -> None:
    """A NUL ends a text in some languages: no cell, card or option may hold one."""
    (desk / "events.jsonl").write_text(
        '{"event_id":"n","event_type":"visit","title":"a\\u0000b","date":"2024"}\n'
    )
    assert regesta("import", "events.jsonl").status == 3
    for words in (
        ["show", "a\0b"],
        ["timeline", "--actor", "a\0b"],
        ["import", "a\0b.csv"],
        ["verify", "a\0b"],
        ["cite", "a\0b"],
        ["retract", "gift-car", "-m", "a\0b"],
    ):
        assert regesta(*words).status in (2, 3), words


def _described(**facts: object) -> Callable[[Path], None]:
    """Return what changes *facts* in a release's descriptor."""

    def change(release: Path) -> None:
        path = release / "datapackage.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))

    return change


def _written(name: str, text: str) -> Callable[[Path], None]:
    def change(release: Path) -> None:
        (release / name).write_text(text)

    return change


def _history(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    def rewrite(release: Path) -> None:
        path = release / "history" / "events.parquet"
        pq.write_table(change(pq.read_table(path)), path)

    return rewrite


def _with(name: str, cells: Callable[[int], pa.Array]) -> Callable[[Path], None]:
    """Return what puts *cells* into a column of the events' history."""
    return _history(
        lambda table: table.set_column(
            table.schema.get_field_index(name), name, cells(table.num_rows)
        )
    )


DESCRIBED: dict[str, Callable[[Path], None]] = {
    "name-leads-out": _described(name="../../x"),
    "name-is-a-list": _described(name=["x"]),
    "version-is-a-number": _described(version=1),
    "created-is-a-number": _described(created=1),
    "title-is-a-list": _described(title=["x"]),
    "known-by-is-sql": _described(knownBy="x' OR 1=1"),
    "known-by-is-a-list": _described(knownBy=["x"]),
    "resources-are-a-number": _described(resources=3),
    "resources-are-numbers": _described(resources=[3]),
    "resources-without-name": _described(resources=[{}]),
    "schema-is-a-list": _described(resources=[{"name": "events", "schema": []}]),
    "contributors-are-numbers": _described(contributors=[3]),
    "contributors-without-name": _described(contributors=[{}]),
    "contributors-of-lists": _described(contributors=[{"name": ["x"]}]),
    "licences-are-a-number": _described(licenses=3),
    "keywords-are-a-number": _described(keywords=3),
    "half-a-character": _described(title="\ud800"),
    "deep": _written("datapackage.json", '{"a":' * 100_000 + "1" + "}" * 100_000),
    "deep-and-open": _written("datapackage.json", "[" * 1_000_000),
    "long-number": _written("datapackage.json", '{"name":' + "9" * 10_000 + "}"),
    "a-list": _written("datapackage.json", "[1]"),
    "nothing": _written("datapackage.json", ""),
}
LOGGED: dict[str, Callable[[Path], None]] = {
    "positions-are-text": _with("position", lambda n: pa.array(["1"] * n)),
    "positions-are-missing": _with("position", lambda n: pa.nulls(n, pa.int64())),
    "titles-are-lists": _with("title", lambda n: pa.array([["x"]] * n)),
    "leaves-are-missing": _history(lambda table: table.drop(["leaf"])),
    "nothing-but-nulls": _history(lambda _: pa.table({"position": pa.nulls(2**25, pa.int64())})),
}


@pytest.fixture
def hostile(regesta: Regesta, desk: Path) -> Callable[[Callable[[Path], None]], Path]:
    """Return what makes a release of `SEED`, changes it, and lists what it then holds."""

    def made(change: Callable[[Path], None]) -> Path:
        answer = regesta("release", "1.0.0", "--out", "out", "--json")
        release: Path = desk / answer.json["path"]
        change(release)
        write_sums(release)
        return release

    return made


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_hostile_descriptor_is_refused(
    name: str, regesta: Regesta, hostile: Callable[[Callable[[Path], None]], Path]
) -> None:
    """A release whose descriptor is none is declined by every command that takes a release."""
    release = hostile(DESCRIBED[name])
    for words in (["verify", release], ["cite", release]):
        answer = regesta(*words)
        assert answer.status == 4, answer.err
        assert "datapackage.json" in answer.err
    with pytest.raises(VerificationFailed):
        load(release)


@pytest.mark.parametrize("name", LOGGED)
def test_a_hostile_history_is_refused(
    name: str, regesta: Regesta, hostile: Callable[[Callable[[Path], None]], Path]
) -> None:
    """A history that is none fails verification, and nothing is told from it."""
    release = hostile(LOGGED[name])
    for words in (["verify", release], ["diff", release, release]):
        answer = regesta(*words)
        assert answer.status == 4, answer.err


HOSTILE_SUMS = {
    "leads-out": "0" * 64 + "  ../../x\n",
    "absolute": "0" * 64 + "  /etc/passwd\n",
    "leads-out-from-within": "0" * 64 + "  history/../../../x\n",
    "a-hundred-thousand-twice": ("0" * 64 + "  a\n") * 100_000,
    "a-hundred-thousand": "".join(f"{'0' * 64}  a{number:06}\n" for number in range(100_000)),
    "escapes": f"{ESCAPES}\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE_SUMS)
def test_hostile_sums_are_refused(name: str, regesta: Regesta, desk: Path) -> None:
    """No path of a list of digests leads out of the release, and a long list is told in short."""
    release = desk / regesta("release", "1.0.0", "--out", "out", "--json").json["path"]
    (release / "SHA256SUMS").write_text(HOSTILE_SUMS[name])
    answer = regesta("verify", release)
    assert answer.status == 4
    assert answer.err == visible(answer.err)
    assert len(answer.err) < 4000


def test_what_pandas_would_obey_is_no_part_of_a_table(
    hostile: Callable[[Callable[[Path], None]], Path],
) -> None:
    """Metadata that would steer pandas is left aside."""

    def steer(release: Path) -> None:
        path = release / "events.parquet"
        about = {b"pandas": b'{"index_columns": ' + b"[" * 5000}
        pq.write_table(pq.read_table(path).replace_schema_metadata(about), path)

    assert "A car" in [*load(hostile(steer)).events["title"]]
