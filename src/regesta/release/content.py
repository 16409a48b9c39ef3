"""What a release is made from: the log, stretch by stretch, and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from regesta.release.since import Since
from regesta.schema.card import Card
from regesta.schema.gates import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Successive records of the log: those of each table by position, and the line of each.

    `lines` are the canonical leaves in the order of positions, whatever their table, with a line
    feed after each.
    """

    records: Mapping[str, pl.DataFrame]
    lines: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a release is made from but for its log; equal contents give equal bytes.

    `card` is the dataset's card (`name` and `title` are required). `tables` holds the current
    projection of each table, the timeline included, with the dtypes of the schema. `checkpoint` is
    the text of the checkpoint file, `signer` the public key that signed it if one did, and
    `recorded_at` when the last batch was recorded. `known_by` is the moment by which the tables
    hold what was known, None for all that is. `excel_safe` says whether copies of the tables for
    spreadsheets are written beside them, and `also` names what else
    is: `tables.sqlite`, descriptors. `gates` are the outcomes of the card's gates. `since` is what
    changed since the release before; None for a first release.
    """

    card: Card
    version: str
    tables: Mapping[str, pl.DataFrame]
    checkpoint: str
    recorded_at: str
    signer: str | None = None
    known_by: str | None = None
    excel_safe: bool = False
    also: Sequence[str] = ()
    gates: Sequence[Outcome] = ()
    since: Since | None = None
