"""How an import is to be done, and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from regesta.errors import UsageError
from regesta.flows.snapshot import Scope
from regesta.intake.gather import Reading
from regesta.schema.tables import TABLES
from regesta.schema.tidy import FILE, ROW, tidy


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How an import is to be done."""

    author: str
    message: str | None = None
    reason: str | None = None
    reading: Reading = field(default_factory=Reading)
    snapshot: Scope | None = None
    quarantine: Path | None = None
    made_from: str | None = None
    dry_run: bool = False


def signed(order: Order) -> Order:
    """Return *order* with author and message as the log keeps text.

    Raises
    ------
    UsageError
        As `signed_words` does.
    """
    author, message = signed_words(order.author, order.message)
    return replace(order, author=author, message=message)


def signed_words(author: str, message: str | None) -> tuple[str, str | None]:
    """Return author and message of a batch as the log keeps text.

    Raises
    ------
    UsageError
        If the author is blank, or a character of either is one that the log does not take.
    """
    words = {"author": author, "message": message}
    for name, text in words.items():
        if text is not None and any("\ud800" <= char <= "\udfff" for char in text):
            raise UsageError(reason=f"The {name} is not UTF-8; write it again.")
    row = pl.DataFrame({**words, FILE: "", ROW: 0}, schema_overrides={"message": pl.String})
    tidied, wrong = tidy(TABLES["batches"], row)
    for name, what in wrong.select("column", "message").iter_rows():
        raise UsageError(reason=f"The {name} {what}.")
    if not tidied["author"][0]:
        raise UsageError(reason="The author is blank; say who brings the rows with --author.")
    return tidied["author"][0], tidied["message"][0]
