"""Where the quotes of a delimited file stand, and which of them stand wrong.

A parser makes ``ab`` of ``"a"b`` and swallows rows after a quote that nobody closes, and says
nothing. So the quotes are looked at first, all at once: in good order they open after a
delimiter and close before one, in turn.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

_QUOTE, _LF, _CR = b'"\n\r'
_HEAD = 2**16
# Slices that stay in the processor's cache.
_STEP = 2**20

_Bytes = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Quotes:
    """The quotes of *data*: those in cells that no quote opened, and those that close too early.

    Both are given as places in the data. Where all quotes are `in_turn` there are none of either.
    """

    data: bytes
    in_turn: bool = True
    stray: tuple[int, ...] = ()
    misplaced: tuple[int, ...] = ()

    @cached_property
    def _marks(self) -> _Places:
        """The quotes that open and close, in turn."""
        places = np.flatnonzero(_codes(self.data) == _QUOTE)
        return np.setdiff1d(places, self.stray, assume_unique=True) if self.stray else places

    @cached_property
    def _ends(self) -> _Places:
        """Where each row ends that ends with a line break."""
        codes = _codes(self.data)
        breaks = np.flatnonzero((codes == _LF) | (codes == _CR))
        # CR and LF together are one break, and count where LF stands.
        whole = (codes[breaks] == _LF) | (_after(codes, breaks) != _LF)
        whole |= breaks + 1 == len(codes)
        outside = np.searchsorted(self._marks, breaks) % 2 == 0
        ends: _Places = breaks[whole & outside]
        return ends

    @property
    def unclosed(self) -> int | None:
        """Where a quote opens that nothing closes."""
        if self.in_turn or len(self._marks) % 2 == 0:
            return None
        # A pair of quotes side by side within a cell stands for one quote, and opens nothing.
        first = len(self._marks) - 1
        while first > 1 and self._marks[first - 1] == self._marks[first] - 1:
            first -= 2
        return int(self._marks[first])

    @property
    def has_ended(self) -> bool:
        """Whether the first row ends with a line break."""
        return len(self._ends) > 0

    @property
    def rows(self) -> int:
        """How many rows end with a line break."""
        return len(self._ends)

    @property
    def end(self) -> int:
        """Where the last row that ends with a line break ends; 0 where none does."""
        return self.end_of(self.rows) if self.rows else 0

    def end_of(self, row: int) -> int:
        """Return where the row with this number, from 1, ends: after its line break."""
        return int(self._ends[row - 1]) + 1

    def row_of(self, place: int) -> int:
        """Return the number of the row, from 1, that the byte at *place* stands in."""
        return int(np.searchsorted(self._ends, place)) + 1

    def text_of(self, row: int) -> str:
        """Return a row as it stands in the data."""
        start = int(self._ends[row - 2]) + 1 if row > 1 else 0
        stop = int(self._ends[row - 1]) if row <= len(self._ends) else len(self.data)
        return self.data[start:stop].removesuffix(b"\r").decode(errors="replace")


def quotes(data: bytes, delimiter: str) -> Quotes:
    """Return the quotes of *data*, whose cells *delimiter* parts.

    Examples
    --------
    >>> quotes(b'a,"b"c', ",").misplaced
    (4,)
    >>> quotes(b'a,5" gun', ",").misplaced
    ()
    """
    if b'"' not in data:
        return Quotes(data)
    codes = _codes(data)
    edge = np.zeros(256, np.bool_)
    edge[[ord(delimiter), _LF, _CR]] = True
    if _in_turn(codes, edge):
        return Quotes(data)
    places = np.flatnonzero(codes == _QUOTE)
    stray, misplaced = _disorder(_before(codes, places), _after(codes, places), edge)
    return Quotes(data, False, tuple(places[stray].tolist()), tuple(places[misplaced].tolist()))


def first_row(data: bytes, delimiter: str) -> str:
    """Return the first row of *data* as it stands there, looking no further if it is short."""
    head = quotes(data[:_HEAD], delimiter)
    return (head if head.has_ended else quotes(data, delimiter)).text_of(1)


def _codes(data: bytes) -> _Bytes:
    return np.frombuffer(data, np.uint8)


def _before(codes: _Bytes, places: _Places) -> _Bytes:
    """Return what stands before each place, a line break at the beginning."""
    found = codes[places - 1]
    found[places == 0] = _LF
    return found


def _after(codes: _Bytes, places: _Places) -> _Bytes:
    """Return what stands after each place, a line break at the end."""
    found = codes[np.minimum(places + 1, len(codes) - 1)]
    found[places + 1 == len(codes)] = _LF
    return found


def _in_turn(codes: _Bytes, edge: _Mask) -> bool:
    """Say whether all quotes open after an edge and close before one, or stand side by side."""
    beside = edge.copy()
    beside[_QUOTE] = True
    turn = 0
    for start in range(0, len(codes), _STEP):
        places = np.flatnonzero(codes[start : start + _STEP] == _QUOTE) + start
        opening, closing = places[turn::2], places[1 - turn :: 2]
        if not beside[_before(codes, opening)].all() or not beside[_after(codes, closing)].all():
            return False
        turn = (turn + len(places)) % 2
    return turn == 0


def _disorder(before: _Bytes, after: _Bytes, edge: _Mask) -> tuple[list[int], list[int]]:
    """Return which quotes stray in unquoted cells, and which close before their cell ends."""
    opens = edge[before]
    no_opening = ~opens & (before != _QUOTE)
    no_closing = ~edge[after] & (after != _QUOTE)
    even = np.arange(len(opens)) % 2 == 0
    # Quotes open and close in turn; after a wrong one the turns begin anew.
    wrong = [
        np.flatnonzero(np.where(turn, no_opening, no_closing)).tolist() for turn in (even, ~even)
    ]
    stray: list[int] = []
    misplaced: list[int] = []
    start = 0
    while start < len(opens):
        at = _next_wrong(wrong[start % 2], start) if opens[start] else start
        if at is None:
            break
        (misplaced if (at - start) % 2 else stray).append(at)
        start = at + 1
    return stray, misplaced


def _next_wrong(wrong: list[int], start: int) -> int | None:
    index = bisect_left(wrong, start)
    return wrong[index] if index < len(wrong) else None
