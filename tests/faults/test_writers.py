"""Many who write at once wait for one another: nothing is lost, doubled or forked, nobody fails."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regesta.store.store import Store
from tests.faults.conftest import BACKENDS, Tally, places
from tests.faults.laws import require_sound, told
from tests.faults.processes import Ended, all_ended, start, start_module
from tests.faults.workload import Told, name, retold, write_file

WRITERS = 8
FILES = 6
"""Files of each writer, beside the one that all of them share."""

SIZE = 40

CONTESTED = 200_000
"""The event that each writer calls by another title."""

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A store to which many have written at once, and what writers and readers have told."""

    url: str
    written: list[Report]
    read: list[Report]


def overlapping(writer: int) -> Iterator[range]:
    """Yield the events of each file of a *writer*: half of them are in the next one's file too."""
    for number in range(FILES):
        first = (number * WRITERS + writer) * SIZE // 2
        yield range(first, first + SIZE)


def common() -> range:
    """Return the events of the file that every writer imports."""
    return range(100_000, 100_000 + SIZE)


def edition(writer: int) -> str:
    """Return the edition in which a *writer* tells the contested event."""
    return f"of writer {writer}"


def files_of(writer: int, folder: Path) -> list[Path]:
    """Write the files of a *writer* into *folder*; the contested event comes in the middle."""
    mine = [
        write_file(folder / f"{writer}-{number}.csv", numbers, "one")
        for number, numbers in enumerate(overlapping(writer))
    ]
    shared = write_file(folder / f"{writer}-common.csv", common(), "one")
    own = write_file(folder / f"{writer}-contested.csv", [CONTESTED], edition(writer))
    return [shared, *mine[: FILES // 2], own, *mine[FILES // 2 :]]


def expected(written: Sequence[Report]) -> Told:
    """Return what the log tells in the end: what the files say whose import was acknowledged."""
    done = [Path(each["file"]) for each in written if each["status"] == 0]
    rows = {(row["event_id"], row["title"]) for file in done for row in _rows(file)}
    titles: Told = {}
    for event_id, called in sorted(rows):
        titles.setdefault(event_id, []).append(called)
    return titles


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def reports(done: Ended) -> list[Report]:
    """Return what a writer or a reader has told, line by line."""
    assert done.status == 0, done
    assert "Traceback" not in done.err, done
    return [json.loads(line) for line in done.out.splitlines()]


def at_once(url: str, desks: Sequence[Sequence[Path]]) -> Load:
    """Have a writer import the files of each desk, all at once, while two others read."""
    with ExitStack() as closing:
        readers = [start_module("tests.faults.reader", url) for _ in range(2)]
        for each in readers:
            closing.callback(each.kill)
        wrote = all_ended([start_module("tests.faults.writer", url, *files) for files in desks])
        saw = all_ended(readers)
    written = [told for each in wrote for told in reports(each)]
    return Load(url=url, written=written, read=[told for each in saw for told in reports(each)])


@pytest.fixture(scope="module", params=BACKENDS)
def load(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Return a store that all have written to at once, and what they reported."""
    folder = tmp_path_factory.mktemp("load")
    url = places(request.param, folder, request)()
    Store.create(url)
    return at_once(url, [files_of(writer, folder) for writer in range(WRITERS)])


@pytest.mark.slow
class TestManyWriters:
    """Eight writers, each with files that overlap the next one's, and two readers."""

    def test_each_has_its_turn(self, load: Load, tally: Tally) -> None:
        """Every import ends with status 0: whoever was outrun has planned again."""
        tally.update(f"imports with status {each['status']}" for each in load.written)
        assert len(load.written) == WRITERS * (FILES + 2)
        assert [each for each in load.written if each["status"] != 0] == []

    def test_nobody_is_told_of_a_locked_database(self, load: Load) -> None:
        """Waiting is no fault, and a lock is no word for people."""
        said = [str(each) for each in (*load.written, *load.read)]
        assert [each for each in said if "locked" in each or "Traceback" in each] == []

    def test_nothing_is_lost_or_doubled(self, load: Load) -> None:
        """The log tells each event once, and it verifies: positions and revisions have no gap."""
        require_sound(load.url)
        found = told(Store.open(load.url))
        found[name(CONTESTED)].sort()  # who came first is left to chance
        assert found == expected(load.written)

    def test_each_receipt_is_a_batch(self, load: Load) -> None:
        """Every batch was acknowledged to one writer, with the root that the log had after it."""
        receipts = [json.loads(each["out"]) for each in load.written if each["status"] == 0]
        promised = {each["batch"]: each["root"] for each in receipts if each["batch"]}
        roots = Store.open(load.url).checkpoints().select("batch", "root").rows()
        assert promised == {batch: root.hex() for batch, root in roots}
        assert len(promised) == sum(each["batch"] is not None for each in receipts)

    def test_each_file_is_recorded_once(self, load: Load) -> None:
        """A file that several import is one batch: to the others it is old news."""
        digests = Store.open(load.url).records("batches")["source_sha256"]
        assert digests.is_unique().all()

    def test_readers_see_whole_batches(self, load: Load, tally: Tally) -> None:
        """Who reads meanwhile sees each batch whole or not at all, and is never turned away."""
        tally.update(f"{each['how']} with status {each['status']}" for each in load.read)
        assert {each["how"] for each in load.read} == {"snapshot", "log", "timeline"}
        assert {each["status"] for each in load.read} <= {0}
        torn = Counter(each["how"] for each in load.read if each["wrong"])
        assert not torn, [each for each in load.read if each["wrong"]][:3]


@pytest.mark.slow
def test_many_make_the_store(tmp_path: Path, tally: Tally) -> None:
    """When all import the same file into a store that nobody has made, one makes it for all."""
    file = write_file(tmp_path / "gifts.csv", common(), "one")
    url = f"sqlite:///{tmp_path / 'regesta.db'}"
    words = ("--store", url, "import", file, "--new-actors", "--json")
    done = all_ended([start(*words) for _ in range(WRITERS)])
    tally.update(f"imports with status {each.status}" for each in done)
    assert [each for each in done if each.status != 0] == []
    assert [each.receipt["batch"] for each in done if each.receipt].count(1) == 1
    require_sound(url)
    assert told(Store.open(url)) == retold({}, common(), "one")
