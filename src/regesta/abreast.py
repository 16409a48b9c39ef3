"""Work on several things at once and hand them back in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar, cast

WORKERS = min(os.cpu_count() or 1, 4)
"""How much is worked on at once: each holds a slice of rows and what is made of it."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def abreast(
    do: Callable[[Item], Result], items: Iterable[Item], *, workers: int = WORKERS
) -> Iterator[Result]:
    """Yield what *do* makes of each of *items*, in order; one worker also takes them in order.

    The next ones are taken from *items*, by the caller's own thread, while others are worked on;
    no more of them than can be kept in memory.

    Examples
    --------
    >>> list(abreast(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(do, item))
                if len(waiting) > workers:
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
    with ThreadPoolExecutor(1) as pool:
        item = pool.submit(next, making, end)
        while (made := item.result()) is not end:
            item = pool.submit(next, making, end)
            yield cast("Item", made)


@contextmanager
def beside(do: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Yield what waits for what *do* makes, or raises what it raised, while the caller goes on.

    Examples
    --------
    >>> with beside(lambda: 6 * 7) as answer:
    ...     answer()
    42
    """
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(do).result
