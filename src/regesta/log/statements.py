"""A statement as the text of portable SQL, for a database that SQLAlchemy does not open."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Statement = sa.Select[Any]


def as_text(statement: Statement) -> str:
    """Return *statement* as SQL with every value in it, as PostgreSQL and DuckDB read it.

    Examples
    --------
    >>> as_text(sa.select(sa.literal("it's").label("a")))
    "SELECT 'it''s' AS a"
    """
    # A named parameter style leaves % alone, which the driver's own would double.
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(compiled)
