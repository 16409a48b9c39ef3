"""The list of digests finds whatever is not as it was released."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regesta.errors import VerificationFailed
from regesta.release.digests import SUMS, check, parse_sums, read_checked, read_sums, write_sums

FILES = {"a.csv": b"x,y\n1,2\n", "a.parquet": bytes(range(40)), "history/a.parquet": b"\x00"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three files with their list."""
    made = tmp_path / "1.0.0"
    (made / "history").mkdir(parents=True)
    for name, data in FILES.items():
        (made / name).write_bytes(data)
    write_sums(made)
    return made


def _faults(folder: Path) -> list[str]:
    with pytest.raises(VerificationFailed) as caught:
        check(folder)
    faults = caught.value.facts["faults"]
    assert isinstance(faults, list)
    return faults


def test_an_untouched_folder_agrees_with_its_list(folder: Path) -> None:
    """Nothing is found where nothing was done, and every file is listed."""
    assert set(check(folder)) == set(FILES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_bit_is_found(folder: Path, data: st.DataObject) -> None:
    """One bit changed in any file, the list included, is enough."""
    path = folder / data.draw(st.sampled_from([*FILES, SUMS]))
    before = path.read_bytes()
    place = data.draw(st.integers(0, 8 * len(before) - 1))
    after = bytearray(before)
    after[place // 8] ^= 1 << place % 8
    path.write_bytes(after)
    try:
        assert _faults(folder)
    finally:
        path.write_bytes(before)
    check(folder)


def test_an_altered_file_is_named(folder: Path) -> None:
    """The message says which file is not the one that was released."""
    (folder / "a.csv").write_bytes(b"x,y\n1,3\n")
    assert _faults(folder) == ["a.csv was altered"]


def test_an_extra_file_is_named(folder: Path) -> None:
    """A file that nobody released is found wherever it lies, hidden ones too."""
    (folder / "history" / ".extra").touch()
    assert _faults(folder) == ["history/.extra is not in SHA256SUMS"]


def test_a_missing_file_is_named(folder: Path) -> None:
    """A file that was released and is gone is found."""
    (folder / "a.parquet").unlink()
    assert _faults(folder) == ["a.parquet is missing"]


def test_a_linked_file_is_named(folder: Path, tmp_path: Path) -> None:
    """A link is refused even where it leads to the right bytes."""
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / "a.csv", elsewhere)
    (folder / "a.csv").symlink_to(elsewhere)
    assert _faults(folder) == ["a.csv is a link or no regular file"]


def test_a_linked_folder_is_named(folder: Path, tmp_path: Path) -> None:
    """A folder that is a link hides what it holds, and is refused as well."""
    shutil.move(folder / "history", tmp_path / "elsewhere")
    (folder / "history").symlink_to(tmp_path / "elsewhere")
    assert _faults(folder) == [
        "history/a.parquet is missing",
        "history is not in SHA256SUMS",
    ]


def test_a_pipe_is_named_and_not_read(folder: Path) -> None:
    """What is no regular file would keep a reader waiting for ever."""
    (folder / "a.csv").unlink()
    os.mkfifo(folder / "a.csv")
    assert _faults(folder) == ["a.csv is a link or no regular file"]


def test_all_faults_are_reported_at_once(folder: Path) -> None:
    """Nobody has to check again after mending the first fault."""
    (folder / "a.csv").write_bytes(b"")
    (folder / "a.parquet").unlink()
    (folder / "z").touch()
    assert len(_faults(folder)) == 3


def test_a_missing_or_linked_list_is_found(folder: Path, tmp_path: Path) -> None:
    """A release without a list of its own cannot be checked."""
    shutil.move(folder / SUMS, tmp_path / "sums")
    with pytest.raises(VerificationFailed, match="SHA256SUMS is missing"):
        read_sums(folder)
    (folder / SUMS).symlink_to(tmp_path / "sums")
    with pytest.raises(VerificationFailed, match="SHA256SUMS is missing"):
        read_sums(folder)


ZEROS = "0" * 64


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{ZEROS}  a\n{ZEROS}  a\n", "a is listed twice"),
        (f"{ZEROS}  b\n{ZEROS}  a\n", "out of order"),
        (f"{ZEROS} a\n", "line 1 is malformed"),
        (f"{ZEROS}  a\r\n", "line 1 is malformed"),
        (f"{'A' * 64}  a\n", "line 1 is malformed"),
        (f"{ZEROS}  ../a\n", "line 1 is malformed"),
        (f"{ZEROS}  /a\n", "line 1 is malformed"),
        (f"{ZEROS}  a/../b\n", "line 1 is malformed"),
        (f"{ZEROS}  a\n\n", "line 2 is malformed"),
        (f"{ZEROS}  a", "the last line has no end"),
    ],
)
def test_a_list_is_spelt_in_one_way_only(text: str, fault: str) -> None:
    """Repeated, unsorted, malformed lines and paths that leave the folder are refused."""
    with pytest.raises(VerificationFailed, match=fault):
        parse_sums(text)


def test_bytes_are_compared_before_anyone_parses_them(folder: Path) -> None:
    """A file that is unlisted, missing or altered is not handed out."""
    sums, _ = read_sums(folder)
    assert read_checked(folder, "a.csv", sums) == FILES["a.csv"]
    (folder / "a.csv").write_bytes(b"")
    (folder / "a.parquet").unlink()
    for name, fault in (("a.csv", "altered"), ("a.parquet", "missing"), ("z", "not in")):
        with pytest.raises(VerificationFailed, match=fault):
            read_checked(folder, name, sums)
