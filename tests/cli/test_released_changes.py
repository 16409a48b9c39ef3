"""`release`: what changed since the release before, which version is due, and the index of all."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from regesta.release.digests import write_sums
from regesta.research.differences import differences
from regesta.research.vantage import Vantage
from regesta.store.store import Store
from tests.cli import test_diff
from tests.cli.conftest import Regesta
from tests.cli.test_commands import declined
from tests.cli.test_diff import BATCHES, applied, cells

told, regesta = test_diff.told, test_diff.regesta
SHELF = Path("releases/twins")


def resealed(release: Path, name: str, old: str, new: str) -> None:
    """Change a file of *release* and list the digests of all anew, as a forger would."""
    text = (release / name).read_text(encoding="utf-8")
    assert old in text
    (release / name).write_text(text.replace(old, new), encoding="utf-8")
    (release / "SHA256SUMS").unlink()
    write_sums(release)


@pytest.mark.usefixtures("regesta")
def test_every_state_and_its_differences_give_every_other() -> None:
    """From any batch to any other, through merges, splits and other ids, and with a reason each."""
    store = Store.open("sqlite:///regesta.db")
    ends = {batch: last for batch, _, last in store.batch_ends()}
    states = {batch: cells(last) for batch, last in ends.items()}
    for first, second in product(BATCHES, BATCHES):
        before, after = (Vantage(upto=ends[batch]) for batch in (first, second))
        lines = differences(store.fetch, before, after).cast(pl.String()).fill_null("").to_dicts()
        assert applied(states[first], lines, states[second]) == states[second]
        assert all(line["reason"] and line["author"] for line in lines)


def test_a_merge_and_another_id_are_told_as_such(regesta: Regesta) -> None:
    """The event that gave way is merged; the one with another id is no row that came or went."""
    found = regesta("diff", "batch:1", "batch:6", "--format", "csv").rows
    events = [
        (x["action"], x["old"], x["new"], x["reason"]) for x in found if x["table"] == "events"
    ]
    assert ("merged", "aurus", "gift-2024", "merge") in events
    assert ("rekeyed", "car", "gift-2024", "rekey") in events
    assert not {x["key"] for x in found if x["action"] == "added"} & {"gift-2024"}


def test_a_corrected_role_is_another_key(regesta: Regesta, desk: Path) -> None:
    """The world does not change when a batch states a participant in another role."""
    rows = (desk / "seed/tables/participants.csv").read_text(encoding="utf-8")
    (desk / "participants.csv").write_text(rows.replace("un,announcer", "un,host"), "utf-8")
    words = ("--snapshot", "table=participants", "--reason", "correction")
    made = regesta("import", "participants.csv", *words)
    assert made.status == 0, made.err
    found = regesta("diff", "batch:8", "batch:9", "--format", "csv").rows
    told = [(x["reason"], x["action"], x["old"], x["new"]) for x in found if x["old"][:4] == "vote"]
    assert told == [("correction", "rekeyed", "vote / un / announcer", "vote / un / host")]


def test_the_file_is_what_diff_gives(regesta: Regesta) -> None:
    """`changes.csv` is, byte for byte, `diff` of the two releases; a first one has no line."""
    for first, second in (("1.0.0", "1.1.0"), ("1.1.0", "1.2.0")):
        answer = regesta("diff", SHELF / first, SHELF / second, "--format", "csv")
        assert (SHELF / second / "changes.csv").read_bytes() == answer.data
    assert (SHELF / "1.0.0/changes.csv").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.usefixtures("regesta")
def test_people_are_told_why() -> None:
    """Reasons stand in words, with counts, cells, and the author's messages."""
    said = (SHELF / "1.1.0/CHANGES.md").read_text(encoding="utf-8")
    assert "| We learnt more | events |  | 1 |  |  |  | 2 |" in said
    assert "- events `car`, title: `Russia gives a car` → `Russia gives an Aurus` (batch 2)" in said
    assert "> as seen" in said
    assert "First release" in (SHELF / "1.0.0/CHANGES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("changes.csv", "Russia gives an Aurus", "Russia lends an Aurus"),
        ("changes.csv", "newly_known", "correction"),
        ("datapackage.json", '"bump": "minor"', '"bump": "patch"'),
        ("datapackage.json", '"rows": 1', '"rows": 2'),
        ("datapackage.json", '"size":', '"sise":'),
        ("datapackage.json", '"previous":', '"former":'),
    ],
)
def test_forged_changes_are_found(name: str, old: str, new: str, regesta: Regesta) -> None:
    """The changes are derived again from the release's own log, whatever the digests say."""
    assert regesta("verify", SHELF / "1.1.0").status == 0
    resealed(SHELF / "1.1.0", name, old, new)
    declined(regesta("verify", SHELF / "1.1.0"), 4, "")


class TestBump:
    """The version that is due, and why."""

    STATES = (
        (("batch:1", "batch:2"), "1.0.1", "patch", "1 row of events was revised"),
        (("batch:1", "batch:3"), "1.1.0", "minor", "1 row of evidence was added"),
        (("batch:1", "batch:4"), "2.0.0", "major", "1 row of events was retracted"),
        (("batch:4", "batch:5"), "2.0.0", "major", "1 row of events was merged into others"),
        (("batch:5", "batch:6"), "2.0.0", "major", "1 row of events was given another key"),
    )

    @pytest.mark.parametrize(("states", "version", "level", "why"), STATES)
    def test_it_follows_the_recipe(
        self, states: tuple[str, str], version: str, level: str, why: str, regesta: Regesta
    ) -> None:
        """A first release is 1.0.0; what changed since says which one comes next."""
        words = ("release", "--bump", "auto", "--out", "out", "--json", "--as-of")
        first, second = (regesta(*words, state).json for state in states)
        assert (first["version"], first["previous"], first["bump"]) == ("1.0.0", None, None)
        assert (second["version"], second["previous"], second["bump"]) == (version, "1.0.0", level)
        assert why in second["because"]
        assert why in (Path(second["path"]) / "CHANGES.md").read_text(encoding="utf-8")

    def test_where_nothing_changed_no_version_is_due(self, regesta: Regesta) -> None:
        """The refusal says how to release the same again."""
        words = ("release", "--bump", "auto", "--as-of", "batch:5")
        declined(regesta(*words), 3, "name a VERSION")
        assert regesta("release", "1.2.1", "--as-of", "batch:5").status == 0

    def test_provisional_releases_count_up_to_the_stable_one(self, regesta: Regesta) -> None:
        """Each is against the newest stable release, and `latest` means none of them."""
        words = ("release", "--bump", "auto", "--json")
        made = [regesta(*words, *rc).json for rc in (["--rc"], ["--rc"], [])]
        assert [x["version"] for x in made] == ["2.0.0-rc.1", "2.0.0-rc.2", "2.0.0"]
        assert {x["previous"] for x in made} == {"1.2.0"}
        shutil.rmtree(SHELF / "2.0.0")
        assert "version 1.2.0" in regesta("cite", SHELF / "latest").out
        assert "version 1.2.0" in regesta("cite", SHELF, "--version", "latest").out

    @pytest.mark.parametrize("words", [(), ("1.3.0", "--bump", "auto"), ("1.3.0", "--rc")])
    def test_one_of_version_and_bump(self, words: tuple[str, ...], regesta: Regesta) -> None:
        """Neither, both, or a candidate of a named version: status 2."""
        declined(regesta("release", *words), 2, "--bump auto")

    def test_less_than_is_due_is_noted(self, regesta: Regesta) -> None:
        """A version that somebody names is theirs to choose; the note says what is due."""
        answer = regesta("release", "1.2.1", "--json")
        assert (answer.status, answer.json["version"]) == (0, "1.2.1")
        assert "2.0.0" in answer.err

    def test_an_earlier_state_comes_after_nothing(self, regesta: Regesta) -> None:
        """A later version of less of the log is refused."""
        declined(regesta("release", "3.0.0", "--as-of", "batch:1"), 3, "--as-of")


class TestIndex:
    """`index.json` over the releases of a shelf."""

    def test_it_says_what_the_releases_say(self, regesta: Regesta) -> None:
        """Versions, kinds, roots, digests, counts and bumps, the oldest first."""
        regesta("release", "--bump", "auto", "--rc")
        index = json.loads((SHELF / "index.json").read_text(encoding="utf-8"))
        assert (index["dataset"], index["latest"]) == ("twins", "1.2.0")
        told = [(x["version"], x["kind"], x["bump"]) for x in index["versions"]]
        assert told == [
            ("1.0.0", "stable", None),
            ("1.1.0", "stable", "minor"),
            ("1.2.0", "stable", "major"),
            ("2.0.0-rc.1", "provisional", "major"),
        ]
        assert index["versions"][0]["rows"]["events"] == 5
        assert [path.name for path in SHELF.iterdir() if path.name.startswith(".")] == []

    def test_a_shelf_is_verified_as_a_whole(self, regesta: Regesta) -> None:
        """Each release and the index: what is altered in one of them is found."""
        answer = regesta("verify", SHELF, "--json")
        assert answer.status == 0, answer.err
        assert (len(answer.json["releases"]), answer.json["index"]) == (3, True)
        text = (SHELF / "index.json").read_text(encoding="utf-8")
        (SHELF / "index.json").write_text(text.replace("1.2.0", "1.1.0", 1), encoding="utf-8")
        declined(regesta("verify", SHELF), 4, "index.json")
        (SHELF / "index.json").write_text(text, encoding="utf-8")
        (SHELF / "1.1.0/README.md").write_text("x", encoding="utf-8")
        declined(regesta("verify", SHELF), 4, "README.md was altered")

    def test_a_damaged_neighbour_is_in_nobodys_way(self, regesta: Regesta) -> None:
        """A release that cannot be read is left out of the index, and found by `verify`."""
        (SHELF / "1.0.0/checkpoint").unlink()
        assert regesta("release", "--bump", "auto").status == 0
        index = json.loads((SHELF / "index.json").read_text(encoding="utf-8"))
        assert [x["version"] for x in index["versions"]] == ["1.1.0", "1.2.0", "2.0.0"]
        declined(regesta("verify", SHELF), 4, "1.0.0")
