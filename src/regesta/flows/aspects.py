"""Find aspects of evidence that nothing has: they are recorded, and may be slips of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import polars as pl

from regesta.research.values import NO_VALUES
from regesta.schema.check import ORIGIN
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from regesta.vocabulary import code_list, hint


def strange_aspects(
    rows: Mapping[str, pl.DataFrame], card: Mapping[str, Any], store: Store
) -> tuple[str, ...]:
    """Return a note for each aspect that is no column, detail or relation of any event."""
    if "evidence" not in rows:
        return ()
    claims = rows["evidence"].unique("aspect", keep="first", maintain_order=True)
    known = {*NO_VALUES, *code_list("relations"), *TABLES["events"].columns}
    known |= {*card.get("details", {}), *store.card().get("details", {})}
    known |= _keys(rows["events"]["details"]) if "events" in rows else set()
    if _strange(claims, known).is_empty():
        return ()
    known |= _keys(store.rows("events")["details"])
    told = _strange(claims, known).select(*ORIGIN, "aspect").iter_rows()
    return tuple(_note(file, row, aspect, known) for file, row, aspect in told)


def _strange(claims: pl.DataFrame, known: Iterable[str]) -> pl.DataFrame:
    return claims.filter(~pl.col("aspect").is_in(list(known)))


def _keys(details: pl.Series) -> set[str]:
    return {key for text in details.drop_nulls().unique() for key in orjson.loads(text)}


def _note(file: str, row: int, aspect: str, known: Iterable[str]) -> str:
    return (
        f"{file} row {row}, column aspect: {aspect!r} is no column, detail or relation of any event"
        f"{hint(aspect, known)}; it is recorded as it stands."
    )
