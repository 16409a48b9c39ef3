"""Each command: what it answers, in which forms, and with which exit status it declines."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import polars as pl
import pytest
from typer.main import get_command

from regesta.cli import app
from regesta.release.digests import write_sums
from regesta.store import engine
from tests.cli.conftest import (
    N_RECORDS,
    OUTSIDE,
    SEED,
    Answer,
    Regesta,
    environment,
    write_files,
)

COMMANDS = tuple(get_command(app).commands)  # type: ignore[attr-defined]
FORMS = ("csv", "json", "jsonl", "parquet")
READINGS: dict[str, tuple[str, ...]] = {
    "timeline": ("timeline",),
    "history": ("history",),
    "history-of-one": ("history", "gift-car"),
    "log": ("log",),
    "codes": ("codes",),
    "codes-of-one": ("codes", "stances"),
    "schema": ("schema", "events"),
    "schema-of-all": ("schema",),
    "datasets": ("datasets",),
}
COUNTS = ["read", "added", "revised", "restored", "retracted", "unchanged", "duplicate", "rejected"]
EVENTS = SEED["tables/events.csv"]

Rows = list[dict[str, str]]


def as_rows(form: str, data: bytes) -> Rows:
    """Return the rows of *data* as the standard reader of its form gives them, as text."""
    match form:
        case "csv":
            return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        case "json":
            rows = json.loads(data)
        case "jsonl":
            rows = [json.loads(line) for line in data.decode().splitlines()]
        case _:
            rows = pl.read_parquet(io.BytesIO(data)).to_dicts()
    return [{name: _text(cell) for name, cell in row.items()} for row in rows]


def _text(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else "" if cell is None else str(cell)


def titles(answer: Answer) -> list[str]:
    """Return the titles of a timeline that was asked for as CSV."""
    assert answer.status == 0, answer.err
    return [row["title"] for row in answer.rows]


def declined(answer: Answer, status: int, says: str) -> None:
    """Require that a command declined in words, with nothing on stdout."""
    assert answer.status == status, answer.err
    assert says in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert "fault of ours" not in answer.err


def balances(counts: dict[str, int]) -> bool:
    """Return whether a table's receipt accounts for every row that was read."""
    return counts["read"] == sum(counts[name] for name in COUNTS[1:] if name != "retracted")


class TestHelp:
    """What a person finds without the manual."""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_help_has_an_example(self, name: str, bare: Regesta) -> None:
        """The help of a command says how it is used, by an example that names it."""
        answer = bare(name, "--help")
        assert answer.status == 0
        assert re.search(rf"Examples?:\s+regesta .*{name}", answer.out)
        assert answer.err == ""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_h_is_help(self, name: str, bare: Regesta) -> None:
        """`-h` says what `--help` says."""
        assert bare(name, "-h").out == bare(name, "--help").out

    def test_the_help_lists_every_command_and_exit_status(self, bare: Regesta) -> None:
        """The page of the whole names each command and explains the exit statuses."""
        page = bare("--help").out
        assert all(re.search(rf"^\s+{name}\s", page, re.MULTILINE) for name in COMMANDS)
        assert "3 input refused" in page

    def test_without_a_command_the_help_is_shown(self, bare: Regesta) -> None:
        """A bare `regesta` shows the commands and counts as usage."""
        answer = bare()
        assert answer.status == 2
        assert "timeline" in answer.out + answer.err

    def test_version(self, bare: Regesta) -> None:
        """`--version` prints the version and nothing else."""
        answer = bare("--version")
        assert (answer.status, answer.err) == (0, "")
        assert re.fullmatch(r"regesta \d+\.\d+\.\d+\n", answer.out)


class TestForms:
    """Answers as data."""

    @pytest.mark.parametrize("words", READINGS.values(), ids=READINGS)
    def test_every_form_holds_the_same_rows(
        self, words: tuple[str, ...], regesta: Regesta, desk: Path
    ) -> None:
        """CSV, JSON, JSON Lines and Parquet hold the same rows, on stdout and in a file."""
        answers = {form: regesta(*words, "--format", form) for form in FORMS}
        assert {answer.status for answer in answers.values()} == {0}
        assert all(answer.err == "" for answer in answers.values())
        for form, answer in answers.items():
            wrote = regesta(*words, "--format", form, "--out", f"answer.{form}")
            assert (wrote.status, wrote.out) == (0, "")
            assert (desk / f"answer.{form}").read_bytes() == answer.data
        rows = {form: as_rows(form, answer.data) for form, answer in answers.items()}
        if words == ("log",):  # as jsonl, a record is an object of its own columns
            del rows["jsonl"]
        assert rows["csv"]
        assert all(found == rows["csv"] for found in rows.values())

    @pytest.mark.parametrize("words", READINGS.values(), ids=READINGS)
    def test_a_table_is_for_people(self, words: tuple[str, ...], regesta: Regesta) -> None:
        """Without a form the answer is text, and says on stdout what the data say."""
        answer = regesta(*words)
        assert (answer.status, answer.err) == (0, "")
        assert len(answer.out.splitlines()) > 1

    def test_pandas_reads_csv_json_and_parquet(self, regesta: Regesta) -> None:
        """The readers of pandas give the same titles for each form."""
        data = {form: regesta("timeline", "--format", form).data for form in FORMS}
        frames = [
            pd.read_csv(io.BytesIO(data["csv"])),
            pd.read_json(io.BytesIO(data["json"])),
            pd.read_json(io.BytesIO(data["jsonl"]), lines=True),
            pd.read_parquet(io.BytesIO(data["parquet"])),
        ]
        expected = ["A vote", "A meeting", "A car", "Two dogs"]
        assert [list(frame["title"]) for frame in frames] == [expected] * 4

    @pytest.mark.parametrize("form", FORMS)
    def test_an_empty_answer_is_still_data(self, form: str, regesta: Regesta) -> None:
        """A question that no event answers gives no rows, in a form that can be parsed."""
        answer = regesta("timeline", "--since", "2100", "--format", form)
        assert (answer.status, as_rows(form, answer.data)) == (0, [])

    def test_out_in_a_folder_that_is_not_there(self, regesta: Regesta) -> None:
        """A file that cannot be made because its folder lacks is a fault of usage."""
        declined(regesta("timeline", "--format", "csv", "--out", "no/such/x.csv"), 2, "x.csv")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_out_on_a_full_disk(self, regesta: Regesta) -> None:
        """A full disk is named as such."""
        declined(regesta("timeline", "--format", "csv", "--out", "/dev/full"), 6, "No space left")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
    def test_stdout_on_a_full_disk(self, seeded: Path) -> None:
        """An answer that cannot be written to stdout ends with status 6 and no traceback."""
        line = [
            *OUTSIDE,
            "--store",
            f"sqlite:///{seeded}/regesta.db",
            "timeline",
            "--format",
            "csv",
        ]
        with Path("/dev/full").open("wb") as full:
            ended = subprocess.run(
                line, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
            )
        assert ended.returncode == 6, ended.stderr
        assert b"Traceback" not in ended.stderr

    def test_a_reader_that_leaves_early_is_no_fault(self, seeded: Path) -> None:
        """When the reader of a pipe has enough, the command ends without complaint."""
        line = [*OUTSIDE, "--store", f"sqlite:///{seeded}/regesta.db", "log", "--format", "jsonl"]
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(
            line, stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False
        )
        os.close(writing)
        assert (ended.returncode, ended.stderr) == (0, b"")

    @pytest.mark.parametrize("words", [("checkpoint",), ("--help",), ("template", "flat")])
    def test_a_reader_that_is_gone_is_no_fault(self, words: tuple[str, ...], seeded: Path) -> None:
        """Nor is one that has closed the pipe, or the shell stdout itself, before a word is out."""
        line = [*OUTSIDE, "--store", f"sqlite:///{seeded}/regesta.db", *words]
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(
            line, stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False
        )
        os.close(writing)
        assert (ended.returncode, ended.stderr) == (0, b"")
        closed = subprocess.run(
            ["sh", "-c", 'exec "$0" "$@" >&-', *line],
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
        assert (closed.returncode, closed.stderr) == (0, b"")


class TestJson:
    """`--json`: one object on stdout, whatever becomes of the command."""

    def test_a_refusal_is_an_object(self, regesta: Regesta, desk: Path) -> None:
        """It has the sentence, the exit status and every failure."""
        write_files(desk, {"events.csv": EVENTS.replace("2024-02-18", "2024-02-30")})
        answer = regesta("import", "events.csv", "--json")
        assert (answer.status, answer.json["exit_status"]) == (3, 3)
        assert answer.json["error"] in answer.err
        [failure] = answer.json["failures"]
        assert (failure["row"], failure["column"], failure["value"]) == (2, "date", "2024-02-30")

    def test_a_failed_verification_is_an_object(self, regesta: Regesta, desk: Path) -> None:
        """It lists each fault."""
        regesta("release", "1.0.0")
        (desk / "releases/two-gifts/1.0.0/more.txt").write_text("x")
        answer = regesta("verify", "releases/two-gifts/1.0.0", "--json")
        assert (answer.status, answer.json["faults"]) == (4, ["more.txt is not in SHA256SUMS"])


USAGE: dict[str, tuple[str, ...]] = {
    "unknown-command": ("imprt",),
    "unknown-option": ("timeline", "--actr", "russia"),
    "option-without-value": ("timeline", "--actor"),
    "surplus-argument": ("show", "gift-car", "gift-dogs"),
    "missing-argument": ("show",),
    "no-paths": ("import",),
    "unknown-form": ("timeline", "--format", "xml"),
    "unknown-list": ("codes", "stancs"),
    "unknown-table": ("schema", "evnts"),
    "unknown-template": ("template", "evnts"),
    "unknown-event": ("show", "gift-cat"),
    "unknown-event-in-history": ("history", "gift-cat"),
    "unknown-actor": ("timeline", "--actor", "Nobody"),
    "unknown-actor-of-two": ("timeline", "--between", "russia", "Nobody"),
    "unknown-type": ("timeline", "--type", "gfit"),
    "unknown-country": ("timeline", "--country", "Russia"),
    "since-no-date": ("timeline", "--since", "yesterday"),
    "until-no-date": ("timeline", "--until", "2024-02-30"),
    "limit-zero": ("timeline", "--limit", "0"),
    "limit-no-number": ("history", "--limit", "many"),
    "log-since-negative": ("log", "--since", "-1"),
    "as-of-nonsense": ("timeline", "--as-of", "last week"),
    "as-of-no-day": ("timeline", "--as-of", "2026-02-30"),
    "as-of-unknown-batch": ("timeline", "--as-of", "batch:9"),
    "as-of-batch-zero": ("timeline", "--as-of", "batch:0"),
    "as-of-unknown-position": ("show", "gift-car", "--as-of", "999"),
    "as-of-negative-position": ("timeline", "--as-of", "-1"),
    "version-no-number": ("release", "first"),
    "version-of-two-parts": ("release", "1.0"),
    "verify-no-folder": ("verify", "nowhere"),
    "verify-against-nothing": ("verify", "--against", "nowhere"),
    "verify-a-proof-that-is-not-there": ("verify", "--proof", "nowhere"),
    "verify-a-proof-and-a-path": ("verify", "releases", "--proof", "events.csv"),
    "verify-a-citation-that-is-not-there": ("verify", "--citation", "nowhere"),
    "verify-a-citation-and-a-proof": (
        "verify",
        "--citation",
        "events.csv",
        "--proof",
        "events.csv",
    ),
    "verify-what-cites-nothing": ("verify", "--citation", "events.csv"),
    "verify-a-citation-by-no-release": ("verify", "--citation", "events.csv", "nowhere"),
    "cite-a-query-as-nonsense": ("timeline", "--cite", "apa"),
    "cite-a-query-as-csv": ("timeline", "--cite", "text", "--format", "csv"),
    "cite-a-query-for-spreadsheets": ("timeline", "--cite", "text", "--excel-safe"),
    "verify-by-no-key": ("verify", "--key", "events.csv", "--against", "events.csv"),
    "verify-a-store-by-key": ("verify", "--key", f"gifts+00000000+{'A' * 44}"),
    "prove-no-event": ("prove", "gift-cat"),
    "prove-against-nothing": ("prove", "gift-car", "--against", "nowhere"),
    "prove-signed-and-against": ("prove", "gift-car", "--against", "x", "--sign", "y"),
    "keygen-out-of-the-folder": ("keygen", "../evil"),
    "keygen-nowhere": ("keygen", "two-gifts", "--out", "nowhere"),
    "release-signed-by-nothing": ("release", "1.0.0", "--sign", "nowhere"),
    "checkpoint-signed-by-no-key": ("checkpoint", "--sign", "events.csv"),
    "checkpoint-since-nothing": ("checkpoint", "--since", "nowhere"),
    "checkpoint-as-of-nonsense": ("checkpoint", "--as-of", "last week"),
    "restore-nothing": ("--store", "none.db", "restore", "nowhere"),
    "rebuild-nothing": ("--store", "none.db", "rebuild"),
    "cite-unknown": ("cite", "nowhere"),
    "cite-unknown-style": ("cite", "--format", "apa"),
    "store-of-another-kind": ("--store", "mysql://localhost/x", "timeline"),
    "store-no-url": ("--store", "sqlite:://", "timeline"),
    "store-not-there": ("--store", "sqlite:///none.db", "timeline"),
    "init-another-dataset": ("init", "--dataset", "three-gifts"),
    "snapshot-no-scope": ("import", "events.csv", "--snapshot", "everything"),
    "snapshot-unknown-table": ("import", "events.csv", "--snapshot", "table=evnts"),
    "snapshot-unknown-column": ("import", "events.csv", "--snapshot", "table=events, contry=PRK"),
    "unknown-reason": ("import", "events.csv", "--reason", "corection"),
    "limit-beyond-64-bits": ("timeline", "--limit", str(10**30)),
    "history-limit-beyond-64-bits": ("history", "--limit", str(10**30)),
    "log-since-beyond-64-bits": ("log", "--since", str(10**30)),
    "as-of-beyond-64-bits": ("timeline", "--as-of", str(10**30)),
    "author-with-bidi-override": ("import", "events.csv", "--author", "A\u202eB"),
    "author-with-line-break": ("import", "events.csv", "--author", "A\nB"),
    "author-not-utf-8": ("import", "events.csv", "--author", "A\udce4B"),
    "message-with-escape": ("import", "events.csv", "-m", "a \x1b[31mred one"),
    "message-with-nul": ("import", "events.csv", "-m", "a\x00b"),
    **{
        f"empty-{words[-1].strip('-')}": (*words, "")
        for words in (
            ("import", "events.csv", "--snapshot"),
            ("import", "events.csv", "--reason"),
            ("import", "events.csv", "--table"),
            ("import", "events.csv", "--author"),
            ("timeline", "--actor"),
            ("timeline", "--between", "russia"),
            ("timeline", "--type"),
            ("timeline", "--country"),
            ("timeline", "--as-of"),
            ("timeline", "--known-by"),
            ("--store",),
        )
    },
    "snapshot-empty-value": ("import", "events.csv", "--snapshot", "table=events,event_id="),
    "store-without-file": ("--store", "sqlite://", "init"),
    "store-without-a-name": ("--store", "sqlite:///", "init"),
    "store-in-memory": ("--store", "sqlite:///:memory:", "init"),
    "store-of-one-word": ("--store", "gifts", "init"),
    "unknown-table-of-file": ("import", "events.csv", "--table", "evnts"),
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_what_does_not_exist_is_usage(words: tuple[str, ...], regesta: Regesta, desk: Path) -> None:
    """An unknown command, option, name or moment ends with status 2 and changes nothing."""
    write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
    before = regesta("checkpoint").out
    declined(regesta(*words), 2, "")
    assert regesta("checkpoint").out == before
    assert not (desk / "none.db").exists()


@pytest.mark.parametrize("name", ["../evil", "a/b", "a\nb", "", ".", "x" * 200, "a b"])
def test_a_dataset_name_never_leads_out_of_its_folder(name: str, bare: Regesta, desk: Path) -> None:
    """A name that is no name of a folder is declined by `init` and by the import of a card."""
    write_files(desk, {"set/dataset.toml": f"name = {json.dumps(name)}\n", "events.csv": EVENTS})
    if name:
        declined(bare("init", "--dataset", name), 2, "")
        assert not (desk / "regesta.db").exists()
    answer = bare("import", "set", "events.csv")
    assert answer.status == 3, answer.err
    assert "dataset.toml" in answer.err


def test_a_misspelt_name_gets_a_hint(regesta: Regesta) -> None:
    """Where something near is known, the refusal names it."""
    assert "'stances'" in regesta("codes", "stancs").err
    assert "'gift-car'" in regesta("show", "gift-cat").err
    assert "'events'" in regesta("schema", "evnts").err


@pytest.mark.parametrize(
    "words",
    [
        ("timeline",),
        ("show", "x"),
        ("history",),
        ("log",),
        ("checkpoint",),
        ("verify",),
        ("release", "1.0.0"),
    ],
    ids=lambda words: words[0],
)
def test_without_a_store_a_command_says_how_to_make_one(
    words: tuple[str, ...], bare: Regesta, desk: Path
) -> None:
    """A command that needs a store neither makes nor crashes for one that is not there."""
    declined(bare(*words), 2, "regesta init")
    assert not list(desk.iterdir())


def test_a_file_that_is_no_store_is_left_alone(bare: Regesta, desk: Path) -> None:
    """Text, an empty file and another program's database are no stores, and stay as they were."""
    write_files(desk, {"text.db": "To whom it may concern\n" * 100, "empty.db": ""})
    with closing(sqlite3.connect(desk / "other.db")) as other:
        other.execute("CREATE TABLE invoices (number)")
        other.commit()
    before = {path.name: path.read_bytes() for path in desk.iterdir()}
    for name in before:
        declined(bare("--store", f"sqlite:///{name}", "timeline"), 2, "no store")
    declined(bare("--store", "text.db", "init"), 2, "no SQLite database")
    for command in ("init", "timeline"):
        declined(bare("--store", "other.db", command), 2, "invoices of another program")
    assert {path.name: path.read_bytes() for path in desk.iterdir()} == before


class TestInit:
    """Making a store."""

    def test_a_new_store_is_empty(self, bare: Regesta, desk: Path) -> None:
        """`init` makes the file, says that it is empty, and may be run again."""
        for _ in range(2):
            answer = bare("init", "--dataset", "mine")
            assert (answer.status, answer.out) == (0, "")
            assert "0 records" in answer.err
        assert (desk / "regesta.db").is_file()
        assert bare("checkpoint").out.splitlines()[:2] == ["regesta/mine", "0"]
        assert bare("timeline", "--format", "csv").rows == []

    def test_a_store_of_a_newer_revision_is_left_alone(self, bare: Regesta, desk: Path) -> None:
        """A revision that this version does not know is no fault of ours."""
        bare("init")
        with closing(sqlite3.connect(desk / "regesta.db")) as store:
            store.execute("UPDATE alembic_version SET version_num = 'zzzz'")
            store.commit()
        declined(bare("init"), 6, "newer regesta")

    def test_the_environment_names_the_store(
        self, bare: Regesta, desk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`REGESTA_STORE` says where the store is, and `--store` overrules it."""
        monkeypatch.setenv("REGESTA_STORE", "sqlite:///env.db")
        assert bare("init").status == 0
        assert bare("--store", "sqlite:///said.db", "init").status == 0
        assert sorted(path.name for path in desk.iterdir()) == ["env.db", "said.db"]

    def test_a_bare_path_is_a_store(self, bare: Regesta, desk: Path) -> None:
        """`--store FILE` means the SQLite store in that file."""
        assert bare("--store", "plain.db", "init").status == 0
        assert (desk / "plain.db").is_file()


class TestImport:
    """Bringing files into the log."""

    def test_the_receipt_as_json(self, bare: Regesta, desk: Path) -> None:
        """`--json` prints counts by table, batch, size and root, as the checkpoint has them."""
        write_files(desk / "seed", SEED)
        answer = bare("import", "seed", "--json")
        assert answer.status == 0, answer.err
        receipt = answer.json
        tables = receipt["tables"]
        assert list(tables) == [
            "actors", "offices", "sources", "events",
            "participants", "evidence", "relations", "coverage",
        ]  # fmt: skip
        assert all(list(counts) == COUNTS and balances(counts) for counts in tables.values())
        assert sum(counts["added"] for counts in tables.values()) == N_RECORDS - 1
        assert (receipt["batch"], receipt["size"]) == (1, N_RECORDS)
        assert re.fullmatch("[0-9a-f]{64}", receipt["root"])
        assert bare("checkpoint").out.splitlines()[:2] == ["regesta/two-gifts", str(N_RECORDS)]
        assert "Made a new store" in answer.err

    def test_the_same_again_records_nothing(self, regesta: Regesta, desk: Path) -> None:
        """A second import of the same folder has no batch and leaves size and root."""
        write_files(desk / "seed", SEED)
        before = regesta("checkpoint").out
        receipt = regesta("import", "seed", "--json").json
        assert receipt["batch"] is None
        assert all(counts["unchanged"] == counts["read"] for counts in receipt["tables"].values())
        assert regesta("checkpoint").out == before
        assert "nothing was recorded" in regesta("import", "seed").out

    def test_a_dry_run_says_and_does_not(self, regesta: Regesta, desk: Path) -> None:
        """`--dry-run` shows the column, the old and the new value, and records nothing."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        before = (desk / "regesta.db").read_bytes()
        answer = regesta("import", "events.csv", "--dry-run")
        assert answer.status == 0
        assert re.search(r"revise.*gift-car.*title.*A car.*A limousine", answer.out)
        receipt = regesta("import", "events.csv", "--dry-run", "--json").json
        assert (receipt["tables"]["events"]["revised"], receipt["batch"]) == (1, None)
        assert (desk / "regesta.db").read_bytes() == before

    def test_a_dry_run_makes_no_store(self, bare: Regesta, desk: Path) -> None:
        """Where there is no store, `--dry-run` and `validate` leave none behind."""
        write_files(desk / "seed", SEED)
        receipt = bare("import", "seed", "--dry-run", "--json").json
        assert receipt["tables"]["events"]["added"] == 4
        assert bare("validate", "seed").status == 0
        assert [path.name for path in desk.iterdir()] == ["seed"]

    def test_a_dry_run_writes_no_quarantine(self, regesta: Regesta, desk: Path) -> None:
        """What a dry run would refuse is listed and not written."""
        write_files(desk, {"events.csv": EVENTS.replace("2024-02-18", "never")})
        answer = regesta("import", "events.csv", "--dry-run", "--quarantine", "bad.csv", "--json")
        assert answer.json["tables"]["events"]["rejected"] == 1
        assert "events.csv row 2" in answer.err
        assert not (desk / "bad.csv").exists()

    def test_one_cell_is_one_revision(self, regesta: Regesta, desk: Path) -> None:
        """A changed cell is one `revise` with author, message, reason, old and new value."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        words = ("--author", "Bob", "-m", "as KCNA has it", "--reason", "newly_known", "--json")
        receipt = regesta("import", "events.csv", *words).json
        assert receipt["tables"]["events"] == {
            **dict.fromkeys(COUNTS, 0), "read": 4, "revised": 1, "unchanged": 3,
        }  # fmt: skip
        assert (receipt["batch"], receipt["size"]) == (2, N_RECORDS + 2)
        newest = next(r for r in regesta("history", "gift-car", "--format", "csv").rows)
        assert {
            name: newest[name] for name in newest if name not in ("position", "recorded_at")
        } == {
            "batch": "2",
            "author": "Bob",
            "message": "as KCNA has it",
            "action": "revise",
            "reason": "newly_known",
            "table": "events",
            "key": "gift-car",
            "column": "title",
            "old": "A car",
            "new": "A limousine",
        }

    def test_an_emptied_cell_is_told_as_one(self, regesta: Regesta, desk: Path) -> None:
        """An empty cell empties the column; a column that the file lacks stays as it was."""
        write_files(desk, {"events.csv": "event_id,country\ngift-car,\n"})
        assert regesta("import", "events.csv").status == 0
        newest = regesta("history", "gift-car", "--format", "csv").rows[0]
        assert (newest["column"], newest["old"], newest["new"]) == ("country", "PRK", "")
        assert regesta("show", "gift-car", "--format", "json").json["event"]["title"] == "A car"

    def test_a_snapshot_retracts_what_the_input_lacks(self, regesta: Regesta, desk: Path) -> None:
        """`--snapshot all` retracts the row that is gone, with the reason; it can be restored."""
        full = SEED["tables/evidence.csv"]
        write_files(desk, {"evidence.csv": full.rsplit("\n", 2)[0] + "\n"})
        words = ("import", "evidence.csv", "--snapshot", "all", "--json")
        counts = regesta(*words, "--reason", "source_lost").json["tables"]["evidence"]
        assert (counts["retracted"], counts["unchanged"]) == (1, 2)
        newest = regesta("history", "gift-dogs", "--format", "csv").rows[0]
        assert (newest["action"], newest["reason"], newest["key"]) == (
            "retract", "source_lost", "gift-dogs.e01",
        )  # fmt: skip
        assert regesta("show", "gift-dogs", "--format", "json").json["evidence"] == []
        write_files(desk, {"evidence.csv": full})
        assert regesta(*words).json["tables"]["evidence"]["restored"] == 1
        assert len(regesta("show", "gift-dogs", "--format", "json").json["evidence"]) == 1

    def test_a_snapshot_of_a_part_spares_the_rest(self, regesta: Regesta, desk: Path) -> None:
        """A scope retracts rows within it only."""
        kept = "\n".join(line for line in EVENTS.splitlines() if "vote-2006" not in line)
        parts = "\n".join(
            line for line in SEED["tables/participants.csv"].splitlines() if "vote-2006" not in line
        )
        links = "\n".join(
            line for line in SEED["tables/relations.csv"].splitlines() if "vote-2006" not in line
        )
        write_files(desk, {"events.csv": kept, "participants.csv": parts, "relations.csv": links})
        none = regesta("import", "events.csv", "--snapshot", "table=events, country=PRK", "--json")
        assert none.json["batch"] is None
        declined(
            regesta("import", "events.csv", "--snapshot", "table=events, country=USA"),
            3,
            "vote-2006",
        )
        every = regesta(
            "import",
            "events.csv",
            "participants.csv",
            "relations.csv",
            "--snapshot",
            "all",
            "--json",
        )
        gone = {name: counts["retracted"] for name, counts in every.json["tables"].items()}
        assert gone == {"events": 1, "participants": 2, "relations": 1}

    def test_a_flat_file_becomes_four_tables(self, regesta: Regesta, desk: Path) -> None:
        """One flat row brings an event, its participants, a source and a piece of evidence."""
        write_files(
            desk,
            {
                "mine.csv": "date,event_type,title,participants,source_url,published_on,speaker\n"
                "2024-05-01,visit,A visit,V. V. Putin:guest; PRK:host; CHN:observer,"
                "https://www.example.org/9,2024-05-02,Kim Jong Un\n"
            },
        )
        receipt = regesta("import", "mine.csv", "--json").json
        added = {name: counts["added"] for name, counts in receipt["tables"].items()}
        assert added == {"events": 1, "actors": 1, "participants": 3, "sources": 1, "evidence": 1}
        row = regesta("timeline", "--actor", "CHN", "--format", "csv").rows[0]
        told = regesta("show", row["event_id"], "--format", "json").json
        assert {(p["actor_id"], p["role"]) for p in told["participants"]} == {
            ("putin", "guest"), ("dprk", "host"), ("CHN", "observer"),
        }  # fmt: skip
        claim = told["evidence"][0]
        assert (claim["publisher"], claim["speaker"], claim["stance"], claim["aspect"]) == (
            "example.org", "kim", "asserts", "occurrence",
        )  # fmt: skip
        assert regesta("import", "mine.csv", "--json").json["batch"] is None

    def test_new_actors_are_recorded_on_request(self, regesta: Regesta, desk: Path) -> None:
        """`--new-actors` records a person nobody knows; without it the row is refused."""
        write_files(
            desk,
            {"mine.csv": "date,event_type,title,participants\n2024,visit,A visit,Ri Yong:guest\n"},
        )
        declined(regesta("import", "mine.csv"), 3, "mine.csv row 2")
        assert regesta("import", "mine.csv", "--new-actors").status == 0
        assert titles(regesta("timeline", "--actor", "Ri Yong", "--format", "csv")) == ["A visit"]

    def test_unknown_columns_are_kept_on_request(self, regesta: Regesta, desk: Path) -> None:
        """`--keep-extra` puts a column that nobody knows into `details`, beside what is there."""
        write_files(
            desk,
            {
                "events.csv": "event_id,event_type,title,date,colour,details\n"
                'new-1,gift,A vase,2024,blue,"{""item_count"":2}"\n'
            },
        )
        declined(regesta("import", "events.csv"), 3, "colour")
        assert regesta("import", "events.csv", "--keep-extra").status == 0
        told = regesta("show", "new-1", "--format", "json").json
        assert told["event"]["details"] == {"colour": "blue", "item_count": 2}

    @pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "jsonl", "parquet", "xlsx"])
    def test_every_format_says_the_same(self, ending: str, regesta: Regesta, desk: Path) -> None:
        """The live table, written in any format that is read, comes back as nothing new."""
        rows = pl.read_csv(EVENTS.encode(), infer_schema=False)
        path = desk / f"events.{ending}"
        match ending:
            case "csv":
                rows.write_csv(path)
            case "tsv":
                rows.write_csv(path, separator="\t")
            case "csv.gz":
                import gzip

                path.write_bytes(gzip.compress(rows.write_csv().encode()))
            case "jsonl":
                rows.write_ndjson(path)
            case "parquet":
                rows.write_parquet(path)
            case _:
                from openpyxl import Workbook

                book = Workbook()
                for row in (rows.columns, *rows.rows()):
                    book.active.append(row)
                book.save(path)
        receipt = regesta("import", path.name, "--json").json
        assert (receipt["tables"]["events"]["unchanged"], receipt["batch"]) == (4, None)

    def test_text_stays_as_written(self, regesta: Regesta, desk: Path) -> None:
        """`NA`, `null`, `007`, `1E5`, a formula, Hangul and an emoji come back as they were."""
        given = ["NA", "null", "007", "1E5", "=1+1", "김정은", "a 🎁", 'say "so", or\'so']
        lines = [
            {"event_id": f"n-{i}", "event_type": "gift", "title": text, "date": "2030"}
            for i, text in enumerate(given)
        ]
        write_files(desk, {"events.jsonl": "\n".join(map(json.dumps, lines))})
        assert regesta("import", "events.jsonl").status == 0
        found = {
            form: [
                row["title"]
                for row in as_rows(
                    form, regesta("timeline", "--since", "2030", "--format", form).data
                )
            ]
            for form in FORMS
        }
        assert all(sorted(texts) == sorted(given) for texts in found.values())

    def test_the_dataset_of_another_store_is_refused(self, regesta: Regesta) -> None:
        """A folder of another dataset does not go into this store."""
        declined(regesta("import", "russia-dprk"), 3, "'two-gifts'")


class TestTimeline:
    """Which events, in which order."""

    CASES: ClassVar[dict[str, tuple[tuple[str, ...], list[str]]]] = {
        "all": ((), ["A vote", "A meeting", "A car", "Two dogs"]),
        "actor-id": (("--actor", "kim"), ["A meeting", "A car"]),
        "actor-name": (("--actor", "Kim Jong Un"), ["A meeting", "A car"]),
        "actor-alias": (("--actor", "V. V. Putin"), ["A meeting", "Two dogs"]),
        "state-with-its-people": (("--actor", "dprk"), ["A meeting", "A car", "Two dogs"]),
        "state-by-iso": (("--actor", "PRK"), ["A meeting", "A car", "Two dogs"]),
        "state-by-alias": (("--actor", "DPRK"), ["A meeting", "A car", "Two dogs"]),
        "actor-without-country": (("--actor", "UN"), ["A vote"]),
        "between": (("--between", "RUS", "PRK"), ["A meeting", "A car", "Two dogs"]),
        "between-either-way": (("--between", "PRK", "RUS"), ["A meeting", "A car", "Two dogs"]),
        "between-two-people": (("--between", "putin", "kim"), ["A meeting"]),
        "type": (("--type", "gift"), ["A car", "Two dogs"]),
        "country": (("--country", "RUS"), ["A meeting"]),
        "since": (("--since", "2024-02-18"), ["A car", "Two dogs"]),
        "since-the-day-after": (("--since", "2024-02-19"), ["Two dogs"]),
        "until": (("--until", "2024-02-18"), ["A vote", "A meeting", "A car"]),
        "until-the-day-before": (("--until", "2024-02-17"), ["A vote", "A meeting"]),
        "until-a-month": (("--until", "2024-02"), ["A vote", "A meeting", "A car"]),
        "a-year": (("--since", "2024", "--until", "2024"), ["A car", "Two dogs"]),
        "limit": (("--limit", "1"), ["A vote"]),
        "several": (("--actor", "RUS", "--type", "gift", "--until", "2024-03"), ["A car"]),
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "expected"),
        CASES.values(),
        ids=CASES,
    )
    def test_filters(self, words: tuple[str, ...], expected: list[str], regesta: Regesta) -> None:
        """Each filter lets through the events that it names, in order of time."""
        assert titles(regesta("timeline", *words, "--format", "csv")) == expected

    def test_a_type_without_events_is_no_fault(self, regesta: Regesta) -> None:
        """A type of the code list that no event has gives an empty timeline."""
        assert titles(regesta("timeline", "--type", "espionage", "--format", "csv")) == []

    def test_an_actor_is_found_however_its_name_is_composed(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """A name in decomposed Unicode means the actor whose name the log keeps in NFC."""
        row = "date,event_type,title,participants\n2030,visit,A visit,M\u00fcller:guest\n"
        write_files(desk, {"mine.csv": row})
        assert regesta("import", "mine.csv", "--new-actors").status == 0
        for name in ("M\u00fcller", "Mu\u0308ller"):
            answer = regesta("timeline", "--actor", name, "--format", "csv")
            assert titles(answer) == ["A visit"]

    def test_a_span_counts_on_each_of_its_days(self, regesta: Regesta, desk: Path) -> None:
        """An event that may lie on either side of a bound is shown."""
        write_files(
            desk, {"events.csv": "event_id,event_type,title,date\nx,visit,Spring,2030-03/2030-05\n"}
        )
        assert regesta("import", "events.csv").status == 0
        for words in (("--since", "2030-05-31"), ("--since", "2030", "--until", "2030-03-01")):
            assert titles(regesta("timeline", *words, "--format", "csv")) == ["Spring"]
        assert titles(regesta("timeline", "--since", "2030-06", "--format", "csv")) == []

    def test_the_past_stays_as_it_was(self, regesta: Regesta, desk: Path) -> None:
        """As of the first batch the old title stands, as of the second the new one."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        assert regesta("import", "events.csv").status == 0
        today = datetime.now(UTC).date()
        moments = {
            "batch:1": "A car",
            str(N_RECORDS - 1): "A car",
            "batch:2": "A limousine",
            str(N_RECORDS + 1): "A limousine",
            str(today + timedelta(days=1)): "A limousine",
        }
        words = ("--type", "gift", "--limit", "1", "--format", "csv")
        for moment, title in moments.items():
            assert titles(regesta("timeline", "--as-of", moment, *words)) == [title]
            told = regesta("show", "gift-car", "--as-of", moment, "--format", "json").json
            assert told["event"]["title"] == title
        assert titles(regesta("timeline", "--as-of", "1999-12-31", *words)) == []

    def test_a_line_says_who_and_how_well_attested(self, regesta: Regesta) -> None:
        """A line names the participants with their roles, and counts sources and stances."""
        row = regesta("timeline", "--type", "gift", "--format", "csv").rows[0]
        assert row["participants"] == "kim:recipient; russia:giver"
        assert (row["n_participants"], row["n_sources"], row["n_speakers"]) == ("2", "2", "1")
        assert row["stances"] == "asserts:1; confirms:1"


class TestShow:
    """One event and all that hangs on it."""

    def test_the_page(self, regesta: Regesta) -> None:
        """The page shows title, participants with roles, evidence, and relations both ways."""
        page = regesta("show", "gift-car").out
        for said in ("A car", "giver", "Kim Jong Un", "confirms", "(KCNA)", "OP 8(a)(iii)"):
            assert said in page
        assert re.search(r"→ follows\s+meeting-2023", page)
        assert re.search(r"← follows\s+gift-car", regesta("show", "meeting-2023").out)

    @pytest.mark.parametrize("form", ["json", "jsonl"])
    def test_as_data(self, form: str, regesta: Regesta, desk: Path) -> None:
        """One object holds event, participants, evidence and relations."""
        answer = regesta("show", "gift-car", "--format", form)
        told: dict[str, Any] = answer.json
        assert told["event"]["details"] == {"item_count": 1}
        assert [(p["role"], p["name"]) for p in told["participants"]] == [
            ("recipient", "Kim Jong Un"), ("giver", "Russia"),
        ]  # fmt: skip
        assert {(e["stance"], e["speaker_name"], e["publisher"]) for e in told["evidence"]} == {
            ("asserts", None, "KCNA"), ("confirms", "Vladimir Putin", "TASS"),
        }  # fmt: skip
        assert {(r["relation"], r["other_id"], r["direction"]) for r in told["relations"]} == {
            ("follows", "meeting-2023", "to"), ("allegedly_violates", "vote-2006", "to"),
        }  # fmt: skip
        assert regesta("show", "gift-car", "--format", form, "--out", "x.json").out == ""
        assert (desk / "x.json").read_bytes() == answer.data

    @pytest.mark.parametrize("form", ["csv", "parquet"])
    def test_its_claims_as_rows(self, form: str, regesta: Regesta) -> None:
        """As CSV and Parquet an event is one row a claim, each with its event and voice."""
        rows = as_rows(form, regesta("show", "gift-car", "--format", form).data)
        assert [row["evidence_id"] for row in rows] == ["gift-car.e01", "gift-car.e02"]
        assert {row["event_id"] for row in rows} == {"gift-car"}
        assert all(row["voice"] and row["known_at"] for row in rows)

    @pytest.mark.parametrize("form", ["table", *FORMS])
    def test_every_form_in_a_file(self, form: str, regesta: Regesta, desk: Path) -> None:
        """A file holds what is printed."""
        printed = regesta("show", "gift-car", "--format", form)
        told = regesta("show", "gift-car", "--format", form, "--out", "car.txt")
        assert (told.status, told.data) == (0, b"")
        found = (desk / "car.txt").read_bytes()
        assert found.split() == printed.data.split()

    def test_brackets_are_no_markup(self, regesta: Regesta, desk: Path) -> None:
        """Text in square brackets is shown, not taken for a style."""
        write_files(
            desk, {"events.csv": "event_id,title,summary\ngift-car,A [red]car[/],[bold]x[/nope]\n"}
        )
        assert regesta("import", "events.csv").status == 0
        page = regesta("show", "gift-car").out
        assert "A [red]car[/]" in page
        assert "[bold]x[/nope]" in page
        assert "A [red]car[/]" in regesta("timeline").out


class TestHistory:
    """Who changed what, when and why."""

    COLUMNS: ClassVar[list[str]] = [
        "position", "batch", "recorded_at", "author", "message", "action", "reason",
        "table", "key", "column", "old", "new",
    ]  # fmt: skip

    def test_the_whole_log_newest_first(self, regesta: Regesta) -> None:
        """Every record of a table has a line, the newest first, with its author and reason."""
        rows = regesta("history", "--format", "csv").rows
        assert list(rows[0]) == self.COLUMNS
        positions = [int(row["position"]) for row in rows]
        assert positions == sorted(range(1, N_RECORDS), reverse=True)
        assert {(row["author"], row["message"], row["action"], row["reason"]) for row in rows} == {
            ("Ann", "the seed", "add", "new")
        }

    def test_one_event_with_what_hangs_on_it(self, regesta: Regesta) -> None:
        """The history of an event holds its participants, evidence and relations, of both sides."""
        rows = regesta("history", "meeting-2023", "--format", "csv").rows
        assert sorted((row["table"], row["key"]) for row in rows) == [
            ("events", "meeting-2023"),
            ("participants", "meeting-2023 / kim / guest"),
            ("participants", "meeting-2023 / putin / host"),
            ("relations", "gift-car / follows / meeting-2023"),
        ]

    @pytest.mark.parametrize("limit", [1, 3, 500])
    def test_limit(self, limit: int, regesta: Regesta) -> None:
        """`--limit` keeps the newest lines."""
        every = regesta("history", "--format", "csv").rows
        assert regesta("history", "--limit", limit, "--format", "csv").rows == every[:limit]


class TestLog:
    """Every record, in the order of the log."""

    def test_json_lines(self, regesta: Regesta) -> None:
        """Each line has position, batch, table, action, reason, revision, and the row itself."""
        lines = [json.loads(line) for line in regesta("log", "--format", "jsonl").out.splitlines()]
        assert [line["position"] for line in lines] == list(range(N_RECORDS))
        assert {line["batch"] for line in lines} == {1}
        assert {(line["action"], line["reason"], line["revision"]) for line in lines} == {
            ("add", "new", 1)
        }
        car = next(line for line in lines if line["table"] == "events")
        assert {name: cell for name, cell in car.items() if name not in ("position", "format")} == {
            "batch": 1,
            "table": "events",
            "action": "add",
            "reason": "new",
            "revision": 1,
            "event_id": "gift-car",
            "event_type": "gift",
            "title": "A car",
            "date": "2024-02-18",
            "date_earliest": "2024-02-18",
            "date_latest": "2024-02-18",
            "country": "PRK",
            "details": {"item_count": 1},
        }

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    @pytest.mark.parametrize("since", [0, 1, N_RECORDS - 1, N_RECORDS, 10_000])
    def test_since(self, form: str, since: int, regesta: Regesta) -> None:
        """`--since` begins at that position; beyond the end there is nothing."""
        rows = as_rows(form, regesta("log", "--since", since, "--format", form).data)
        assert [int(row["position"]) for row in rows] == list(range(since, N_RECORDS))

    def test_a_revision_holds_the_whole_row(self, regesta: Regesta, desk: Path) -> None:
        """A revised row has the next revision, and the whole new row after its batch."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        regesta("import", "events.csv")
        lines = [json.loads(text) for text in regesta("log", "--format", "jsonl").out.splitlines()]
        new = lines[-1]
        assert (new["action"], new["reason"], new["revision"]) == ("revise", "correction", 2)
        assert (new["position"], new["event_id"]) == (len(lines) - 1, "gift-car")
        assert (new["title"], new["date"]) == ("A limousine", "2024-02-18")
        assert lines[-2]["table"] == "batches"


class TestReleases:
    """Freezing, checking and citing."""

    def test_a_release_is_written_and_verified(self, regesta: Regesta, desk: Path) -> None:
        """`release --json` says where; `verify` agrees on size and root with the store."""
        made = regesta("release", "1.0.0", "--out", "out", "--json").json
        assert made["path"] == str(Path("out/two-gifts/1.0.0"))
        assert (desk / "out/two-gifts/1.0.0/SHA256SUMS").is_file()
        checked = regesta("verify", made["path"], "--json").json
        stored = regesta("verify", "--json").json
        assert made["size"] == checked["size"] == stored["size"] == N_RECORDS
        assert made["root"] == checked["root"] == stored["root"]
        assert "kept elsewhere" in regesta("verify", made["path"]).err

    def test_the_same_log_gives_the_same_bytes(self, regesta: Regesta, desk: Path) -> None:
        """Two releases of one log do not differ in a byte."""
        for out in ("a", "b"):
            assert regesta("release", "1.0.0", "--out", out).status == 0
        files = {
            out: sorted(p for p in (desk / out).rglob("*") if p.is_file()) for out in ("a", "b")
        }
        assert [p.read_bytes() for p in files["a"]] == [p.read_bytes() for p in files["b"]]
        assert len(files["a"]) > 20

    def test_a_version_is_never_overwritten(self, regesta: Regesta, desk: Path) -> None:
        """The same version again is refused, whatever has changed, and stays as it was."""
        regesta("release", "1.0.0")
        folder = desk / "releases/two-gifts/1.0.0"
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        regesta("import", "events.csv")
        declined(regesta("release", "1.0.0"), 3, "1.0.0")
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        assert regesta("release", "1.1.0").status == 0

    def test_an_empty_log_is_not_released(self, bare: Regesta, desk: Path) -> None:
        """There is nothing to freeze in a new store."""
        bare("init")
        declined(bare("release", "1.0.0"), 3, "empty")
        assert not (desk / "releases").exists()

    @pytest.mark.parametrize(
        "name",
        [
            "log.jsonl",
            "events.csv",
            "events.parquet",
            "checkpoint",
            "SHA256SUMS",
            "datapackage.json",
        ],
    )
    def test_an_altered_file_is_found(self, name: str, regesta: Regesta, desk: Path) -> None:
        """One flipped bit in a file of the release ends `verify` with status 4."""
        regesta("release", "1.0.0")
        path = desk / "releases/two-gifts/1.0.0" / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        answer = regesta("verify", "releases/two-gifts/1.0.0")
        declined(answer, 4, "")
        assert answer.err.count("\n") < 30

    @pytest.mark.parametrize(
        ("name", "old", "new", "says"),
        [
            ("datapackage.json", '"version": "1.0.0"', '"version": "9.9.9"', "CITATION.cff"),
            ("datapackage.json", '"version": "1.0.0"', '"version": "9.9.9"', "the folder is"),
            ("datapackage.json", '"name": "two-gifts"', '"name": "3-gifts"', "'regesta/two-gifts'"),
            ("CITATION.cff", 'version: "1.0.0"', 'version: "1.0.1"', "CITATION.cff"),
            ("checkpoint", "regesta/two", "regesta/ten", "'regesta/ten-gifts'"),
            ("checkpoint", "=\n", "=\n-- signed\n", "no signature"),
        ],
    )
    def test_a_release_under_another_name_is_found(
        self, name: str, old: str, new: str, says: str, regesta: Regesta, desk: Path
    ) -> None:
        """Name and version are the same wherever a release says them, digests or no digests."""
        regesta("release", "1.0.0")
        folder = desk / "releases/two-gifts/1.0.0"
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        write_sums(folder)
        declined(regesta("verify", folder), 4, says)

    def test_a_release_without_digests_does_not_verify(self, regesta: Regesta, desk: Path) -> None:
        """What calls itself a release and lacks its digests is damaged; another folder is none."""
        regesta("release", "1.0.0")
        folder = desk / "releases/two-gifts/1.0.0"
        (folder / "SHA256SUMS").unlink()
        declined(regesta("verify", folder), 4, "SHA256SUMS is missing")
        declined(regesta("verify", desk), 2, "no release")

    def test_a_missing_and_a_surplus_file_are_found(self, regesta: Regesta, desk: Path) -> None:
        """A release lacks no file of its list and has none beside it."""
        regesta("release", "1.0.0")
        folder = desk / "releases/two-gifts/1.0.0"
        (folder / "note.txt").write_text("So it goes.\n")
        declined(regesta("verify", folder), 4, "note.txt")
        (folder / "note.txt").unlink()
        (folder / "events.csv").unlink()
        declined(regesta("verify", folder), 4, "events.csv")

    def test_an_altered_store_is_found(self, regesta: Regesta, desk: Path) -> None:
        """A row that was changed behind the triggers' back ends `verify` with status 4."""
        with closing(sqlite3.connect(desk / "regesta.db")) as store:
            found = store.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for (name,) in found:
                store.execute(f'DROP TRIGGER "{name}"')
            store.execute("UPDATE events_log SET title = 'A bus' WHERE title = 'A car'")
            store.commit()
        answer = regesta("verify")
        declined(answer, 4, "does not give its leaf")
        assert "guard" in answer.err
        declined(regesta("release", "1.0.0"), 4, "does not give its leaf")
        assert not (desk / "releases").exists()

    def test_the_log_refuses_a_change(self, desk: Path, regesta: Regesta) -> None:
        """No table of the log lets a row be updated or deleted, and `verify` goes on to hold."""
        with closing(sqlite3.connect(desk / "regesta.db")) as store:
            found = store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            logs = [name for name, sql in found if name.endswith("_log") and "leaf" in sql]
            assert len(logs) == 9
            for name in logs:
                for statement in (f"UPDATE {name} SET batch = 9", f"DELETE FROM {name}"):  # noqa: S608
                    with pytest.raises(sqlite3.DatabaseError, match=r"append|never|refuse"):
                        store.execute(statement)
        assert regesta("verify").status == 0

    def test_checkpoint(self, regesta: Regesta) -> None:
        """The checkpoint is name, size and root, each on its line, and the same whenever asked."""
        page = regesta("checkpoint").out
        name, size, root, *rest = page.split("\n")
        assert (name, size, rest) == ("regesta/two-gifts", str(N_RECORDS), [""])
        assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", root)
        assert regesta("checkpoint").out == page

    @pytest.mark.parametrize("style", ["text", "bibtex", "csl-json", "cff"])
    def test_cite(self, style: str, regesta: Regesta) -> None:
        """A citation of a release names its title and version in each style."""
        regesta("release", "1.2.3")
        answer = regesta("cite", "releases/two-gifts/1.2.3", "--format", style)
        assert answer.status == 0
        assert "Two gifts" in answer.out
        assert "1.2.3" in answer.out
        if style == "bibtex":
            assert answer.out.startswith("@")

    def test_datasets(self, bare: Regesta) -> None:
        """The shelf holds the dataset that comes with regesta."""
        rows = bare("datasets", "--format", "csv").rows
        assert "russia-dprk" in {row["name"] for row in rows}


class TestTemplates:
    """What helps to fill in a table."""

    @pytest.mark.parametrize(
        "table",
        [
            "actors",
            "offices",
            "sources",
            "events",
            "participants",
            "evidence",
            "relations",
            "coverage",
            "flat",
        ],
    )
    def test_a_template_is_a_header_that_import_takes(
        self, table: str, regesta: Regesta, desk: Path
    ) -> None:
        """`template TABLE` prints one header row; as a file without rows it is valid."""
        page = regesta("template", table)
        assert (page.status, page.out.count("\n")) == (0, 1)
        regesta("template", table, "--out", f"{table}.csv")
        assert (desk / f"{table}.csv").read_text() == page.out
        assert regesta("validate", f"{table}.csv").status == 0

    def test_codes_hold_what_the_schema_names(self, bare: Regesta) -> None:
        """Every code list that a column names can be printed, and its codes are distinct."""
        lists = {row["list"]: int(row["codes"]) for row in bare("codes", "--format", "csv").rows}
        named = set(re.findall(r"code list (\w+)", bare("schema", "--format", "jsonl").out))
        assert len(named) >= 10
        assert named <= lists.keys()
        for name in sorted(named):
            rows = bare("codes", name, "--format", "csv").rows
            assert len({row["code"] for row in rows}) == len(rows) == lists[name]

    def test_the_codebook_names_every_table(self, bare: Regesta, desk: Path) -> None:
        """`schema` prints the codebook of all tables, to stdout or to a file."""
        page = bare("schema")
        assert all(
            f"{name}" in page.out for name in ("events", "evidence", "relations", "timeline")
        )
        bare("schema", "--out", "codebook.md")
        assert (desk / "codebook.md").read_text(encoding="utf-8") == page.out


class TestBadDays:
    """Others who write, and disks that do not do what they are asked."""

    def test_while_another_writes_an_import_is_told_to_try_again(
        self, regesta: Regesta, desk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A store that somebody else holds for writing gives status 5, and nothing is lost."""
        monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        with closing(sqlite3.connect(desk / "regesta.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            declined(regesta("import", "events.csv"), 5, "try again")
            assert titles(regesta("timeline", "--type", "gift", "--format", "csv"))[0] == "A car"
            other.execute("ROLLBACK")
        assert regesta("import", "events.csv", "--json").json["batch"] == 2

    def test_a_read_only_store_can_be_read(self, regesta: Regesta, desk: Path) -> None:
        """Reading needs no right to write; an import into a read-only store gives status 6."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "A limousine")})
        store = desk / "regesta.db"
        before = store.read_bytes()
        store.chmod(0o444)
        desk.chmod(0o555)
        try:
            if os.access(store, os.W_OK):
                pytest.skip("permissions do not bind this user")
            assert regesta("timeline").status == 0
            declined(regesta("import", "events.csv"), 6, "regesta.db")
        finally:
            desk.chmod(0o755)
        assert store.read_bytes() == before

    @pytest.mark.parametrize(
        ("setting", "says"),
        [("PRAGMA query_only = ON", "readonly"), ("PRAGMA max_page_count = 1", "full")],
        ids=["read-only", "full"],
    )
    def test_what_the_disk_refuses_is_not_half_recorded(
        self,
        setting: str,
        says: str,
        regesta: Regesta,
        desk: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A disk that is read-only or full gives status 6 and leaves the log as it was."""
        rows = [f"n-{n},gift,A gift {'x' * 2000},2030" for n in range(50)]
        write_files(desk, {"events.csv": "\n".join(["event_id,event_type,title,date", *rows])})
        before = regesta("checkpoint").out
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_SQLITE_SETTINGS", (*engine._SQLITE_SETTINGS, setting))
            declined(regesta("import", "events.csv"), 6, says)
        assert regesta("checkpoint").out == before
        assert regesta("verify").status == 0

    @pytest.mark.parametrize("url", ["sqlite:////dev/full", "sqlite:///no/such/folder/x.db"])
    def test_a_store_that_cannot_be_made(self, url: str, bare: Regesta) -> None:
        """A place where no store can be made gives status 6 or 2, in words."""
        answer = bare("--store", url, "init")
        assert answer.status in (2, 6), answer.err
        declined(answer, answer.status, url.removeprefix("sqlite:///"))

    def test_a_folder_is_no_store(self, bare: Regesta, desk: Path) -> None:
        """A folder in the place of the store is a fault of usage for every command."""
        (desk / "regesta.db").mkdir()
        write_files(desk, {"events.csv": EVENTS})
        for words in (("timeline",), ("import", "events.csv"), ("checkpoint",), ("verify",)):
            declined(bare(*words), 2, "folder")

    def test_init_in_a_folder_is_declined(self, bare: Regesta, desk: Path) -> None:
        """`init` does not fall over a folder in the place of the store."""
        (desk / "regesta.db").mkdir()
        answer = bare("init")
        assert answer.status in (2, 6), answer.err
        declined(answer, answer.status, "regesta.db")

    def test_a_damaged_store_is_a_fault_of_storage(self, regesta: Regesta, desk: Path) -> None:
        """A store whose pages are damaged ends in words, with status 4 or 6, whatever is asked."""
        data = bytearray((desk / "regesta.db").read_bytes())
        data[4096 : len(data) - 4096] = bytes(len(data) - 8192)
        (desk / "regesta.db").write_bytes(data)
        for words in (("verify",), ("timeline",), ("log",)):
            answer = regesta(*words)
            assert answer.status in (2, 4, 6), answer.err
            declined(answer, answer.status, "regesta.db")

    def test_a_quarantine_that_cannot_be_written_records_nothing(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """Rows are not recorded while the refused ones have nowhere to go."""
        write_files(desk, {"events.csv": EVENTS.replace("A car", "").replace("A vote", "A poll")})
        before = regesta("checkpoint").out
        answer = regesta("import", "events.csv", "--quarantine", "no/such/bad.csv")
        assert answer.status in (2, 6), answer.err
        declined(answer, answer.status, "bad.csv")
        assert regesta("checkpoint").out == before

    def test_two_processes_write_one_after_the_other(self, regesta: Regesta, desk: Path) -> None:
        """Two imports at once both succeed, each with a batch of its own."""
        for name in ("one", "two"):
            write_files(
                desk,
                {f"{name}.csv": f"event_id,event_type,title,date\n{name},gift,A {name},2030\n"},
            )
        running = [
            subprocess.Popen(
                [*OUTSIDE, "import", f"{name}.csv", "--json"],
                cwd=desk,
                stdout=subprocess.PIPE,
                env=environment(),
            )
            for name in ("one", "two")
        ]
        ended = [process.communicate(timeout=60)[0] for process in running]
        said = [json.loads(data) for data in ended]
        assert sorted(receipt["batch"] for receipt in said) == [2, 3]
        assert titles(regesta("timeline", "--since", "2030", "--format", "csv")) == [
            "A one",
            "A two",
        ]
        assert regesta("verify").status == 0

    def test_a_fault_of_ours_is_one_sentence(
        self, regesta: Regesta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What nobody foresaw ends with status 1, the way to report it, and no traceback."""

        def burst(*_: object) -> None:
            raise ZeroDivisionError("by nought")

        monkeypatch.setattr("regesta.flows.timeline.filtered_timeline", burst)
        answer = regesta("timeline")
        assert answer.status == 1
        assert answer.err.count("\n") == 1
        assert "ZeroDivisionError: by nought" in answer.err
        monkeypatch.setenv("REGESTA_DEBUG", "1")
        with pytest.raises(ZeroDivisionError):
            regesta("timeline")


def test_the_card_is_kept_in_the_log(regesta: Regesta) -> None:
    """The batch that brought a dataset's folder holds its card."""
    first = json.loads(regesta("log", "--format", "jsonl").out.splitlines()[0])
    assert first["card"] == tomllib.loads(SEED["dataset.toml"])
