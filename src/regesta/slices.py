"""Work on a long frame a slice at a time, on all cores: polars lets other threads run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

CORES = os.cpu_count() or 1
SLICE = 50_000
"""Rows that are worked on at once: few enough that what is made of them stays small."""


def by_slices(frame: pl.DataFrame, do: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
    """Return what *do* makes of *frame*, where it makes the same of each row by itself.

    Examples
    --------
    >>> by_slices(pl.DataFrame({"n": [1, 2]}), lambda part: part["n"] * 2).to_list()
    [2, 4]
    """
    if frame.height <= SLICE:
        return do(frame)
    with ThreadPoolExecutor(CORES) as pool:
        return pl.concat(list(pool.map(do, frame.iter_slices(SLICE))))
