"""A release comes back as it was written, typed, checked, and at any moment of its log."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from regesta.catalog import versions
from regesta.errors import NoSuchName, UsageError, VerificationFailed
from regesta.flows.loading import load
from regesta.release import load as loading
from regesta.release.digests import write_sums
from regesta.release.load import Dataset
from regesta.schema.tables import PUBLISHED, TABLES
from tests.release.conftest import Whole, write_release

LAST = 16
KINDS = {
    "text": pd.StringDtype("pyarrow"),
    "json": pd.StringDtype("pyarrow"),
    "integer": pd.Int64Dtype(),
    "decimal": pd.Float64Dtype(),
    "day": pd.ArrowDtype(pa.date32()),
}
ASK = """
import sys
import regesta
rd = regesta.load(sys.argv[1])
rd.events, rd.batches, rd.timeline(), rd.history("events"), rd.cite("cff")
regesta.load(sys.argv[1], as_of=3).events
rd.arrow("events"), rd.table("events", columns=["title"])
idle = {"sqlalchemy", "pandera", "alembic", "typer", "polars", "duckdb", "fsspec", "aiohttp"}
heavy = idle & set(sys.modules)
assert not heavy, heavy
"""


def _maker() -> Callable[..., Whole]:
    spec = spec_from_file_location("made", Path(__file__).with_name("conftest.py"))
    assert spec
    assert spec.loader
    made = sys.modules["made"] = module_from_spec(spec)
    spec.loader.exec_module(made)
    maker: Callable[..., Whole] = made.small_content
    return maker


def test_every_table_comes_back_as_it_was(release: Path, content: Whole) -> None:
    """Each table has the rows that were released, with the dtype of each column's kind."""
    dataset = load(release)
    for name, table in PUBLISHED.items():
        frame = dataset.table(name)
        assert dict(frame.dtypes) == {c.name: KINDS[c.kind] for c in table.columns.values()}
        plain = frame.astype(object).where(frame.notna(), None)
        back = pl.DataFrame(plain.to_dict("records"), schema=table.dtypes).sort(table.key)
        assert back.equals(content.tables[name].select(list(table.columns)).sort(table.key))


def test_a_day_before_1677_is_a_day(release: Path) -> None:
    """The Peace of Münster keeps its date, and its parts can be asked for."""
    events = load(release).events.set_index("event_id")
    assert events.loc["peace", "date_earliest"] == date(1648, 10, 24)
    assert events["date_latest"].dt.year.tolist() == [2024, 1648]


def test_text_that_looks_like_something_else_stays_text(release: Path) -> None:
    """NA is a name here, a formula is a string, JSON is kept as it was spelt."""
    dataset = load(release)
    assert dataset.actors["aliases"].tolist()[0] == "NA"
    assert dataset.events["summary"][0].startswith("=HYPERLINK")
    assert dataset.events["details"][0] == '{"item":"Aurus","tally":15}'


def test_a_frame_says_where_it_came_from(release: Path) -> None:
    """The attributes name dataset, version, digest and root, and survive a filter."""
    dataset = load(release)
    frame = dataset.events
    said = frame[frame["event_id"] == "gift"].attrs
    digest = sha256((release / "SHA256SUMS").read_bytes()).hexdigest()
    assert said["digest"] == f"sha256:{digest}" == dataset.digest
    assert (said["dataset"], said["version"]) == ("two-gifts", "1.0.0")
    assert said["root"] == dataset.root
    assert dataset.root[7:] in (release / "README.md").read_text(encoding="utf-8")


def test_a_frame_is_the_callers_own(release: Path) -> None:
    """What somebody changes in a frame changes no other frame, and not what it says of itself."""
    dataset = load(release)
    mine = dataset.events
    mine.loc[0, "title"] = "Mine"
    mine.attrs["version"] = "9.9.9"
    assert "Mine" not in set(dataset.events["title"])
    assert dataset.events.attrs["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("checkpoint", "junk", "checkpoint is no checkpoint"),
        ("datapackage.json", "[1]", "datapackage.json is no object"),
        ("datapackage.json", '{"name": "x"}', "datapackage.json has no title, version"),
        ("events.parquet", "x", "events.parquet is no Parquet"),
    ],
)
def test_a_file_that_is_none_of_its_kind_is_named(
    release: Path, name: str, text: str, says: str
) -> None:
    """A file that agrees with its digest and is still no such file is told with its path."""
    (release / name).write_text(text)
    write_sums(release)
    with pytest.raises(VerificationFailed, match=says) as caught:
        _ = load(release).events
    assert str(release) in str(caught.value)


def test_a_table_is_read_when_asked_for_and_then_kept(release: Path) -> None:
    """A dataset is cheap to open, and each file is read once."""
    (release / "offices.parquet").unlink()
    dataset = load(release)
    assert dataset.events.shape[0] == 2
    (release / "events.parquet").unlink()
    assert dataset.events.shape[0] == 2
    with pytest.raises(VerificationFailed, match=r"offices\.parquet is missing"):
        _ = dataset.offices


@pytest.mark.parametrize("name", ["events.parquet", "datapackage.json", "checkpoint"])
def test_an_altered_file_is_never_parsed(release: Path, name: str) -> None:
    """One flipped bit anywhere in a file is reported as such, not as other data."""
    path = release / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerificationFailed, match="altered"):
        _ = load(release).events


def test_loading_wakes_no_other_library(release: Path) -> None:
    """Neither SQLAlchemy nor Pandera nor polars is imported to load tables, past or present."""
    subprocess.run([sys.executable, "-c", ASK, str(release)], check=True)


def test_resolving_an_id_wakes_no_sql(release: Path) -> None:
    """What the release says of an old id is read from its tables: its log is not asked."""
    asked = f'{ASK.partition("rd.events")[0]}rd.resolve("gift")\n'
    asked += 'heavy = {"sqlalchemy", "pandera", "alembic", "duckdb"} & set(sys.modules)\n'
    subprocess.run([sys.executable, "-c", f"{asked}assert not heavy, heavy", release], check=True)


def test_to_open_it_from_elsewhen_reads_no_log(release: Path) -> None:
    """A vantage is only noted: what is wrong with the log shows when a table is asked for."""
    (release / "history/evidence.parquet").unlink()
    dataset = load(release, known_by="2024", policy="any")
    assert repr(dataset) == "<Dataset two-gifts 1.0.0 known by 2024-12-31T23:59:59Z under any>"
    with pytest.raises(VerificationFailed, match=r"history/evidence\.parquet is missing"):
        _ = dataset.events


@pytest.mark.parametrize("moment", [LAST, str(LAST), "batch:4", "2026-11-24", "2999-01-01"])
def test_the_last_moment_is_the_release(release: Path, moment: str | int) -> None:
    """The log of a release adds up to its tables, row by row and in the same order."""
    now, then = load(release), load(release, as_of=moment)
    for name in PUBLISHED:
        assert_frame_equal(then.table(name), now.table(name))


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_past_is_as_it_was_released_then(release: Path, tmp_path: Path, batch: int) -> None:
    """The state after a batch is what a release after that batch held."""
    then = write_release(_maker()(batches=batch), tmp_path / "then")
    by_batch, by_day = (
        load(release, as_of=f"batch:{batch}"),
        load(release, as_of=f"2026-11-{20 + batch}"),
    )
    for name in PUBLISHED:
        assert_frame_equal(by_batch.table(name), load(then).table(name))
        assert_frame_equal(by_day.table(name), load(then).table(name))
    for name in TABLES:
        assert_frame_equal(by_batch.history(name), load(then).history(name))


def test_a_position_may_lie_within_a_batch(release: Path) -> None:
    """The state after record 4 holds the first event and not yet the second."""
    dataset = load(release, as_of=4)
    assert dataset.events["event_id"].tolist() == ["peace"]
    assert dataset.timeline()["n_participants"].tolist() == [0]
    assert dataset.events.attrs["position"] == 4
    assert repr(dataset) == "<Dataset two-gifts 1.0.0 as of record 4>"


def test_before_the_first_record_there_is_nothing(release: Path) -> None:
    """A moment before the log began gives every table, empty and typed."""
    before, now = load(release, as_of="1999-12-31"), load(release)
    assert before.position == -1
    for name in PUBLISHED:
        assert before.table(name).empty
        assert dict(before.table(name).dtypes) == dict(now.table(name).dtypes)


@pytest.mark.parametrize("moment", [LAST + 1, "batch:5", "yesterday", "2026-02-30"])
def test_a_moment_that_the_log_lacks_is_a_usage_error(release: Path, moment: str | int) -> None:
    """Nonsense, and what has not been recorded yet, is refused with the way out."""
    with pytest.raises(UsageError):
        load(release, as_of=moment)


def test_history_holds_every_record(release: Path) -> None:
    """A row's whole life is there, its retraction with the last values included."""
    log = load(release).history("events")
    assert log["action"].tolist() == ["add", "add", "revise", "retract", "restore"]
    assert log["title"].notna().all()
    assert log["leaf"].map(len).eq(32).all()


def test_a_table_that_is_not_there_is_named(release: Path) -> None:
    """A misspelt table gets the nearest name, a misspelt form of citation too."""
    dataset = load(release)
    with pytest.raises(NoSuchName, match="did you mean 'events'"):
        dataset.table("event")
    with pytest.raises(UsageError, match="did you mean 'bibtex'"):
        dataset.cite("bibtx")


def test_the_citation_is_that_of_the_release(release: Path) -> None:
    """What `cite` says equals the files; a past state says which one it is."""
    dataset = load(release)
    assert dataset.cite("cff") == (release / "CITATION.cff").read_text(encoding="utf-8")
    assert dataset.cite() in (release / "README.md").read_text(encoding="utf-8")
    assert "after record 4" in load(release, as_of=4).cite("bibtex")


def test_datasets_lists_the_shelf(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every dataset has its newest version, or none, and its title."""
    for name in ("peaces", "two-gifts"):
        (tmp_path / "shelf" / name).mkdir(parents=True)
        card = f'name = "{name}"\ntitle = "About {name}"\n'
        (tmp_path / "shelf" / name / "dataset.toml").write_text(card, encoding="utf-8")
    release.parent.rename(tmp_path / "shelf" / "two-gifts" / "releases")
    for module in (loading, versions):
        monkeypatch.setattr(module, "shelf", lambda: tmp_path / "shelf")
    listed = loading.datasets()
    assert listed["name"].tolist() == ["peaces", "two-gifts"]
    assert listed["version"].isna().tolist() == [True, False]
    assert listed["description"].tolist() == ["About peaces", "About two-gifts"]
    assert isinstance(load("two-gifts"), Dataset)
