"""`spreadsheet/`: copies of a release's tables for looking at in a spreadsheet, and never data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from regesta.release.tabular import read_text_csv, write_csv
from regesta.schema.spreadsheet import guarded
from regesta.schema.tables import CHANGES, PUBLISHED

FOLDER = "spreadsheet"

_COPIED = (*PUBLISHED, CHANGES.name)


def write_copies(release: Path) -> None:
    """Write a guarded copy of every table in the folder *release*, and of its changes."""
    (release / FOLDER).mkdir()
    for name in _COPIED:
        write_csv(_guarded(release, name), release / FOLDER / f"{name}.csv")


def wrong_copies(release: Path) -> Iterator[str]:
    """Yield each file in the copies' folder, if there is one, that is no guarded form of a table.

    The copy of a table that the release has and the folder lacks counts among them.
    """
    folder = release / FOLDER
    if not folder.is_dir():
        return
    expected = {f"{name}.csv": name for name in _COPIED if (release / f"{name}.csv").is_file()}
    for file in sorted({*expected, *(path.name for path in folder.iterdir())}):
        if file not in expected or not _is_copy(release, expected[file]):
            yield f"{FOLDER}/{file} is not the guarded form of a table"


def _is_copy(release: Path, name: str) -> bool:
    try:
        found = read_text_csv(release / FOLDER / f"{name}.csv")
        return found.equals(_guarded(release, name))
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return False


def _guarded(release: Path, name: str) -> pl.DataFrame:
    """Return the guarded form of a table as its CSV file spells it: numbers are text as well."""
    return guarded(read_text_csv(release / f"{name}.csv"))
