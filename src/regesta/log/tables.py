"""The SQL tables of the log, derived from the schema; the migrations are held against them.

Days and times are fixed-width ISO text everywhere, so that one statement compares them alike on
SQLite, PostgreSQL and DuckDB.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from regesta.schema.columns import Kind
from regesta.schema.tables import TABLES, TableSchema

METADATA = sa.MetaData()

TEXT: sa.types.TypeEngine[Any] = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that sorts by code point, whatever the language of the server."""

WHOLE: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An integer of 64 bits; a STRICT table of SQLite calls it INTEGER."""

FRACTION: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL(), "sqlite")

_TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    "text": TEXT,
    "json": TEXT,
    "day": TEXT,
    "integer": WHOLE,
    "decimal": FRACTION,
}

_LOOKED_UP = ("event_id", "actor_id", "other_id")
"""What a reader looks rows up by, beside their key."""

_DAYS = ("date_earliest", "date_latest")
"""What a timeline is sorted by, but for its last column."""


def _log_table(table: TableSchema) -> sa.Table:
    """Return the log table of *table*: its columns and what makes a row a record."""
    name = f"{table.name}_log"
    own = [column for column in table.columns.values() if column.name != "batch"]
    log = sa.Table(
        name,
        METADATA,
        sa.Column("position", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("batch", WHOLE, nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("supersedes", WHOLE),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        *(sa.Column(c.name, _TYPES[c.kind], nullable=not c.required) for c in own),
        sa.UniqueConstraint(*table.key, "revision", name=f"uq_{name}_key_revision"),
        sqlite_strict=True,
    )
    sa.Index(
        f"ix_{name}_supersedes",
        log.c.supersedes,
        unique=True,
        sqlite_where=log.c.supersedes.is_not(None),
        postgresql_where=log.c.supersedes.is_not(None),
    )
    for column in _LOOKED_UP:
        if column in table.columns and column != table.key[0]:
            sa.Index(f"ix_{name}_{column}", log.c[column])
    if all(day in table.columns for day in _DAYS):
        sa.Index(f"ix_{name}_days", *(log.c[day] for day in _DAYS))
    return log


LOGS: Mapping[str, sa.Table] = MappingProxyType(
    {name: _log_table(table) for name, table in TABLES.items()}
)
"""The log table of each table, by the table's name."""

CHECKPOINTS = sa.Table(
    "checkpoints",
    METADATA,
    sa.Column("batch", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("size", WHOLE, nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.Column("edge", sa.LargeBinary(), nullable=False),
    sqlite_strict=True,
)
"""Size, Merkle root and right edge of the log after each batch."""

STORE = sa.Table(
    "store",
    METADATA,
    sa.Column("only", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("dataset", TEXT),
    sa.Column("format", WHOLE, nullable=False),
    sa.Column("leaf", sa.LargeBinary()),
    sqlite_strict=True,
)
"""One row: the dataset that the store was made for, if it was said, the form of its leaves, and
the leaf of that. A store that has not been upgraded since 0.1.0 lacks the last."""
