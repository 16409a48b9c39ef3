"""The header of each kind of file that an import takes."""

from __future__ import annotations

from regesta.errors import NoSuchName
from regesta.intake.flat import COLUMNS, NEEDED
from regesta.intake.gather import FLAT
from regesta.schema import codebook
from regesta.schema.tables import IMPORTED
from regesta.vocabulary import hint


def template(name: str) -> str:
    """Return the CSV header of a table, or of a flat file with the columns it needs first.

    Raises
    ------
    NoSuchName
        If there is no such table.

    Examples
    --------
    >>> template("flat").split(",")[:3]
    ['date', 'event_type', 'title']
    """
    if name != FLAT:
        if name not in IMPORTED:
            raise NoSuchName(kind="table to fill in", name=name, hint=_what_there_is(name))
        return codebook.template(name)
    derived = {"date_earliest", "date_latest"}
    others = [column for column in COLUMNS if column not in NEEDED and column not in derived]
    return ",".join([*NEEDED, *others]) + "\n"


def _what_there_is(name: str) -> str:
    names = [FLAT, *IMPORTED]
    return hint(name, names) or f"; there are {', '.join(names)}"
