"""A contest: several ways to do one thing, each a whole process, several rounds in turn."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from measure import GaveUp, Run, measure, python

ROUNDS = 3
REGESTA = (sys.executable, "-m", "regesta")


class Place:
    """Where contests are held: a folder with files and stores that are made when first needed."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self._numbers = count(1)
        self._stack = ExitStack()
        self._databases: Callable[[], str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stack.close()

    def kept(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the path *name*, which *make* makes once."""
        path = self.folder / name
        if not path.exists():
            make(path)
        return path

    def file(self, *traits: str, size: int | None = None) -> Path:
        """Return a flat file of events with these traits, of *size* or as many as are measured."""
        count = size or self.size
        name = "-".join([*(traits or ["sorted"]), str(count)])
        return self.kept(
            f"{name}.csv", lambda path: self.run(python("generate.py", path, count, *traits))
        )

    def store(self, *traits: str, size: int | None = None) -> Path:
        """Return a store that holds the events of such a file. Who alters it takes a copy."""
        source = self.file(*traits, size=size)
        return self.kept(
            f"{source.stem}.db", lambda path: self.run(importing(sqlite(path), source))
        )

    @staticmethod
    def run(command: Sequence[str]) -> None:
        """Run what lays something out, and is not timed.

        Raises
        ------
        GaveUp
            If it fails.
        """
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GaveUp(f"what it needs could not be made: {done.stderr.strip()[-200:]}")

    def fresh(self) -> Path:
        """Return a new, empty folder; what the last run left behind is removed."""
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        path = self.folder / "run" / str(next(self._numbers))
        path.mkdir(parents=True)
        return path

    def postgresql(self) -> str:
        """Return the URL of a new database on a server that is started when first needed.

        What the server had not yet written of earlier databases is written first.

        Raises
        ------
        GaveUp
            If no server can be started.
        """
        if self._databases is None:
            self._databases = self._started()
        url = self._databases()
        import psycopg

        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return url

    def _started(self) -> Callable[[], str]:
        sys.path.insert(0, str(Path(__file__).parents[1]))
        import pytest

        from tests.postgresql import databases, standing

        try:
            server = self._stack.enter_context(standing(fsync=True))
        except pytest.skip.Exception as reason:
            raise GaveUp(str(reason)) from None
        return databases(server.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One way to do it.

    `command` lays out what a run needs, which is not timed, and returns what is. `needs` names
    modules and programs without which the contestant stays out.
    """

    name: str
    command: Callable[[Place], Sequence[str]]
    needs: Sequence[str] = ()

    def missing(self) -> str | None:
        """Return the first module or program that it needs and that is not installed."""
        return next((n for n in self.needs if not find_spec(n) and not shutil.which(n)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A contest by its name, what it is about, and who takes part; the first is regesta.

    It is `sized` if what it takes depends on how many events are measured.
    """

    name: str
    title: str
    contestants: Sequence[Contestant]
    rounds: int = ROUNDS
    sized: bool = True


@dataclass(slots=True, kw_only=True)
class Result:
    """What one contestant took, over the rounds; `note` says why there are no figures."""

    what: str
    runs: list[Run] = field(default_factory=list)
    note: str = ""

    def figures(self) -> dict[str, Any]:
        """Return medians of seconds, work and peak memory, and the seconds of each run."""
        if self.note or not self.runs:
            return {"what": self.what, "note": self.note}
        works = [run.work for run in self.runs if run.work is not None]
        return {
            "what": self.what,
            "seconds": median(run.seconds for run in self.runs),
            "work": median(works) if works else None,
            "peak": median(run.peak for run in self.runs),
            "runs": [round(run.seconds, 3) for run in self.runs],
        }


def hold(stage: Stage, place: Place, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run the contestants of *stage* in turn, each round beginning with another, and tell how."""
    results = {each.name: Result(what=each.name) for each in stage.contestants}
    for each in stage.contestants:
        if missing := each.missing():
            results[each.name].note = f"left out: {missing} is not installed"
    for number in range(stage.rounds):
        first = number % len(stage.contestants)
        for each in [*stage.contestants[first:], *stage.contestants[:first]]:
            result = results[each.name]
            if result.note:
                continue
            try:
                run = measure(each.command(place))
                result.runs.append(run)
                say(f"{stage.name}, round {number + 1}: {each.name}, {run.seconds:.2f} s")
            except GaveUp as reason:
                result.note = f"gave up: {reason}"
    return [result.figures() for result in results.values()]


def regesta(url: str, *words: object) -> list[str]:
    """Return a command line of regesta for the store at *url*."""
    return [*REGESTA, "--store", url, *map(str, words)]


def importing(url: str, source: Path) -> list[str]:
    """Return the command line that imports *source* into the store at *url*."""
    return regesta(url, "import", source, "--new-actors", "--json", "--author", "benchmark")


def sqlite(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return f"sqlite:///{path}"
