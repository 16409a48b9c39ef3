"""An import that is killed has happened whole or not at all; the same import again completes it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from regesta.store.store import Store
from tests.faults.conftest import KILLS, Tally
from tests.faults.killing import (
    is_timed,
    killed_at_any_moment,
    killed_while_writing,
    learn_window,
    sign_of_writing,
    timed,
    wait_until_alone,
)
from tests.faults.laws import opened, require_sound, told
from tests.faults.processes import Ended, run
from tests.faults.workload import Told, retold, write_file
from tests.postgresql import Maker

BY_COMMAND = 20
"""Every so many kills the store is verified by the command line as well."""

SIZE = 300

STORY: tuple[tuple[range, str], ...] = (
    (range(SIZE), "one"),
    (range(SIZE, 2 * SIZE), "one"),
    (range(SIZE), "two"),
    (range(SIZE // 2, 2 * SIZE + SIZE // 3), "three"),
    (range(2 * SIZE + SIZE // 3), "four"),
)
"""The files that a store is given: the first makes it, others add, revise, or do both."""

STORIES = -(-KILLS // len(STORY))
AT_ANY_MOMENT = range(-(-STORIES * 3 // 4))
WHILE_WRITING = range(len(AT_ANY_MOMENT), STORIES)
"""Three stories of four are killed at any moment, the others when writing has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An import: the file, and what the log tells before and after it."""

    file: Path
    before: Told
    after: Told


def story(folder: Path) -> Iterator[Step]:
    """Yield the imports of a story in turn; their files are in *folder*."""
    before: Told = {}
    for number, (numbers, edition) in enumerate(STORY):
        file = write_file(folder / f"{number}.csv", numbers, edition)
        after = retold(before, numbers, edition)
        yield Step(file=file, before=before, after=after)
        before = after


def importing(url: str, file: Path) -> tuple[object, ...]:
    """Return the command that the tests kill."""
    return ("--store", url, "import", file, "--new-actors", "--json")


def made_ready(url: str) -> None:
    """Make an empty store in a database; a file is made by the first import itself."""
    if url.startswith("postgresql"):
        Store.create(url)


@pytest.fixture
def clocked(backend: str, new_url: Maker, tmp_path: Path) -> str:
    """Return the kind of command that is killed, once its running time is known."""
    kind = f"import into {backend}"
    if not is_timed(kind):
        measured, url = tmp_path / "measured", new_url()
        measured.mkdir()
        made_ready(url)
        for step in list(story(measured))[:2]:
            assert timed(kind, *importing(url, step.file)).status == 0
    return kind


def require_whole_or_absent(url: str, step: Step, killed: Ended) -> str:
    """Require that the killed import has happened whole or not at all; return what came of it."""
    wait_until_alone(url)
    store = opened(url)
    if store is None:
        assert not step.before, "the store is gone"
        assert killed.receipt is None, "an acknowledged store is gone"
        return "before the store was made"
    require_sound(url)
    found = told(store)
    if killed.receipt is not None:
        assert found == step.after, "an acknowledged batch is lost"
        assert killed.receipt["size"] == store.head().size
        return "after the end" if killed.status == 0 else "after the receipt"
    assert found in (step.before, step.after), "half a batch was recorded"
    return "before the commit" if found == step.before else "between commit and receipt"


def require_completed(url: str, step: Step, again: Ended, *, landed: bool) -> None:
    """Require that the same import *again* leaves each row of its file in the log exactly once."""
    assert again.status == 0, again
    assert again.receipt is not None, again
    store = Store.open(url)
    assert told(store) == step.after
    assert (again.receipt["batch"] is None) == landed
    assert again.receipt["root"] == store.head().checkpoint("").root.hex()


def judge_and_complete(url: str, step: Step, killed: Ended, kind: str, tally: Tally) -> bool:
    """Hold a killed import against the law, and complete it; return whether it had landed."""
    outcome = require_whole_or_absent(url, step, killed)
    tally[outcome] += 1
    if tally.total() % BY_COMMAND == 0 and opened(url) is not None:
        assert run("--store", url, "verify").status == 0
    landed = not outcome.startswith("before")
    again = timed(kind, *importing(url, step.file))
    require_completed(url, step, again, landed=landed)
    return landed


@pytest.mark.slow
@pytest.mark.parametrize("number", AT_ANY_MOMENT)
def test_killed_at_any_moment(
    number: int, clocked: str, url: str, tmp_path: Path, chance: random.Random, tally: Tally
) -> None:
    """Whenever an import is killed, its batch is whole or absent, and the next try completes it."""
    del number
    made_ready(url)
    for step in story(tmp_path):
        killed = killed_at_any_moment(clocked, chance, *importing(url, step.file))
        judge_and_complete(url, step, killed, clocked, tally)
    require_sound(url)


@pytest.mark.slow
@pytest.mark.parametrize("number", WHILE_WRITING)
def test_killed_while_it_writes(
    number: int, url: str, backend: str, tmp_path: Path, chance: random.Random, tally: Tally
) -> None:
    """The same holds when it has begun to write: a transaction is open, a file is half changed."""
    del number
    made_ready(url)
    kind = f"import into {backend}"
    kill = partial(killed_while_writing, sign_of_writing(url), kind, chance)
    for step in story(tmp_path):
        killed = kill(*importing(url, step.file))
        learn_window(kind, landed=judge_and_complete(url, step, killed, kind, tally))
    require_sound(url)


def test_killed_once(tmp_path: Path, chance: random.Random) -> None:
    """The law in small, for every day: one import is killed while it makes the store."""
    url = f"sqlite:///{tmp_path / 'regesta.db'}"
    step = next(story(tmp_path))
    killed = killed_while_writing(sign_of_writing(url), "once", chance, *importing(url, step.file))
    outcome = require_whole_or_absent(url, step, killed)
    again = run(*importing(url, step.file))
    require_completed(url, step, again, landed=not outcome.startswith("before"))
    require_sound(url)
