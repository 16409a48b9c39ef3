"""Show where an import spends its time, by stage and by function, and write it into the page.

Usage: python benchmarks/profiling.py [SIZE] [TRAIT,TRAIT] [PAGE]

Stages are timed by the clock, each without the stages beneath it; a function of another thread
counts apart, because it runs beside the first. Functions are timed by cProfile in a second import,
which sees the first thread only and makes calls dearer than they are.
"""

from __future__ import annotations

import cProfile
import functools
import pstats
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import table
from generate import write_events

MARKS = ("<!-- Written by make profile -->", "<!-- End of what make profile writes -->")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MOST = 15
WARM = 10
STAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "read": ("regesta.intake.gather:gather",),
        "take apart": ("regesta.intake.flat:take_apart",),
        "cells: text to values": ("regesta.schema.tidy:tidy", "regesta.schema.tidy:with_days"),
        "look up the log": ("regesta.store.store:Store.heads",),
        "check": ("regesta.schema.check:check",),
        "plan": ("regesta.log.plan:plan",),
        "canonical JSON": ("regesta.log.leaves:leaf_texts",),
        "hash": ("regesta.log.leaves:leaf_hashes",),
        "Merkle tree": ("regesta.merkle:grow",),
        "stage": ("regesta.store.bulk:_stage",),
        "insert": ("regesta.store.bulk:_insert_staged", "regesta.store.bulk:_copy"),
        "commit": ("sqlalchemy.engine.default:DefaultDialect.do_commit",),
    }
)
"""The functions that make up each stage of an import."""


class Clock:
    """Adds up the seconds of each stage, apart for the first thread and for all others."""

    def __init__(self) -> None:
        self.first: Counter[str] = Counter()
        self.others: Counter[str] = Counter()
        self._mine = threading.local()
        self._main = threading.get_ident()

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Count what runs within for *stage*, and for no stage around it."""
        stack: list[str] = self._mine.__dict__.setdefault("stack", [])
        self._turn(stack)
        stack.append(stage)
        try:
            yield
        finally:
            self._turn(stack)
            stack.pop()

    def _turn(self, stack: list[str]) -> None:
        """Give the seconds since the last turn to the stage that ran."""
        now = time.perf_counter()
        if stack:
            mine = self.first if threading.get_ident() == self._main else self.others
            mine[stack[-1]] += now - self._mine.since
        self._mine.since = now


def timed(clock: Clock) -> list[str]:
    """Have *clock* time the functions of all stages, and return those that are not there."""
    missing = []
    for stage, names in STAGES.items():
        for name in names:
            module, _, path = name.partition(":")
            owner: Any = import_module(module)
            *classes, attribute = path.split(".")
            for each in classes:
                owner = getattr(owner, each)
            if function := getattr(owner, attribute, None):
                _put(owner, attribute, function, _timing(clock, stage, function))
            else:
                missing.append(name)
    return missing


def _timing(clock: Clock, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        with clock.running(stage):
            return function(*words, **named)

    return call


def _put(owner: object, name: str, function: object, instead: object) -> None:
    """Put another function in the place of *function*: in *owner*, and wherever it is imported."""
    setattr(owner, name, instead)
    for module in list(sys.modules.values()):
        if module.__name__.startswith("regesta.") and module.__dict__.get(name) is function:
            setattr(module, name, instead)


def _import(source: Path, store: Path) -> float:
    """Return the seconds of an import into a new store, within this process."""
    from regesta.flows.importing import import_paths
    from regesta.flows.order import Order
    from regesta.flows.stores import store_for_import
    from regesta.intake.gather import Reading

    begun = time.perf_counter()
    opened, target = store_for_import(f"sqlite:///{store}")
    order = Order(author="benchmark", reading=Reading(new_actors=True))
    import_paths([source], opened, order, at=datetime.now(UTC), target=target)
    return time.perf_counter() - begun


def _by_stage(clock: Clock, whole: float, startup: float) -> Iterator[str]:
    yield "| stage | functions | seconds | of the whole | beside it, in other threads |"
    yield "| --- | --- | --- | --- | --- |"
    for stage, names in STAGES.items():
        told = ", ".join(f"`{name.partition(':')[2]}`" for name in names)
        first, others = clock.first[stage], clock.others[stage]
        beside = f"{others:.2f}" if others else ""
        yield f"| {stage} | {told} | {first:.2f} | {first / whole:.0%} | {beside} |"
    rest = whole - clock.first.total()
    yield f"| all else within the import | | {rest:.2f} | {rest / whole:.0%} | |"
    yield f"| **the import** | | {whole:.2f} | 100% | |"
    yield f"| before it: libraries, and {WARM} events to wake them | | {startup:.2f} | | |"


def _by_function(profile: cProfile.Profile) -> Iterator[str]:
    yield "| function | calls | own seconds | with what it calls |"
    yield "| --- | --- | --- | --- |"
    found: dict[tuple[str, int, str], tuple[int, int, float, float, object]]
    found = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    dearest = sorted(found.items(), key=lambda each: -each[1][2])[:MOST]
    for (file, _, name), (_, calls, own, cumulative, _) in dearest:
        place = "" if file == "~" else f"{'/'.join(Path(file).parts[-2:])}: "
        yield f"| `{place}{name.strip('<>')}` | {calls:,} | {own:.2f} | {cumulative:.2f} |"


def main(size: int = 100_000, traits: str = "", page: Path = PAGE) -> None:
    """Import *size* events twice, and tell where the time went."""
    begun = time.perf_counter()
    has = dict.fromkeys(filter(None, traits.split(",")), True)
    with tempfile.TemporaryDirectory(prefix="regesta-profile-") as name:
        folder = Path(name)
        write_events(folder / "warm.csv", WARM, prefix="warm")
        _import(folder / "warm.csv", folder / "warm.db")
        startup = time.perf_counter() - begun
        write_events(folder / "events.csv", size, **has)  # type: ignore[arg-type]
        profile = cProfile.Profile()
        profile.enable()
        _import(folder / "events.csv", folder / "profiled.db")
        profile.disable()
        missing = timed(clock := Clock())
        whole = _import(folder / "events.csv", folder / "timed.db")
    kind = traits or "events alone, ids in order"
    told = [
        f"{size:,} events ({kind}), a new SQLite store, {datetime.now(UTC).date()}.",
        "",
        *_by_stage(clock, whole, startup),
        *(f"\nThere is no `{each}` any more: its stage is not told apart." for each in missing),
        "",
        *_by_function(profile),
    ]
    table.put(page, MARKS, "\n".join(told))
    print("\n".join(told))


if __name__ == "__main__":
    _, *given = sys.argv
    main(*(form(text) for form, text in zip((int, str, Path), given, strict=False)))
