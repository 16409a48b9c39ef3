"""`import --made-from`: an input that was made from an older state loses to what came since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import N_RECORDS, SEED, Answer, Regesta, write_files
from tests.cli.test_commands import declined

EVENTS, EVIDENCE = SEED["tables/events.csv"], SEED["tables/evidence.csv"]
FIRST = "batch:1"


def revised(text: str, changes: Mapping[str, str]) -> str:
    """Return a table of `SEED` with words of it replaced."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def theirs(regesta: Regesta, desk: Path) -> Regesta:
    """Return a command line on a store in which Bob has revised the title of the car since."""
    write_files(desk, {"theirs.csv": revised(EVENTS, {"A car": "A limousine"})})
    words = ("--author", "Bob", "-m", "as KCNA has it")
    assert regesta("import", "theirs.csv", *words).status == 0
    return regesta


def mine(regesta: Regesta, desk: Path, text: str, *words: str) -> Answer:
    """Import a table that was made from the first batch, whatever has come since."""
    write_files(desk, {"mine.csv": text})
    return regesta("import", "mine.csv", "--made-from", FIRST, *words)


class TestLosing:
    """A row that both have changed."""

    def test_both_versions_are_shown(self, theirs: Regesta, desk: Path) -> None:
        """Exit status 5; named are the column, both values, and theirs by batch, author and why."""
        before = theirs("checkpoint").out
        answer = mine(theirs, desk, revised(EVENTS, {"A car": "An Aurus"}))
        declined(answer, 5, "--made-from")
        line = next(line for line in answer.err.splitlines() if "column title" in line)
        for said in ("gift-car", "A limousine", "An Aurus", "batch 2", "Bob", "as KCNA has it"):
            assert said in line
        assert theirs("checkpoint").out == before

    def test_every_column_is_shown_and_no_other(self, theirs: Regesta, desk: Path) -> None:
        """Of a row in conflict each column that differs has its line; other rows have none."""
        changes = {"A car,2024-02-18": "An Aurus,2024-02-19", "Two dogs": "Three dogs"}
        answer = mine(theirs, desk, revised(EVENTS, changes))
        declined(answer, 5, "1 row has changed")
        assert "column title" in answer.err
        assert "column date" in answer.err
        assert "dogs" not in answer.err

    def test_what_one_left_as_it_was_is_a_change_too(self, theirs: Regesta, desk: Path) -> None:
        """To say the old value again would undo theirs: that is a conflict, not a correction."""
        declined(mine(theirs, desk, EVENTS), 5, "A limousine")

    def test_nothing_of_the_input_is_recorded(self, theirs: Regesta, desk: Path) -> None:
        """One row in conflict keeps back every other, with a quarantine and in a dry run too."""
        text = revised(EVENTS, {"Two dogs": "Three dogs", "A vote": "", "A car": "A bus"})
        before = theirs("checkpoint").out
        for words in (("--quarantine", "bad.csv"), ("--quarantine", "bad.csv", "--dry-run")):
            declined(mine(theirs, desk, text, *words), 5, "1 row has changed")
        assert theirs("checkpoint").out == before
        assert not (desk / "bad.csv").exists()

    def test_what_they_retracted_is_shown_as_retracted(self, regesta: Regesta, desk: Path) -> None:
        """A row that is gone since is no news to bring back: theirs says that it was retracted."""
        assert regesta("retract", "gift-dogs", "--author", "Bob").status == 0
        for text in (EVENTS, revised(EVENTS, {"Two dogs": "Three dogs"})):
            answer = mine(regesta, desk, text)
            declined(answer, 5, "1 row has changed")
            line = next(line for line in answer.err.splitlines() if "gift-dogs" in line)
            assert "retracted in the log (batch 2, Bob)" in line

    def test_what_one_retracts_and_they_revised(self, regesta: Regesta, desk: Path) -> None:
        """A snapshot that lacks a row which was revised since does not retract it."""
        write_files(desk, {"theirs.csv": revised(EVIDENCE, {"dogs were": "puppies were"})})
        assert regesta("import", "theirs.csv", "--author", "Bob").status == 0
        before = regesta("checkpoint").out
        less = EVIDENCE.rsplit("\n", 2)[0] + "\n"
        answer = mine(regesta, desk, less, "--snapshot", "all")
        declined(answer, 5, "gift-dogs.e01")
        assert "retracted by you" in answer.err
        assert regesta("checkpoint").out == before

    def test_what_both_have_added_otherwise(self, regesta: Regesta, desk: Path) -> None:
        """A row that neither had seen, and that each tells otherwise, is a conflict as well."""
        new = "event_id,event_type,title,date\nnew,gift,{},2024\n"
        write_files(desk, {"theirs.csv": new.format("A sword")})
        assert regesta("import", "theirs.csv").status == 0
        answer = mine(regesta, desk, new.format("A sabre"))
        declined(answer, 5, "A sword")
        assert "A sabre" in answer.err


class TestWinning:
    """An input that nothing newer contradicts."""

    def test_when_nothing_came_since(self, regesta: Regesta, desk: Path) -> None:
        """Made from the newest state, an input is recorded as any other."""
        for moment in (FIRST, str(N_RECORDS - 1), "2999-01-01"):
            write_files(desk, {"mine.csv": revised(EVENTS, {"A car": f"A car {moment}"})})
            answer = regesta("import", "mine.csv", "--made-from", moment, "--dry-run", "--json")
            assert answer.status == 0, answer.err
            assert answer.json["tables"]["events"]["revised"] == 1

    def test_when_others_changed_other_rows(self, theirs: Regesta, desk: Path) -> None:
        """What is newer and not in the input does not matter, nor what the input adds."""
        text = "event_id,event_type,title,date\ngift-dogs,gift,Three dogs,2024-06-19\n"
        answer = mine(theirs, desk, f"{text}gift-cat,gift,A cat,2024-06-20\n", "--json")
        assert answer.status == 0, answer.err
        counts = answer.json["tables"]["events"]
        assert (counts["revised"], counts["added"]) == (1, 1)

    def test_when_both_say_the_same(self, theirs: Regesta, desk: Path) -> None:
        """Who made the same change plans nothing, and so loses to nobody."""
        answer = mine(theirs, desk, revised(EVENTS, {"A car": "A limousine"}), "--json")
        assert (answer.status, answer.json["batch"]) == (0, None)

    def test_once_it_is_in_step(self, theirs: Regesta, desk: Path) -> None:
        """Made from the state that has both, the change is a correction of theirs."""
        write_files(desk, {"mine.csv": revised(EVENTS, {"A car": "An Aurus"})})
        answer = theirs("import", "mine.csv", "--made-from", "batch:2", "--json")
        assert answer.json["tables"]["events"]["revised"] == 1


@pytest.mark.parametrize("moment", ["", "lately", "batch:0", "batch:9", "999", "-1", "2026-02-30"])
def test_a_wrong_moment_is_usage(moment: str, regesta: Regesta, desk: Path) -> None:
    """The state that an input was made from is one that the log has had."""
    write_files(desk, {"mine.csv": revised(EVENTS, {"A car": "An Aurus"})})
    before = regesta("checkpoint").out
    declined(regesta("import", "mine.csv", "--made-from", moment), 2, "")
    assert regesta("checkpoint").out == before


def test_a_store_that_is_not_there_has_had_no_state(bare: Regesta, desk: Path) -> None:
    """An input cannot have been made from a log that is yet to begin; no store is made."""
    write_files(desk, {"mine.csv": EVENTS})
    declined(bare("import", "mine.csv", "--made-from", FIRST), 2, "batch 1")
    assert not (desk / "regesta.db").exists()
