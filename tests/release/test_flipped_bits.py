"""One flipped bit, anywhere in any file of a release, is found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from regesta.errors import VerificationFailed
from regesta.flows.verifying import verify_release
from tests.release.conftest import small_content, write_release

SEED = 20240218


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a release that the tests of this file share."""
    return write_release(small_content(), tmp_path_factory.mktemp("releases"))


def _verify(release: Path) -> None:
    verify_release(release, step=lambda _: None)


@pytest.mark.parametrize("flips", [50, pytest.param(1000, marks=pytest.mark.slow)])
def test_every_flipped_bit_is_found(published: Path, flips: int) -> None:
    """Bits at random places, each byte of the release as likely as any other."""
    _verify(published)
    files = sorted(path for path in published.rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in files]
    dice = random.Random(SEED)  # noqa: S311 - the same places every time
    missed = []
    for path in dice.choices(files, sizes, k=flips):
        whole = path.read_bytes()
        at, bit = dice.randrange(len(whole)), dice.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        try:
            _verify(published)
            missed.append((path.name, at, bit))
        except VerificationFailed:
            pass
        path.write_bytes(whole)
    assert not missed
    _verify(published)


def test_each_file_is_missed_and_each_addition_seen(published: Path) -> None:
    """No file may go, none may come, none may be a link, no folder may be added."""
    for path in sorted(path for path in published.rglob("*") if path.is_file()):
        aside = published.parent / "aside"
        path.rename(aside)
        for state in ("missing", "linked"):
            if state == "linked":
                path.symlink_to(aside)
            with pytest.raises(VerificationFailed):
                _verify(published)
        path.unlink()
        aside.rename(path)
    for name in ("extra.csv", "history/extra.parquet", ".hidden"):
        (published / name).touch()
        with pytest.raises(VerificationFailed, match="is not in SHA256SUMS"):
            _verify(published)
        (published / name).unlink()
    (published / "folder").mkdir()
    with pytest.raises(VerificationFailed, match="folder"):
        _verify(published)
    (published / "folder").rmdir()
    _verify(published)
