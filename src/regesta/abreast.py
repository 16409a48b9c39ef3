"""Work on several things at once and hand them back in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

WORKERS = min(os.cpu_count() or 1, 4)
"""How much is worked on at once: each holds a slice of rows and what is made of it."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def abreast(do: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield what *do* makes of each of *items*, in order.

    The next ones are taken from *items*, by the caller's own thread, while others are worked on;
    no more of them than can be kept in memory.

    Examples
    --------
    >>> list(abreast(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(do, item))
                if len(waiting) > WORKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield *items*, of which the next one is made while one is worked on.

    Examples
    --------
    >>> list(ahead([1, 2]))
    [1, 2]
    """
    end = object()
    making = iter(items)
    with ThreadPoolExecutor(1) as beside:
        item = beside.submit(next, making, end)
        while (made := item.result()) is not end:
            item = beside.submit(next, making, end)
            yield cast("Item", made)
