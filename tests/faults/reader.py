"""A reader at a desk of its own: it reads until it is told to stop, and tells what looked wrong.

Run as ``python -m tests.faults.reader URL``; it ends when its stdin is closed.
"""

from __future__ import annotations

import csv
import io
import json
import select
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from regesta.store.store import Store
from tests.cli.conftest import Answer, run
from tests.faults.laws import promised, torn_batches


def torn_log(answer: Answer) -> Iterable[str]:
    """Yield what shows that `log --format jsonl` has told a part of a batch."""
    records = [json.loads(line) for line in answer.out.splitlines()]
    found = Counter(record["batch"] for record in records if record["table"] != "batches")
    for batch in (record for record in records if record["table"] == "batches"):
        wanted = promised(batch["counts"])
        if found.pop(batch["batch"], 0) != wanted:
            yield f"batch {batch['batch']} lacks records"
    yield from (f"batch {each} has no record of its own" for each in found)
    positions = [record["position"] for record in records]
    if positions != list(range(len(positions))):
        yield "the positions have a gap"


def torn_timeline(answer: Answer) -> Iterable[str]:
    """Yield each event that `timeline` tells without what came in the same batch."""
    for row in csv.DictReader(io.StringIO(answer.out, newline="")):
        if not row["participants"] or row["status"] == "unsourced":
            yield f"{row['event_id']} lacks its participants or its evidence"


COMMANDS: Mapping[tuple[str, ...], Callable[[Answer], Iterable[str]]] = {
    ("log", "--format", "jsonl"): torn_log,
    ("timeline", "--format", "csv"): torn_timeline,
}


def read(url: str) -> None:
    """Read the store at *url* by every means in turn until stdin is closed."""
    while not select.select([sys.stdin], [], [], 0)[0]:
        _tell("snapshot", 0, [f"batch {each} is torn" for each in torn_batches(Store.open(url))])
        for words, torn in COMMANDS.items():
            answer = run("--store", url, *words)
            wrong = list(torn(answer)) if answer.status == 0 else [answer.err]
            _tell(words[0], answer.status, wrong)


def _tell(how: str, status: int, wrong: list[str]) -> None:
    told = {"how": how, "status": status, "wrong": wrong}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    read(sys.argv[1])
