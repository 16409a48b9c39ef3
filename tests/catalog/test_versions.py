"""Names and paths lead to releases, and to nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.catalog import versions
from regesta.catalog.versions import datasets, read_card, resolve, version_order
from regesta.errors import InvalidInput, NoSuchFile, NoSuchName, VerificationFailed

RELEASED = ("1.9.0", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0", "2.0.0-rc.1")


def _release(folder: Path, version: str) -> None:
    (folder / version).mkdir(parents=True)
    said = json.dumps({"version": version})
    (folder / version / "datapackage.json").write_text(said, encoding="utf-8")


@pytest.fixture
def gifts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a dataset on a shelf of its own; beside it lies a secret release."""
    shelf = tmp_path / "shelf"
    for version in RELEASED:
        _release(shelf / "gifts" / "releases", version)
    _release(shelf / "gifts" / "releases", ".1.11.0.0a1b2c3d")
    _release(shelf / "gifts" / "releases", "latest")
    (shelf / "gifts" / "dataset.toml").write_text('name = "gifts"\n', encoding="utf-8")
    (shelf / "vocabularies").mkdir()
    _release(tmp_path / "secret" / "releases", "1.0.0")
    monkeypatch.setattr(versions, "shelf", lambda: shelf)
    return shelf / "gifts"


NUMBERS = st.tuples(*[st.integers(0, 10**9 - 1)] * 3)


@given(NUMBERS, NUMBERS, st.integers(0, 99))
def test_versions_sort_as_their_numbers(
    one: tuple[int, int, int], other: tuple[int, int, int], candidate: int
) -> None:
    """The order is that of the numbers; a pre-release comes before its release and after older."""
    first, second = (".".join(map(str, numbers)) for numbers in (one, other))
    ordered = [version_order(text) for text in (first, second, f"{second}-rc.{candidate}")]
    assert ordered[0] is not None
    assert ordered[1] is not None
    assert ordered[2] is not None
    assert (ordered[0] < ordered[1]) == (one < other)
    assert ordered[2] < ordered[1]
    assert (ordered[0] < ordered[2]) == (one < other)


@pytest.mark.parametrize(
    "text", ["1.0", "v1.0.0", "1.0.0-rc", "1.0.0 ", "\uff11.0.0", "-1.0.0", ""]
)
def test_other_names_are_no_versions(text: str) -> None:
    """Only the two forms of a version are taken for one."""
    assert version_order(text) is None


def test_a_dataset_is_a_folder_with_a_card(gifts: Path) -> None:
    """The code lists lie on the shelf too and are no dataset."""
    assert datasets() == [gifts.name]


def test_the_newest_release_is_by_number_and_final(gifts: Path) -> None:
    """1.10.0 is newer than 1.9.0, and a pre-release is never given unasked."""
    assert resolve("gifts") == gifts / "releases" / "1.10.0"
    assert resolve("gifts", "2.0.0-rc.1") == gifts / "releases" / "2.0.0-rc.1"


@pytest.mark.parametrize("below", [".", "releases", "releases/1.10.0"])
def test_a_path_may_lead_to_each_level(gifts: Path, below: str) -> None:
    """A dataset's folder, a folder of versions and a release folder all mean a release."""
    assert resolve(gifts / below) == gifts / "releases" / "1.10.0"
    assert resolve(str(gifts / below), "1.10.0") == gifts / "releases" / "1.10.0"


def test_a_bare_name_is_looked_for_on_the_shelf_first(
    gifts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the same name is meant only when it is written as a path."""
    _release(tmp_path / "work" / "gifts", "0.1.0")
    monkeypatch.chdir(tmp_path / "work")
    assert resolve("gifts") == gifts / "releases" / "1.10.0"
    assert resolve("./gifts") == Path("gifts/0.1.0")
    assert resolve(Path("gifts")) == Path("gifts/0.1.0")


@pytest.mark.usefixtures("gifts")
@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../secret",
        "gifts/../../secret",
        "gifts/releases",
        "/etc/gifts",
        "gifts\0",
        "",
        "vocabularies",
        "~/gifts",
    ],
)
def test_a_name_never_leads_off_the_shelf(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no plain name is at most a path from where the user stands."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    with pytest.raises(NoSuchName):
        resolve(name)


@pytest.mark.parametrize("version", ["9.9.9", "../../../secret/releases/1.0.0", "late", ""])
def test_a_version_that_is_not_there_is_refused(gifts: Path, version: str) -> None:
    """The message lists those that are; a version is a number and never a path."""
    with pytest.raises(NoSuchName, match=r"there are 1\.9\.0, 1\.10\.0-rc\.2"):
        resolve("gifts", version)
    with pytest.raises(NoSuchName, match=r"is 1\.10\.0"):
        resolve(gifts / "releases" / "1.10.0", version)


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}", b"\xff"])
def test_a_release_that_does_not_know_its_version_is_damaged(gifts: Path, data: bytes) -> None:
    """A descriptor that cannot be read fails verification, without a traceback."""
    release = gifts / "releases" / "1.10.0"
    (release / "datapackage.json").write_bytes(data)
    assert resolve(release) == release
    with pytest.raises(VerificationFailed, match="names no version"):
        resolve(release, "1.10.0")


@pytest.mark.usefixtures("gifts")
def test_a_misspelt_name_gets_the_nearest() -> None:
    """The message helps whoever mistyped."""
    with pytest.raises(NoSuchName, match="did you mean 'gifts'"):
        resolve("gitfs")


def test_a_folder_without_releases_says_so(gifts: Path) -> None:
    """Pre-releases alone are no release to be had unasked."""
    for version in ("1.9.0", "1.10.0"):
        (gifts / "releases" / version / "datapackage.json").unlink()
    with pytest.raises(NoSuchName, match="there are"):
        resolve("gifts")
    with pytest.raises(NoSuchName, match="nothing has been released"):
        resolve(gifts.parent / "vocabularies")


def _failure(caught: pytest.ExceptionInfo[InvalidInput]) -> dict[str, object]:
    found: pl.DataFrame = caught.value.failures
    return found.row(0, named=True)


def test_a_card_is_read_as_toml(gifts: Path) -> None:
    """A byte order mark does no harm."""
    (gifts / "dataset.toml").write_bytes('\ufeffname = "gifts"\ntitle = "Ü"\n'.encode())
    assert read_card(gifts) == {"name": "gifts", "title": "Ü"}


@pytest.mark.parametrize(
    ("data", "row", "rule"),
    [
        (b'title = "x"\nname = \n', 2, "bad-toml"),
        (b'title = "x"\nwords = [', 2, "bad-toml"),
        (b'title = "x"\n\nname = "\xff"\n', 3, "encoding-error"),
    ],
)
def test_a_bad_card_is_refused_with_its_row(gifts: Path, data: bytes, row: int, rule: str) -> None:
    """File and row are named, as for any other input."""
    (gifts / "dataset.toml").write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        read_card(gifts)
    found = _failure(caught)
    assert (found["file"], found["row"]) == (str(gifts / "dataset.toml"), row)
    assert found["rule"] == rule


def test_a_missing_card_is_a_missing_file(tmp_path: Path) -> None:
    """A folder without a card is no dataset."""
    with pytest.raises(NoSuchFile):
        read_card(tmp_path)
