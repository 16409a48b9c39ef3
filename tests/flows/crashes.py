"""Have a transaction die in the middle, as a process does that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from regesta.store.store import Store


class Crash(BaseException):
    """What ends a process in the middle of a transaction."""


@contextmanager
def crashing(store: Store, inserts: int) -> Iterator[None]:
    """Have the next batch die after so many *inserts* into the log, or else before its commit."""
    made = 0

    def count(*args: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        nonlocal made
        if args[2].startswith("INSERT INTO") and ("_log" in args[2] or "checkpoints" in args[2]):
            made += 1
            if made > inserts:
                raise Crash

    def die(_: sa.Connection) -> None:
        raise Crash

    listeners = (("before_cursor_execute", count), ("commit", die))
    for name, listener in listeners:
        sa.event.listen(store._engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(store._engine, name, listener)
