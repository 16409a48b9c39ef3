"""What a store holds beside rows: triggers that refuse changes, and views that show the rows."""

from __future__ import annotations

import sqlalchemy as sa

from regesta.log.tables import METADATA, guards
from regesta.store.engine import connect, parse_url
from regesta.store.migrate import upgrade

_NAMED = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
_ENABLED = "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'"


def missing_tables(connection: sa.Connection) -> list[str]:
    """Return each table of the log that is not there."""
    there = set(sa.inspect(connection).get_table_names())
    return [f"the table {name} is missing" for name in METADATA.tables if name not in there]


def catalogue_faults(connection: sa.Connection) -> list[str]:
    """Return each trigger and view that is missing, altered, or stands where none should.

    In PostgreSQL, whose server rewrites what it is told, those triggers that are not enabled.
    """
    if connection.dialect.name == "postgresql":
        there = set(connection.execute(sa.text(_ENABLED)).scalars())
        return [_missing("trigger", name) for name in guards("postgresql") if name not in there]
    found, made = _catalogue(connection), _as_made()
    altered = [key for key in made if key in found and found[key] != made[key]]
    return [
        *(_missing(*key) for key in made if key not in found),
        *(f"{_word(*key)} was altered" for key in altered),
        *(f"{_word(*key)} is none of ours" for key in found if key not in made),
    ]


def _catalogue(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """Return the SQL of each view of ours, and of each trigger on a table of ours."""
    ours = {*METADATA.tables, *(name.removesuffix("_log") for name in METADATA.tables)}
    rows = connection.execute(sa.text(_NAMED)).all()
    return {(kind, name): sql for kind, name, table, sql in rows if table in ours}


def _as_made() -> dict[tuple[str, str], str]:
    """Return the catalogue of a store that was just made."""
    engine = connect(parse_url("sqlite://"))
    try:
        with engine.begin() as connection:
            upgrade(connection)
            return _catalogue(connection)
    finally:
        engine.dispose()


def _missing(kind: str, name: str) -> str:
    return f"{_word(kind, name)} is missing"


def _word(kind: str, name: str) -> str:
    return f"the {'guard' if kind == 'trigger' else kind} {name}"
