"""What a release folder holds, and how it comes to be."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from regesta.errors import Refused, StorageFault, UsageError
from regesta.log.checkpoint import parse
from regesta.merkle import leaf_hash, root_of
from regesta.release import write
from regesta.release.citation import Cited, bibtex, text
from regesta.release.since import Before, Since
from regesta.schema.tables import CHANGES, PUBLISHED, TABLES
from tests.release.conftest import Whole, write_release

FORMULA = '=HYPERLINK("https://example.org","click"),\n+1'
EACH_TABLE = {f"{name}.{kind}" for name in PUBLISHED for kind in ("csv", "parquet")}
TEXTS = {
    "CHANGES.md",
    "CITATION.cff",
    "CODEBOOK.html",
    "CODEBOOK.md",
    "changes.csv",
    "README.md",
    "SHA256SUMS",
    "checkpoint",
    "croissant.json",
    "datapackage.json",
    "log.jsonl",
}
MAKE = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
spec = spec_from_file_location("made", sys.argv[1])
made = module_from_spec(spec)
sys.modules["made"] = made
spec.loader.exec_module(made)
made.write_release(made.small_content(), Path(sys.argv[2]))
"""


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_release_holds_every_table_its_history_and_what_explains_them(release: Path) -> None:
    """The files are those that the design names, and no others."""
    history = {f"history/{name}.parquet" for name in TABLES}
    assert set(_files(release)) == EACH_TABLE | TEXTS | history
    assert [path.name for path in release.parent.iterdir()] == ["1.0.0"]


def test_a_csv_cell_is_the_cell_that_was_recorded(release: Path) -> None:
    """Text is kept to the byte, a null is empty, a decimal has no exponent, a line ends with LF."""
    data = (release / "events.csv").read_bytes()
    gift, peace = csv.DictReader(data.decode().splitlines(keepends=True))
    assert b"\r" not in data
    assert gift["summary"] == FORMULA
    assert gift["title"] == "김정은 위원장이 선물을 받다"
    assert gift["intensity"] == "0.000001"
    assert json.loads(gift["details"]) == {"item": "Aurus", "tally": 15}
    assert (gift["latitude"], peace["latitude"]) == ("", "51.962944")


def test_parquet_describes_itself_and_reaches_1648(release: Path) -> None:
    """A column carries its description, the file its dataset and version, a day its true date."""
    log = pq.read_table(release / "history" / "events.parquet")
    assert log.schema.metadata == {b"dataset": b"two-gifts", b"version": b"1.0.0"}
    assert b"First day" in log.schema.field("date_earliest").metadata[b"description"]
    assert log["date_earliest"][0].as_py() == date(1648, 10, 24)
    assert log["supersedes"].to_pylist() == [None, None, 5, 4, 13]
    checked = pq.ParquetFile(release / "events.parquet", page_checksum_verification=True)
    assert checked.metadata.row_group(0).column(0).compression == "ZSTD"
    assert checked.read().num_rows == 2


def test_rows_are_sorted_whatever_order_they_came_in(content: Whole, tmp_path: Path) -> None:
    """The order of rows and of columns in the content shows nowhere in the release."""
    turned = {
        name: frame.reverse().select(frame.columns[::-1]) for name, frame in content.tables.items()
    }
    history = {name: frame.reverse() for name, frame in content.history.items()}
    first = write_release(content, tmp_path / "a")
    second = write_release(replace(content, tables=turned, history=history), tmp_path / "b")
    assert _files(first) == _files(second)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    """Folder, time zone, locale and hash seed leave no trace in a release."""
    surroundings = (
        {"TZ": "Asia/Seoul", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    )
    made = []
    for number, surrounding in enumerate(surroundings):
        shelf = tmp_path / str(number) / "shelf"
        command = [sys.executable, "-c", MAKE, str(Path(__file__).with_name("conftest.py"))]
        subprocess.run([*command, str(shelf)], check=True, env={**os.environ, **surrounding})
        made.append(_files(shelf / "1.0.0"))
    assert made[0] == made[1]


def test_frictionless_finds_no_error(release: Path) -> None:
    """The official validator accepts the package: every cell, key, reference, size and hash."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the validator's own dependencies are not ours to mend
        frictionless = import_module("frictionless")
        report = frictionless.validate(str(release / "datapackage.json"))
    assert report.flatten(["name", "type", "note"]) == []
    assert report.valid
    assert len(report.tasks) == len(PUBLISHED) + 1  # and the changes


def test_sha256sum_accepts_the_list(release: Path) -> None:
    """Coreutils check a release without any software of ours."""
    if not shutil.which("sha256sum"):
        pytest.skip("no sha256sum here")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=release, check=True, capture_output=True).stdout == b""


def test_the_log_adds_up_to_the_checkpoint(release: Path) -> None:
    """The lines of log.jsonl are the leaves of the tree whose root the checkpoint states."""
    lines = (release / "log.jsonl").read_bytes().splitlines()
    stated = parse((release / "checkpoint").read_text(encoding="utf-8"))
    assert (len(lines), root_of(map(leaf_hash, lines))) == (stated.size, stated.root)


def test_the_script_of_the_readme_runs(release: Path) -> None:
    """What the README tells a reader to run says ok, and ALTERED once a record was changed."""
    blocks = re.findall(
        r"```python\n(.*?)```", (release / "README.md").read_text("utf-8"), re.DOTALL
    )
    command = [sys.executable, "-c", blocks[-1]]
    said = [subprocess.run(command, cwd=release, check=True, capture_output=True, text=True)]
    log = release / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"Aurus", b"aurus"))
    said.append(subprocess.run(command, cwd=release, check=True, capture_output=True, text=True))
    assert [one.stdout.split()[0] for one in said] == ["ok", "ALTERED"]


def test_citation_cff_has_what_the_format_requires(release: Path) -> None:
    """The file is YAML with the keys and forms that CFF 1.2.0 asks for.

    The official schema is not available offline: these are its requirements, kept by hand.
    """
    yaml: Any = import_module("yaml")
    said = yaml.safe_load((release / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"authors", "cff-version", "message", "title"} <= set(said)
    assert (said["cff-version"], said["type"]) == ("1.2.0", "dataset")
    assert said["authors"] == [{"name": "Anna Amsel"}, {"name": "Institut für Beispiele"}]
    assert (said["version"], said["date-released"]) == ("1.0.0", "2026-11-24")
    assert said["license"] == "CC-BY-4.0"
    assert {found["type"] for found in said["identifiers"]} == {"other"}
    assert "doi" not in said


def test_citations_name_authors_title_version_and_root(content: Whole) -> None:
    """A sentence and a BibTeX entry both tell which data were used; TeX signs are escaped."""
    cited = Cited(
        card=content.card, version="1.0.0", day="2026-11-23", digest="sha256:ab", position=7
    )
    assert text(cited) == (
        "Anna Amsel; Institut für Beispiele (2026). Two gifts & a peace (version 1.0.0, as it "
        "stood after record 7) [Data set]. Merkle root sha256:ab."
    )
    assert r"title = {{Two gifts \& a peace}}," in bibtex(cited)
    assert bibtex(cited).startswith("@misc{two-gifts-1.0.0,\n")


def test_changes_of_a_first_release_say_what_it_holds(release: Path) -> None:
    """A first release counts its rows."""
    said = (release / "CHANGES.md").read_text(encoding="utf-8")
    assert "First release" in said
    assert "- participants: 2" in said


def test_changes_tell_the_batches_since_the_release_before(content: Whole, tmp_path: Path) -> None:
    """A later release lists author, message and counts of each newer batch, and no older one."""
    root = root_of(leaf_hash(leaf.encode()) for leaf in content.leaves[:8])
    before = Before(version="1.0.0", size=8, root=root, known_by=None, shape=[])
    since = Since(before=before, rows=CHANGES.empty(), batch=1, described=False)
    made = replace(content, version="1.1.0", since=since)
    said = (write_release(made, tmp_path) / "CHANGES.md").read_text(encoding="utf-8")
    assert "Batches since 1.0.0: 3" in said
    assert "## Batch 2, 2026-11-22T03:05:00.000000Z, Anna Amsel" in said
    assert "> A later claim,\n> in two lines." in said
    assert "- events: 1 added, 2 read" in said
    assert "Batch 1," not in said


@pytest.mark.parametrize(
    "version", ["1.0", "v1.0.0", "1.0.0-beta", "../1.0.0", "01.0.0", "1.0.0\n"]
)
def test_a_version_is_a_semantic_version(content: Whole, tmp_path: Path, version: str) -> None:
    """Any other name is a usage error, and nothing is written."""
    with pytest.raises(UsageError):
        write_release(replace(content, version=version), tmp_path / "shelf")
    assert not (tmp_path / "shelf").exists()


def test_a_published_version_is_never_overwritten(content: Whole, release: Path) -> None:
    """The same version again is refused and the first one stays as it was."""
    before = _files(release)
    with pytest.raises(Refused, match="never overwritten"):
        write_release(content, release.parent)
    assert _files(release) == before


def test_a_version_published_meanwhile_is_not_overwritten(
    content: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever renames second is refused."""
    sync = write._sync

    def publish_meanwhile(draft: Path) -> None:
        sync(draft)
        (tmp_path / "1.0.0").mkdir()
        (tmp_path / "1.0.0" / "taken").touch()

    monkeypatch.setattr(write, "_sync", publish_meanwhile)
    with pytest.raises(Refused):
        write_release(content, tmp_path)
    assert _files(tmp_path) == {"1.0.0/taken": b""}


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run_out_of_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("failing", "fault"), [(_interrupt, KeyboardInterrupt), (_run_out_of_space, StorageFault)]
)
@pytest.mark.parametrize("step", ["write_history", "write_sums", "_sync"])
def test_a_failure_leaves_nothing_behind(
    content: Whole,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: Callable[..., None],
    fault: type[BaseException],
    step: str,
) -> None:
    """Whatever step fails, the shelf is empty afterwards and a full disk is called one."""
    monkeypatch.setattr(write, step, failing)
    with pytest.raises(fault):
        write_release(content, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_shelf_that_cannot_be_made_is_a_storage_fault(content: Whole, tmp_path: Path) -> None:
    """The message names the folder and the disk's reason in one sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageFault, match=r"could be written to .*file/shelf: Not a directory\."):
        write_release(content, tmp_path / "file" / "shelf")


def test_the_list_of_digests_is_sorted_by_bytes(release: Path) -> None:
    """Each line is a digest, two spaces and a path, in the order of the paths' bytes."""
    lines = (release / "SHA256SUMS").read_bytes().splitlines()
    names = [line.split(b"  ")[1] for line in lines]
    assert names == sorted(names)
    assert set(names) | {b"SHA256SUMS"} == {name.encode() for name in _files(release)}
    found = sha256((release / "events.csv").read_bytes()).hexdigest()
    assert f"{found}  events.csv".encode() in lines
