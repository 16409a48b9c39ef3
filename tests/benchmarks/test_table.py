"""The page says what was measured, judges it by the targets, and keeps what was not held again."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import run
import table
from contest import Contestant, Place, Stage, hold
from measure import GaveUp, measure
from profiling import Clock
from targets import TARGETS, Target

BAD = "import sys; sys.exit('no such luck')"


def target(how: Mapping[str, Any]) -> Target:
    """Return a target on one's own figures against a peer's."""
    bounds = {"must": 2.0, "moonshot": 1.0, **how}
    return Target(what="x", stage="s", ours="own", theirs="peer", **bounds)


FIGURES = {
    "own": {"seconds": 3.0, "work": 1.0, "peak": 512.0},
    "peer": {"seconds": 6.0, "work": 4.0, "peak": 64.0},
    "idle": {"seconds": 1.0},
}


@pytest.mark.parametrize(
    ("how", "number"),
    [
        ({}, 0.5),
        ({"of": "work"}, 0.25),
        ({"how": "faster"}, 2.0),
        ({"how": "beyond"}, -3.0),
        ({"how": "memory"}, 0.5),
        ({"less": "idle", "factor": 10}, 0.04),
    ],
)
def test_a_target_is_a_number_of_the_contest(how: Mapping[str, Any], number: float) -> None:
    """What is bound follows from the figures of two contestants."""
    assert target(how).reached(FIGURES) == pytest.approx(number)


@pytest.mark.parametrize("lacking", ["own", "peer"])
def test_a_target_has_no_number_where_somebody_was_left_out(lacking: str) -> None:
    """A contestant with a note has no figures."""
    figures = {**FIGURES, lacking: {"note": "left out"}}
    assert target({}).reached(figures) is None


@pytest.mark.parametrize(
    ("how", "number", "verdict"),
    [
        ({}, 2.1, "no"),
        ({}, 2.0, "yes"),
        ({}, 1.0, "moonshot"),
        ({"how": "faster", "must": 4.0, "moonshot": 8.0}, 3.9, "no"),
        ({"how": "faster", "must": 4.0, "moonshot": 8.0}, 4.0, "yes"),
        ({"how": "faster", "must": 4.0, "moonshot": 8.0}, 8.0, "moonshot"),
    ],
)
def test_a_target_judges(how: Mapping[str, Any], number: float, verdict: str) -> None:
    """Less is better, but for what is faster."""
    assert target(how).verdict(number) == verdict


def test_every_target_names_contestants_that_are_there() -> None:
    """A contest that is renamed does not leave its targets behind."""
    for each in TARGETS:
        there = {contestant.name for contestant in run.STAGES[each.stage].contestants}
        assert {each.ours, each.theirs, each.less} - {""} <= there


def stage(*contestants: Contestant) -> Stage:
    """Return a contest of one round."""
    return Stage(name="import", title="a contest", contestants=contestants, rounds=1)


def test_a_contest_goes_on_without_whoever_fails_or_is_not_there(tmp_path: Path) -> None:
    """Both are told with the reason; the others have figures."""
    contest = stage(
        Contestant(name="good", command=lambda _: [sys.executable, "-c", "print('work: 0.5')"]),
        Contestant(name="bad", command=lambda _: [sys.executable, "-c", BAD]),
        Contestant(name="absent", command=lambda _: [], needs=["no-such-program"]),
    )
    good, bad, absent = hold(contest, Place(tmp_path, 1), lambda _: None)
    assert good["seconds"] > 0
    assert good["work"] == 0.5
    assert bad["note"] == "gave up: status 1: no such luck"
    assert absent["note"] == "left out: no-such-program is not installed"


def test_memory_is_counted_with_that_of_children() -> None:
    """A process that only waits for another holds what that one holds."""
    child = "import time; held = bytearray(150_000_000); time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert measure([sys.executable, "-c", parent]).peak > 140


def test_whoever_takes_too_much_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is not brought down by a contest."""
    monkeypatch.setattr("measure.ENOUGH", 0.0)
    with pytest.raises(GaveUp, match="out of memory"):
        measure([sys.executable, "-c", "import time; time.sleep(60)"])


def test_what_is_not_held_again_stays_on_the_page(tmp_path: Path) -> None:
    """A second run replaces the figures of its own contests, and the text around them stays."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.MARKS[0]}\nold\n{table.MARKS[1]}\nafter\n")
    rows = [{"what": "regesta", "seconds": 2.0, "work": None, "peak": 100.0}]
    held = {"title": "T", "size": 5, "rounds": 3, "day": "2026-11-24", "machine": "m", "rows": rows}
    store = tmp_path / "page.json"
    table.keep(store, "second", held, ["first", "second"])
    kept = table.keep(store, "first", {**held, "title": "F"}, ["first", "second"])
    table.put(page, table.MARKS, table.tables(kept))
    text = page.read_text()
    assert list(json.loads(store.read_text())) == ["first", "second"]
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.index("**F**, 5 events") < text.index("**T**, 5 events")


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written anywhere in it."""
    page = tmp_path / "page.md"
    page.write_text("a page")
    with pytest.raises(SystemExit, match="lacks the lines"):
        table.put(page, table.MARKS, "figures")
    assert page.read_text() == "a page"


def test_a_stage_is_counted_without_what_runs_beneath_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each second belongs to one stage."""
    now = iter([0.0, 10.0, 13.0, 20.0])
    monkeypatch.setattr("profiling.time.perf_counter", lambda: next(now))
    clock = Clock()
    with clock.running("plan"), clock.running("hash"):
        pass
    assert clock.first == {"plan": 17.0, "hash": 3.0}
