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

_Places = npt.NDArray[np.intp]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Quotes:
    """The quotes of *data*: `marks` open and close in turn, `misplaced` close within a cell."""

    data: bytes
    marks: _Places
    misplaced: list[int]

    @property
    def unclosed(self) -> int | None:
        """Where a quote opens that nothing closes."""
        if len(self.marks) % 2 == 0:
            return None
        # A pair of quotes side by side within a cell stands for one quote, and opens nothing.
        first = len(self.marks) - 1
        while first > 1 and self.marks[first - 1] == self.marks[first] - 1:
            first -= 2
        return int(self.marks[first])

    @cached_property
    def _ends(self) -> _Places:
        """Where each row ends that ends with a line break."""
        codes = np.frombuffer(self.data, np.uint8)
        breaks = np.flatnonzero((codes == _LF) | (codes == _CR))
        after = codes[np.minimum(breaks + 1, len(codes) - 1)]
        whole = (codes[breaks] == _LF) | (after != _LF) | (breaks + 1 == len(codes))
        outside = np.searchsorted(self.marks, breaks) % 2 == 0
        ends: _Places = breaks[whole & outside]
        return ends

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
    [4]
    >>> quotes(b'a,5" gun', ",").misplaced
    []
    """
    if b'"' not in data:
        return Quotes(data, np.empty(0, np.intp), [])
    places = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    stray, misplaced = _disorder(*_sides(data, places, delimiter))
    marks = np.delete(places, stray) if stray else places
    return Quotes(data, marks, [int(places[index]) for index in misplaced])


def _sides(data: bytes, places: _Places, delimiter: str) -> tuple[_Mask, _Mask, _Mask]:
    """Say of each quote whether it may open a cell, close one, and has a quote before it."""
    codes = np.frombuffer(data, np.uint8)
    edge = np.zeros(256, np.bool_)
    edge[[ord(delimiter), _LF, _CR]] = True
    before = np.where(places > 0, codes[places - 1], _LF)
    after = np.where(places + 1 < len(codes), codes[np.minimum(places + 1, len(codes) - 1)], _LF)
    return edge[before], edge[after] | (after == _QUOTE), before == _QUOTE


def _disorder(opens: _Mask, closes: _Mask, twin: _Mask) -> tuple[list[int], list[int]]:
    """Return the quotes that stray in unquoted cells, and those that close before a cell ends."""
    no_opening, no_closing = ~(opens | twin), ~closes
    even = np.arange(len(opens)) % 2 == 0
    # Quotes open and close in turn; after a wrong one the turns begin anew behind it.
    wrong = [
        np.flatnonzero(np.where(turn, no_opening, no_closing)).tolist() for turn in (even, ~even)
    ]
    stray: list[int] = []
    misplaced: list[int] = []
    start = 0
    while start < len(opens):
        if not opens[start]:
            at = start
        else:
            later = wrong[start % 2]
            index = bisect_left(later, start)
            if index == len(later):
                break
            at = later[index]
        (misplaced if (at - start) % 2 else stray).append(at)
        start = at + 1
    return stray, misplaced
