"""Open the store that an import goes to, making it where there is none yet."""

from __future__ import annotations

from regesta.errors import NoStore
from regesta.store.store import Store


def store_for_import(url: str, *, dry_run: bool) -> tuple[Store, bool]:
    """Return the store at *url* and whether it was made just now.

    A dry run leaves nothing behind: where there is no store, it runs on an empty one in memory.
    """
    try:
        return Store.open(url), False
    except NoStore:
        if dry_run:
            return Store.create("sqlite://"), False
        return Store.create(url), True
