"""Hold contests between regesta and its peers, and write what they took into docs/performance.md.

Usage: python benchmarks/run.py [SIZE] [STAGE,STAGE,...] [PAGE]

Every contestant is a whole process, from file to durable database, start-up included. What is
measured again replaces what the page says of it; the rest of the page stays.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import table
from contest import Place, Stage, hold
from stages import answers, appends, imports

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
USUAL = (*imports.STAGES, *answers.STAGES, *appends.STAGES)
STAGES = {stage.name: stage for stage in (*USUAL, appends.SCALE)}


def main(size: int = 100_000, names: str = "", page: Path = PAGE) -> None:
    """Hold the contests *names*, or all usual ones, with *size* events."""
    wanted = names.split(",") if names else [stage.name for stage in USUAL]
    if unknown := [name for name in wanted if name not in STAGES]:
        raise SystemExit(f"There is no stage {unknown[0]!r}; there are {', '.join(STAGES)}.")
    with (
        tempfile.TemporaryDirectory(prefix="regesta-bench-") as folder,
        Place(Path(folder), size) as place,
    ):
        for name in wanted:
            held = _held(STAGES[name], place)
            kept = table.keep(page.with_suffix(".json"), name, held, list(STAGES))
            table.put(page, table.MARKS, table.tables(kept))
    print(table.tables(kept))


def _held(stage: Stage, place: Place) -> table.Held:
    """Hold the contest *stage* and return what is kept of it."""
    return {
        "title": stage.title,
        "size": place.size if stage.sized else None,
        "rounds": stage.rounds,
        "day": datetime.now(UTC).date().isoformat(),
        "machine": table.machine(),
        "rows": hold(stage, place, say),
    }


def say(what: str) -> None:
    """Tell a person how far it is."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    _, *given = sys.argv
    main(*(form(text) for form, text in zip((int, str, Path), given, strict=False)))
