"""Have the rows of a large SQLite file read by processes of their own: in columns, much faster.

The columnar driver carries an SQLite of its own, and two of those in one process, on one file, lose
each other's locks: so it opens the file in processes that have no other. They take no lock;
a transaction of ours stands meanwhile and keeps the file as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import IO, Any, cast

import polars as pl
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from regesta.store.reader import WHOLE

LARGE = 100_000
"""A log of fewer records is read sooner than a process starts."""

_READER = "regesta.store.reader"
_LONGEST = 4096
"""Bytes of a question: a few of them fit into the pipe while nobody reads it."""

# The driver takes a column to be of the type that it meets first.
_SAMPLES: Mapping[pl.DataType, str] = {
    pl.Int64(): "0",
    pl.Float64(): "0.0",
    pl.String(): "''",
    pl.Binary(): "x''",
}

Types = Mapping[str, pl.DataType]
"""The dtypes of columns as the database has them: a day is a text."""


class Unread(Exception):
    """The rows did not come, for whatever reason, or are of other types."""


class Reader:
    """Processes that read one file for us, asked in turn. They answer while we do other things."""

    def __init__(self, processes: Sequence[_Process]) -> None:
        """Ask *processes*."""
        self._processes = processes
        self._turns = cycle(processes)

    def ask(self, statement: sa.Select[Any], types: Types) -> Callable[[], pl.DataFrame]:
        """Have *statement* read; return what waits for its rows, or raises `Unread`."""
        line = json.dumps(_typed(statement, types)) + "\n"
        if len(line) > _LONGEST:
            return _unread
        return next(self._turns).ask(line.encode(), types).result


class _Process:
    """One process, which runs `regesta.store.reader`, and the thread that takes its answers."""

    def __init__(self, process: subprocess.Popen[bytes], receiving: Executor) -> None:
        self.process = process
        self._questions, self._answers = _pipe(process.stdin).fileno(), _pipe(process.stdout)
        self._receiving = receiving

    def ask(self, line: bytes, types: Types) -> Future[pl.DataFrame]:
        """Ask the question *line*; return the rows to come, or `Unread` if none come."""
        with suppress(OSError):  # whoever is gone does not answer either
            os.write(self._questions, line)
        return self._receiving.submit(self._rows, types)

    def _rows(self, types: Types) -> pl.DataFrame:
        """Return the next rows that come, but for the first, which only says the types."""
        answer = self._next()
        if answer is None:
            raise Unread
        found = cast("pl.DataFrame", pl.from_arrow(answer, rechunk=False))
        if found.schema != types:
            raise Unread
        return found.slice(1)

    def _next(self) -> pa.Table | None:
        """Return the next rows that come; nothing comes from a process that has met a fault."""
        try:
            with pa.ipc.open_stream(self._answers) as stream:
                rows = stream.read_all()
            if self._answers.read(len(WHOLE)) == WHOLE:
                return rows
        except (OSError, pa.ArrowException):
            pass
        self.process.kill()
        return None


def _unread() -> pl.DataFrame:
    raise Unread


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", end)


@contextmanager
def reading_apart(path: Path, processes: int = 1) -> Iterator[Reader]:
    """Yield *processes* that read the SQLite file *path*, which must not change meanwhile."""
    with ExitStack() as stack:
        yield Reader([stack.enter_context(_started(path)) for _ in range(processes)])


@contextmanager
def _started(path: Path) -> Iterator[_Process]:
    with (
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", _READER, str(path)],  # -P: nothing of the folder we are in
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
        ThreadPoolExecutor(1) as receiving,
    ):
        try:
            yield _Process(process, receiving)
        finally:
            process.kill()  # it has nothing to lose, and nobody waits for it any longer


def _typed(statement: sa.Select[Any], types: Types) -> str:
    """Return *statement* as text, with a first row of its own that says the types."""
    first = ", ".join(f"{_SAMPLES[dtype]} AS {name}" for name, dtype in types.items())
    literal = {"literal_binds": True}
    text = statement.compile(dialect=sqlite.dialect(), compile_kwargs=literal)
    return f"SELECT {first} UNION ALL SELECT * FROM ({text})"  # noqa: S608 - our own statement
