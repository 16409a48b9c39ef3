"""A long file read stretch by stretch: the very rows, numbers and faults of the whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.errors import InvalidInput
from regesta.intake import stretches
from regesta.intake.raw import RawTable
from regesta.intake.read import read_table
from regesta.intake.stretches import is_long
from regesta.schema.failures import FAILURES

PIECES = ["a", "é", '"', '""', ",", "\n", "\r\n", "\r", " ", "x", '\n"', '",', "\n1,2\n"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where each example's file is written."""
    return tmp_path_factory.mktemp("long") / "long.csv"


@settings(max_examples=300)
@given(
    body=st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    before=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    after=st.sampled_from([b"", b"", b"\xff"]),
    stretch=st.integers(8, 40),
)
def test_stretches_together_are_the_file(
    path: Path, body: str, before: bytes, after: bytes, stretch: int
) -> None:
    """Wherever a file is cut, quotes and line breaks as they come, nothing of it changes."""
    path.write_bytes(before + b"a,b\n" + body.encode() + after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "STRETCH", stretch)
        whole, parts = _read(path, by_stretches=False), _read(path, by_stretches=True)
    assert (whole is None) == (parts is None)
    if whole is None or parts is None:
        return
    [one] = whole
    assert pl.concat([part.frame for part in parts]).rows() == one.frame.rows()
    assert pl.concat([part.rows for part in parts]).to_list() == one.rows.to_list()
    assert {row: text for part in parts for row, text in part.torn.items()} == one.torn
    found = pl.concat([part.unreadable for part in parts])
    assert found.sort(list(FAILURES)).equals(one.unreadable.sort(list(FAILURES)))


def _read(path: Path, *, by_stretches: bool) -> list[RawTable] | None:
    """Return the tables that *path* is read into, or None where it is refused."""
    try:
        return list(stretches.stretches(path)) if by_stretches else [read_table(path)]
    except InvalidInput:
        return None


def test_a_fault_of_a_later_stretch_names_its_row(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are counted from the beginning of the file."""
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50 + b"1,\xff\n")
    monkeypatch.setattr(stretches, "STRETCH", 64)
    with pytest.raises(InvalidInput) as caught:
        list(stretches.stretches(path))
    assert caught.value.failures["row"].to_list() == [52]


def test_short_files_and_workbooks_are_read_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what has lines, and many of them, is cut."""
    path.write_bytes(b"a,b\n1,2\n")
    assert not is_long(path)
    monkeypatch.setattr(stretches, "STRETCH", 4)
    assert is_long(path)
    assert not is_long(path.with_suffix(".xlsx"))
