"""Work on several things at once and hand them back in order: polars lets other threads run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
"""Things that are worked on at once: each holds a slice of rows and what is made of it."""

T = TypeVar("T")
R = TypeVar("R")


def abreast(do: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Yield what *do* makes of each of *things*, in order.

    The next ones are taken from *things*, by the caller's own thread, while others are worked on;
    no more of them than can be kept in memory.

    Examples
    --------
    >>> list(abreast(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for thing in things:
                waiting.append(pool.submit(do, thing))
                if len(waiting) > WORKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
