"""Make flat files of events for benchmarks: the same size and seed give the same bytes.

Every column of `events` is filled: 18 columns and about 300 bytes a row. Rows are made in slices,
each with dice of its own, so that ten million of them need no more memory than a few slices.

Usage: python benchmarks/generate.py FILE SIZE [parties] [shuffled] [revised]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Ids = npt.NDArray[np.int64]

SEED = 20240218
SLICE = 100_000
START = date(1995, 1, 1)
DAYS = 11_000
TYPES = ("visit", "meeting", "statement", "gift", "letter", "agreement", "transfer", "vote")
STATES = (
    *("RUS", "PRK", "KOR", "CHN", "USA", "JPN", "UKR", "DEU", "FRA", "GBR", "IND", "IRN"),
    *("TUR", "POL", "BRA", "ZAF", "EGY", "SAU", "VNM", "CUB", "SYR", "SRB", "MEX", "KAZ"),
)
EVENTS_A_SOURCE = 3
"""How many events are taken from one source, on average."""

REVISED = 10
"""One row of so many says something else in a revised file."""

HEADER = (
    "event_id",
    "event_type",
    "title",
    "summary",
    "date",
    "date_earliest",
    "date_latest",
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


def write_events(
    path: Path,
    size: int,
    *,
    parties: bool = False,
    shuffled: bool = False,
    revised: bool = False,
    prefix: str = "bench",
) -> None:
    """Write *size* events to the CSV file *path*, whose ids begin with *prefix*.

    Parameters
    ----------
    parties
        Whether each row also names two participants, a source and its stance.
    shuffled
        Whether the ids come in random order; in any order they are the numbers below *size*.
    revised
        Whether every tenth event has another title and intensity than it has without.
    """
    with path.open("wb") as file:
        for number, ids in enumerate(_numbers(size, shuffled=shuffled)):
            dice = np.random.default_rng([SEED, number])
            rows = _events(ids, dice, prefix)
            if parties:
                rows = _with_parties(rows, dice, max(1, size // EVENTS_A_SOURCE))
            if revised:
                rows = _revised(rows, pl.Series(ids % REVISED == 0))
            wanted = rows.select(*HEADER, *(PARTIES if parties else ()))
            wanted.write_csv(file, include_header=number == 0)


def _numbers(size: int, *, shuffled: bool) -> Iterator[Ids]:
    """Yield the numbers below *size* in slices."""
    numbers = np.arange(size)
    if shuffled:
        np.random.default_rng(SEED).shuffle(numbers)
    for begin in range(0, size, SLICE):
        yield numbers[begin : begin + SLICE]


def _events(ids: Ids, dice: np.random.Generator, prefix: str) -> pl.DataFrame:
    """Return one row an event, with the two states that it is between."""
    count = len(ids)
    first = dice.integers(0, len(STATES), count)
    second = (first + dice.integers(1, len(STATES), count)) % len(STATES)
    number, kind, one, other = pl.col("number"), pl.col("event_type"), pl.col("one"), pl.col("two")
    return pl.DataFrame(
        {
            "number": ids,
            "event_type": _drawn(dice, TYPES, count),
            "one": pl.Series(STATES).gather(first),
            "two": pl.Series(STATES).gather(second),
            "day": dice.integers(0, DAYS, count),
            "town": dice.integers(0, 5_000, count),
            "latitude": dice.integers(-600_000, 700_000, count) / 10_000,
            "longitude": dice.integers(-1_800_000, 1_800_000, count) / 10_000,
            "geonames_id": dice.integers(1, 9_000_000, count),
            "action": dice.integers(1, 21, count),
            "intensity": dice.integers(-100, 101, count) / 10,
            "mentions": dice.integers(1, 99, count),
        }
    ).with_columns(
        event_id=pl.format(f"{prefix}-{{}}", number.cast(pl.String).str.zfill(9)),
        title=pl.format("{} and {}: {} no. {}, «as reported»", one, other, kind, number),
        summary=pl.format(
            "A made-up event for timing, number {}. It says nothing of anybody. "
            "It says nothing of anybody.",
            number,
        ),
        date=_day("day"),
        date_earliest=_day("day"),
        date_latest=_day("day"),
        place=pl.format("Place {}", "town"),
        country=one,
        place_precision=pl.lit("city"),
        code=pl.col("action").cast(pl.String).str.zfill(2),
        code_scheme=pl.lit("cameo-1.1b3"),
        intensity_scheme=pl.lit("goldstein-gdelt"),
        details=pl.concat_str(pl.lit('{"mentions":'), "mentions", pl.lit("}")),
    )


def _with_parties(rows: pl.DataFrame, dice: np.random.Generator, sources: int) -> pl.DataFrame:
    """Return *rows* with who took part, and one of so many *sources*, each of a day of its own."""
    source = pl.col("source")
    return rows.with_columns(
        source=pl.Series(dice.integers(0, sources, rows.height)),
        participants=pl.format("{}:host; {}:guest", "one", "two"),
        source_publisher=pl.lit("Example News"),
        stance=pl.lit("asserts"),
    ).with_columns(
        source_url=pl.format("https://news.example/{}", source),
        published_on=_day((source * 7919) % DAYS),
    )


def _revised(rows: pl.DataFrame, which: pl.Series) -> pl.DataFrame:
    return rows.with_columns(
        title=pl.when(which).then(pl.format("{}, corrected", "title")).otherwise("title"),
        intensity=pl.when(which).then(-pl.col("intensity") - 0.5).otherwise("intensity"),
    )


def _drawn(dice: np.random.Generator, names: tuple[str, ...], count: int) -> pl.Series:
    return pl.Series(names).gather(dice.integers(0, len(names), count))


def _day(number: str | pl.Expr) -> pl.Expr:
    """Return the day that comes so many days after the first, in ISO 8601."""
    days = pl.col(number) if isinstance(number, str) else number
    return (pl.lit(START) + pl.duration(days=days)).dt.to_string("%Y-%m-%d")


if __name__ == "__main__":
    path, size, *traits = sys.argv[1:]
    write_events(
        Path(path),
        int(size),
        parties="parties" in traits,
        shuffled="shuffled" in traits,
        revised="revised" in traits,
    )
