"""Work on long columns: a slice at a time, on all cores, and on their bytes.

polars and numpy let other threads run meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from regesta.abreast import abreast

SLICE = 50_000
"""Rows that are worked on at once: few enough that what is made of them stays small."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def at_once(do: Callable[[Item], Result], items: Iterable[Item], rows: int) -> list[Result]:
    """Return what *do* makes of each of *items*, in order; abreast if each has many *rows*."""
    return list(abreast(do, items) if rows > SLICE else map(do, items))


def by_slices(frame: pl.DataFrame, do: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
    """Return what *do* makes of *frame*, where it makes the same of each row by itself.

    Examples
    --------
    >>> by_slices(pl.DataFrame({"n": [1, 2]}), lambda part: part["n"] * 2).to_list()
    [2, 4]
    """
    if frame.height <= SLICE:
        return do(frame)
    return pl.concat(list(abreast(do, frame.iter_slices(SLICE))))


def utf8_of(texts: pl.Series) -> npt.NDArray[np.uint8]:
    """Return the bytes of all *texts*, one after another.

    Examples
    --------
    >>> utf8_of(pl.Series(["a", None, "ü"])).tobytes().decode()
    'aü'
    """
    data = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[-1]
    return np.frombuffer(data or b"", np.uint8)
