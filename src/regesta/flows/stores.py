"""Open the store that an import goes to, making it where there is none yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from regesta.errors import NoStore
from regesta.store.store import Store


@contextmanager
def store_for_import(url: str, *, dry_run: bool) -> Iterator[tuple[Store, bool]]:
    """Yield the store at *url* and whether it was made just now.

    A dry run leaves nothing behind: where there is no store, it runs on an empty one in memory.
    Nor does an import that fails: a store that was made for it goes with it.
    """
    try:
        store = Store.open(url)
    except NoStore:
        if dry_run:
            yield Store.create("sqlite://"), False
            return
        store = Store.create(url)
        try:
            yield store, True
        except BaseException:
            store.remove_if_empty()
            raise
    else:
        yield store, False
