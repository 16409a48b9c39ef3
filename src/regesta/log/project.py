"""What the records add up to, at a position: SQLAlchemy Core statements over the log tables.

A record stands until another supersedes it, so a projection is an anti-join on `supersedes`.
"""

from __future__ import annotations

import sqlalchemy as sa

from regesta.log.tables import LOGS
from regesta.schema.tables import TABLES


def superseded(log: sa.FromClause, upto: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a record of *log* up to position *upto* supersedes this one."""
    later = sa.alias(log, "later")
    by_later = sa.select(sa.literal(1)).where(later.c.supersedes == log.c.position)
    return (by_later if upto is None else by_later.where(later.c.position <= upto)).exists()


def newest(log: sa.FromClause, upto: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that this record of *log* is the last of its row up to *upto*."""
    last = ~superseded(log, upto)
    return last if upto is None else last & (log.c.position <= upto)


def stands(log: sa.FromClause, upto: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that this record of *log* is a live row, however it was found.

    The sum keeps SQLite from going through the log by position where another index is meant.
    """
    found = ~superseded(log, upto) & (log.c.action != "retract")
    return found if upto is None else found & (log.c.position + 0 <= upto)


def heads(name: str) -> sa.Select[tuple[object, ...]]:
    """Select the newest record of every key of the table *name*, retractions included."""
    log = LOGS[name]
    return sa.select(log).where(newest(log))


def live(name: str, upto: int | None = None) -> sa.Select[tuple[object, ...]]:
    """Select the live rows of the table *name* after the record at position *upto*.

    Without *upto*, as the log stands. The columns are those of the table.
    """
    log = LOGS[name]
    columns = (log.c[column] for column in TABLES[name].columns)
    return sa.select(*columns).where(newest(log, upto), log.c.action != "retract")


def gave_way(upto: int | None = None) -> sa.Select[tuple[object, ...]]:
    """Select the `same_as` relations of the events that gave way to others, by merge or rekeying.

    Such an event was retracted in the batch that recorded the relation, which may have been revised
    since; a relation that somebody adds later sends no id elsewhere.
    """
    events, relations = LOGS["events"], LOGS["relations"]
    said = sa.alias(relations, "said")
    retracted = (events.c.action == "retract") & newest(events, upto)
    same_row = sa.and_(*(said.c[name] == relations.c[name] for name in TABLES["relations"].key))
    then = sa.select(sa.literal(1)).where(
        same_row, said.c.batch == events.c.batch, said.c.action != "retract"
    )
    same = live("relations", upto).join(events, events.c.event_id == relations.c.event_id)
    return same.where(relations.c.relation == "same_as", retracted, then.exists())
