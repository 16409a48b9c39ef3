"""The working tables of the datasets on the shelf, as the files have them."""

from __future__ import annotations

import csv
from pathlib import Path

SHELF = Path(__file__).parents[2] / "datasets"

Row = dict[str, str]


def table(name: str, folder: Path) -> list[Row]:
    """Return the rows of a table of a dataset's *folder*."""
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows: list[Row], name: str, folder: Path) -> None:
    """Write *rows* as a table of a dataset's *folder*."""
    with (folder / "tables" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
