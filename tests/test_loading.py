"""docs/loading.md works as it is printed, with a web server in the place of its example."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.conftest import environment
from tests.fences import Fence, fences

PAGE = Path(__file__).parents[1] / "docs" / "loading.md"
EXAMPLE = "https://data.example.org"
NEEDED = {"sh": "sqlite3", "r": "Rscript"}

Done = list[tuple[Fence, subprocess.CompletedProcess[str]]]


class Quiet(SimpleHTTPRequestHandler):
    """A web server that keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which a reader works."""
    folder = tmp_path_factory.mktemp("loading")
    (folder / "releases").mkdir()
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """Return the address of a web server of the releases."""
    handler = partial(Quiet, directory=str(folder / "releases"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def done(folder: Path, url: str) -> Done:
    """Return each block that can be run here, in order, and what came of it."""
    for needed in ("fsspec", "aiohttp", "duckdb"):
        pytest.importorskip(needed)
    return [
        (fence, run(words, folder))
        for fence in fences(PAGE)
        for words in commands(fence, fence.text.replace(EXAMPLE, url))
    ]


def commands(fence: Fence, text: str) -> list[list[str]]:
    """Return the command lines that run a block; none where its language is not installed."""
    if fence.file == "not-run" or not shutil.which(NEEDED.get(fence.language, "python3")):
        return []
    if fence.language == "console":
        lines = [shlex.split(line.removeprefix("$ regesta ")) for line in text.splitlines()]
        return [[sys.executable, "-m", "regesta", *line] for line in lines]
    shell = {"python": [sys.executable, "-c"], "sh": ["bash", "-ec"], "r": ["Rscript", "-e"]}
    return [[*shell[fence.language], text]]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run *words* in *folder*, with a cache of its own."""
    kept = environment() | {"REGESTA_CACHE": str(folder / "cache"), "no_proxy": "127.0.0.1"}
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=kept, check=False)


def test_every_block_works(done: Done) -> None:
    """Each that can be run here ends with status 0; in Python at least one a chapter.

    R is not everywhere, nor with it the package that reads SQLite.
    """
    failed = [(fence.text, ended.stderr) for fence, ended in done if ended.returncode]
    assert not [(text, said) for text, said in failed if "there is no package called" not in said]
    assert sum(fence.language == "python" for fence, _ in done) >= 7


def test_what_was_fetched_is_kept(done: Done, folder: Path) -> None:
    """The copies are in the cache that was named, and nowhere else."""
    assert done
    (copy,) = (folder / "cache").iterdir()
    released = folder / "releases" / "russia-dprk" / "1.1.0"
    assert (copy / "events.parquet").read_bytes() == (released / "events.parquet").read_bytes()


def test_the_shell_shows_gifts(done: Done) -> None:
    """The query over the SQLite file finds the gifts of 2024, and the schema explains itself."""
    shown = next((ended.stdout for fence, ended in done if "sqlite3" in fence.text), None)
    if shown is None:
        pytest.skip("there is no sqlite3 here")
    assert "Aurus" in shown
    assert "-- Name of the event" in shown
