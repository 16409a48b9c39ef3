"""The dataset `unsc-dprk`: the Council's resolutions and vetoes, and who names them elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from regesta.catalog import versions
from tests.cli.conftest import run
from tests.datasets.tables import SHELF, Row, table, write

FOLDER = SHELF / "unsc-dprk"
ELSEWHERE = SHELF / "russia-dprk"
GIFT = "gift-aurus-2024-02-18"
SECOND = "gift-aurus-2-2024-06-19"
BAN = "unsc-dprk/unsc-res-1718"
TITLE = "Security Council adopts resolution 1718 after first DPRK nuclear test"


def by_id(folder: Path) -> dict[str, Row]:
    """Return the events of a dataset's *folder* by their ids."""
    return {row["event_id"]: row for row in table("events", folder)}


def facts(row: Row) -> dict[str, object]:
    """Return the details of an event."""
    found: dict[str, object] = json.loads(row["details"])
    return found


class TestTheCouncil:
    """What the Council did."""

    def test_the_counts(self) -> None:
        """There are 18 resolutions, two vetoes and the end of the Panel, and each was counted."""
        kinds = [event_id.rpartition("-res-")[0] or event_id for event_id in by_id(FOLDER)]
        assert kinds.count("unsc") == 18
        rest = {"veto-2022-05-26", "veto-2024-03-28", "panel-lapse-2024-04-30"}
        assert set(kinds) == {"unsc", *rest}
        assert [int(row["n_events"]) for row in table("coverage", FOLDER)] == [21]

    def test_every_vote_adds_up_to_fifteen(self) -> None:
        """The Council has fifteen members: each was for, against or abstained."""
        voted = {
            event_id: facts(row)
            for event_id, row in by_id(FOLDER).items()
            if event_id != "panel-lapse-2024-04-30"
        }
        for event_id, told in voted.items():
            tally = [told[f"vote_{way}"] for way in ("for", "against", "abstaining")]
            if event_id.startswith("unsc-res-"):
                assert tally == [15, 0, 0], event_id
            assert sum(map(int, map(str, tally))) == 15, event_id

    @pytest.mark.parametrize(
        ("event_id", "tally", "vetoed_by", "abstained"),
        [
            ("veto-2022-05-26", (13, 2, 0), ["china", "russia"], None),
            ("veto-2024-03-28", (13, 1, 1), ["russia"], ["china"]),
        ],
    )
    def test_the_vetoes(
        self,
        event_id: str,
        tally: tuple[int, int, int],
        vetoed_by: list[str],
        abstained: list[str] | None,
    ) -> None:
        """Russia and China stopped the draft of 2022, Russia alone that of 2024."""
        told = facts(by_id(FOLDER)[event_id])
        found = tuple(told[f"vote_{way}"] for way in ("for", "against", "abstaining"))
        assert found == tally
        assert (told["vetoed_by"], told.get("abstained")) == (vetoed_by, abstained)

    def test_a_resolution_is_named_by_its_symbol(self) -> None:
        """The number in a resolution's id is that of its symbol, the year that of its day."""
        for event_id, row in by_id(FOLDER).items():
            if number := event_id.partition("unsc-res-")[2]:
                symbol = f"S/RES/{number} ({row['date'][:4]})"
                assert facts(row)["document_symbol"] == symbol

    def test_what_amends_came_later(self) -> None:
        """No text amends or follows one that is younger."""
        days = {event_id: row["date"] for event_id, row in by_id(FOLDER).items()}
        for row in table("relations", FOLDER):
            assert days[row["event_id"]] > days[row["other_id"]], row

    def test_the_ban_on_luxury_goods_and_the_panel(self) -> None:
        """Three resolutions say more of OP 8(a)(iii) of 1718; seven extend the Panel of 1874."""
        said = [
            (row["other_id"], row["provision"], row["event_id"])
            for row in table("relations", FOLDER)
            if row["relation"] == "amends" and row["provision"]
        ]
        luxury = ("unsc-res-1718", "OP 8(a)(iii)")
        assert {by for *of, by in said if tuple(of) == luxury} == {
            f"unsc-res-{number}" for number in (2094, 2270, 2321)
        }
        extensions = {
            event_id for event_id, row in by_id(FOLDER).items() if "mandate_until" in facts(row)
        }
        assert len(extensions) == 7
        assert {by for *of, by in said if of == ["unsc-res-1874", "OP 26"]} == extensions

    def test_each_mandate_ends_after_the_one_before(self) -> None:
        """The Panel's mandate grows with every extension, and ends on the day of its lapse."""
        events = by_id(FOLDER)
        ends = [
            str(told["mandate_until"])
            for told in map(facts, events.values())
            if "mandate_until" in told
        ]
        assert ends == sorted(set(ends))
        assert ends[-1] == events["panel-lapse-2024-04-30"]["date"]

    def test_russia_dprk_tells_the_same(self) -> None:
        """An event that both datasets have is the same in both; here some details are added."""
        events, others = by_id(FOLDER), by_id(ELSEWHERE)
        assert events.keys() <= others.keys()
        for event_id, row in events.items():
            other = others[event_id]
            assert {**row, "details": None} == {**other, "details": None}
            assert facts(other).items() <= facts(row).items()


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, str]:
    """Return the options that name a store of russia-dprk, with a dataset named that is nowhere."""
    options = ("--store", f"sqlite:///{tmp_path}/regesta.db")
    assert run(*options, "import", ELSEWHERE, "--author", "Tess").status == 0
    named = {"event_id": GIFT, "relation": "allegedly_violates", "provision": "OP 8(a)(iii)"}
    (tmp_path / "tables").mkdir()
    rows = [{**named, "other_id": "unsc-iran/unsc-res-1"}]
    write(rows, "relations", tmp_path)
    answer = run(*options, "import", tmp_path / "tables" / "relations.csv", "--author", "Tess")
    assert answer.status == 0, answer.err
    return options


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a shelf with the dataset unsc-dprk, of which nothing has been released."""
    shelf = tmp_path / "shelf"
    shutil.copytree(FOLDER, shelf / "unsc-dprk", ignore=shutil.ignore_patterns("releases"))
    monkeypatch.setattr(versions, "shelf", lambda: shelf)
    return shelf


@pytest.fixture
def council(shelf: Path, tmp_path: Path) -> tuple[str, str]:
    """Return the options that name a store of unsc-dprk, once released on the shelf."""
    options = ("--store", f"sqlite:///{tmp_path}/council.db")
    assert run(*options, "import", shelf / "unsc-dprk", "--author", "Tess").status == 0
    release(options, "1.0.0", shelf)
    return options


def release(store: tuple[str, str], version: str, shelf: Path) -> None:
    """Put a release of unsc-dprk on the *shelf*."""
    out = shelf.parent / "out"
    assert run(*store, "release", version, "--out", out).status == 0
    shutil.move(out / "unsc-dprk" / version, shelf / "unsc-dprk" / "releases" / version)


def related(store: tuple[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Return title and date of what stands in a relation to the gift, by its id."""
    shown = run(*store, "show", GIFT, "--format", "json").json
    return {r["other_id"]: (r["other_title"], r["other_date"]) for r in shown["relations"]}


class TestNamedElsewhere:
    """A gift in russia-dprk is alleged to breach a paragraph of a resolution here."""

    def test_what_is_named_is_there(self) -> None:
        """Each resolution that russia-dprk names here is here, and is named there in one breath."""
        rows = table("relations", ELSEWHERE)
        told = {(r["event_id"], r["other_id"], r["provision"]) for r in rows}
        named = [
            (event_id, other_id.partition("/")[2], provision)
            for event_id, other_id, provision in told
            if other_id.startswith("unsc-dprk/")
        ]
        assert len(named) == 5
        assert {other_id for _, other_id, _ in named} <= by_id(FOLDER).keys()
        assert set(named) <= told

    @pytest.mark.usefixtures("council")
    def test_show_tells_what_the_resolution_is(self, store: tuple[str, str]) -> None:
        """Beside the id there are title and day, as the newest release on the shelf has them."""
        found = related(store)
        assert found[BAN] == (TITLE, "2006-10-14")
        assert found["unsc-iran/unsc-res-1"] == (None, None)
        page = run(*store, "show", GIFT).out
        assert re.search(
            rf"→ allegedly_violates +{BAN} +OP 8\(a\)\(iii\) +2006-10-14 +{TITLE}", page
        )

    @pytest.mark.usefixtures("shelf")
    def test_without_a_release_there_is_the_id(self, store: tuple[str, str]) -> None:
        """A dataset that nobody released, or that is not here, leaves the id as it is."""
        found = related(store)
        assert found[BAN] == found["unsc-iran/unsc-res-1"] == (None, None)
        answer = run(*store, "breaches", BAN, "--format", "csv")
        assert answer.err == f"{BAN}\n"
        assert {row["event_id"] for row in answer.rows} == {GIFT, SECOND}

    @pytest.mark.usefixtures("council")
    def test_breaches_of_a_resolution_elsewhere(self, store: tuple[str, str]) -> None:
        """`breaches` names the resolution, the paragraph and each state's position."""
        answer = run(*store, "breaches", BAN, "--format", "csv")
        assert answer.err == f"{BAN}: {TITLE} (2006-10-14)\n"
        assert {row["event_id"] for row in answer.rows} == {GIFT, SECOND}
        assert {row["provision"] for row in answer.rows} == {"OP 8(a)(iii)"}
        found = {row["state"]: row["stance"] for row in answer.rows if row["event_id"] == GIFT}
        assert found == {"KOR": "asserts", "USA": "conditions", "RUS": "denies"}
        rows = run(*store, "timeline", "--related-to", BAN, "--format", "csv").rows
        assert [row["event_id"] for row in rows] == [GIFT, SECOND]

    def test_an_id_that_gave_way_still_resolves(
        self, store: tuple[str, str], council: tuple[str, str], shelf: Path
    ) -> None:
        """A resolution that got another id there is found by the id that was written here."""
        words = ("rekey", "unsc-res-1718", "s-res-1718", "--author", "Tess", "--message", "Symbols")
        assert run(*council, *words).status == 0
        release(council, "2.0.0", shelf)
        assert related(store)[BAN] == (TITLE, "2006-10-14")

    @pytest.mark.usefixtures("council")
    def test_a_release_that_was_altered_is_not_believed(
        self, store: tuple[str, str], shelf: Path
    ) -> None:
        """A title is told only by the release that was published."""
        file = shelf / "unsc-dprk" / "releases" / "1.0.0" / "events.parquet"
        file.write_bytes(file.read_bytes()[:-1] + b"?")
        answer = run(*store, "show", GIFT)
        assert answer.status == 4
        assert "events.parquet" in answer.err

    @pytest.mark.parametrize("words", [(), ("--status-history",)])
    def test_it_is_not_shown_here(self, words: tuple[str, ...], store: tuple[str, str]) -> None:
        """The event itself is in its own dataset: there is nothing of it to show, and no fault."""
        answer = run(*store, "show", BAN, *words)
        assert answer.status == 2
        assert f"no event called '{BAN}'; it is another dataset's" in answer.err
