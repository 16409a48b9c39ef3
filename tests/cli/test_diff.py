"""`diff`: what changed from one state to another, and for which reason."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from regesta.flows.seeing import seen
from regesta.log.changes import key_text
from regesta.schema.tables import IMPORTED
from regesta.store.store import Store
from tests.cli.conftest import Answer, Regesta, run, write_files
from tests.cli.stories import TWINS
from tests.cli.test_commands import FORMS, as_rows, declined

STEPS: tuple[tuple[str, ...], ...] = (
    ("import", "seed", "--author", "Ann"),
    ("import", "revised.csv", "--reason", "newly_known", "--author", "Bob", "-m", "as seen"),
    ("import", "evidence.csv", "--author", "Cem"),
    ("retract", "dogs", "--reason", "source_lost"),
    ("merge", "aurus", "car"),
    ("rekey", "car", "gift-2024"),
    ("split", "aurus"),
    ("retract", "dogs", "--undo"),
)
"""A small history: one batch a step."""

BATCHES = range(1, len(STEPS) + 1)

Cells = dict[tuple[str, str], dict[str, str | None]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the store of a small history, and releases of three states of it."""
    folder = tmp_path_factory.mktemp("history")
    head = TWINS["tables/evidence.csv"].splitlines()[0]
    write_files(folder / "seed", TWINS)
    write_files(
        folder,
        {
            "revised.csv": "event_id,title,place\ncar,Russia gives an Aurus,Pyongyang\n",
            "evidence.csv": f"{head}\ncar.e02,car,tass-1,confirms,russia\n",
        },
    )
    store = ("--store", f"sqlite:///{folder}/regesta.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in STEPS:
            answer = run(*store, *words)
            assert answer.status == 0, answer.err
        for version, batch in (("1.0.0", 1), ("1.1.0", 3), ("1.2.0", 5)):
            made = run(*store, "release", version, "--as-of", f"batch:{batch}")
            assert made.status == 0, made.err
    return folder


@pytest.fixture
def regesta(told: Path, desk: Path) -> Regesta:
    """Return a command line in a folder with that store and those releases."""
    shutil.copytree(told, desk, dirs_exist_ok=True)
    return run


def rows_of(answer: Answer) -> list[dict[str, str]]:
    """Return the lines of a diff that was asked for as CSV."""
    assert answer.status == 0, answer.err
    return answer.rows


def cells(upto: int) -> Cells:
    """Return every cell of every table as it stood after a record, as text, by table and key."""
    register = seen(Store.open("sqlite:///regesta.db"), as_of=str(upto))
    found: Cells = {}
    for name, table in IMPORTED.items():
        rows = register.table(name).with_columns(key_text(table).alias("#key"))
        told = rows.select("#key", pl.col(list(table.columns)).cast(pl.String))
        for row in told.iter_rows(named=True):
            found[name, row.pop("#key")] = row
    return found


def applied(before: Cells, lines: list[dict[str, str]], after: Cells) -> Cells:
    """Return *before* with the lines of a diff applied; whole rows that came are as *after*."""
    found = {where: dict(row) for where, row in before.items()}
    for line in lines:
        if line["action"] in ("merged", "rekeyed"):
            assert (line["key"], line["column"]) == (line["old"], "")
            row, now = found.pop((line["table"], line["old"])), (line["table"], line["new"])
            assert now in after
            if line["action"] == "rekeyed":
                assert now not in found
                parts = IMPORTED[line["table"]].key
                found[now] = row | {name: after[now][name] for name in parts}
    for line in lines:
        where = line["table"], line["key"]
        match line["action"]:
            case "added":
                assert where not in found
                found[where] = after[where]
            case "retracted":
                del found[where]
            case "revised":
                assert (found[where][line["column"]] or "") == line["old"]
                found[where][line["column"]] = line["new"] or None
    return found


PAIRS = (
    *pairwise(BATCHES),
    (1, len(STEPS)),
    (len(STEPS), 1),
    (6, 2),
)
"""Each batch with the next, the first with the last, and some backwards."""


class TestTheLaw:
    """A diff explains all that differs, and nothing else."""

    @pytest.mark.parametrize(("first", "second"), PAIRS)
    def test_the_first_state_and_the_diff_give_the_second(
        self, first: int, second: int, regesta: Regesta
    ) -> None:
        """Rows added and retracted, and cells field by field, lead from any state to any other."""
        ends = {b: last for b, _, last in Store.open("sqlite:///regesta.db").batch_ends()}
        before, after = cells(ends[first]), cells(ends[second])
        lines = rows_of(regesta("diff", f"batch:{first}", f"batch:{second}", "--format", "csv"))
        assert applied(before, lines, after) == after
        assert all(line["old"] != line["new"] for line in lines if line["action"] == "revised")

    @pytest.mark.parametrize(("first", "second"), PAIRS)
    def test_every_difference_has_its_reason(
        self, first: int, second: int, regesta: Regesta
    ) -> None:
        """Each line says why, in which batch and by whom; also where an id is read as another."""
        lines = rows_of(regesta("diff", f"batch:{first}", f"batch:{second}", "--format", "csv"))
        assert [line for line in lines if not (line["reason"] and line["batch"])] == []

    @pytest.mark.parametrize("state", ["batch:1", "20", "2999-01-01", "releases/twins/1.1.0"])
    def test_a_state_does_not_differ_from_itself(self, state: str, regesta: Regesta) -> None:
        """Between a state and itself there is nothing."""
        assert rows_of(regesta("diff", state, state, "--format", "csv")) == []

    def test_backwards_is_the_same_the_other_way_round(self, regesta: Regesta) -> None:
        """From B to A is what came is gone, and old is new."""
        there, back = (
            rows_of(regesta("diff", *ends, "--format", "csv"))
            for ends in (("batch:1", "batch:4"), ("batch:4", "batch:1"))
        )
        turned = {"added": "retracted", "retracted": "added", "revised": "revised"}

        def told(line: dict[str, str]) -> tuple[str, ...]:
            return tuple(line[name] for name in ("table", "key", "column", "reason"))

        assert sorted((*told(x), turned[x["action"]], x["new"], x["old"]) for x in there) == sorted(
            (*told(x), x["action"], x["old"], x["new"]) for x in back
        )


class TestLines:
    """What a line says."""

    def test_a_revision_is_told_field_by_field(self, regesta: Regesta) -> None:
        """Each cell has a line with old and new value, reason, batch, author and message."""
        lines = rows_of(regesta("diff", "batch:1", "batch:2", "--format", "csv"))
        assert [(line["column"], line["old"], line["new"]) for line in lines] == [
            ("title", "Russia gives a car", "Russia gives an Aurus"),
            ("place", "", "Pyongyang"),
        ]
        assert {
            tuple(line[name] for name in ("action", "reason", "key", "batch", "author", "message"))
            for line in lines
        } == {("revised", "newly_known", "car", "2", "Bob", "as seen")}

    def test_a_row_that_came_or_went_has_one_line(self, regesta: Regesta) -> None:
        """A row as a whole is named by table and key, without a column."""
        came = rows_of(regesta("diff", "batch:2", "batch:3", "--format", "csv"))
        assert [(x["action"], x["reason"], x["key"], x["column"]) for x in came] == [
            ("added", "new", "car.e02", "")
        ]
        went = rows_of(regesta("diff", "batch:3", "batch:4", "--format", "csv"))
        assert {(x["action"], x["reason"], x["column"]) for x in went} == {
            ("retracted", "source_lost", "")
        }
        assert {x["key"] for x in went} == {
            "dogs", "dogs / dprk / giver", "dogs.e01", "dogs / responds_to / car",
        }  # fmt: skip

    def test_lines_of_one_reason_stand_together(self, regesta: Regesta) -> None:
        """The reasons come in order, and within one the tables in theirs."""
        lines = rows_of(regesta("diff", "batch:1", "batch:5", "--format", "csv"))
        reasons = [line["reason"] for line in lines]
        groups = [reasons[0], *(b for a, b in pairwise(reasons) if a != b)]
        assert len(groups) == len(set(groups))
        assert {"newly_known", "new", "source_lost", "merge"} <= set(groups)

    def test_what_came_and_went_again_is_no_difference(self, regesta: Regesta) -> None:
        """Retracted and restored in between, the dogs do not differ."""
        lines = rows_of(regesta("diff", "batch:1", f"batch:{len(STEPS)}", "--format", "csv"))
        assert not [line for line in lines if line["key"] in ("dogs", "dogs.e01", "aurus")]

    def test_every_form_holds_the_same_lines(self, regesta: Regesta, desk: Path) -> None:
        """Every form, on stdout and in a file, holds the same; so does the text."""
        words = ("diff", "batch:1", "batch:4")
        answers = {form: regesta(*words, "--format", form) for form in FORMS}
        rows = {form: as_rows(form, answer.data) for form, answer in answers.items()}
        assert all(found == rows["csv"] for found in rows.values())
        for form, answer in answers.items():
            assert regesta(*words, "--format", form, "--out", f"d.{form}").out == ""
            assert (desk / f"d.{form}").read_bytes() == answer.data
        page = regesta(*words)
        assert (page.status, page.err) == (0, "")
        assert all(line["key"] in page.out for line in rows["csv"])

    @pytest.mark.parametrize("form", FORMS)
    def test_no_difference_is_still_data(self, form: str, regesta: Regesta) -> None:
        """An empty diff parses, in every form."""
        answer = regesta("diff", "batch:1", "batch:1", "--format", form)
        assert (answer.status, as_rows(form, answer.data)) == (0, [])


class TestEnds:
    """What a state may be named by."""

    def test_by_position_batch_day_and_release(self, regesta: Regesta, desk: Path) -> None:
        """The same two states differ in the same, however each is named."""
        expected = rows_of(regesta("diff", "batch:1", "batch:3", "--format", "csv"))
        ends = {b: last for b, _, last in Store.open("sqlite:///regesta.db").batch_ends()}
        firsts = ("batch:1", str(ends[1]), "releases/twins/1.0.0")
        seconds = ("batch:3", str(ends[3]), "releases/twins/1.1.0", desk / "releases/twins/1.1.0")
        for first, second in zip([*firsts, firsts[2]], seconds, strict=True):
            assert rows_of(regesta("diff", first, second, "--format", "csv")) == expected
        day = (datetime.now(UTC) + timedelta(days=1)).date()
        assert rows_of(regesta("diff", "1999-12-31", day, "--format", "csv")) == rows_of(
            regesta("diff", "1999-12-31", f"batch:{len(STEPS)}", "--format", "csv")
        )

    def test_two_releases_need_no_store(self, regesta: Regesta, desk: Path) -> None:
        """Releases are compared by the log that they carry, the shorter as a part of the longer."""
        with_store = regesta("diff", "batch:1", "batch:5", "--format", "csv").data
        (desk / "regesta.db").unlink()
        words = ("diff", "releases/twins/1.0.0", "releases/twins/1.2.0", "--format", "csv")
        assert regesta(*words).data == with_store

    def test_a_folder_of_versions_means_its_newest(self, regesta: Regesta) -> None:
        """As for `load`, the folder of the dataset stands for the newest release in it."""
        words = ("--format", "csv")
        assert (
            regesta("diff", "batch:1", "releases/twins", *words).data
            == regesta("diff", "batch:1", "releases/twins/1.2.0", *words).data
        )

    def test_known_by_is_applied_to_both(self, regesta: Regesta) -> None:
        """By what was known then the states differ in less: nothing learnt later is told."""
        words = ("diff", "batch:1", "batch:3", "--format", "csv", "--known-by")
        assert rows_of(regesta(*words, "2000")) == []
        early = rows_of(regesta(*words, "2024-02-20"))
        assert "car.e02" not in {line["key"] for line in early}
        assert "car.e02" in {line["key"] for line in rows_of(regesta(*words, "2024-02-21"))}

    def test_another_log_is_refused(self, regesta: Regesta, desk: Path) -> None:
        """A release of another log is no state of this one, though the dataset be the same."""
        store = ("--store", "sqlite:///other.db")
        assert regesta(*store, "import", "seed", "--author", "Eve").status == 0
        assert regesta(*store, "release", "1.0.0", "--out", "others").status == 0
        other = desk / "others/twins/1.0.0"
        for first, second in (
            (other, "batch:1"),
            ("batch:1", other),
            (other, "releases/twins/1.0.0"),
            ("releases/twins/1.2.0", other),
        ):
            declined(regesta("diff", first, second), 3, "no state of the log")

    def test_a_release_that_was_altered_is_not_compared(self, regesta: Regesta, desk: Path) -> None:
        """One flipped bit ends with status 4, as it does for `verify`."""
        for name in ("history/events.parquet", "events.csv", "checkpoint", "SHA256SUMS"):
            release = shutil.copytree(desk / "releases/twins/1.0.0", desk / f"x-{Path(name).name}")
            data = bytearray((release / name).read_bytes())
            data[len(data) // 2] ^= 1
            (release / name).write_bytes(data)
            declined(regesta("diff", release, "batch:2"), 4, "")

    @pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", None], ids=["empty", "bytes", "gone"])
    @pytest.mark.parametrize("name", ["checkpoint", "SHA256SUMS", "history/events.parquet"])
    def test_a_release_that_was_damaged_is_not_compared(
        self, name: str, damage: bytes | None, regesta: Regesta, desk: Path
    ) -> None:
        """A file that is empty, no text, or gone is a fault of the release, in words."""
        path = desk / "releases/twins/1.0.0" / name
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
        answer = regesta("diff", "releases/twins/1.0.0", "batch:2")
        if (name, damage) == ("SHA256SUMS", None):
            declined(answer, answer.status, "1.0.0")
            assert answer.status in (2, 4)
        else:
            declined(answer, 4, "")

    def test_the_name_of_a_folder_may_hold_anything(self, regesta: Regesta, desk: Path) -> None:
        """Brackets, stars and quotes in a path are part of a name and match no other folder."""
        for name in ("a [draft]", "a*", "it's", "a?b"):
            shutil.copytree(desk / "releases/twins/1.0.0", desk / name / "1.0.0")
            release = desk / name / "1.0.0"
            compared = regesta("diff", release, release, "--format", "csv")
            assert compared.status == 0, compared.err
            verified = regesta("verify", release)
            assert verified.status == 0, verified.err

    NO_STATES = (
        "",
        "soon",
        "batch:0",
        "batch:99",
        "99999",
        "-1",
        "2026-02-30",
        "nowhere/1.0.0",
        "releases/twins/9.9.9",
        "seed",
        "seed/dataset.toml",
        ".",
        "/",
        "a\x00b",
        "a/\x00b",
        "x" * 5000,
        "x/" * 3000,
    )

    @pytest.mark.parametrize("text", NO_STATES, ids=lambda text: repr(text[:12]))
    def test_what_names_no_state_is_usage(self, text: str, regesta: Regesta) -> None:
        """Neither a moment of the log nor a release: status 2, on either side."""
        declined(regesta("diff", text, "batch:1"), 2, "")
        declined(regesta("diff", "batch:1", text), 2, "")

    def test_an_empty_log_has_no_states(self, bare: Regesta) -> None:
        """Before the first record every day is the same, and there is no batch or position."""
        bare("init")
        assert bare("diff", "1999-12-31", "2999-12-31", "--format", "csv").rows == []
        declined(bare("diff", "batch:1", "0"), 2, "")


def test_the_columns_of_a_diff(regesta: Regesta) -> None:
    """The columns are named and ordered for ever."""
    text = regesta("diff", "batch:1", "batch:2", "--format", "csv").out
    assert next(csv.reader(text.splitlines())) == [
        "reason", "action", "table", "key", "column", "old", "new", "batch", "author", "message",
    ]  # fmt: skip
