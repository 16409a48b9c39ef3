"""Cut a long delimited file into stretches of whole rows, so that it need not be held at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from regesta.errors import InvalidInput, StorageFault
from regesta.intake.delimited import read_delimited, recognised
from regesta.intake.encoding import MARK
from regesta.intake.quotes import Quotes, quotes
from regesta.intake.raw import RawTable

STRETCH = 2**25
"""Bytes that are read at once."""

ENDINGS = {".csv": None, ".tsv": "\t", ".txt": None}
"""Endings of files that can be cut, and what parts their cells where the ending says it."""


def is_long(path: Path) -> bool:
    """Return whether *path* is a file to be read stretch by stretch."""
    return path.suffix.lower() in ENDINGS and path.is_file() and path.stat().st_size > STRETCH


def stretches(path: Path) -> Iterator[RawTable]:
    """Yield the rows of the file *path*, stretch by stretch, each under the file's own header.

    Raises
    ------
    StorageFault
        If the file cannot be read.
    InvalidInput
        If a stretch as a whole cannot be taken apart, as `read_delimited` says.
    """
    mark = ENDINGS[path.suffix.lower()]
    header, before = b"", 0
    for piece in _cut(path, mark):
        try:
            raw = read_delimited(path.name, header + piece.data, delimiter=mark)
        except InvalidInput as fault:
            raise InvalidInput(_moved(fault.failures, before)) from None
        yield replace(
            raw,
            rows=raw.rows + before,
            unreadable=_moved(raw.unreadable, before),
            torn={row + before: text for row, text in raw.torn.items()},
        )
        before += piece.rows if header else piece.rows - 1
        header = header or piece.data[: piece.first]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes that end where a row does, how many rows they are, and where the first one ends."""

    data: bytes
    rows: int
    first: int


def _cut(path: Path, mark: str | None) -> Iterator[_Piece]:
    """Yield the bytes of *path* in pieces; what no row ends in is one piece with what follows."""
    rest = b""
    try:
        with path.open("rb") as file:
            while data := _some(file):
                whole = rest + data
                mark = mark or recognised(whole)
                body = whole.removeprefix(MARK)
                found = _whole_rows(body, mark)
                skipped = len(whole) - len(body)
                end = found.end and found.end + skipped
                if end:
                    yield _Piece(whole[:end], found.rows, found.end_of(1) + skipped)
                rest = whole[end:]
    except OSError as fault:
        raise StorageFault(reason=f"{path} cannot be read: {fault.strerror or fault}.") from None
    if rest:
        yield _Piece(rest, 1, len(rest))


def _whole_rows(data: bytes, mark: str) -> Quotes:
    """Return the quotes of *data*, best without those of a last row that is not whole."""
    likely = quotes(data[: data.rfind(b"\n") + 1], mark)
    return likely if likely.in_turn and likely.rows else quotes(data, mark)


def _some(file: BinaryIO) -> bytes:
    """Return the next bytes of *file*, and no half of a line break."""
    data = file.read(STRETCH)
    while data.endswith(b"\r") and (more := file.read(1)):
        data += more
    return data


def _moved(found: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Return failures of a stretch as those of the file: its header is no row of the stretch."""
    moved = pl.when(pl.col("row") > 1).then(pl.col("row") + rows).otherwise("row")
    return found.with_columns(moved.alias("row"))
