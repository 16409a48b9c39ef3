"""A release that is killed is there whole under its version, or not at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from regesta.flows.verifying import verify_release
from tests.faults.conftest import KILLS, Tally
from tests.faults.killing import (
    Sign,
    is_timed,
    killed_at_any_moment,
    killed_while_writing,
    learn_window,
    timed,
)
from tests.faults.processes import Ended, run
from tests.faults.workload import write_file

RELEASES = range(-(-KILLS // 4))
"""How many releases are killed: every other one when it has begun to write."""

KIND = "release"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a store that holds something to release."""
    folder = tmp_path_factory.mktemp("released")
    store = f"sqlite:///{folder / 'regesta.db'}"
    assert run("--store", store, "init", "--dataset", "gifts").status == 0
    file = write_file(folder / "gifts.csv", range(1000), "one")
    assert run("--store", store, "import", file, "--new-actors").status == 0
    return store


def releasing(url: str, out: Path) -> tuple[object, ...]:
    """Return the command that the tests kill."""
    return ("--store", url, "release", "1.0.0", "--out", out, "--json")


def sign_of_writing(shelf: Path) -> Sign:
    """Return what tells whether a draft of a release has been begun on the *shelf*."""
    return lambda: any(shelf.glob(".1.0.0.*"))


def kill(number: int, url: str, out: Path, chance: random.Random) -> Ended:
    """Kill a release into *out*: at any moment, or every other time while it writes."""
    words = releasing(url, out)
    if number % 2:
        return killed_while_writing(sign_of_writing(out / "gifts"), KIND, chance, *words)
    if not is_timed(KIND):
        assert timed(KIND, *releasing(url, out.with_name("measured"))).status == 0
    return killed_at_any_moment(KIND, chance, *words)


@pytest.mark.slow
@pytest.mark.parametrize("number", RELEASES)
def test_killed_release(
    number: int, url: str, tmp_path: Path, chance: random.Random, tally: Tally
) -> None:
    """No half of a release is ever seen under its version; the same release again completes it."""
    out = tmp_path / "releases"
    shelf = out / "gifts"
    killed = kill(number, url, out, chance)
    seen = (shelf / "1.0.0").exists()
    if seen:
        verify_release(shelf / "1.0.0", step=lambda _: None)
    assert seen or killed.receipt is None, "an acknowledged release is not there"
    if number % 2:
        learn_window(KIND, landed=seen)
    drafts = "with a draft left" if any(shelf.glob(".1.0.0.*")) else "with nothing left"
    tally["published" if seen else f"absent, {drafts}"] += 1

    again = run(*releasing(url, out))
    assert again.status == (3 if seen else 0), again
    verify_release(shelf / "1.0.0", step=lambda _: None)
