"""Have the rows of a large SQLite file read by a process of its own: in columns, and much faster.

The columnar driver carries an SQLite of its own, and two of those in one process, on one file, lose
each other's locks: so it opens the file in a process that has no other. That process takes no lock;
a transaction of ours stands meanwhile and keeps the file as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
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
    """A process that reads one file for us, and that can be asked ahead."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Speak with *process*, which runs `regesta.store.reader`."""
        self._process = process
        self._questions, self._answers = _pipe(process.stdin).fileno(), _pipe(process.stdout)
        self._asked: deque[int] = deque()
        self._came: dict[int, pa.Table | None] = {}
        self._count = 0

    def ask(self, statement: sa.Select[Any], types: Types) -> Callable[[], pl.DataFrame]:
        """Have *statement* read; return what waits for its rows, or raises `Unread`."""
        number = self._count = self._count + 1
        line = json.dumps(_typed(statement, types)) + "\n"
        if len(line) > _LONGEST:
            self._came[number] = None
            return partial(self._answer, number, types)
        self._asked.append(number)
        with suppress(OSError):  # whoever is gone does not answer either
            os.write(self._questions, line.encode())
        return partial(self._answer, number, types)

    def _answer(self, number: int, types: Types) -> pl.DataFrame:
        while number not in self._came:
            self._came[self._asked.popleft()] = self._next()
        rows = self._came.pop(number)
        found = pl.DataFrame() if rows is None else pl.DataFrame(rows)
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
        self._process.kill()
        return None


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", end)


@contextmanager
def reading_apart(path: Path) -> Iterator[Reader]:
    """Yield a process that reads the SQLite file *path*, which must not change meanwhile."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", _READER, str(path)],  # -P: nothing of the folder we are in
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield Reader(process)
        finally:
            process.kill()  # it has nothing to lose


def _typed(statement: sa.Select[Any], types: Types) -> str:
    """Return *statement* as text, with a first row of its own that says the types."""
    first = ", ".join(f"{_SAMPLES[dtype]} AS {name}" for name, dtype in types.items())
    literal = {"literal_binds": True}
    text = statement.compile(dialect=sqlite.dialect(), compile_kwargs=literal)
    return f"SELECT {first} UNION ALL SELECT * FROM ({text})"  # noqa: S608 - our own statement
