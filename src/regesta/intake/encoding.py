"""Text is UTF-8, strictly, with at most one byte order mark; anything else is named and refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import polars as pl

from regesta.errors import InvalidInput
from regesta.schema.failures import failure, together

MARK = b"\xef\xbb\xbf"
_STEP = 2**24
_SAVE = 'save it as "CSV UTF-8" (in Excel: Save As; elsewhere: encoding UTF-8)'
# UTF-32 comes first, because its mark begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_SAMPLE = 4096
# A byte within a character, and not its first, has these two bits.
_TOP_BITS, _WITHIN = 0b1100_0000, 0b1000_0000
_FOREIGN = re.compile(rb"[\x80-\xff]+")

RowOf = Callable[[bytes, int], int]


def require_utf8(data: bytes, source: str, row_of: RowOf) -> bytes:
    """Return *data* without its byte order mark.

    Parameters
    ----------
    data
        The file.
    source
        Its name.
    row_of
        Gives the row that a byte of the data stands in.

    Raises
    ------
    InvalidInput
        If the data is not UTF-8, has a second byte order mark, or holds a NUL.
    """
    if wide := _wide(data):
        what = f"the file is {wide}, not UTF-8; {_SAVE}"
        raise InvalidInput(failure(file=source, rule="encoding-error", message=what))
    text = data.removeprefix(MARK)
    if found := [*_faults(text, source, row_of)]:
        raise InvalidInput(together(found))
    return text


def _wide(data: bytes) -> str | None:
    """Return the name of a UTF of two or four bytes, if the data looks like one."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return name
    # Latin script in UTF-16 has a NUL in every second place; a stray NUL has not.
    nuls = [half.count(0) * 4 > len(half) for half in (data[:_SAMPLE:2], data[1:_SAMPLE:2])]
    return "UTF-16 or UTF-32 without a byte order mark" if any(nuls) and len(data) > 1 else None


def _faults(data: bytes, source: str, row_of: RowOf) -> Iterator[pl.DataFrame]:
    def fault(place: int, message: str) -> pl.DataFrame:
        row = row_of(data, place)
        return failure(file=source, row=row, rule="encoding-error", message=message)

    if data.startswith(MARK):
        yield fault(0, "the file begins with two byte order marks; delete one")
    if (place := data.find(0)) >= 0:
        yield fault(place, "the row holds a NUL byte; the file is damaged or no text, export again")
    if (bad := _first_bad(data)) is not None:
        what = f"the byte 0x{data[bad]:02X} is not UTF-8: the file looks like {_guess(data, bad)}"
        yield fault(bad, f"{what}; {_SAVE}")


def _first_bad(data: bytes) -> int | None:
    """Return where *data* ceases to be UTF-8, a slice at a time to spare memory."""
    if data.isascii():
        return None
    view, start = memoryview(data), 0
    while start < len(data):
        stop = _boundary(data, start + _STEP)
        try:
            str(view[start:stop], "utf-8")
        except UnicodeDecodeError as fault:
            return start + fault.start
        start = stop
    return None


def _boundary(data: bytes, stop: int) -> int:
    """Return *stop*, or up to three bytes less, so that no character is cut in two."""
    if stop >= len(data):
        return len(data)
    starts = (stop - back for back in range(4) if data[stop - back] & _TOP_BITS != _WITHIN)
    return next(starts, stop)


def _guess(data: bytes, place: int) -> str:
    # Accented letters stand alone among ASCII; letters of other scripts come in runs.
    runs = [len(run) for run in _FOREIGN.findall(data, place, place + _SAMPLE)]
    if runs.count(1) * 2 > sum(runs):
        return "Windows-1252 (Latin-1, Western European)"
    return "another encoding, such as Windows-1251, GB 18030, EUC-KR or Shift JIS"
