"""Curation: retract, merge, split, rekey and decide; each a batch with a reason, none a loss."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from regesta.errors import Refused, RegestaError
from regesta.flows.curating import Signature, merge, rekey, retract
from regesta.flows.loading import load
from regesta.flows.seeing import seen
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store.store import Store
from tests.cli.conftest import Answer, Regesta, run, write_files
from tests.cli.stories import TWINS
from tests.cli.test_commands import declined

State = dict[str, pl.DataFrame]

NAMING = [
    (name, column)
    for name, table in IMPORTED.items()
    for column, target in table.references.items()
    if target == "events" and name != "events"
]
"""Columns that name an event, by their table."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `TWINS` in `seed/` and in a store."""
    folder = tmp_path_factory.mktemp("twins")
    write_files(folder / "seed", TWINS)
    store = f"sqlite:///{folder}/regesta.db"
    assert run("--store", store, "import", "--author", "Ann", folder / "seed").status == 0
    return folder


@pytest.fixture
def regesta(told: Path, desk: Path) -> Regesta:
    """Return a command line in a folder with `TWINS` in `seed/` and in its store."""
    shutil.copytree(told, desk, dirs_exist_ok=True)
    return run


def done(answer: Answer) -> Answer:
    """Require that a command did what it was asked."""
    assert answer.status == 0, answer.err
    return answer


def state() -> State:
    """Return what the log adds up to: every table that files bring, and the timeline."""
    store = Store.open("sqlite:///regesta.db")
    tables = {name: store.rows(name) for name in IMPORTED}
    return {**tables, "timeline": seen(store).timeline()}


def same(one: State, other: State) -> bool:
    """Return whether two states are one, table by table."""
    return all(one[name].equals(other[name]) for name in one)


def require_whole() -> None:
    """Require that no row names an event that is not there, once old ids are resolved."""
    register = seen(Store.open("sqlite:///regesta.db"))
    there = set(register.table("events")["event_id"])
    for name, column in NAMING:
        rows = register.table(name)
        if name == "relations":
            rows = rows.filter(~pl.col("relation").is_in(["same_as", "not_same_as"]))
        named = {each for each in rows[column] if "/" not in each}
        assert named <= there, (name, column, named - there)


def page(regesta: Regesta, event_id: str) -> dict[str, list[str]]:
    """Return what `show` tells of an event: its id, and keys of what hangs on it."""
    told = done(regesta("show", event_id, "--format", "json")).json
    return {
        "event": [told["event"]["event_id"]],
        "merged": told["merged"],
        "evidence": sorted(each["evidence_id"] for each in told["evidence"]),
        "participants": sorted(f"{p['actor_id']}:{p['role']}" for p in told["participants"]),
        "relations": sorted(
            f"{r['direction']} {r['relation']} {r['other_id']}" for r in told["relations"]
        ),
    }


CURATIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "retract": (("retract", "dogs"), "retraction"),
    "retract-with-a-reason": (("retract", "dogs", "--reason", "source_lost"), "source_lost"),
    "merge": (("merge", "aurus", "car"), "merge"),
    "rekey": (("rekey", "car", "car-2024"), "rekey"),
}


class TestABatchOfItsOwn:
    """What every curation leaves in the log."""

    @pytest.mark.parametrize(("words", "reason"), CURATIONS.values(), ids=CURATIONS)
    def test_it_is_signed_and_has_a_reason(
        self, words: tuple[str, ...], reason: str, regesta: Regesta
    ) -> None:
        """One batch, with author, message and one reason; the answer says what `history` tells."""
        answer = done(regesta(*words, "--author", "Bob", "-m", "as agreed", "--json")).json
        assert answer["batch"] == 2
        told = [row for row in regesta("history", "--format", "csv").rows if row["batch"] == "2"]
        assert {(row["author"], row["message"], row["reason"]) for row in told} == {
            ("Bob", "as agreed", reason)
        }
        assert {(row["action"], row["table"], row["key"]) for row in told} == {
            (row["action"], row["table"], row["key"]) for row in answer["records"]
        }
        checkpoint = regesta("checkpoint").out.splitlines()
        assert int(checkpoint[1]) == answer["size"]
        assert regesta("verify").status == 0

    def test_undoing_is_signed_too(self, regesta: Regesta) -> None:
        """`split` and `retract --undo` are batches with author and message like any other."""
        done(regesta("merge", "aurus", "car"))
        done(regesta("retract", "dogs"))
        signed = ("--author", "Bob", "-m", "not so")
        done(regesta("split", "aurus", *signed))
        done(regesta("retract", "dogs", "--undo", *signed))
        told = [row for row in regesta("history", "--format", "csv").rows if row["author"] == "Bob"]
        assert {(row["batch"], row["reason"], row["message"]) for row in told} == {
            ("4", "split", "not so"),
            ("5", "correction", "not so"),
        }

    def test_history_groups_by_reason(self, regesta: Regesta) -> None:
        """`--reason` keeps the lines of one reason, `--by-reason` has those of each together."""
        for words, _ in CURATIONS.values():
            regesta(*words)
        merged = regesta("history", "--reason", "merge", "--format", "csv").rows
        assert {row["key"] for row in merged} == {"aurus", "aurus / same_as / car"}
        grouped = [r["reason"] for r in regesta("history", "--by-reason", "--format", "csv").rows]
        assert grouped == sorted(grouped)


class TestRetract:
    """Taking an event back, and back again."""

    def test_all_that_hangs_on_it_goes(self, regesta: Regesta) -> None:
        """Participants, evidence and relations in both directions go with the event."""
        done(regesta("retract", "car"))
        now = state()
        for name, column in NAMING:
            assert "car" not in set(now[name][column])
        declined(regesta("show", "car"), 2, "'car'")
        require_whole()

    def test_undo_brings_all_of_it_back(self, regesta: Regesta) -> None:
        """After `--undo` every table is as it was; there is nothing to undo twice."""
        before = state()
        done(regesta("retract", "car"))
        done(regesta("retract", "car", "--undo"))
        assert same(state(), before)
        declined(regesta("retract", "car", "--undo"), 3, "nothing is to be undone")

    def test_undo_brings_back_no_relation_to_what_is_gone(self, regesta: Regesta) -> None:
        """A relation whose other end was retracted since does not come back by itself."""
        done(regesta("retract", "car"))
        done(regesta("retract", "vote"))
        regesta("retract", "car", "--undo")
        require_whole()

    def test_undo_leaves_what_was_recorded_since(self, regesta: Regesta, desk: Path) -> None:
        """Evidence that was brought again for another event meanwhile stays with that one."""
        done(regesta("retract", "car"))
        head = TWINS["tables/evidence.csv"].splitlines()[0]
        write_files(desk, {"e.csv": f"{head}\ncar.e01,aurus,kcna-1,asserts,dprk\n"})
        done(regesta("import", "e.csv"))
        regesta("retract", "car", "--undo")
        assert "car.e01" in page(regesta, "aurus")["evidence"]

    def test_the_same_import_restores_it(self, regesta: Regesta) -> None:
        """The folder imported again brings back what was retracted: it says that it is there."""
        before = state()
        done(regesta("retract", "car"))
        restored = done(regesta("import", "seed", "--json")).json["tables"]
        assert restored["events"]["restored"] == 1
        assert same(state(), before)

    @pytest.mark.parametrize("reason", ["merge", "rekey", "split", "new", "newly_known"])
    def test_a_reason_must_be_one_for_taking_back(self, reason: str, regesta: Regesta) -> None:
        """`merge` would say that it gave way to another, `new` that it came: no such retraction."""
        before = regesta("checkpoint").out
        answer = regesta("retract", "dogs", "--reason", reason)
        assert answer.status in (2, 3), answer.out
        assert regesta("checkpoint").out == before

    @pytest.mark.parametrize("reason", ["merge", "rekey"])
    def test_no_snapshot_retracts_as_if_merged(
        self, reason: str, regesta: Regesta, desk: Path
    ) -> None:
        """What a snapshot lacks is gone whatever its reason: to bring it again restores it."""
        files = {
            name: "".join(line for line in text.splitlines(keepends=True) if "dogs" not in line)
            for name, text in TWINS.items()
        }
        write_files(desk / "less", files)
        regesta("import", "less", "--snapshot", "all", "--reason", reason)
        done(regesta("import", "seed"))
        assert "dogs" in set(state()["events"]["event_id"])

    @pytest.mark.parametrize("way", ["merge", "rekey"])
    def test_a_survivor_takes_with_it_what_it_took_over(self, way: str, regesta: Regesta) -> None:
        """Retracted is also what names it by an old id; `--undo` brings back that too."""
        done(regesta("merge", "aurus", "car") if way == "merge" else regesta("rekey", "car", "c"))
        survivor = "car" if way == "merge" else "c"
        before = state()
        done(regesta("retract", survivor))
        require_whole()
        done(regesta("retract", survivor, "--undo"))
        assert same(state(), before)


class TestMerge:
    """Two tellings of one event."""

    def test_the_survivor_shows_what_both_have(self, regesta: Regesta) -> None:
        """Evidence, participants and relations of both are seen on the one that stays."""
        done(regesta("merge", "aurus", "car"))
        assert page(regesta, "car") == {
            "event": ["car"],
            "merged": ["aurus"],
            "evidence": ["aurus.e01", "car.e01"],
            "participants": ["dprk:recipient", "russia:giver"],
            "relations": [
                "from responds_to dogs",
                "from same_as aurus",
                "to allegedly_violates vote",
                "to follows vote",
            ],
        }
        rows = {row["event_id"]: row for row in regesta("timeline", "--format", "csv").rows}
        assert "aurus" not in rows
        assert (rows["car"]["status"], rows["car"]["n_sources"]) == ("confirmed", "2")

    def test_nothing_is_moved_or_lost(self, regesta: Regesta) -> None:
        """Only the duplicate's own row goes and a `same_as` comes: all other rows stay as told."""
        before = state()
        done(regesta("merge", "aurus", "car"))
        after = state()
        for name in ("participants", "evidence", "sources", "actors"):
            assert after[name].equals(before[name])
        assert before["events"].height - after["events"].height == 1
        assert after["relations"].height - before["relations"].height == 1

    @pytest.mark.parametrize("into", ["car", "limousine", "dogs", "vote"])
    def test_split_gives_back_exactly_what_was(self, into: str, regesta: Regesta) -> None:
        """Merge, then split: every table of the projection and the timeline are as before."""
        before = state()
        done(regesta("merge", "aurus", into))
        assert not same(state(), before)
        done(regesta("split", "aurus"))
        assert same(state(), before)

    def test_split_gives_back_what_was_told_apart(self, regesta: Regesta, desk: Path) -> None:
        """A `not_same_as` that the merge took back is there again after the split."""
        write_files(desk, {"d.csv": "event_id,other_id,decision\ncar,aurus,different\n"})
        done(regesta("duplicates", "--decide", "d.csv"))
        before = state()
        done(regesta("merge", "aurus", "car"))
        assert "not_same_as" not in set(state()["relations"]["relation"])
        done(regesta("split", "aurus"))
        assert same(state(), before)

    def test_a_chain_is_undone_link_by_link(self, regesta: Regesta) -> None:
        """After a, then b merged away, each split gives back the state before its merge."""
        states = [state()]
        for words in (("merge", "limousine", "aurus"), ("merge", "aurus", "car")):
            done(regesta(*words))
            states.append(state())
        assert page(regesta, "limousine")["evidence"] == ["aurus.e01", "car.e01", "limousine.e01"]
        done(regesta("split", "aurus"))
        assert same(state(), states[1])
        done(regesta("split", "limousine"))
        assert same(state(), states[0])

    def test_the_links_of_a_chain_may_be_undone_in_any_order(self, regesta: Regesta) -> None:
        """The first link of a chain comes loose on its own."""
        done(regesta("merge", "limousine", "aurus"))
        done(regesta("merge", "aurus", "car"))
        done(regesta("split", "limousine"))
        assert page(regesta, "limousine")["event"] == ["limousine"]
        assert page(regesta, "aurus")["event"] == ["car"]

    def test_into_an_old_id_is_into_what_it_became(self, regesta: Regesta) -> None:
        """Whoever merges into an event that gave way merges into its survivor."""
        done(regesta("merge", "aurus", "car"))
        done(regesta("merge", "limousine", "aurus"))
        assert page(regesta, "car")["merged"] == ["aurus", "limousine"]

    def test_the_past_knew_nothing_of_it(self, regesta: Regesta) -> None:
        """As of the batch before, both stand; as of the merge, one; as of the split, both."""
        done(regesta("merge", "aurus", "car"))
        done(regesta("split", "aurus"))
        words = ("show", "aurus", "--format", "json", "--as-of")
        found = [regesta(*words, f"batch:{batch}").json["event"]["event_id"] for batch in (1, 2, 3)]
        assert found == ["aurus", "car", "aurus"]

    def test_a_same_as_that_a_file_brought_does_not_decide(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """What a merge says counts, in store and release, whatever `same_as` rows say otherwise."""
        rows = "car,same_as,aurus\naurus,same_as,car\naurus,same_as,dogs\n"
        write_files(desk, {"r.csv": f"event_id,relation,other_id\n{rows}"})
        done(regesta("import", "r.csv"))
        assert len(regesta("timeline", "--format", "csv").rows) == 5
        done(regesta("merge", "aurus", "limousine"))
        done(regesta("merge", "car", "limousine"))
        made = done(regesta("release", "1.0.0", "--json")).json
        for old in ("aurus", "car"):
            assert page(regesta, old)["event"] == ["limousine"]
            assert load(desk / made["path"]).resolve(old) == "limousine"
            assert load(desk / made["path"], known_by="2999").resolve(old) == "limousine"

    @pytest.mark.parametrize("elsewhere", ["zebra", "dogs", "other-set/aurus"])
    def test_no_file_sends_an_old_id_elsewhere(
        self, elsewhere: str, regesta: Regesta, desk: Path
    ) -> None:
        """A `same_as` row for an event that gave way does not take its evidence elsewhere."""
        done(regesta("merge", "aurus", "car"))
        zebra = "event_id,event_type,title,date\nzebra,gift,A zebra,2024\n"
        same = f"event_id,relation,other_id\naurus,same_as,{elsewhere}\n"
        write_files(desk, {"e.csv": zebra, "r.csv": same})
        regesta("import", "e.csv", "r.csv")
        assert page(regesta, "aurus")["event"] == ["car"]
        assert "aurus.e01" in page(regesta, "car")["evidence"]

    def test_a_merged_event_takes_on_new_evidence(self, regesta: Regesta, desk: Path) -> None:
        """Evidence that comes in under the old id is seen on the survivor."""
        done(regesta("merge", "aurus", "car"))
        head = TWINS["tables/evidence.csv"].splitlines()[0]
        write_files(desk, {"e.csv": f"{head}\naurus.e02,aurus,kcna-1,confirms,dprk\n"})
        done(regesta("import", "e.csv"))
        assert "aurus.e02" in page(regesta, "car")["evidence"]
        done(regesta("split", "aurus"))
        assert page(regesta, "aurus")["evidence"] == ["aurus.e01", "aurus.e02"]


class TestRekey:
    """Another id for the same event."""

    def test_all_goes_on_under_the_new_id(self, regesta: Regesta) -> None:
        """The new id has the row and all that hung on the old one; the timeline has one line."""
        before = page(regesta, "car")
        done(regesta("rekey", "car", "car-2024"))
        after = page(regesta, "car-2024")
        assert after["evidence"] == before["evidence"]
        assert after["participants"] == before["participants"]
        assert set(before["relations"]) <= set(after["relations"])
        assert len(regesta("timeline", "--format", "csv").rows) == 5

    def test_split_gives_back_the_old_id(self, regesta: Regesta) -> None:
        """Rekey, then split: every table is as it was."""
        before = state()
        done(regesta("rekey", "car", "car-2024"))
        done(regesta("split", "car"))
        assert same(state(), before)

    def test_a_new_id_can_be_given_again_after_a_split(self, regesta: Regesta) -> None:
        """What was taken back is free for the same event."""
        done(regesta("rekey", "car", "car-2024"))
        after = state()
        done(regesta("split", "car"))
        done(regesta("rekey", "car", "car-2024"))
        assert same(state(), after)

    def test_split_keeps_what_was_corrected_under_the_new_id(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """A title that was corrected since comes back with the old id, or the split is refused."""
        done(regesta("rekey", "car", "car-2024"))
        write_files(desk, {"e.csv": "event_id,title\ncar-2024,Russia gives an Aurus\n"})
        done(regesta("import", "e.csv"))
        answer = regesta("split", "car")
        assert answer.status in (0, 3)
        titles = [row["title"] for row in regesta("timeline", "--format", "csv").rows]
        assert "Russia gives an Aurus" in titles

    def test_split_waits_for_rows_that_name_the_new_id(self, regesta: Regesta, desk: Path) -> None:
        """While evidence names the new id it cannot be taken back, and the refusal says so."""
        done(regesta("rekey", "car", "car-2024"))
        head = TWINS["tables/evidence.csv"].splitlines()[0]
        write_files(desk, {"e.csv": f"{head}\ncar.e02,car-2024,kcna-1,confirms,dprk\n"})
        done(regesta("import", "e.csv"))
        declined(regesta("split", "car"), 3, "evidence")

    def test_history_of_the_new_id_holds_the_old(self, regesta: Regesta) -> None:
        """Asked for by its new id, an event has the history that it had by its old one."""
        done(regesta("rekey", "car", "car-2024"))
        keys = {row["key"] for row in regesta("history", "car-2024", "--format", "csv").rows}
        assert {"car-2024", "car", "car.e01"} <= keys


@pytest.fixture(scope="module")
def grown_old(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store in which three ids have become one, by a chain."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(told, folder, dirs_exist_ok=True)
    for words in (
        ("merge", "limousine", "aurus"),
        ("rekey", "aurus", "aurus-2024"),
        ("merge", "aurus-2024", "car"),
        ("rekey", "car", "gift-2024"),
    ):
        done(run("--store", f"sqlite:///{folder}/regesta.db", *words))
    return folder


class TestOldIds:
    """An id that was ever given resolves for ever."""

    @pytest.fixture
    def aged(self, grown_old: Path, desk: Path) -> Regesta:
        """Return a command line on a store in which three ids have become one, by a chain."""
        shutil.copytree(grown_old, desk, dirs_exist_ok=True)
        return run

    def test_in_show_and_timeline(self, aged: Regesta) -> None:
        """`show` and `timeline --related-to` answer an old id as they answer the newest."""
        words = ("timeline", "--format", "csv", "--related-to")
        told, related = page(aged, "gift-2024"), aged(*words, "gift-2024").data
        for old in ("limousine", "aurus", "aurus-2024", "car"):
            assert page(aged, old) == told
            assert aged(*words, old).data == related
        assert "gave way to" in aged("show", "limousine").out.splitlines()[0]

    def test_in_relations(self, aged: Regesta) -> None:
        """What was recorded of an old id is a relation of the newest one, either way."""
        assert "to responds_to gift-2024" in page(aged, "dogs")["relations"]
        assert {"to allegedly_violates vote", "to follows vote"} <= set(
            page(aged, "limousine")["relations"]
        )
        breaches = aged("breaches", "vote", "--format", "csv").rows
        assert {row["event_id"] for row in breaches} == {"gift-2024"}

    def test_in_a_release(self, aged: Regesta, desk: Path) -> None:
        """`resolve` of what `load` gives names the newest; the release verifies."""
        made = done(aged("release", "1.0.0", "--json")).json
        assert aged("verify", made["path"]).status == 0
        dataset = load(desk / made["path"])
        for old in ("limousine", "aurus", "aurus-2024", "car", "gift-2024"):
            assert dataset.resolve(old) == "gift-2024"
        assert set(dataset.evidence["event_id"]) == {"gift-2024", "dogs", "vote"}
        past = load(desk / made["path"], as_of="batch:2")
        assert past.resolve("limousine") == "aurus"
        assert past.resolve("car") == "car"

    def test_after_another_retraction(self, aged: Regesta) -> None:
        """Where the survivor itself is retracted an old id is not found, and found again after."""
        before = page(aged, "limousine")
        done(aged("retract", "gift-2024"))
        declined(aged("show", "limousine"), 2, "limousine")
        done(aged("retract", "gift-2024", "--undo"))
        assert page(aged, "limousine") == before

    @pytest.mark.parametrize("snapshot", [(), ("--snapshot", "all")], ids=["plain", "snapshot"])
    def test_the_original_folder_says_nothing_new(
        self, snapshot: tuple[str, ...], aged: Regesta
    ) -> None:
        """The files that the events came from plan nothing, whatever became of the ids."""
        before = aged("checkpoint").out
        receipt = done(aged("import", "seed", *snapshot, "--json")).json
        assert receipt["batch"] is None
        assert aged("checkpoint").out == before

    def test_a_row_that_gave_way_is_not_told_otherwise(self, aged: Regesta, desk: Path) -> None:
        """Every such row is refused by its number; with a quarantine each is counted."""
        rows = TWINS["tables/events.csv"].replace("A car is given", "A bus is given")
        write_files(desk, {"events.csv": rows.replace("Two dogs", "Three dogs")})
        before = aged("checkpoint").out
        declined(aged("import", "events.csv"), 3, "events.csv row 3")
        assert aged("checkpoint").out == before
        counts = aged("import", "events.csv", "--quarantine", "bad.csv", "--json").json["tables"]
        assert (counts["events"]["rejected"], counts["events"]["revised"]) == (1, 1)
        assert counts["events"]["unchanged"] == 3
        assert "A bus is given" in (desk / "bad.csv").read_text(encoding="utf-8")
        assert aged("validate", "events.csv").status == 3

    def test_the_store_verifies(self, aged: Regesta) -> None:
        """Every leaf and root holds after all that."""
        assert aged("verify").status == 0
        require_whole()


class TestDuplicates:
    """Pairs that may be one, and what somebody decided on them."""

    def test_likely_pairs_are_proposed_with_a_score_and_why(self, regesta: Regesta) -> None:
        """Three tellings make three pairs, the likeliest first; the dogs are in none."""
        rows = regesta("duplicates", "--format", "csv").rows
        assert [{row["event_id"], row["other_id"]} for row in rows] == [
            {"car", "limousine"},
            {"car", "aurus"},
            {"aurus", "limousine"},
        ]
        scores = [float(row["score"]) for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert all("alike" in row["why"] for row in rows)
        assert {row["decision"] for row in rows} == {""}

    @pytest.mark.parametrize(
        ("words", "count"), [(("--least", "1"), 0), (("--window", "0"), 1), (("--least", "0.9"), 1)]
    )
    def test_a_window_and_a_least_score(
        self, words: tuple[str, ...], count: int, regesta: Regesta
    ) -> None:
        """A narrower window, or a higher score, proposes fewer pairs."""
        assert len(regesta("duplicates", *words, "--format", "csv").rows) == count

    @pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
    def test_the_table_comes_back_decided(self, ending: str, regesta: Regesta, desk: Path) -> None:
        """The table itself, filled in, is the decision; pairs without one are left."""
        form = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl"}[ending]
        file = f"pairs.{ending}"
        done(regesta("duplicates", "--format", form, "--out", file))
        read: dict[str, Callable[[Path], pl.DataFrame]] = {
            "csv": lambda path: pl.read_csv(path, infer_schema=False),
            "parquet": pl.read_parquet,
            "jsonl": pl.read_ndjson,
        }
        pairs = read[ending](desk / file)
        before = regesta("checkpoint").out
        assert done(regesta("duplicates", "--decide", file, "--json")).json["batch"] is None
        assert regesta("checkpoint").out == before
        chosen = pairs.with_columns(decision=pl.Series(["same", "different", None]))
        match ending:
            case "csv":
                chosen.write_csv(desk / file)
            case "parquet":
                chosen.write_parquet(desk / file)
            case _:
                chosen.write_ndjson(desk / file)
        answer = done(regesta("duplicates", "--decide", file, "-m", "read", "--json")).json
        assert {(r["action"], r["key"]) for r in answer["records"]} == {
            ("retract", "limousine"),
            ("add", "limousine / same_as / car"),
            ("add", "car / not_same_as / aurus"),
        }

    def test_what_was_told_apart_is_not_proposed_again(self, regesta: Regesta, desk: Path) -> None:
        """`different` is remembered, in whichever order the pair is named, and said once."""
        write_files(desk, {"d.csv": "event_id,other_id,decision\naurus,car,different\n"})
        done(regesta("duplicates", "--decide", "d.csv"))
        rows = regesta("duplicates", "--format", "csv").rows
        assert {"aurus", "car"} not in [{row["event_id"], row["other_id"]} for row in rows]
        again = done(regesta("duplicates", "--decide", "d.csv", "--json")).json
        assert again["batch"] is None

    def test_an_import_does_not_forget_what_was_told_apart(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """The original folder, whole, leaves the decision; what is merged is proposed no more."""
        pairs = "car,aurus,different\nlimousine,car,same\n"
        write_files(desk, {"d.csv": f"event_id,other_id,decision\n{pairs}"})
        done(regesta("duplicates", "--decide", "d.csv"))
        assert done(regesta("import", "seed", "--snapshot", "all", "--json")).json["batch"] is None
        assert regesta("duplicates", "--format", "csv").rows == []

    def test_three_tellings_are_decided_in_one_file(self, regesta: Regesta, desk: Path) -> None:
        """All pairs of three events marked `same`, as the table proposes them, make one event."""
        done(regesta("duplicates", "--format", "csv", "--out", "p.csv"))
        lines = (desk / "p.csv").read_text(encoding="utf-8").splitlines()
        marked = [lines[0], *(f"{line}same" for line in lines[1:])]
        write_files(desk, {"p.csv": "\n".join(marked) + "\n"})
        done(regesta("duplicates", "--decide", "p.csv"))
        assert len(regesta("timeline", "--format", "csv").rows) == 3

    CLASHES = {
        "both": "car,aurus,same\ncar,aurus,different\n",
        "both-either-way": "car,aurus,same\naurus,car,different\n",
        "itself-same": "car,car,same\n",
        "itself-different": "car,car,different\n",
        "by-others": "car,aurus,same\nlimousine,aurus,same\ncar,limousine,different\n",
        "unknown": "car,nobody,same\n",
        "no-decision": "car,aurus,perhaps\n",
        "nothing-named": ",,same\n",
    }

    @pytest.mark.parametrize("rows", CLASHES.values(), ids=CLASHES)
    def test_what_cannot_be_decided_is_refused(
        self, rows: str, regesta: Regesta, desk: Path
    ) -> None:
        """A file that contradicts itself, or names what is not there, records nothing."""
        write_files(desk, {"d.csv": f"event_id,other_id,decision\n{rows}"})
        before = regesta("checkpoint").out
        declined(regesta("duplicates", "--decide", "d.csv"), 3, "")
        assert regesta("checkpoint").out == before


REFUSALS: dict[str, tuple[tuple[str, ...], int]] = {
    "retract-unknown": (("retract", "cra"), 2),
    "retract-nothing": (("retract", ""), 2),
    "retract-another-dataset's": (("retract", "other/car"), 2),
    "retract-merged": (("retract", "gone"), 2),
    "retract-unknown-reason": (("retract", "car", "--reason", "because"), 2),
    "retract-message-with-nul": (("retract", "car", "-m", "a\x00b"), 2),
    "retract-blank-author": (("retract", "car", "--author", " "), 2),
    "undo-unknown": (("retract", "cra", "--undo"), 2),
    "undo-what-is-there": (("retract", "car", "--undo"), 3),
    "undo-merged": (("retract", "gone", "--undo"), 3),
    "merge-unknown": (("merge", "cra", "car"), 2),
    "merge-into-unknown": (("merge", "car", "cra"), 2),
    "merge-into-another-dataset's": (("merge", "car", "other/car"), 2),
    "merge-itself": (("merge", "car", "car"), 3),
    "merge-merged": (("merge", "gone", "dogs"), 3),
    "merge-into-what-gave-way-to-it": (("merge", "car", "gone"), 3),
    "merge-one-argument": (("merge", "car"), 2),
    "merge-author-with-line-break": (("merge", "dogs", "car", "--author", "A\nB"), 2),
    "split-unknown": (("split", "cra"), 2),
    "split-unmerged": (("split", "dogs"), 3),
    "split-survivor": (("split", "car"), 3),
    "rekey-unknown": (("rekey", "cra", "new"), 2),
    "rekey-taken": (("rekey", "car", "dogs"), 3),
    "rekey-itself": (("rekey", "car", "car"), 3),
    "rekey-to-what-gave-way": (("rekey", "dogs", "gone"), 3),
    "rekey-merged": (("rekey", "gone", "new"), 2),
    "rekey-blank": (("rekey", "car", ""), 2),
    "rekey-with-blank": (("rekey", "car", "a car"), 2),
    "rekey-with-slash": (("rekey", "car", "other/car"), 2),
    "rekey-with-line-break": (("rekey", "car", "new\n"), 2),
    "rekey-with-dot-first": (("rekey", "car", ".car"), 2),
    "rekey-not-ascii": (("rekey", "car", "자동차"), 2),
    "rekey-too-long": (("rekey", "car", "x" * 129), 2),
    "decide-no-file": (("duplicates", "--decide", "none.csv"), 2),
    "decide-folder": (("duplicates", "--decide", "seed"), 2),
    "decide-store": (("duplicates", "--decide", "regesta.db"), 2),
    "decide-empty-file": (("duplicates", "--decide", "empty.csv"), 3),
    "decide-another-table": (("duplicates", "--decide", "seed/tables/events.csv"), 3),
    "least-above-one": (("duplicates", "--least", "1.5"), 2),
    "window-negative": (("duplicates", "--window", "-1"), 2),
}


@pytest.fixture(scope="module")
def once_merged(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store in which `gone` was merged into `car`, and an empty file."""
    folder = tmp_path_factory.mktemp("merged")
    shutil.copytree(told, folder, dirs_exist_ok=True)
    gone = "event_id,event_type,title,date\ngone,gift,A car,2024-02-18\n"
    write_files(folder, {"empty.csv": "", "gone.csv": gone})
    store = ("--store", f"sqlite:///{folder}/regesta.db")
    done(run(*store, "import", folder / "gone.csv"))
    done(run(*store, "merge", "gone", "car"))
    return folder


@pytest.fixture
def merged(once_merged: Path, desk: Path) -> Regesta:
    """Return a command line on a store in which `gone` was merged into `car`."""
    shutil.copytree(once_merged, desk, dirs_exist_ok=True)
    return run


@pytest.mark.parametrize(("words", "status"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_done_is_declined_and_leaves_the_log(
    words: tuple[str, ...], status: int, merged: Regesta
) -> None:
    """An id, a reason or a name that will not do ends in words, and nothing is recorded."""
    before = merged("checkpoint").out
    declined(merged(*words), status, "")
    assert merged("checkpoint").out == before


@pytest.mark.parametrize(
    "words",
    [("retract", "x"), ("merge", "x", "y"), ("split", "x"), ("rekey", "x", "y"), ("duplicates",)],
    ids=lambda words: words[0],
)
def test_without_a_store_a_curation_says_how_to_make_one(
    words: tuple[str, ...], bare: Regesta, desk: Path
) -> None:
    """Where there is no store there is nothing to curate, and none is made."""
    declined(bare(*words), 2, "regesta init")
    assert not list(desk.iterdir())


class TestTwoAtOnce:
    """Two curators at the same moment."""

    @staticmethod
    def together(*jobs: Callable[[Store, Signature], object]) -> list[RegestaError | None]:
        """Return what became of each job, all of which were begun at once."""

        def work(numbered: tuple[int, Callable[[Store, Signature], object]]) -> RegestaError | None:
            number, job = numbered
            signature = Signature(author=f"curator {number}", at=datetime.now(UTC))
            try:
                job(Store.open("sqlite:///regesta.db"), signature)
            except RegestaError as fault:
                return fault
            return None

        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(work, enumerate(jobs)))

    def test_both_land_where_they_do_not_touch(self, regesta: Regesta) -> None:
        """Who is overtaken plans again: every batch is there, and the log holds."""
        found = self.together(
            lambda store, by: merge(store, "aurus", "car", by),
            lambda store, by: retract(store, "dogs", by, reason="correction"),
            lambda store, by: rekey(store, "limousine", "limo", by),
        )
        assert found == [None, None, None]
        rows = Store.open("sqlite:///regesta.db").rows("batches")
        assert sorted(rows["author"][1:]) == ["curator 0", "curator 1", "curator 2"]
        assert regesta("verify").status == 0
        assert {row["event_id"] for row in regesta("timeline", "--format", "csv").rows} == {
            "car", "limo", "vote",
        }  # fmt: skip

    def test_of_two_that_contradict_one_is_told(self, regesta: Regesta) -> None:
        """Each merged into the other at once: one merge stands, the other curator learns of it."""
        found = self.together(
            lambda store, by: merge(store, "aurus", "car", by),
            lambda store, by: merge(store, "car", "aurus", by),
        )
        refused = [fault for fault in found if fault is not None]
        assert len(refused) == 1
        assert isinstance(refused[0], Refused)
        assert page(regesta, "aurus") == page(regesta, "car")
        assert regesta("verify").status == 0

    @pytest.mark.usefixtures("regesta")
    def test_the_same_twice_is_recorded_once(self) -> None:
        """Two who retract the same event: one does, the other is told that it is not there."""
        found = self.together(
            *[lambda store, by: retract(store, "dogs", by, reason="correction")] * 2
        )
        assert [fault.exit_status for fault in found if fault] == [2]
        assert Store.open("sqlite:///regesta.db").rows("batches").height == 2


def test_the_tables_that_name_events_are_all_looked_at() -> None:
    """The columns that these tests look through are those of the schema."""
    assert set(NAMING) == {
        ("participants", "event_id"),
        ("evidence", "event_id"),
        ("relations", "event_id"),
        ("relations", "other_id"),
    }
    assert set(IMPORTED) < set(TABLES)
