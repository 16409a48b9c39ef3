"""Which columns hold plain text: only a JSON column may be nested in a file that nests."""

from __future__ import annotations

from regesta.intake.flat import COLUMNS
from regesta.schema.tables import IMPORTED

_JSON = {
    name
    for table in IMPORTED.values()
    for name, column in table.columns.items()
    if column.kind == "json"
}

PLAIN = frozenset({*COLUMNS, *(n for t in IMPORTED.values() for n in t.columns)}) - _JSON
"""The columns of all tables and of flat files in which a list or an object has no place."""
