"""A release as it would have been seen from elsewhen: by what was known, recorded, and believed.

Whether DuckDB is there to read the log in place, or SQLite in memory has to hold it, must not show.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from regesta.errors import NoSuchName, UsageError, VerificationFailed
from regesta.flows.curating import Signature, merge, rekey, split
from regesta.flows.importing import import_paths
from regesta.flows.loading import load
from regesta.flows.order import Order
from regesta.flows.releasing import release_dataset
from regesta.flows.seeing import seen
from regesta.flows.verifying import verify_release
from regesta.release import duck
from regesta.release.load import Dataset
from regesta.schema.tables import PUBLISHED
from regesta.store.store import Store
from tests.cli.conftest import write_files
from tests.cli.stories import AURUS, LATER

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
FROZEN = Path(__file__).parents[2] / "datasets/russia-dprk/releases/1.0.0"
GIFT = "gift-aurus"

ODD = {
    "actors.csv": 'actor_id,name,kind,country\nodd,"50% O\'Neil: \\ %(x)s :y",organisation,USA\n',
    "sources.csv": "source_id,publisher,kind,url,published_on\n"
    'odd-1,"50% O\'Neil: \\ %(x)s :y",state_media,https://example.org/odd,2024-02-26T00:30+14:00\n',
    "evidence.csv": "evidence_id,event_id,source_id,stance,aspect,value\n"
    "odd.e01,gift-aurus,odd-1,asserts,make,\"it's a 100% \\ 'Aurus' :z\"\n"
    "odd.e02,gift-aurus,odd-1,denies,occurrence,\n",
}
"""Text that means something to SQL, to drivers and to shells, where it must mean nothing."""


def _silent(_: str) -> None:
    """Say nothing of the steps."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store whose log tells the gift in seven batches, a day apart each."""
    folder = tmp_path_factory.mktemp("log")
    made = Store.create(f"sqlite:///{folder}/regesta.db")
    days = iter(range(7))

    def bring(files: Mapping[str, str], *paths: Path) -> None:
        write_files(folder, dict(files))
        import_paths(paths, made, Order(author="Ann"), at=AT + timedelta(days=next(days)))

    def by() -> Signature:
        return Signature(author="Bob", at=AT + timedelta(days=next(days)))

    bring({f"seed/{name}": text for name, text in AURUS.items()}, folder / "seed")
    bring(LATER, *(folder / name for name in LATER))
    merge(made, "meeting-2023", GIFT, by())
    split(made, "meeting-2023", by())
    rekey(made, GIFT, "gift-2024", by())
    merge(made, "meeting-2023", "vote-2006", by())
    bring(ODD, *(folder / name for name in ODD))
    return made


@pytest.fixture(scope="module")
def release(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a release of that log."""
    return release_dataset(store, "1.0.0", tmp_path_factory.mktemp("out"), step=_silent).path


@pytest.fixture(params=["duckdb", "sqlite"])
def loaded(
    request: pytest.FixtureRequest, release: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Dataset]:
    """Return what loads the release, with DuckDB or as if it were not installed."""
    if request.param == "duckdb":
        pytest.importorskip("duckdb")
    else:
        monkeypatch.setattr(duck, "is_installed", lambda: False)
    return lambda **vantage: load(release, **vantage)


def rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of *frame* with None for what is null."""
    return [
        {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        for row in frame.to_dict("records")
    ]


VANTAGES: dict[str, dict[str, str | int | None]] = {
    "as of a merge": {"as_of": "batch:3"},
    "before all": {"as_of": "1999-12-31"},
    "known by a minute": {"known_by": "2024-02-20T10:09+09:00"},
    "both, under a policy": {"known_by": "2024-02-25", "as_of": "batch:2", "policy": "strict"},
    "by kinds of source": {"policy": "official"},
}
NAMING = ("events", "participants", "sources", "evidence", "relations")
"""Tables of which a vantage may hide rows."""


@pytest.mark.parametrize("vantage", VANTAGES.values(), ids=VANTAGES)
def test_what_is_loaded_is_what_the_store_answers(
    vantage: dict[str, str | None], loaded: Callable[..., Dataset], store: Store, release: Path
) -> None:
    """Tables, timeline and statuses have the store's rows and the release's dtypes, and say so."""
    dataset, plain = loaded(**vantage), load(release)
    as_of = vantage.get("as_of")
    register = seen(
        store,
        as_of=None if as_of is None else str(as_of),
        known_by=vantage.get("known_by"),
        policy=vantage.get("policy") or "parties",
    )
    keeps = register.timeline()
    for name in (*NAMING, "timeline"):
        frame, expected = dataset.table(name), keeps
        if name != "timeline":
            expected = register.table(name)
        if dataset.policy != "parties" and "event_id" in expected.columns:
            expected = expected.join(keeps, on="event_id", how="semi", maintain_order="left")
        assert rows(frame) == expected.to_dicts(), name
        assert dict(frame.dtypes) == dict(plain.table(name).dtypes)
        own = {"position", "known_by", "policy"} & frame.attrs.keys()
        assert own == {{"as_of": "position"}.get(each, each) for each in vantage}
        assert frame.attrs.items() >= plain.table(name).attrs.items()
    assert rows(dataset.status()) == register.statuses().to_dicts()


class TestKnownBy:
    """What was known by then."""

    def test_the_moment_is_read_as_claims_are_dated(self, release: Path) -> None:
        """A day is its end in UTC; a time with a zone is turned into UTC."""
        assert load(release, known_by="2024-02-20").known_by == "2024-02-20T23:59:59Z"
        assert load(release, known_by="2024-02-20T10:09+09:00").known_by == "2024-02-20T01:09:00Z"
        assert "known by 2024-02-20T23:59:59Z" in repr(load(release, known_by="2024-02-20"))

    def test_nothing_of_it_is_known_later(self, loaded: Callable[..., Dataset]) -> None:
        """The evidence is of before then, the make is not named, nor who carried the key."""
        dataset = loaded(known_by="2024-02-20T10:09+09:00")
        assert set(dataset.evidence["evidence_id"]) == {"aurus.e01", "meeting.e01", "vote.e01"}
        gift = dataset.events.set_index("event_id").loc["gift-2024"]
        assert pd.isna(gift["details"])
        assert pd.isna(gift["summary"])
        assert "shoigu" not in set(dataset.participants["actor_id"])

    @pytest.mark.parametrize("text", ["", "now", "2024/..", "XXXX", "2024-02-30", "batch:1", "41"])
    def test_what_is_no_date_is_usage(self, text: str, release: Path) -> None:
        """Nonsense is refused when the release is opened, not when a table is read."""
        with pytest.raises(UsageError, match=r"EDTF|no end|no day of the calendar"):
            load(release, known_by=text)

    def test_a_release_of_what_was_known_knows_no_more(self, store: Store, tmp_path: Path) -> None:
        """Its own moment bounds every question; the earlier of the two counts."""
        made = release_dataset(store, "1.0.0", tmp_path, known_by="2024-02-20", step=_silent)
        verify_release(made.path, step=_silent)
        plain = load(made.path)
        assert plain.known_by == "2024-02-20T23:59:59Z"
        assert plain.events.attrs["known_by"] == plain.known_by
        later, earlier = load(made.path, known_by="2025"), load(made.path, known_by="2024-02-19")
        assert later.known_by == plain.known_by
        for name in PUBLISHED:
            assert_frame_equal(later.table(name), plain.table(name))
        assert "gift-2024" in set(plain.events["event_id"])
        assert "gift-2024" not in set(earlier.events["event_id"])


class TestPolicy:
    """How claims are weighed, and which events are kept."""

    @pytest.mark.parametrize("policy", ["strict", "any"])
    def test_events_and_timeline_keep_the_same(self, policy: str, release: Path) -> None:
        """`events` has those events that `timeline()` has: the ones that the policy keeps."""
        dataset = load(release, policy=policy)
        assert set(dataset.events["event_id"]) == set(dataset.timeline()["event_id"])

    @pytest.mark.parametrize("policy", ["strict", "official"])
    def test_to_know_all_changes_nothing(self, policy: str, release: Path) -> None:
        """Where every event has evidence, known by the end of time is known."""
        now, then = (load(release, policy=policy, known_by=end) for end in (None, "9999"))
        for name in ("events", "evidence", "timeline"):
            assert rows(now.table(name)) == rows(then.table(name)), name

    def test_an_unknown_policy_is_named(self, release: Path) -> None:
        """A misspelt policy gets the nearest name, when the release is opened."""
        with pytest.raises(NoSuchName, match="did you mean 'strict'"):
            load(release, policy="strikt")


class TestResolve:
    """An id that was ever given resolves for ever."""

    def test_as_of_each_batch(self, loaded: Callable[..., Dataset]) -> None:
        """Before a merge an id is itself, after it the survivor, after a split itself again."""
        found = [
            loaded(as_of=f"batch:{batch}").resolve("meeting-2023") for batch in (2, 3, 4, 5, 6)
        ]
        assert found == ["meeting-2023", GIFT, "meeting-2023", "meeting-2023", "vote-2006"]
        assert loaded(as_of="batch:4").resolve(GIFT) == GIFT
        assert loaded().resolve(GIFT) == "gift-2024"

    def test_from_every_vantage(self, loaded: Callable[..., Dataset]) -> None:
        """What a policy leaves out, or what was learnt of later, is not there to resolve to."""
        assert loaded(known_by="2024-02-20").resolve(GIFT) == "gift-2024"
        with pytest.raises(NoSuchName):
            loaded(known_by="2024-02-19").resolve(GIFT)

    def test_an_unknown_id_is_named(self, release: Path) -> None:
        """An id that no event ever had gets the nearest one."""
        with pytest.raises(NoSuchName, match="did you mean 'gift-2024'"):
            load(release).resolve("gift-2042")


class TestFiles:
    """The log of a release is checked before it is asked."""

    def test_an_altered_history_is_never_asked(self, release: Path, tmp_path: Path) -> None:
        """One flipped bit in the history is reported as such, whatever is asked of it."""
        copied = shutil.copytree(release, tmp_path / "1.0.0")
        path = copied / "history/participants.parquet"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        for vantage in ({"known_by": "2024"}, {"policy": "any"}, {"as_of": 3}):
            with pytest.raises(VerificationFailed, match="altered"):
                _ = load(copied, **vantage).timeline()
        assert len(load(copied).timeline()) == 2

    @pytest.mark.parametrize("name", ["a [draft]", "a*", "it's 50% #1; --"])
    def test_a_path_is_a_name_and_no_pattern(
        self, name: str, loaded: Callable[..., Dataset], release: Path, tmp_path: Path
    ) -> None:
        """A folder may be called anything; its log is read from there and from nowhere else."""
        for each in (name, "ab"):
            shutil.copytree(release, tmp_path / each / "1.0.0")
        expected = rows(loaded(known_by="2024-02-20").participants)
        found = load(tmp_path / name / "1.0.0", known_by="2024-02-20").participants
        assert rows(found) == expected


class TestFrozen:
    """A release that an earlier version wrote, as it is published."""

    def test_it_verifies(self) -> None:
        """russia-dprk 1.0.0 is still what it claims to be."""
        checked = verify_release(FROZEN, step=_silent)
        assert checked.checkpoint.size == 1769

    def test_it_loads(self) -> None:
        """Its tables have the columns of then, and the rows."""
        dataset = load(FROZEN)
        assert len(dataset.events) == len(dataset.timeline()) == 154
        assert "status" not in dataset.timeline().columns

    @pytest.mark.parametrize("hidden", [False, True], ids=["duckdb", "sqlite"])
    def test_its_log_answers_new_questions(
        self, hidden: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it does not publish, its log tells: the Aurus by what was known, day by day."""
        if hidden:
            monkeypatch.setattr(duck, "is_installed", lambda: False)
        name = "gift-aurus-2024-02-18"
        found = {}
        for day in ("2024-02-19", "2024-02-21"):
            told = load(FROZEN, known_by=day)
            found[day] = name in set(told.events["event_id"])
            assert len(told.timeline()) == len(told.events)
        assert found == {"2024-02-19": False, "2024-02-21": True}
        strict = load(FROZEN, as_of="batch:1", policy="strict").timeline()
        assert set(strict["status"]) == {"confirmed"}
        assert load(FROZEN).resolve(name) == name
