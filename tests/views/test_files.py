"""A file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from regesta.views.files import written_whole


def test_what_is_written_takes_the_name(tmp_path: Path) -> None:
    """The file is there when it is whole, with no draft beside it."""
    with written_whole(tmp_path / "answer.csv") as draft:
        draft.write_text("new")
        assert not (tmp_path / "answer.csv").exists()
    assert (tmp_path / "answer.csv").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_fault_leaves_what_was_there(tmp_path: Path) -> None:
    """Where writing fails, an older file stays as it was, and no draft is left."""
    path = tmp_path / "answer.csv"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), written_whole(path) as draft:
        draft.write_text("ne\ud800", encoding="utf-8")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    """Whoever could not read the older file cannot read the new one."""
    path = tmp_path / "answer.csv"
    path.write_text("old")
    path.chmod(0o600)
    with written_whole(path) as draft:
        draft.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link names is written, and the link left alone."""
    (tmp_path / "there").mkdir()
    link = tmp_path / "answer.csv"
    link.symlink_to(tmp_path / "there" / "real.csv")
    with written_whole(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.csv").read_text() == "new"


def test_a_device_is_written_to() -> None:
    """A device, a pipe or the like keeps its place."""
    with written_whole(Path(os.devnull)) as draft:
        assert draft == Path(os.devnull)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_is_closed_to_us(tmp_path: Path) -> None:
    """A file that may not be written is not replaced either."""
    path = tmp_path / "answer.csv"
    path.write_text("old")
    path.chmod(0o400)
    with pytest.raises(PermissionError), written_whole(path):
        pass
