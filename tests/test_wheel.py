"""The wheel alone does what the checkout does."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds regesta as its wheel installs it, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in *folder* with the wheel's code before all other."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, *words]
    return subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True
    )


def test_the_wheel_carries_what_the_package_needs_at_run_time(site: Path) -> None:
    """Migrations, code lists, tables and releases of the datasets are inside the package."""
    package = site / "regesta"
    assert (package / "migrations" / "env.py").is_file()
    assert (package / "shelf" / "vocabularies" / "event_types.csv").is_file()
    assert (package / "shelf" / "russia-dprk" / "tables" / "events.csv").is_file()
    assert list((package / "shelf" / "russia-dprk" / "releases").glob("*/datapackage.json"))


def test_the_wheel_walks_from_an_import_to_a_frame(site: Path, tmp_path: Path) -> None:
    """With nothing but the wheel: a store, an import, a release that verifies and loads."""
    for words in (
        ["init", "--dataset", "russia-dprk"],
        ["import", "russia-dprk"],
        ["show", "gift-aurus-2024-02-18"],
        ["release", "1.0.0", "--out", "releases"],
        ["verify", "releases/russia-dprk/1.0.0"],
        ["verify"],
    ):
        done = run(site, tmp_path, "-m", "regesta", *words)
        assert done.returncode == 0, done.stderr
    told = run(
        site,
        tmp_path,
        "-c",
        "import regesta; print(regesta.__file__);"
        "print(len(regesta.load('releases/russia-dprk/1.0.0').events));"
        "print(len(regesta.load('russia-dprk').events))",
    )
    place, mine, theirs = told.stdout.split()
    assert Path(place).is_relative_to(site)
    assert mine == theirs == "154"
