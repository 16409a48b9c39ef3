"""What a database must be to hold a store, and what a store says of itself in its one row."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from regesta import merkle
from regesta.canonical import encode
from regesta.errors import NoStore, UsageError, VerificationFailed
from regesta.log.leaves import FORMAT
from regesta.log.tables import STORE
from regesta.store.catalogue import missing_tables


def require_no_stranger(connection: sa.Connection) -> None:
    """Refuse the database of another program, in which no store can be made either."""
    tables = sa.inspect(connection).get_table_names()
    if tables and STORE.name not in tables:
        where = connection.engine.url.render_as_string()
        what = f"it holds {', '.join(tables[:3])} of another program"
        raise UsageError(reason=f"{where} is no store of regesta: {what}; name another.")


def require_whole(connection: sa.Connection) -> None:
    """Refuse a store that lacks a table: nothing but a release brings back what was in it."""
    if gone := missing_tables(connection):
        where = connection.engine.url.render_as_string()
        raise VerificationFailed(
            reason=f"{where} is damaged: {'; '.join(gone)}; restore a release to a new store.",
            faults=gone,
        )


def require_unicode(connection: sa.Connection) -> None:
    """Refuse a database of PostgreSQL that does not keep every character."""
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        where = connection.engine.url.render_as_string()
        raise UsageError(reason=f"{where} keeps text in {encoding}; make it with ENCODING 'UTF8'.")


def require_made(connection: sa.Connection) -> None:
    """Refuse a database in which no store was made, or was begun and not finished."""
    tables = sa.inspect(connection).get_table_names()
    where = connection.engine.url.render_as_string()
    if not tables:
        raise NoStore(url=where)
    if STORE.name not in tables:
        raise UsageError(reason=f"{where} is no store of regesta; make one with `regesta init`.")


def own_row(dataset: str | None) -> dict[str, object]:
    """Return what a new store says of itself, and the leaf of that."""
    said = {"dataset": dataset, "format": FORMAT, "table": STORE.name}
    text = encode({name: value for name, value in said.items() if value is not None})
    return {"only": 1, "dataset": dataset, "format": FORMAT, "leaf": merkle.leaf_hash(text)}


def wrong_own_row(connection: sa.Connection) -> Iterator[str]:
    """Yield it if the store's row is not one that we make; an old store has no leaf there."""
    there = [column["name"] for column in sa.inspect(connection).get_columns(STORE.name)]
    rows = connection.execute(sa.select(*(STORE.c[name] for name in there))).mappings().all()
    made = [own_row(row["dataset"]) for row in rows]
    if len(rows) != 1 or any(row[name] != made[0][name] for row in rows for name in there):
        yield "what the store says of itself does not give its leaf"
