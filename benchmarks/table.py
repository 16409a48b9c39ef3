"""Keep the figures beside the page, and put the tables that follow from them into it."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from measure import memory
from targets import TARGETS

MARKS = ("<!-- Written by make bench -->", "<!-- End of what make bench writes -->")
PACKAGES = (
    *("polars", "pandas", "pandera", "SQLAlchemy", "pyarrow", "adbc-driver-sqlite", "psycopg"),
    *("duckdb", "sqlite-utils", "eventsourcing", "typer"),
)

Held = Mapping[str, Any]
"""A contest that was held: size, rounds, day, title, and the figures of each contestant."""


def keep(store: Path, name: str, held: Held, order: Sequence[str]) -> dict[str, Held]:
    """Put the contest *name* among those that the file *store* keeps, and return all in *order*."""
    known: dict[str, Held] = json.loads(store.read_text()) if store.exists() else {}
    known[name] = held
    kept = {each: known[each] for each in order if each in known}
    store.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def put(page: Path, marks: tuple[str, str], text: str) -> None:
    """Put *text* into *page*, between the two *marks*.

    Raises
    ------
    SystemExit
        If the page lacks one.
    """
    begin, end = marks
    before, begun, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise SystemExit(f"{page} lacks the lines {begin} and {end}.")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def tables(kept: Mapping[str, Held]) -> str:
    """Return the targets and all figures as Markdown."""
    return "\n".join(
        [
            *_machines(kept),
            "",
            "| target | must | moonshot | measured | reached | with |",
            "| --- | --- | --- | --- | --- | --- |",
            *_targets(kept),
            "",
            "| contest | what | seconds | within, s | times the first | peak MB |",
            "| --- | --- | --- | --- | --- | --- |",
            *(row for held in kept.values() for row in _rows(held)),
        ]
    )


def _machines(kept: Mapping[str, Held]) -> Iterator[str]:
    """Yield what the contests were held on, and which, where that was not the same for all."""
    by_machine: dict[str, list[str]] = {}
    for name, held in kept.items():
        by_machine.setdefault(held["machine"], []).append(name)
    for told, names in by_machine.items():
        yield f"{', '.join(names) if len(by_machine) > 1 else 'All'}: {told}."


def _targets(kept: Mapping[str, Held]) -> Iterator[str]:
    for target in TARGETS:
        held = kept.get(target.stage)
        if held is None:
            continue
        number = target.reached({row["what"]: row for row in held["rows"]})
        measured = "not measured" if number is None else target.words(number)
        verdict = "" if number is None else target.verdict(number)
        most = "≥" if target.how == "faster" else "≤"
        must, moonshot = (f"{most} {target.words(n)}" for n in (target.must, target.moonshot))
        cells = (target.what, must, moonshot, measured, verdict, _events(held))
        yield f"| {' | '.join(cells)} |"


def _rows(held: Held) -> Iterator[str]:
    """Yield a row for each contestant, the first with the title of the contest."""
    told = (f"**{held['title']}**", _events(held), f"{held['rounds']} rounds", held["day"])
    head = ", ".join(filter(None, told))
    ours = held["rows"][0]
    for row in held["rows"]:
        if row.get("note"):
            yield f"| {head} | {row['what']} | {row['note']} | | | |"
        else:
            first = ours.get("seconds")
            times = f"{row['seconds'] / first:.2f}" if first else ""
            work = "" if row["work"] is None else f"{row['work']:.3f}"
            yield (
                f"| {head} | {row['what']} | {row['seconds']:.2f} | {work} | {times} |"
                f" {row['peak']:,.0f} |"
            )
        head = ""


def _events(held: Held) -> str:
    """Return how many events a contest was held with, if it depends on that."""
    return f"{held['size']:,} events" if held["size"] else ""


def machine() -> str:
    """Return in one line what everything ran on."""
    versions = [f"{name} {number}" for name in PACKAGES if (number := _version(name))]
    return (
        f"{os.cpu_count()} cores, {memory() / 1024:.0f} GiB, {platform.system()} "
        f"{platform.release()}, {platform.machine()}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {', '.join(versions)}"
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
