"""What a store holds beside rows: tables, indexes, triggers that refuse changes, views of the rows.

Compared with a store that was just made, on the same database system, and brought to the same
migration; and put up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex

import sqlalchemy as sa

from regesta.log.tables import METADATA
from regesta.store.engine import connect, parse_url
from regesta.store.migrate import install, revision_of, upgrade

_SHOWN = tuple(name.removesuffix("_log") for name in METADATA.tables if name.endswith("_log"))
_OURS = ("alembic_version", *METADATA.tables, *_SHOWN)
_WORDS = {"trigger": "guard"}

_SQLITE = """
SELECT type AS kind, name, lower(tbl_name) AS over, sql AS definition
FROM sqlite_master WHERE sql IS NOT NULL
"""  # SQLite keeps the name of a table as somebody typed it

# A name is told without its schema, so that those of two schemas can be compared.
_POSTGRESQL = """
WITH ours AS (
  SELECT oid, relname, relkind, relrowsecurity, relforcerowsecurity FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:ours)
),
told AS (
  SELECT 'table' AS kind, relname::text AS name, relname::text AS over,
    concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity,
      (SELECT count(*) FROM pg_inherits WHERE inhparent = ours.oid),
      (SELECT count(*) FROM pg_policy WHERE polrelid = ours.oid)) AS definition
  FROM ours WHERE relkind <> 'v'
  UNION ALL
  SELECT 'column', attname, relname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
    attcollation::regcollation, (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
    WHERE adrelid = attrelid AND adnum = attnum))
  FROM pg_attribute JOIN ours ON ours.oid = attrelid WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT 'constraint', conname, relname, pg_get_constraintdef(pg_constraint.oid)
  FROM pg_constraint JOIN ours ON ours.oid = conrelid
  UNION ALL
  SELECT 'index', indexrelid::regclass::text, relname, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN ours ON ours.oid = indrelid
  UNION ALL
  SELECT 'trigger', tgname, relname, concat_ws(' ', tgenabled, pg_get_triggerdef(pg_trigger.oid))
  FROM pg_trigger JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
  UNION ALL
  SELECT CASE rulename WHEN '_RETURN' THEN 'view' ELSE 'rule' END,
    CASE rulename WHEN '_RETURN' THEN relname ELSE rulename END, relname,
    concat_ws(' ', ev_enabled, pg_get_ruledef(pg_rewrite.oid))
  FROM pg_rewrite JOIN ours ON ours.oid = ev_class
  UNION ALL
  SELECT 'function', proname, proname,
    concat_ws(' ', prosrc, lanname, prosecdef, proconfig::text, prorettype::regtype)
  FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
  WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'regesta%'
)
SELECT kind, replace(name, current_schema() || '.', '') AS name, over,
  replace(definition, current_schema() || '.', '') AS definition FROM told
"""

_Key = tuple[str, str, str]
"""Kind, name, and the table or view that it stands over."""


def broken_pages(connection: sa.Connection) -> list[str]:
    """Return what SQLite finds wrong with its file: pages, types, indexes that lack a row."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [] if found == ["ok"] else [f"the file is damaged: {line}" for line in found]


def missing_tables(connection: sa.Connection) -> list[str]:
    """Return each table of the log that is not there."""
    there = set(sa.inspect(connection).get_table_names())
    return [f"the table {name} is missing" for name in METADATA.tables if name not in there]


def may_compare(connection: sa.Connection) -> bool:
    """Return whether this role may make, for a moment, the store that others are compared with."""
    if connection.dialect.name == "sqlite":
        return True
    asked = "SELECT has_database_privilege(current_database(), 'CREATE')"
    return bool(connection.exec_driver_sql(asked).scalar())


def catalogue_faults(connection: sa.Connection) -> list[str]:
    """Return each table, index, trigger and view that is missing or altered, or should not be."""
    revision = revision_of(connection)
    if revision is None:
        return ["the store is of no migration that this version of regesta knows"]
    with _just_made(connection, revision) as made:
        return list(_differences(_catalogue(connection), _catalogue(made)))


def rebuild(connection: sa.Connection) -> None:
    """Put up every view, trigger and index that belongs, and take away those that do not."""
    found = _catalogue(connection)
    with _just_made(connection, str(revision_of(connection))) as made:
        belongs = _catalogue(made)
    sqlite = connection.dialect.name == "sqlite"
    for kind, name, over in found:
        if kind in ("trigger", "rule"):
            where = "" if sqlite else f" ON {over}"
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {_quoted(name)}{where}")
        elif kind == "index" and (kind, name, over) not in belongs:
            connection.exec_driver_sql(f"DROP INDEX {_quoted(name)}")
    for view in _SHOWN:
        columns = [
            {key for key in each if key[::2] == ("column", view)} for each in (found, belongs)
        ]
        if sqlite or columns[0] != columns[1]:  # one that is replaced keeps what was granted on it
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view}")
    install(connection)
    for table in METADATA.tables.values():
        for index in table.indexes:
            index.drop(connection, checkfirst=True)
            if ("index", index.name, table.name) in belongs:
                index.create(connection)


@contextmanager
def _just_made(like: sa.Connection, revision: str) -> Iterator[sa.Connection]:
    """Yield a connection to a new store at *revision*, which nobody sees and which goes again.

    It is of the same database system as *like*: in memory, or in a schema that is rolled back.
    """
    sqlite = like.dialect.name == "sqlite"
    engine = connect(parse_url("sqlite://") if sqlite else like.engine.url)
    try:
        with engine.connect() as connection:
            if not sqlite:
                schema = f"regesta_{token_hex(8)}"
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
                connection.exec_driver_sql(f"SET LOCAL search_path = {schema}")
                connection.dialect.default_schema_name = schema
            upgrade(connection, revision)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _differences(found: Mapping[_Key, str], made: Mapping[_Key, str]) -> Iterator[str]:
    for key in made:
        if key not in found:
            yield f"{_word(key)} is missing"
        elif found[key] != made[key]:
            yield f"{_word(key)} was altered"
    for key in found:
        if key not in made:
            yield f"{_word(key)} is none of ours"


def _catalogue(connection: sa.Connection) -> dict[_Key, str]:
    """Return how each table and view of ours, and what stands over it, is defined."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.text(_SQLITE)).all()
    else:
        rows = connection.execute(sa.text(_POSTGRESQL), {"ours": list(_OURS)}).all()
    return {
        (kind, name, over): definition
        for kind, name, over, definition in rows
        if over in _OURS or kind == "function"
    }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _word(key: _Key) -> str:
    kind, name, over = key
    where = f" of {over}" if kind == "column" else ""
    return f"the {_WORDS.get(kind, kind)} {name}{where}"
