"""A disk that is full or read-only is told in one sentence, and leaves everything as it was."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regesta.flows.verifying import verify_release
from regesta.store.store import Store
from tests.cli.conftest import run
from tests.faults.conftest import Tally
from tests.faults.disks import Disk, mounted
from tests.faults.laws import checkpoint, opened, told
from tests.faults.processes import require_one_sentence
from tests.faults.workload import retold, write_file

pytestmark = pytest.mark.slow

FIRST, SECOND = range(300), range(200, 600)

STEPS = range(0, 400_000, 40_000)
"""Bytes that are left on the disk, from none to nearly enough: it fills up at every stage."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Return a small disk of our own."""
    with mounted(tmp_path / "disk") as made:
        yield made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds the first file."""
    folder = tmp_path_factory.mktemp("filled")
    store = folder / "regesta.db"
    assert run("--store", store, "init", "--dataset", "gifts").status == 0
    first = write_file(folder / "first.csv", FIRST, "one")
    assert run("--store", store, "import", first, "--new-actors").status == 0
    return store


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Return a file that revises some events of the first and adds others."""
    return write_file(tmp_path / "second.csv", SECOND, "two")


def importing(store: Path, file: Path) -> tuple[object, ...]:
    """Return the command that runs out of room."""
    return ("--store", store, "import", file, "--new-actors")


def require_both(store: Path) -> None:
    """Require that *store* holds both files, each row once."""
    url = f"sqlite:///{store}"
    checkpoint(url)
    assert told(Store.open(url)) == retold(retold({}, FIRST, "one"), SECOND, "two")


class TestStore:
    """The disk of the store."""

    @pytest.fixture
    def store(self, disk: Disk, filled: Path) -> Path:
        """Return a store on the small disk."""
        return Path(shutil.copy(filled, disk.folder / "regesta.db"))

    def test_full(self, disk: Disk, store: Path, second: Path, tally: Tally) -> None:
        """However little room is left, nothing is recorded; with room, the same import does."""
        before = checkpoint(f"sqlite:///{store}")
        for leaving in STEPS:
            disk.fill(leaving=leaving)
            declined = run(*importing(store, second))
            require_one_sentence(declined, 6)
            assert checkpoint(f"sqlite:///{store}") == before
            assert not list(disk.folder.glob("*-journal")), "a transaction was left behind"
            tally[f"told: {declined.err.rpartition(': ')[2].strip()}"] += 1
        disk.empty()
        assert run(*importing(store, second)).status == 0
        require_both(store)

    def test_full_while_it_is_made(self, disk: Disk, second: Path, tally: Tally) -> None:
        """A store that there was no room to make is not there, and can be made afterwards."""
        store = disk.folder / "regesta.db"
        for leaving in STEPS:
            disk.fill(leaving=leaving)
            require_one_sentence(run(*importing(store, second)), 6)
            made = opened(f"sqlite:///{store}")
            assert made is None or made.head().size == 0
            tally["no store" if made is None else "an empty store"] += 1
        disk.empty()
        assert run(*importing(store, second)).status == 0
        assert told(Store.open(f"sqlite:///{store}")) == retold({}, SECOND, "two")

    def test_full_for_a_reader(self, disk: Disk, store: Path) -> None:
        """Who only reads needs no room."""
        disk.fill(leaving=0)
        for words in (("timeline",), ("log",), ("verify",), ("history",), ("checkpoint",)):
            assert run("--store", store, *words).status == 0, words

    def test_read_only(self, disk: Disk, store: Path, second: Path) -> None:
        """A store on a read-only disk is read and not written."""
        before = checkpoint(f"sqlite:///{store}")
        with disk.read_only():
            require_one_sentence(run(*importing(store, second)), 6)
            for words in (("timeline",), ("log",), ("verify",), ("checkpoint",)):
                assert run("--store", store, *words).status == 0, words
            assert checkpoint(f"sqlite:///{store}") == before
        assert run(*importing(store, second)).status == 0
        require_both(store)

    @pytest.mark.parametrize("words", [("init",), ("import",)])
    def test_made_on_a_read_only_disk(
        self, words: tuple[str, ...], disk: Disk, second: Path
    ) -> None:
        """No store is made on a read-only disk."""
        store = disk.folder / "other.db"
        paths = [second, "--new-actors"] if words == ("import",) else []
        with disk.read_only():
            require_one_sentence(run("--store", store, *words, *paths), 6)
        assert run("--store", store, *words, *paths).status == 0


class TestStaging:
    """The disk of TMPDIR, where rows are staged before the store is locked."""

    def test_full(
        self,
        disk: Disk,
        filled: Path,
        second: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Rows that cannot be staged are not recorded."""
        monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
        store = Path(shutil.copy(filled, tmp_path / "regesta.db"))
        before = checkpoint(f"sqlite:///{store}")
        for leaving in range(16_384, 120_000, 16_384):
            disk.fill(leaving=leaving)
            declined = run(*importing(store, second))
            require_one_sentence(declined, 6)
            assert checkpoint(f"sqlite:///{store}") == before
            assert not list(disk.folder.glob("regesta-*")), "staged rows were left behind"
        disk.empty()
        assert run(*importing(store, second)).status == 0
        require_both(store)


class TestRelease:
    """The disk of a release."""

    @pytest.mark.parametrize("leaving", range(0, 200_000, 25_000))
    def test_full(self, leaving: int, disk: Disk, filled: Path) -> None:
        """Nothing is seen of a release that there was no room for, not even its draft."""
        words = ("--store", filled, "release", "1.0.0", "--out", disk.folder / "releases")
        disk.fill(leaving=leaving)
        require_one_sentence(run(*words), 6)
        shelf = disk.folder / "releases" / "gifts"
        assert not shelf.exists() or not list(shelf.iterdir())
        disk.empty()
        assert run(*words).status == 0
        verify_release(shelf / "1.0.0", step=lambda _: None)

    def test_read_only(self, disk: Disk, filled: Path) -> None:
        """Nor of one that was to go to a read-only disk."""
        words = ("--store", filled, "release", "1.0.0", "--out", disk.folder / "releases")
        with disk.read_only():
            require_one_sentence(run(*words), 6)
        assert list(disk.folder.iterdir()) == []
        assert run(*words).status == 0


READING = (
    ("timeline", "--format", "csv"),
    ("timeline", "--format", "parquet"),
    ("timeline", "--format", "table"),
    ("log", "--format", "jsonl"),
    ("history", "--format", "json"),
)


class TestAnswer:
    """The disk of an answer's --out."""

    @pytest.mark.parametrize("words", READING, ids=" ".join)
    def test_full(self, words: tuple[str, ...], disk: Disk, filled: Path) -> None:
        """No half of an answer is left, and an older answer stays as it was."""
        out = disk.folder / "answer"
        out.write_text("an older answer\n")
        disk.fill(leaving=0)
        require_one_sentence(run("--store", filled, *words, "--out", out), 6)
        assert out.read_text() == "an older answer\n"
        assert {each.name for each in disk.folder.iterdir()} == {"answer", "filler"}
        disk.empty()
        assert run("--store", filled, *words, "--out", out).status == 0
        assert out.read_bytes() != b"an older answer\n"

    def test_read_only(self, disk: Disk, filled: Path) -> None:
        """A read-only disk is told as one."""
        out = disk.folder / "answer.csv"
        with disk.read_only():
            require_one_sentence(run("--store", filled, "timeline", "--out", out), 6)
        assert not out.exists()


class TestQuarantine:
    """The disk of the quarantine: rows that cannot be written there must not be lost."""

    @pytest.fixture
    def bad(self, tmp_path: Path) -> Path:
        """Return a file of which every row but the first few has a date that is none."""
        path = write_file(tmp_path / "bad.csv", SECOND, "two")
        lines = path.read_text().splitlines(keepends=True)
        spoilt = [line.replace("2024-02", "2024-13", 1) for line in lines[5:]]
        path.write_text("".join([*lines[:5], *spoilt]))
        return path

    @pytest.mark.parametrize("leaving", [0, 4096, 20_480])
    def test_full(  # the rows that were refused take more
        self, leaving: int, disk: Disk, filled: Path, bad: Path, tmp_path: Path
    ) -> None:
        """Where refused rows cannot be kept, nothing is recorded; with room, all is."""
        store = Path(shutil.copy(filled, tmp_path / "regesta.db"))
        before = checkpoint(f"sqlite:///{store}")
        quarantine = disk.folder / "refused.csv"
        words = (*importing(store, bad), "--quarantine", quarantine)
        disk.fill(leaving=leaving)
        declined = run(*words)
        assert declined.status == 6, declined
        assert checkpoint(f"sqlite:///{store}") == before
        require_one_sentence(declined, 6)
        assert not quarantine.exists(), "half a quarantine was left"
        disk.empty()
        assert run(*words).status == 0
        assert len(quarantine.read_text().splitlines()) == len(SECOND) - 4 + 1

    def test_read_only(self, disk: Disk, filled: Path, bad: Path, tmp_path: Path) -> None:
        """The same on a read-only disk."""
        store = Path(shutil.copy(filled, tmp_path / "regesta.db"))
        before = checkpoint(f"sqlite:///{store}")
        with disk.read_only():
            words = (*importing(store, bad), "--quarantine", disk.folder / "refused.csv")
            require_one_sentence(run(*words), 6)
        assert checkpoint(f"sqlite:///{store}") == before
