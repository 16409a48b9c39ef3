"""The dataset `russia-dprk`: whole, valid, described, and right where it was checked by hand."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Answer, run
from tests.datasets.tables import SHELF, table, write

FOLDER = SHELF / "russia-dprk"
GIFT = "gift-aurus-2024-02-18"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """Return a store of the dataset, and what its import answered."""
    path = tmp_path_factory.mktemp("store") / "regesta.db"
    answer = run("--store", f"sqlite:///{path}", "import", FOLDER, "--author", "Tess", "--json")
    assert answer.status == 0, answer.err
    return path, answer


@pytest.fixture
def store(made: tuple[Path, Answer], tmp_path: Path) -> tuple[str, str]:
    """Return the options that name a copy of the store, which a test may write to."""
    shutil.copy(made[0], tmp_path / "copy.db")
    return "--store", f"sqlite:///{tmp_path}/copy.db"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the dataset's folder, which a test may change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "russia-dprk"))


@pytest.fixture(scope="module")
def gift(made: tuple[Path, Answer]) -> dict[str, Any]:
    """Return all that hangs on the gift of 18 February 2024."""
    shown: dict[str, Any] = run(
        "--store", f"sqlite:///{made[0]}", "show", GIFT, "--format", "json"
    ).json
    return shown


class TestWhole:
    """How much there is, and that what is changed is what is recorded."""

    def test_the_counts(self) -> None:
        """There are 154 events, 98 actors and seven state outlets, 362 claims as first coded."""
        assert len(table("events", FOLDER)) == 154
        assert len(table("actors", FOLDER)) == 98 + 7
        claims = [row["evidence_id"] for row in table("evidence", FOLDER)]
        assert len(claims) >= 362
        assert sum(bool(re.search(r"\.e[0-9]{2}$", name)) for name in claims) == 362
        assert all(re.search(r"\.[ec][0-9]{2}$", name) for name in claims)

    def test_it_holds_what_its_card_asks_for(self, store: tuple[str, str], tmp_path: Path) -> None:
        """It can be released without allowing anything, and with less evidence it cannot."""
        made = run(*store, "release", "9.9.9", "--out", tmp_path / "out", "--json")
        assert made.status == 0, made.err
        gates = json.loads((Path(made.json["path"]) / "datapackage.json").read_bytes())["gates"]
        assert len(gates) > 10
        assert all(gate["met"] for gate in gates)
        known = ("--known-by", "2023-12-31")
        less = run(*store, "release", "9.9.8", "--out", tmp_path / "out", *known, "--json")
        assert less.status == 3
        assert "rows.events" in [gate["name"] for gate in less.json["gates"]]

    def test_one_cell_is_one_revise(self, store: tuple[str, str], copy: Path) -> None:
        """One changed cell is one `revise` record, and its history names the column."""
        rows = table("events", FOLDER)
        changed = next(row for row in rows if row["event_id"] == GIFT)
        before, changed["place"] = changed["place"], "Somewhere else"
        write(rows, "events", copy)
        receipt = run(*store, "import", copy, "--json").json
        totals = Counter[str]()
        for counts in receipt["tables"].values():
            totals.update(counts)
        assert totals["revised"] == 1
        assert totals["added"] == totals["restored"] == totals["retracted"] == 0
        assert totals["unchanged"] == totals["read"] - 1
        newest = run(*store, "history", GIFT, "--limit", 1, "--format", "csv").rows[0]
        assert (newest["action"], newest["column"]) == ("revise", "place")
        assert (newest["old"], newest["new"]) == (before, "Somewhere else")

    def test_one_row_less_is_one_retraction(self, store: tuple[str, str], copy: Path) -> None:
        """A deleted piece of evidence, in a snapshot, is one `retract` and nothing else."""
        rows = table("evidence", FOLDER)
        write([row for row in rows if row["evidence_id"] != f"{GIFT}.e05"], "evidence", copy)
        assert run(*store, "import", copy, "--json").json["batch"] is None
        receipt = run(*store, "import", copy, "--snapshot", "all", "--json").json
        gone = {name: counts["retracted"] for name, counts in receipt["tables"].items()}
        assert gone == {**dict.fromkeys(gone, 0), "evidence": 1}
        newest = run(*store, "history", GIFT, "--limit", 1, "--format", "csv").rows[0]
        assert (newest["action"], newest["key"]) == ("retract", f"{GIFT}.e05")

    def test_the_coverage_counts_its_events(self) -> None:
        """Each search says how many events of the register fall into its period."""
        events = table("events", FOLDER)
        found = {row["coverage_id"]: int(row["n_events"]) for row in table("coverage", FOLDER)}
        dense = [row for row in events if "2018" <= row["date"][:4] <= "2025"]
        assert found == {"russia-dprk-2000-2026": len(events), "russia-dprk-2018-2025": len(dense)}


class TestTheGift:
    """The car of 18 February 2024, as `show` tells it."""

    def test_what_and_when(self, gift: dict[str, Any]) -> None:
        """It was handed over on 18 February 2024, a gift of the make Aurus."""
        assert (gift["event"]["event_type"], gift["event"]["date"]) == ("gift", "2024-02-18")
        assert gift["event"]["details"]["gift_make"] == "Aurus"

    def test_participants_with_roles(self, gift: dict[str, Any]) -> None:
        """Putin gave, Kim received, and two of his aides took it for him."""
        found = {(p["actor_id"], p["role"], p["on_behalf_of"]) for p in gift["participants"]}
        assert found == {
            ("vladimir-putin", "giver", None),
            ("kim-jong-un", "recipient", None),
            ("kim-yo-jong", "intermediary", "kim-jong-un"),
            ("pak-jong-chon", "intermediary", "kim-jong-un"),
        }

    def test_who_says_what(self, gift: dict[str, Any]) -> None:
        """KCNA, Peskov and two ministries in Seoul each have their stance on their aspect."""
        found = {
            (e["speaker"], e["stance"], e["aspect"], e["value"], e["said_on"])
            for e in gift["evidence"]
        }
        assert found >= {
            ("kcna", "confirms", "occurrence", None, "2024-02-20"),
            ("kcna", "asserts", "date", "2024-02-18", "2024-02-20"),
            ("kcna", "mentions", "gift_make", None, "2024-02-20"),
            ("dmitry-peskov", "confirms", "occurrence", None, "2024-02-20"),
            ("dmitry-peskov", "confirms", "gift_make", "Aurus", "2024-02-20"),
            ("rok-unification-ministry", "asserts", "legality", "violation", "2024-02-20"),
            ("rok-mofa", "asserts", "legality", "prohibited", "2024-02-20"),
        }

    def test_kcna_said_all_of_it_on_the_twentieth(self, gift: dict[str, Any]) -> None:
        """What KCNA says of the gift it said on 20 February 2024, two days after the hand-over."""
        days = {e["said_on"] for e in gift["evidence"] if e["speaker"] == "kcna"}
        assert {day[:10] for day in days} == {"2024-02-20"}

    def test_how_it_stands_to_others(self, gift: dict[str, Any]) -> None:
        """It follows the ride of 2023, and is alleged to violate resolution 1718, OP 8(a)(iii)."""
        found = {
            (r["relation"], r["direction"], r["other_id"], r["provision"])
            for r in gift["relations"]
        }
        assert found >= {
            ("follows", "to", "aurus-ride-2023", None),
            ("allegedly_violates", "to", "unsc-res-1718", "OP 8(a)(iii)"),
            ("confirms", "from", "confirm-peskov-aurus-2024-02-20", None),
            ("confirms", "from", "report-kcna-aurus-2024-02-20", None),
            ("responds_to", "from", "statement-rok-aurus-2024-02-20", None),
        }

    def test_the_page_for_people_has_it_all(self, made: tuple[Path, Answer]) -> None:
        """The printed page names participants, roles, speakers, stances and the paragraph."""
        page = run("--store", f"sqlite:///{made[0]}", "show", GIFT).out
        for said in (
            r"giver +vladimir-putin",
            r"recipient +kim-jong-un",
            r"2024-02-20 +dmitry-peskov +confirms +gift_make +Aurus",
            r"2024-02-20 +kcna +mentions +gift_make",
            r"2024-02-20 +rok-unification-ministry +asserts +legality +violation",
            r"2024-02-20 +rok-mofa +asserts +legality +prohibited",
            r"→ allegedly_violates +unsc-res-1718 +OP 8\(a\)\(iii\)",
        ):
            assert re.search(said, page), said


class TestSeeds:
    """Facts that were known before the coding began."""

    def test_the_meeting_at_vostochny(self, made: tuple[Path, Answer]) -> None:
        """Putin received Kim at Vostochny on 13 September 2023, on Kim's journey of that month."""
        words = ("--store", f"sqlite:///{made[0]}", "show")
        meeting = run(*words, "meeting-vostochny-2023", "--format", "json").json
        assert (meeting["event"]["event_type"], meeting["event"]["date"]) == (
            "meeting",
            "2023-09-13",
        )
        assert meeting["event"]["country"] == "RUS"
        roles = {(p["actor_id"], p["role"]) for p in meeting["participants"]}
        assert roles >= {("vladimir-putin", "host"), ("kim-jong-un", "guest")}
        journey = next(
            r["other_id"]
            for r in meeting["relations"]
            if (r["relation"], r["direction"]) == ("part_of", "to")
        )
        visit = run(*words, journey, "--format", "json").json["event"]
        assert visit["event_type"] == "visit"
        assert visit["date_earliest"] <= "2023-09-13" <= visit["date_latest"]
        assert (visit["date_earliest"][:7], visit["date_latest"][:7]) == ("2023-09", "2023-09")

    @pytest.mark.parametrize(
        ("event_id", "event_type", "date"),
        [
            ("treaty-friendship-2000", "agreement", "2000-02-09"),
            ("joint-declaration-2000", "agreement", "2000-07-19"),
            ("visit-putin-pyongyang-2000", "visit", "2000-07-19/2000-07-20"),
            ("unsc-res-1718", "resolution", "2006-10-14"),
            (GIFT, "gift", "2024-02-18"),
            ("report-kcna-aurus-2024-02-20", "statement", "2024-02-20"),
        ],
    )
    def test_days_that_are_known(self, event_id: str, event_type: str, date: str) -> None:
        """These events have the type and the day that history gives them."""
        row = next(row for row in table("events", FOLDER) if row["event_id"] == event_id)
        assert (row["event_type"], row["date"]) == (event_type, date)
