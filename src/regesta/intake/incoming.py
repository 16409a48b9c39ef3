"""What an import brings: rows of text by table, each with its origin, nothing checked yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from regesta.intake.raw import RawTable
from regesta.schema.tidy import ROW

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

    def kept(self, numbers: pl.Series, *, kept: bool) -> Part:
        """Return the part with the rows of these numbers in their file, or with the others only.

        What could not be taken apart stands with the others.
        """
        mine = self.raw.rows.is_in(numbers.implode()) == kept
        raw = replace(self.raw, frame=self.raw.frame.filter(mine), rows=self.raw.rows.filter(mine))
        if kept:
            raw = replace(raw, torn={}, unreadable=self.raw.unreadable.clear())
        rows = {
            name: frame.filter(pl.col(ROW).is_in(numbers.implode()) == kept)
            for name, frame in self.rows.items()
        }
        found = self.failures.clear() if kept else self.failures
        return replace(self, raw=raw, rows=rows, failures=found)


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

    def split(self, numbers: pl.Series) -> tuple[Incoming, Incoming]:
        """Return the input without the rows of these numbers in their file, and those alone."""
        return self._kept(numbers, kept=False), self._kept(numbers, kept=True)

    def _kept(self, numbers: pl.Series, *, kept: bool) -> Incoming:
        return replace(self, parts=tuple(part.kept(numbers, kept=kept) for part in self.parts))

    def without_rows(self) -> Incoming:
        """Return what is said of the input as a whole."""
        return replace(self, parts=())


def together(stretches: Sequence[Incoming]) -> Incoming:
    """Return *stretches* of one input, which has one part, as one."""
    first, parts = stretches[0], [part for each in stretches for part in each.parts]
    raws = [part.raw for part in parts]
    raw = replace(
        raws[0],
        frame=pl.concat([raw.frame for raw in raws]),
        rows=pl.concat([raw.rows for raw in raws]),
    )
    rows = {name: pl.concat([part.rows[name] for part in parts]) for name in parts[0].rows}
    return replace(first, parts=(replace(parts[0], raw=raw, rows=rows),))
