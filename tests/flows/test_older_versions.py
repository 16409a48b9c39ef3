"""Stores and releases of every earlier version open, verify and go on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

import regesta
from regesta.flows.reopening import run_over
from regesta.flows.restoring import restore
from regesta.flows.trust import Trust
from regesta.flows.verifying import verify_release, verify_store
from regesta.log.tables import LOGS, METADATA
from regesta.release.digests import digest, write_sums
from regesta.store.migrate import revision_of, upgrade
from regesta.store.store import Store
from tests.logs import record
from tests.postgresql import databases

SAMPLES = Path(__file__).parent.parent / "samples"
MIGRATIONS = ("0001", "0002", "0003")
STORES = sorted(SAMPLES.glob("store-*.db.gz"))
RELEASES = sorted(SAMPLES.glob("release-*"))
MORE = {"events": [{"event_id": "a-gift"}]}


def silent(_: str) -> None:
    """Say nothing of the steps."""


def _checkpoint(sample: Path) -> Path:
    return sample.with_name(sample.name.replace(".db.gz", ".checkpoint"))


@pytest.fixture(params=STORES, ids=lambda path: path.name.partition(".")[0])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Path]:
    """Return a store that an earlier version made, and the checkpoint that was kept of it."""
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return Store.open(f"sqlite:///{path}"), _checkpoint(request.param)


def test_there_is_a_sample_of_every_migration_but_the_newest() -> None:
    """Whoever adds a migration keeps a store as it was before."""
    assert [f"store-{name}.db.gz" for name in MIGRATIONS[:-1]] == [path.name for path in STORES]
    store = Store.create("sqlite://")
    with store._reading() as connection:
        assert revision_of(connection) == MIGRATIONS[-1]


def test_an_old_store_verifies_and_goes_on(old: tuple[Store, Path]) -> None:
    """It is read and appended to as it is; nothing is asked of its owner."""
    store, kept = old
    verify_store(store, trust=Trust(against=kept), step=silent)
    record(store, MORE)
    verify_store(store, trust=Trust(against=kept), step=silent)
    assert "a-gift" in store.rows("events")["event_id"]


def test_an_old_store_is_rebuilt_as_what_it_is(old: tuple[Store, Path]) -> None:
    """`rebuild` puts up the indexes of its own migration, none that came later."""
    store, kept = old
    store.rebuild()
    verify_store(store, trust=Trust(against=kept), step=silent)


def test_an_upgraded_store_is_as_a_new_one(old: tuple[Store, Path]) -> None:
    """`init` brings it up to date: the same log, with the guards and views of today."""
    store, kept = old
    head = store.head()
    upgraded = Store.create(store._engine.url.render_as_string())
    assert upgraded.head() == head
    with upgraded._reading() as connection:
        assert revision_of(connection) == MIGRATIONS[-1]
    record(upgraded, MORE)
    upgraded.rebuild()
    verify_store(upgraded, trust=Trust(against=kept), step=silent)


def test_a_store_on_postgresql_is_upgraded(postgresql: str) -> None:
    """The first migration's store becomes the newest's, its own row with it."""
    url = databases(postgresql)()
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        upgrade(connection, MIGRATIONS[0])
        own = METADATA.tables["store"].insert().values(only=1, dataset="gifts", format=1)
        connection.execute(own)
    store = Store.open(url)
    record(store, MORE)
    verify_store(store, step=silent)
    verify_store(Store.create(url), step=silent)
    assert Store.open(url).rows("events").height == 1


def _describe_anew(release: Path, *, without: str) -> None:
    """Have the descriptor of *release* say what its CSV files are now: one column is gone."""
    path = release / "datapackage.json"
    said = json.loads(path.read_bytes())
    for resource in said["resources"]:
        file = release / resource["path"]
        resource |= {"bytes": file.stat().st_size, "hash": f"sha256:{digest(file)}"}
        fields = resource["schema"]["fields"]
        resource["schema"]["fields"] = [each for each in fields if each["name"] != without]
    path.write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
class TestReleases:
    """A release stays what it was when it was published."""

    def test_it_verifies_and_loads(self, release: Path) -> None:
        """Its digests, its tables and its past."""
        verify_release(release, step=silent)
        loaded = regesta.load(release)
        assert loaded.events["event_id"].tolist() == ["vostochny-2023"]
        assert len(regesta.load(release, as_of="batch:1").events) == 2
        assert len(regesta.load(release, known_by="2023-09-14").events) == 1

    def test_it_is_restored_and_goes_on(self, release: Path, tmp_path: Path) -> None:
        """The store made from it has its log, and may be appended to."""
        url = f"sqlite:///{tmp_path / 'again.db'}"
        restore(release, url, step=silent)
        store = record(Store.open(url), MORE)
        verify_store(store, trust=Trust(against=release), step=silent)

    def test_a_column_that_it_did_not_have_is_null(self, release: Path, tmp_path: Path) -> None:
        """A column that tables are given later changes nothing of what was released before."""
        older = tmp_path / "older"
        older.mkdir()
        for path in sorted(release.rglob("*")):
            target = older / path.relative_to(release)
            target.mkdir() if path.is_dir() else target.write_bytes(path.read_bytes())
        for name in ("events.parquet", "history/events.parquet", "timeline.parquet"):
            frame = pl.read_parquet(older / name)
            frame.drop("geonames_id", strict=False).write_parquet(older / name)
        for name in ("events.csv", "timeline.csv"):
            frame = pl.read_csv(older / name, infer_schema=False)
            frame.drop("geonames_id", strict=False).write_csv(older / name)
        _describe_anew(older, without="geonames_id")
        write_sums(older)
        verify_release(older, step=silent)
        statement = sa.select(LOGS["events"].c.geonames_id)
        found = run_over(older)(statement, {"geonames_id": pl.Int64()})
        assert found["geonames_id"].null_count() == found.height > 0
