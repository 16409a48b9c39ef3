"""Files to import while things break: each row tells of an event, in an edition of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

HEADER = (
    "event_id,date,event_type,title,participants,source_url,source_publisher,published_on,"
    "stance,speaker,gist"
)

Told = dict[str, list[str]]
"""The titles that each event has had, oldest first."""


def write_file(path: Path, numbers: Iterable[int], edition: str) -> Path:
    """Write a flat file of the events of these *numbers* to *path*, and return the path.

    Each row becomes rows of four tables: a batch that is torn shows.
    """
    lines = [HEADER, *(_line(number, edition) for number in numbers)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _line(number: int, edition: str) -> str:
    day = f"2024-02-{1 + number % 28:02}"
    return (
        f"{name(number)},{day},gift,{title(number, edition)},RUS:giver; PRK:recipient,"
        f"https://example.org/{number},KCNA,2024-03-01,asserts,PRK,It was given."
    )


def name(number: int) -> str:
    """Return the id of the event of this *number*."""
    return f"gift-{number:05}"


def title(number: int, edition: str) -> str:
    """Return what the event of this *number* is called in an *edition*."""
    return f"Gift {number} in edition {edition}"


def retold(told: Told, numbers: Iterable[int], edition: str) -> Told:
    """Return what is *told* once the file of *numbers* in *edition* has been imported as well."""
    after = {each: list(titles) for each, titles in told.items()}
    for number in numbers:
        after.setdefault(name(number), []).append(title(number, edition))
    return after
