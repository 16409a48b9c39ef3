"""Answers in the form that was asked for, on stdout or in a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from regesta.errors import StorageFault, UsageError

PIPED_WIDTH = 200


def _leave_quietly() -> NoReturn:
    """End the program: the reader of a pipe has what it wanted."""
    # Python would complain again when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


class _Page(Console):
    def on_broken_pipe(self) -> None:
        """End without complaint, where rich would end with status 1."""
        _leave_quietly()


def console() -> Console:
    """Return the console for tables; one that is no terminal is wide enough not to fold."""
    return _Page(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)


def write(frame: pl.DataFrame, form: str, out: Path | None, *, shown: Sequence[str] = ()) -> None:
    """Write *frame* in the form asked for; a table on a terminal shows the columns *shown*."""
    if form == "table":
        chosen = frame.select(shown) if shown else frame
        write_text(_table_text(chosen), out) if out else console().print(_table(chosen))
        return
    _write_bytes(_WRITERS[form](frame), out)


def write_text(text: str, out: Path | None) -> None:
    """Write *text* to stdout or to a file."""
    _write_bytes(text.encode(), out)


def write_lines(lines: Iterable[str], out: Path | None) -> None:
    """Write *lines* one by one to stdout or to a file."""
    with _opened(out) as file:
        for line in lines:
            file.write(line.encode() + b"\n")


def _write_bytes(data: bytes, out: Path | None) -> None:
    with _opened(out) as file:
        file.write(data)


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            _leave_quietly()
        return
    if out.is_file() and _is_store(out):
        raise UsageError(reason=f"{out} is a database; name another file.")
    try:
        with out.open("wb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError) as fault:
        raise UsageError(reason=f"{out} cannot be written: {fault.strerror}.") from None
    except OSError as fault:
        raise StorageFault(reason=f"{out} cannot be written: {fault.strerror}.") from None


def _is_store(path: Path) -> bool:
    magic = b"SQLite format 3\x00"
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _table(frame: pl.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in frame.columns:
        table.add_column(name, overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table


def _table_text(frame: pl.DataFrame) -> str:
    page = Console(width=PIPED_WIDTH, file=io.StringIO(), highlight=False)
    with page.capture() as captured:
        page.print(_table(frame))
    return captured.get()


def _csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv(line_terminator="\n").encode()


def _json(frame: pl.DataFrame) -> bytes:
    return frame.write_json().encode() + b"\n"


def _jsonl(frame: pl.DataFrame) -> bytes:
    return frame.write_ndjson().encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    data = io.BytesIO()
    frame.write_parquet(data)
    return data.getvalue()


_WRITERS: Mapping[str, Callable[[pl.DataFrame], bytes]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
