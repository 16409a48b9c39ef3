"""Make flat files of events for benchmarks: the same size and seed give the same bytes.

About 20 columns and 360 bytes a row; identifiers are in order or shuffled.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

TYPES = ("visit", "meeting", "statement", "gift", "letter", "agreement", "transfer", "vote")
STATES = ("RUS", "PRK", "KOR", "CHN", "USA", "JPN", "UKR", "DEU")
HEADER = (
    "event_id",
    "event_type",
    "title",
    "summary",
    "date",
    "place",
    "country",
    "latitude",
    "longitude",
    "place_precision",
    "geonames_id",
    "code",
    "code_scheme",
    "intensity",
    "intensity_scheme",
    "details",
)
PARTIES = ("participants", "source_url", "source_publisher", "published_on", "stance")
START = date(1995, 1, 1)


def write_events(
    path: Path, size: int, *, parties: bool = True, shuffled: bool = False, prefix: str = "bench"
) -> None:
    """Write *size* events to the CSV file *path*, whose ids begin with *prefix*.

    With *parties*, each row also names two participants and a source; without, the file is one
    of the table `events` alone.
    """
    # A benchmark wants the same numbers again, not numbers that nobody can guess.
    dice = random.Random(20240218)  # noqa: S311
    numbers = list(range(size))
    if shuffled:
        dice.shuffle(numbers)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*HEADER, *(PARTIES if parties else ())])
        for number in numbers:
            row = _row(number, dice, parties=parties)
            writer.writerow([f"{prefix}-{number:09d}", *row])


def _row(number: int, dice: random.Random, *, parties: bool) -> list[object]:
    day = START + timedelta(days=dice.randrange(11_000))
    first, second = dice.sample(STATES, 2)
    kind = dice.choice(TYPES)
    event = [
        kind,
        f"{first} and {second}: {kind} no. {number}, «as reported»",
        f"A made-up event for timing, number {number}. " + "It says nothing of anybody. " * 2,
        day.isoformat(),
        f"Place {dice.randrange(5000)}",
        first,
        f"{dice.uniform(-60, 70):.4f}",
        f"{dice.uniform(-180, 180):.4f}",
        "city",
        dice.randrange(1, 9_000_000),
        f"{dice.randrange(1, 21):02d}",
        "cameo-1.1b3",
        f"{dice.uniform(-10, 10):.1f}",
        "goldstein-gdelt",
        f'{{"mentions":{dice.randrange(1, 99)}}}',
    ]
    if not parties:
        return event
    address = f"https://news.example/{dice.randrange(max(1, number // 3 + 1))}"
    return [
        *event,
        f"{first}:host; {second}:guest",
        address,
        "Example News",
        day.isoformat(),
        "asserts",
    ]
