"""Gates by the command line: what falls short is not released, or says so for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regesta.release.digests import digest, write_sums
from regesta.schema.codebook import wording
from tests.cli.conftest import SEED, Answer, Regesta, run, write_files

GATES = """
[gates]
no_dangling_ids = true
two_sources = 50
archived_sources = 10

[gates.rows]
events = {min = 4, max = 5}
sources = {min = 3}

[gates.filled]
sources.url = 100

[gates.constant]
sources.kind = "state_media"
"""
SHORT = ("archived_sources", "constant.sources.kind", "rows.sources", "two_sources")
ALLOWED = tuple(word for name in SHORT for word in ("--allow", name))


@pytest.fixture
def gated(regesta: Regesta, desk: Path) -> Regesta:
    """Return a command line in a folder whose store holds `SEED` and a card with gates."""
    card = SEED["dataset.toml"] + GATES
    brought = regesta("import", write_files(desk / "seed", {**SEED, "dataset.toml": card}))
    assert brought.status == 0, brought.err
    return regesta


def _release(gated: Regesta, *words: str) -> Path:
    made = gated("release", "1.0.0", *ALLOWED, *words, "--json")
    assert made.status == 0, made.err
    return Path(made.json["path"])


def _descriptor(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    return found


class TestReleasing:
    """A release that falls short is refused, or records what it was allowed."""

    def test_what_falls_short_is_listed_and_nothing_is_written(
        self, gated: Regesta, desk: Path
    ) -> None:
        """Exit status 3; each such gate with what it asks and what there is; no other gate."""
        refused = gated("release", "1.0.0")
        assert refused.status == 3
        assert refused.out == ""
        assert "rows.sources: at least 3 rows; measured: 2 rows" in refused.err
        assert all(f"  {name}: " in refused.err for name in SHORT)
        assert "rows.events" not in refused.err
        assert not (desk / "releases").exists()

    def test_json_has_every_gate_that_falls_short(self, gated: Regesta) -> None:
        """`--json` gives the same as data."""
        refused = gated("release", "1.0.0", "--allow", "two_sources", "--json")
        assert refused.status == refused.json["exit_status"] == 3
        assert [gate["name"] for gate in refused.json["gates"]] == list(SHORT[:3])

    def test_what_was_allowed_stands_in_the_release(self, gated: Regesta) -> None:
        """Descriptor, codebook, README and changes say what was asked and what was measured."""
        release = _release(gated)
        gates = _descriptor(release)["gates"]
        assert [gate["name"] for gate in gates if not gate["met"]] == list(SHORT)
        assert [gate["name"] for gate in gates if gate["met"]] == [
            "filled.sources.url",
            "no_dangling_ids",
            "rows.events",
        ]
        for name in ("CODEBOOK.md", "CODEBOOK.html", "README.md", "CHANGES.md"):
            text = (release / name).read_text(encoding="utf-8")
            assert all(name in text for name in SHORT)
            assert "at least 3 rows" in text
            assert ("rows.events" in text) is (name not in ("README.md", "CHANGES.md"))
        assert run("verify", release).status == 0

    def test_to_allow_what_is_met_is_told(self, gated: Regesta) -> None:
        """It is a note, and no release says that it was allowed."""
        made = gated("release", "1.0.0", *ALLOWED, "--allow", "rows.events")
        assert made.status == 0
        assert "--allow rows.events was not needed" in made.err
        release = Path("releases/two-gifts/1.0.0")
        assert "rows.events" not in (release / "README.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", ["rows.source", "rows", "everything"])
    def test_what_is_no_gate_cannot_be_allowed(self, gated: Regesta, desk: Path, name: str) -> None:
        """It is a usage error, whatever else was allowed."""
        refused = gated("release", "1.0.0", *ALLOWED, "--allow", name)
        assert refused.status == 2
        assert f"no gate called {name!r}" in refused.err
        assert not (desk / "releases").exists()

    def test_gates_hold_for_what_the_release_holds(self, gated: Regesta) -> None:
        """The card as of then asks for it, and the tables as they were known are measured."""
        assert gated("release", "0.1.0", "--as-of", "batch:1").status == 0
        known = gated("release", "0.2.0", "--known-by", "2024-02-19", *ALLOWED, "--json")
        assert known.status == 3
        assert [gate["name"] for gate in known.json["gates"]] == ["rows.events"]


class TestCards:
    """A card is held against the schema when it is imported."""

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ("two_source = 5", "gates.two_source is no gate (did you mean 'two_sources'?)"),
            ("two_sources = 0.5", "gates.two_sources is no share"),
            ("rows.event.min = 5", "gates.rows.event is no table (did you mean 'events'?)"),
            ("filled.sources.ulr = 5", "is no column (did you mean 'url'?)"),
        ],
    )
    def test_a_card_that_asks_for_what_is_none_is_refused(
        self, regesta: Regesta, desk: Path, wrong: str, says: str
    ) -> None:
        """Nothing of the folder is recorded."""
        card = f"{SEED['dataset.toml']}\n[gates]\n{wrong}\n"
        refused = regesta("import", write_files(desk / "seed", {**SEED, "dataset.toml": card}))
        assert refused.status == 3
        assert says in refused.err
        assert regesta("release", "1.0.0").status == 0

    def test_changed_gates_are_a_batch_and_older_releases_keep_theirs(
        self, gated: Regesta, desk: Path
    ) -> None:
        """The card is part of the log: what was released before verifies as it did."""
        release = _release(gated)
        write_files(desk / "seed", {"dataset.toml": SEED["dataset.toml"]})
        assert gated("import", "seed", "--json").json["batch"] == 3
        later = gated("release", "1.1.0", "--json")
        assert later.status == 0
        assert "gates" not in _descriptor(Path(later.json["path"]))
        assert run("verify", release).status == 0


def _rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return what replaces *old* by *new* in the file *name* of a release."""

    def rewrite(release: Path) -> None:
        text = (release / name).read_text(encoding="utf-8")
        assert old in text
        (release / name).write_text(text.replace(old, new), encoding="utf-8")

    return rewrite


def _say_all_is_met(release: Path) -> None:
    described = _descriptor(release)
    for gate in described["gates"]:
        gate["met"] = True
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    (release / "datapackage.json").write_text(text, encoding="utf-8")


def _leave_out_gates(release: Path) -> None:
    described = _descriptor(release)
    del described["gates"]
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    (release / "datapackage.json").write_text(text, encoding="utf-8")


def _altered(gated: Regesta, alter: Callable[[Path], None]) -> Answer:
    """Return what `verify` says of a release that was altered, its digests written anew."""
    release = _release(gated)
    alter(release)
    write_sums(release)
    return run("verify", release)


@pytest.mark.parametrize(
    ("alter", "says"),
    [
        (_say_all_is_met, "the gates in datapackage.json"),
        (_leave_out_gates, "the gates in datapackage.json"),
        (_rewrite("datapackage.json", "at least 3 rows", "at least 2 rows"), "the gates in"),
        (_rewrite("CODEBOOK.md", "Rows: 4.", "Rows: 5."), "CODEBOOK.md is not"),
        (_rewrite("CODEBOOK.html", "Rows: 4.", "Rows: 5."), "CODEBOOK.html is not"),
        (_rewrite("CODEBOOK.html", "</h1>", "</h1><script></script>"), "CODEBOOK.html is not"),
        (_rewrite("CODEBOOK.html", wording(), "0" * 12), "CODEBOOK.html is not"),
        (lambda release: (release / "CODEBOOK.html").unlink(), "CODEBOOK.html is not"),
    ],
)
def test_who_writes_the_digests_anew_is_found(
    gated: Regesta, alter: Callable[[Path], None], says: str
) -> None:
    """Gates and codebook follow from card and tables, and are derived again."""
    found = _altered(gated, alter)
    assert found.status == 4
    assert says in found.err


def test_a_codebook_of_other_words_is_said_not_to_be_checked(gated: Regesta) -> None:
    """Who describes columns otherwise may be an older version: that is told, and no fault."""

    def reword(release: Path) -> None:
        for name in ("CODEBOOK.md", "CODEBOOK.html"):
            before = digest(release / name)
            _rewrite(name, wording(), "0" * 12)(release)
            _rewrite("croissant.json", before, digest(release / name))(release)

    found = _altered(gated, reword)
    assert found.status == 0
    assert "Not checked: the codebook" in found.err
    assert "Not checked: the codebook" not in gated("verify", _release_again(gated)).err


def _release_again(gated: Regesta) -> Path:
    return Path(gated("release", "1.0.1", *ALLOWED, "--json").json["path"])
