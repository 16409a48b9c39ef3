"""Answers in the form that was asked for, on stdout or in a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from regesta.errors import StorageFault, UsageError
from regesta.schema.spreadsheet import guarded
from regesta.schema.unseen import visible
from regesta.views.files import written_whole

UNFOLDED = 100_000
"""Width of a table that nobody watches: one row a line, for `grep` and its kin."""

LONG_WORD = 28
"""A longer word may be broken where a table would not fit; a date, an id or a code never is."""


def _leave_quietly() -> NoReturn:
    """End the program: the reader of a pipe has what it wanted."""
    # Python would complain again when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


class _Page(Console):
    def on_broken_pipe(self) -> None:
        """End without complaint, where rich would end with status 1."""
        _leave_quietly()

    def print(self, *objects: Any, **how: Any) -> None:  # noqa: ANN401 - as rich has it
        """Print, with what would steer a terminal shown as an escape."""
        super().print(
            *(visible(each) if isinstance(each, str) else each for each in objects), **how
        )


def console() -> Console:
    """Return the console for people; one that is no terminal does not fold."""
    return _Page(width=None if sys.stdout.isatty() else UNFOLDED, highlight=False)


def write(
    frame: pl.DataFrame,
    form: str,
    out: Path | None,
    *,
    shown: Sequence[str] = (),
    excel_safe: bool = False,
) -> None:
    """Write *frame* in the form asked for; a table on a terminal shows the columns *shown*.

    With *excel_safe*, CSV is guarded against spreadsheets that run cells.
    """
    form = named_form(form, out, excel_safe=excel_safe)
    if form == "table":
        chosen = frame.select(shown) if shown else frame
        write_page(lambda page: print_table(chosen, page), out)
        return
    _write_bytes(_WRITERS[form](guarded(frame) if excel_safe else frame), out)


def write_page(fill: Callable[[Console], None], out: Path | None) -> None:
    """Print the page that *fill* prints, or write it to a file as text, unfolded."""
    if out is None:
        fill(console())
        return
    page = _Page(width=UNFOLDED, file=io.StringIO(), highlight=False)
    with page.capture() as captured:
        fill(page)
    write_text("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()), out)


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


class _Terminal(io.BytesIO):
    """Stdout where a person watches: data are shown there, and nothing in them steers it."""

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes of every kind
        """Show *data*, which begin and end with whole characters."""
        text = bytes(data).decode(errors="backslashreplace")
        sys.stdout.buffer.write(visible(text).encode())
        return len(data)


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        try:
            yield _Terminal() if sys.stdout.isatty() else sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            _leave_quietly()
        return
    if out.is_file() and _is_store(out):
        raise UsageError(reason=f"{out} is a database; name another file.")
    try:
        with written_whole(out) as draft, draft.open("wb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError) as fault:
        raise UsageError(reason=f"{out} cannot be written: {fault.strerror}.") from None
    except OSError as fault:
        raise StorageFault(reason=f"{out} cannot be written: {fault.strerror}.") from None


def _is_store(path: Path) -> bool:
    magic = b"SQLite format 3\x00"
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def named_form(form: str, out: Path | None, *, excel_safe: bool = False) -> str:
    """Return *form*; where that is a table, the one that the ending of a file's name asks for.

    Raises
    ------
    UsageError
        If *excel_safe* asks to guard another form than CSV.
    """
    ending = out.suffix.removeprefix(".").lower() if out else ""
    named = ending if form == "table" and ending in _WRITERS else form
    if excel_safe and named != "csv":
        raise UsageError(reason="--excel-safe guards CSV and no other form; add --format csv.")
    return named


def print_table(frame: pl.DataFrame, page: Console) -> None:
    """Print *frame* as a table, or row by row where its columns do not fit side by side."""
    frame = frame.with_columns(
        pl.col(name).map_elements(visible, return_dtype=pl.String)
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    )
    page.print(_table(frame) if _fits(frame, page.width) else _stacked(frame))


def _fits(frame: pl.DataFrame, width: int) -> bool:
    """Return whether no date, identifier or header need be broken at *width*."""
    least = [_least_width(frame[name]) for name in frame.columns]
    return sum(least) + len(least) <= width


def _least_width(cells: pl.Series) -> int:
    """Return how wide a column must be so that no word but a very long one is broken."""
    words = cells.drop_nulls().cast(pl.String).str.split(" ").explode().str.len_chars().max()
    return max(len(cells.name), min(LONG_WORD, int(words or 0)))  # type: ignore[arg-type]


def _table(frame: pl.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in frame.columns:
        table.add_column(name, overflow="fold", min_width=_least_width(frame[name]))
    for row in frame.iter_rows():
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table


def _stacked(frame: pl.DataFrame) -> Table:
    """Return *frame* with each row as lines of name and cell, and a blank line after it."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("", overflow="fold")
    for row in frame.iter_rows(named=True):
        for name, cell in row.items():
            if cell is not None:
                table.add_row(Text(name), Text(str(cell)))
        table.add_row("", "")
    return table


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
