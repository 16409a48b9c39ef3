"""Answers show what would steer a terminal, and pass data on as they are."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import polars as pl
import pytest

from regesta.schema.unseen import visible
from regesta.views.output import write, write_page
from tests.cli.conftest import environment

ESCAPES = "\x1b[31mred\x07\x9b2J\u202e"
SHOWN = "\\x1b[31mred\\x07\\x9b2J\\u202e"
FRAME = pl.DataFrame({"title": [ESCAPES], "n": [-1]})

PROGRAM = """
import sys
import polars as pl
from regesta.cli.console import answer
from regesta.views.output import write, write_lines, write_text
escapes = sys.argv[1]
for form in ("csv", "json", "jsonl", "parquet", "table"):
    write(pl.DataFrame({"title": [escapes]}), form, None)
write_text(escapes, None)
write_lines([escapes], None)
answer(escapes)
"""


def _printed(frame: pl.DataFrame, form: str) -> str:
    data = io.BytesIO()
    text = io.TextIOWrapper(data, encoding="utf-8", write_through=True)
    with redirect_stdout(text):
        write(frame, form, None)
    return data.getvalue().decode()


def _run(stdout: int, **how: bool) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", PROGRAM, ESCAPES]
    return subprocess.Popen(words, stdout=stdout, env=environment(), **how)  # type: ignore[call-overload,no-any-return]


def _on_terminal() -> bytes:
    """Return what `PROGRAM` writes where its stdout is a terminal."""
    mine, its = pty.openpty()
    process = _run(its)
    os.close(its)
    said = b""
    try:
        while step := os.read(mine, 2**16):
            said += step
    except OSError:  # the other end is closed
        pass
    os.close(mine)
    assert process.wait() == 0
    return said


def test_a_table_shows_escapes() -> None:
    """A page for people has no raw control, in a pipe neither."""
    assert SHOWN in _printed(FRAME, "table")


def test_a_page_in_a_file_shows_escapes(tmp_path: Path) -> None:
    """Nor in a file, which somebody may print on a terminal."""
    write_page(lambda page: page.print(ESCAPES, markup=False), tmp_path / "page.txt")
    assert (tmp_path / "page.txt").read_text() == f"{SHOWN}\n"


def test_csv_in_a_pipe_is_data() -> None:
    """A program gets what was recorded."""
    assert _printed(FRAME, "csv") == f"title,n\n{ESCAPES},-1\n"


@pytest.mark.skipif(not hasattr(pty, "openpty"), reason="there are no terminals here")
def test_nothing_steers_a_terminal() -> None:
    """Where stdout is a terminal, data are shown in every form and as text."""
    said = _on_terminal()
    told = said.decode().replace("\x1b[1m", "").replace("\x1b[0m", "")  # the header in bold
    assert told.count(SHOWN) >= 5
    assert visible(told) == told.replace("\r", "\\x0d")
