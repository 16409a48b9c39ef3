"""What an import brings: rows of text by table, each with its origin, nothing checked yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from regesta.intake.raw import RawTable

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one file brings.

    `counted_as` is the table that a row of the file counts for where it cannot be taken apart.
    `whole` names the tables that the file can be the whole of: a flat file may bring actors, but
    never all that are known.
    """

    rows: Frames
    raw: RawTable
    counted_as: str
    whole: frozenset[str]
    is_flat: bool
    failures: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What all files of one import bring: rows, files, their common name and digest, a card."""

    parts: tuple[Part, ...]
    files: frozenset[Path]
    name: str
    sha256: str
    card: Mapping[str, Any] | None

    def whole(self) -> frozenset[str]:
        """Return the tables that the input as a whole can be the whole of."""
        return frozenset(name for part in self.parts for name in part.whole)

    def rows(self) -> dict[str, pl.DataFrame]:
        """Return the rows of all parts by table."""
        found: dict[str, list[pl.DataFrame]] = {}
        for part in self.parts:
            for name, frame in part.rows.items():
                found.setdefault(name, []).append(frame)
        return {name: pl.concat(frames, how="diagonal") for name, frames in found.items()}

    def without_rows(self) -> Incoming:
        """Return what is said of the input as a whole."""
        return replace(self, parts=())
