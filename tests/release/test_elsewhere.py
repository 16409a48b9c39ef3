"""A release is loaded from its zip or from a URL as from its folder, and checked all the same."""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pandas.testing import assert_frame_equal

from regesta.errors import (
    NoSuchFile,
    NoSuchName,
    RegestaError,
    StorageFault,
    UsageError,
    VerificationFailed,
)
from regesta.flows.loading import load
from regesta.schema.tables import PUBLISHED

EVENTS = "events.parquet"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of copies, which is the test's own."""
    monkeypatch.setenv("REGESTA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def packed(release: Path, to: Path, top: str = "", also: dict[str, bytes] | None = None) -> Path:
    """Return a zip at *to* of *release* in the folder *top*, and of other files."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(release.rglob("*")):
            if path.is_file():
                file.write(path, f"{top}{path.relative_to(release)}")
        for name, data in (also or {}).items():
            file.writestr(name, data)
    return to


class Server(ThreadingHTTPServer):
    """A web server of a folder on loopback, and the paths that were asked of it."""

    def __init__(self, folder: Path) -> None:
        asked: list[str] = []

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                asked.append(self.path.removeprefix("/"))
                if self.path.startswith("/closed"):
                    self.send_error(403)
                else:
                    super().do_GET()

        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.asked = asked
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Yield a server of *folder* while it runs."""
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    with Server(folder) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(release: Path) -> Iterator[Server]:
    """Return a server of the folder of versions."""
    with serving(release.parent) as running:
        yield running


@pytest.mark.parametrize("top", ["", "1.0.0/", "two-gifts/1.0.0/"])
def test_a_zip_is_loaded_as_its_folder(release: Path, tmp_path: Path, top: str) -> None:
    """Every table is the same, with or without a folder in the zip; so is the past."""
    path = packed(release, tmp_path / "gifts.zip", top)
    for name in PUBLISHED:
        assert_frame_equal(load(path).table(name), load(release).table(name))
    for asked in ({"as_of": 12}, {"as_of": 3}, {"policy": "any"}, {"known_by": "2026-11-22"}):
        there, here = load(str(path), **asked), load(release, **asked)
        assert_frame_equal(there.events, here.events)
    there = load(path, known_by="2026-11-22")
    assert there.resolve("gift") == "gift"
    rows = load(path).timeline()
    assert load(path).cite(rows=rows) == load(release).cite(rows=load(release).timeline())


def test_only_what_is_asked_for_is_fetched_and_only_once(server: Server, release: Path) -> None:
    """The list of digests is asked for each time, each file but once."""
    first = load(f"{server.url}/1.0.0/")
    assert sorted(server.asked) == [
        f"1.0.0/{name}" for name in ("SHA256SUMS", "checkpoint", "datapackage.json")
    ]
    server.asked.clear()
    assert_frame_equal(first.events, load(release).events)
    assert first.cite() == load(release).cite()
    assert server.asked == [f"1.0.0/{EVENTS}"]
    server.asked.clear()
    assert_frame_equal(load(f"{server.url}/1.0.0").events, load(release).events)
    assert server.asked == ["1.0.0/SHA256SUMS"]


def test_a_tampered_file_is_refused(server: Server, release: Path, cache: Path) -> None:
    """What is not the file of the list is neither parsed nor kept; so is one that is missing."""
    dataset = load(f"{server.url}/1.0.0/")
    data = bytearray((release / EVENTS).read_bytes())
    data[len(data) // 2] ^= 1
    (release / EVENTS).write_bytes(data)
    with pytest.raises(VerificationFailed, match="is not the file that its SHA256SUMS names"):
        _ = dataset.events
    (release / EVENTS).unlink()
    with pytest.raises(VerificationFailed, match="is missing"):
        dataset.polars("events")
    assert not list(cache.rglob(f"*{EVENTS}*"))


def test_a_damaged_copy_is_fetched_again(server: Server, release: Path, cache: Path) -> None:
    """Whatever happens to the copies, the answer is that of the release."""
    assert len(load(f"{server.url}/1.0.0/").events)
    (copy,) = cache.rglob(EVENTS)
    copy.write_bytes(b"no table")
    server.asked.clear()
    assert_frame_equal(load(f"{server.url}/1.0.0/").events, load(release).events)
    assert server.asked == ["1.0.0/SHA256SUMS", f"1.0.0/{EVENTS}"]
    assert copy.read_bytes() == (release / EVENTS).read_bytes()


def test_another_release_at_the_same_url_is_another(server: Server, release: Path) -> None:
    """Nothing stale is read: what stands at the URL now is what is loaded."""
    url = f"{server.url}/1.0.0/"
    before = load(url).digest
    (release / "CHANGES.md").unlink()
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if "CHANGES.md" not in line)
    (release / "SHA256SUMS").write_text(kept, encoding="utf-8")
    assert load(url).digest == load(release).digest != before


def test_a_shelf_gives_its_latest_version_or_the_one_asked_for(
    server: Server, release: Path
) -> None:
    """By its `index.json`; a version that it does not name is told with those that it does."""
    shelf = {"latest": "1.0.0", "versions": [{"version": "1.0.0"}, {"version": "../../x"}]}
    (release.parent / "index.json").write_text(json.dumps(shelf), encoding="utf-8")
    assert load(f"{server.url}/").version == "1.0.0"
    assert load(server.url, version="1.0.0").version == "1.0.0"
    with pytest.raises(NoSuchName, match=r"called '2\.0\.0'; there are 1\.0\.0"):
        load(server.url, version="2.0.0")
    with pytest.raises(NoSuchName, match=r"is 1\.0\.0"):
        load(f"{server.url}/1.0.0/", version="2.0.0")


def test_a_zip_at_a_url_is_loaded(release: Path, tmp_path: Path) -> None:
    """From a server that gives no parts of files, whatever follows the name."""
    path = packed(release, tmp_path / "1.0.0.zip", "1.0.0/")
    with serving(tmp_path) as server:
        for url in (f"{server.url}/1.0.0.zip", f"{server.url}/1.0.0.zip?download=1"):
            assert_frame_equal(load(url).events, load(release).events)
    assert_frame_equal(load(path.as_uri()).events, load(release).events)


def test_any_file_system_will_do(release: Path, tmp_path: Path) -> None:
    """A folder, a zip in memory and a folder by its URL are loaded as the folder is."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.put(str(release), "/gifts", recursive=True)
    memory.put(str(packed(release, tmp_path / "gifts.zip")), "/gifts.zip")
    for url in ("memory://gifts", "memory://gifts.zip", release.as_uri()):
        assert_frame_equal(load(url).timeline(), load(release).timeline())


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("{}/none/", UsageError, "no release at .*address"),
        ("{}/none.zip", NoSuchFile, "no such file"),
        ("{}/closed/1.0.0/", StorageFault, "answers 403.*load the folder or the zip"),
        ("{}/closed.zip", RegestaError, "closed.zip"),
        ("http://me:secret@127.0.0.1:1/1.0.0/", StorageFault, "127.0.0.1:1/SHA256SUMS|cannot be"),
        ("nonsense://x/1.0.0", UsageError, "nonsense"),
        ("memory://nothing/there", UsageError, "no release at"),
    ],
)
def test_what_cannot_be_had_is_told_in_words(
    url: str, kind: type[RegestaError], said: str, server: Server
) -> None:
    """Each with what to do, and without the password."""
    with pytest.raises(kind, match=said) as told:
        load(url.format(server.url))
    assert "secret" not in str(told.value)


def test_a_page_instead_of_a_release_is_told(server: Server, release: Path) -> None:
    """A server that answers everything with a page of its own has no release."""
    (release / "SHA256SUMS").write_text("<html>\n<p>Log in</p>\n</html>\n", encoding="utf-8")
    with pytest.raises(VerificationFailed, match="no list of digests"):
        load(f"{server.url}/1.0.0/")


def test_without_fsspec_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL needs it, and nothing else does."""
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(UsageError, match=r"pip install 'regesta\[remote\]'"):
        load("https://example.org/1.0.0/")


def test_a_zip_leads_nowhere_else(release: Path, tmp_path: Path, cache: Path) -> None:
    """Names that climb out of the zip are no paths: nothing is written but the release's files."""
    evil = {"../evil.txt": b"x", "/evil.txt": b"x", "1.0.0/../../evil.txt": b"x"}
    path = packed(release, tmp_path / "x.zip", "1.0.0/", evil)
    assert len(load(path).events)
    assert not list(tmp_path.rglob("evil*"))
    assert {each.name for each in cache.iterdir()} == {load(release).digest.partition(":")[2]}


def test_a_zip_that_unpacks_without_end_is_refused(release: Path, tmp_path: Path) -> None:
    """By what it says of its files, before any of them is unpacked."""
    path = packed(release, tmp_path / "x.zip", also={"more.csv": bytes(2**26)})
    with pytest.raises(VerificationFailed, match="far more than its size tells"):
        load(path)


def test_a_zip_may_not_say_less_than_it_holds(release: Path, tmp_path: Path) -> None:
    """A file whose size is told too small is cut there, and is another file."""
    path = packed(release, tmp_path / "x.zip")
    data = bytearray(path.read_bytes())
    entry = data.rindex(f"history/{EVENTS}".encode()) - 46
    struct.pack_into("<I", data, entry + 24, 100)
    path.write_bytes(data)
    with pytest.raises(VerificationFailed, match=EVENTS):
        load(path).history("events")


def test_a_zip_that_is_none_or_holds_none_is_told(release: Path, tmp_path: Path) -> None:
    """Also one of several releases, one cut short, and one that is packed otherwise."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(UsageError, match="no zip"):
        load(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "a")
    with pytest.raises(UsageError, match="holds no release"):
        load(path)
    shutil.copytree(release, tmp_path / "shelf" / "1.0.0")
    shutil.copytree(release, tmp_path / "shelf" / "1.0.1")
    with pytest.raises(UsageError, match="holds 2 releases"):
        load(packed(tmp_path / "shelf", path))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as file:
        file.write(release / "SHA256SUMS", "SHA256SUMS")
    with pytest.raises(VerificationFailed, match="otherwise than by deflate"):
        load(path)


def test_a_cache_that_cannot_be_written_is_told(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable that names another."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("REGESTA_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageFault, match="REGESTA_CACHE"):
        load(packed(release, tmp_path / "x.zip"))
