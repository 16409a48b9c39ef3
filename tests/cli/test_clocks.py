"""Three clocks: what had happened, what was known of it, and what was recorded by then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from regesta.flows.seeing import seen
from regesta.research.register import Register
from regesta.store.store import Store
from tests.cli.conftest import Answer, Regesta, run, write_files
from tests.cli.stories import AURUS, LATER
from tests.cli.test_commands import declined

GIFT = "gift-aurus"
BEFORE = "2024-02-20T10:08+09:00"
KCNA = "2024-02-20T10:09+09:00"
VANTAGES: dict[str, tuple[str, str, str | None, str | None]] = {
    "the minute before KCNA's report": (BEFORE, "batch:2", None, None),
    "KCNA's report": (KCNA, "batch:2", "one_sided", ""),
    "Peskov's word": ("2024-02-20T12:30+03:00", "batch:2", "confirmed", ""),
    "Seoul's protest": ("2024-02-21", "batch:2", "confirmed", "alleged"),
    "Moscow's answer": ("2024-02-23", "batch:2", "confirmed", "disputed"),
    "what Kim said, recorded later": ("2024-02-25", "batch:1", "confirmed", "disputed"),
    "what Kim said, once recorded": ("2024-02-25", "batch:2", "disputed", "disputed"),
    "before the log began": ("2030", "1999-12-31", None, None),
}
"""What was known by when, as recorded when: status of the gift and of its legality, if it shows."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of two batches: the gift, and what was learnt of it later."""
    folder = tmp_path_factory.mktemp("aurus")
    write_files(folder / "seed", AURUS)
    write_files(folder, LATER)
    store = folder / "regesta.db"
    words = ("--store", f"sqlite:///{store}", "import", "--author")
    assert run(*words, "Ann", folder / "seed").status == 0
    assert run(*words, "Bob", folder / "events.csv", folder / "evidence.csv").status == 0
    return store


@pytest.fixture
def regesta(told: Path, desk: Path) -> Regesta:
    """Return a command line in a folder whose store holds the gift."""
    shutil.copy(told, desk / "regesta.db")
    return run


def gift(answer: Answer) -> dict[str, str] | None:
    """Return the gift's line of a timeline, or None if it does not show."""
    assert answer.status == 0, answer.err
    return next((row for row in answer.rows if row["event_id"] == GIFT), None)


class TestKnownBy:
    """Nothing that was learnt later shows in an earlier view."""

    @pytest.mark.parametrize(
        ("known_by", "as_of", "status", "legality"), VANTAGES.values(), ids=VANTAGES
    )
    def test_the_gift_by_both_clocks(
        self, known_by: str, as_of: str, status: str | None, legality: str | None, regesta: Regesta
    ) -> None:
        """`timeline` and `show` agree on whether the gift was known, and how firmly."""
        clocks = ("--known-by", known_by, "--as-of", as_of)
        row = gift(regesta("timeline", *clocks, "--format", "csv"))
        page = regesta("show", GIFT, *clocks, "--format", "json")
        if status is None:
            assert row is None
            declined(page, 2, GIFT)
            return
        assert row is not None
        assert (row["status"], row["legality"]) == (status, legality)
        shown = {each["aspect"]: each["status"] for each in page.json["statuses"]}
        assert (shown["occurrence"], shown.get("legality", "")) == (status, legality)

    def test_a_value_shows_from_its_first_claim_on(self, regesta: Regesta) -> None:
        """The make is empty before Peskov names it; the summary that names it is withheld too."""
        words = ("show", GIFT, "--format", "json", "--known-by")
        before, after = (regesta(*words, at).json["event"] for at in (KCNA, "2024-02-20"))
        assert (before["details"], before["summary"]) == (None, None)
        assert (after["details"], after["summary"]) == ({"make": "Aurus"}, None)
        whole = regesta(*words, "2024-03-05").json["event"]  # all who took part are known
        assert whole["summary"] == "An Aurus for Kim."

    def test_no_later_word_shows_on_the_page(self, regesta: Regesta) -> None:
        """The whole page, and the whole object, hold nothing of what was said or learnt later."""
        for form in ("table", "json", "jsonl"):
            seen = regesta("show", GIFT, "--known-by", KCNA, "--format", form).out
            for word in ("Aurus", "Peskov", "peskov", "shoigu", "legality", "follows", "e02"):
                assert word not in seen.replace(GIFT, "").replace("aurus.e01", ""), word

    def test_a_participant_shows_once_named(self, regesta: Regesta) -> None:
        """Who carried the key is no participant before the memoir says so."""
        for known_by, named in (("2024-03-04", False), ("2024-03-05", True)):
            row = gift(regesta("timeline", "--known-by", known_by, "--format", "csv"))
            assert row is not None
            assert ("shoigu:intermediary" in row["participants"]) is named
            with_him = regesta("timeline", "--actor", "shoigu", "--known-by", known_by)
            assert (GIFT in with_him.out) is named

    def test_a_summary_tells_of_no_participant_before_others_do(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """A summary is withheld wherever something is: it may name who was learnt of later."""
        write_files(desk, {"events.csv": f"event_id,summary\n{GIFT},Shoigu brought the key.\n"})
        assert regesta("import", "events.csv").status == 0
        assert "Shoigu" not in regesta("show", GIFT, "--known-by", "2024-03-04").out
        assert "Shoigu" in regesta("show", GIFT, "--known-by", "2024-03-05").out

    def test_a_relation_shows_once_learnt(self, regesta: Regesta) -> None:
        """An alleged breach is known from the first claim on legality, the rest as claims say."""
        words = ("show", GIFT, "--format", "json", "--known-by")
        found = {
            known_by: {each["relation"] for each in regesta(*words, known_by).json["relations"]}
            for known_by in ("2024-02-20", "2024-02-21", "2024-03-05")
        }
        assert found == {
            "2024-02-20": set(),
            "2024-02-21": {"allegedly_violates"},
            "2024-03-05": {"allegedly_violates", "follows"},
        }
        related = ("timeline", "--related-to", "meeting-2023", "--format", "csv", "--known-by")
        assert gift(regesta(*related, "2024-03-04")) is None
        assert gift(regesta(*related, "2024-03-05")) is not None

    def test_a_relation_to_another_dataset_is_known_with_its_event(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """What names a row of another dataset shows from when its own event was known."""
        write_files(
            desk, {"r.csv": f"event_id,relation,other_id\n{GIFT},responds_to,other-set/visit-1\n"}
        )
        assert regesta("import", "r.csv").status == 0
        shown = regesta("show", GIFT, "--known-by", "2030", "--format", "json").json["relations"]
        assert "other-set/visit-1" in {each["other_id"] for each in shown}

    def test_without_an_end_of_its_own_evidence_is_known_when_recorded(
        self, regesta: Regesta, desk: Path
    ) -> None:
        """A claim that neither speaker nor source dates counts from the day of its record."""
        write_files(
            desk,
            {
                "sources.csv": "source_id,publisher,kind\nnote-1,A note,other\n",
                "evidence.csv": "evidence_id,event_id,source_id,stance\n"
                "note.e01,gift-aurus,note-1,asserts\n",
            },
        )
        assert regesta("import", "sources.csv", "evidence.csv").status == 0
        counted = {
            known_by: int(row["n_sources"])
            for known_by in ("2024-12-31", "2999")
            if (row := gift(regesta("timeline", "--known-by", known_by, "--format", "csv")))
        }
        assert counted["2999"] == counted["2024-12-31"] + 1

    @pytest.mark.parametrize("policy", ["parties", "official"])
    def test_the_far_future_knows_all(self, policy: str, regesta: Regesta) -> None:
        """Known by the end of time is known, under every policy: here all events have evidence."""
        words = ("timeline", "--policy", policy, "--format", "csv")
        assert regesta(*words, "--known-by", "9999").data == regesta(*words).data


NO_DATES = (
    "now",
    "yesterday",
    "XXXX",
    "2024/..",
    "2024-02-30",
    "2024-02-20T25:00",
    "20240220",
    "batch:1",
    "-5",
    "10000",
)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_usage(text: str, regesta: Regesta) -> None:
    """`--known-by` takes a date with an end; anything else is usage."""
    declined(regesta("timeline", "--known-by", text), 2, repr(text))


@pytest.mark.parametrize(
    "words",
    [
        ("show", GIFT),
        ("show", GIFT, "--status-history"),
        ("breaches", "vote-2006"),
        ("diff", "batch:1", "batch:2"),
        ("release", "1.0.0"),
    ],
    ids=lambda words: words[-1],
)
def test_every_command_with_that_clock_reads_it_alike(
    words: tuple[str, ...], regesta: Regesta, desk: Path
) -> None:
    """A date without an end is usage for each of them, and nothing is written."""
    declined(regesta(*words, "--known-by", "2024/.."), 2, "'2024/..'")
    assert not (desk / "releases").exists()


@pytest.mark.parametrize(
    "words",
    [("timeline",), ("show", GIFT), ("breaches", "vote-2006"), ("release", "1.0.0")],
    ids=lambda words: words[0],
)
def test_a_moment_that_the_log_lacks_is_usage(
    words: tuple[str, ...], regesta: Regesta, desk: Path
) -> None:
    """`--as-of` takes what the log has reached, with and without `--known-by`."""
    for moment in ("batch:3", "4000", "soon"):
        declined(regesta(*words, "--as-of", moment), 2, "")
        declined(regesta(*words, "--as-of", moment, "--known-by", "2024"), 2, "")
    assert not (desk / "releases").exists()


class TestStatus:
    """How firmly something is known, and why."""

    def test_show_names_the_evidence_that_decided(self, regesta: Regesta) -> None:
        """Each status is explained by who said what when, with the evidence in brackets."""
        shown = regesta("show", GIFT, "--format", "json").json["statuses"]
        why = {each["aspect"]: each["why"] for each in shown}
        assert "Russia (peskov) confirms on 2024-02-20 09:30 UTC [aurus.e02]" in why["occurrence"]
        assert "North Korea (kim) denies on 2024-02-25 [aurus.e10]" in why["occurrence"]
        for name in ("aurus.e04", "aurus.e06"):
            assert f"[{name}]" in why["legality"]
        page = regesta("show", GIFT).out
        assert f"occurrence: disputed since 2024-02-25; {why['occurrence']}" in page

    def test_each_change_has_its_cause(self, regesta: Regesta) -> None:
        """`--status-history` tells every change in order of time, with the claim that made it."""
        rows = regesta("show", GIFT, "--status-history", "--format", "csv").rows
        occurrence = [
            (row["at"], row["before"], row["status"], row["cause"].rpartition(" ")[2])
            for row in rows
            if row["aspect"] == "occurrence"
        ]
        assert occurrence == [
            ("2024-02-20 01:09 UTC", "", "one_sided", "[aurus.e01]"),
            ("2024-02-20 09:30 UTC", "one_sided", "confirmed", "[aurus.e02]"),
            ("2024-02-25", "confirmed", "disputed", "[aurus.e10]"),
        ]
        assert [(r["before"], r["status"]) for r in rows if r["aspect"] == "legality"] == [
            ("", "alleged"), ("alleged", "disputed"),
        ]  # fmt: skip

    def test_the_history_of_a_status_ends_at_the_vantage(self, regesta: Regesta) -> None:
        """What came later, by either clock, is no change yet."""
        words = ("show", GIFT, "--status-history", "--format", "csv")
        every = regesta(*words).rows
        by_then = [row for row in every if row["at"] < "2024-02-21"]
        assert regesta(*words, "--known-by", "2024-02-20").rows == by_then
        assert "aurus.e10" not in regesta(*words, "--as-of", "batch:1").out

    def test_what_nobody_speaks_of_has_no_history(self, regesta: Regesta, desk: Path) -> None:
        """An event without evidence is unsourced, and not known by any day."""
        write_files(desk, {"e.csv": "event_id,event_type,title,date\nmute,gift,A gift,2024\n"})
        assert regesta("import", "e.csv").status == 0
        assert "unsourced" in regesta("show", "mute").out
        assert regesta("show", "mute", "--status-history", "--format", "csv").rows == []
        declined(regesta("show", "mute", "--known-by", "2999"), 2, "mute")

    def test_an_official_holds_the_office_of_the_day(self, regesta: Regesta, desk: Path) -> None:
        """Shoigu is Minister of Defence in February 2024, and no longer in June."""
        write_files(
            desk,
            {
                "e.csv": "event_id,event_type,title,date\nvisit,visit,A visit,2024-06-19\n",
                "p.csv": "event_id,actor_id,role\nvisit,shoigu,guest\n",
            },
        )
        assert regesta("import", "e.csv", "p.csv").status == 0
        assert "Sergei Shoigu, Minister of Defence" in regesta("show", GIFT).out
        then = regesta("show", "visit", "--format", "json").json["participants"]
        assert [each["office"] for each in then] == ["Secretary of the Security Council"]

    @pytest.mark.parametrize("status", ["confirmed", "one_sided"])
    def test_by_status(self, status: str, regesta: Regesta) -> None:
        """`--status` lets through the events that have it at the vantage, before any limit."""
        clocks = ("timeline", "--known-by", "2024-02-20", "--format", "csv")
        wanted = [row for row in regesta(*clocks).rows if row["status"] == status]
        assert wanted
        assert regesta(*clocks, "--status", status).rows == wanted
        assert regesta(*clocks, "--status", status, "--limit", 1).rows == wanted[:1]

    def test_a_policy_keeps_no_more_than_a_laxer_one(self, regesta: Regesta) -> None:
        """Strict is a subset of one-sided, and that of any, and that of all."""
        kept = [
            {row["event_id"] for row in regesta("timeline", "--policy", p, "--format", "csv").rows}
            for p in ("strict", "one_sided", "any", "parties")
        ]
        assert kept[0] <= kept[1] <= kept[2] <= kept[3]
        strict = regesta("timeline", "--policy", "strict", "--known-by", "2024-02-20")
        assert GIFT in strict.out
        assert GIFT not in regesta("timeline", "--policy", "strict").out

    @pytest.mark.parametrize(
        ("option", "name"),
        [("--policy", "lenient"), ("--values", "best"), ("--policy", "Strict")],
    )
    @pytest.mark.parametrize("words", [("timeline",), ("show", GIFT)], ids=lambda w: w[0])
    def test_an_unknown_policy_is_usage(
        self, option: str, name: str, words: tuple[str, ...], regesta: Regesta
    ) -> None:
        """A policy is one of its code list, to the letter."""
        declined(regesta(*words, option, name), 2, repr(name))


class TestValues:
    """Which claim fills a column."""

    @pytest.fixture
    def claimed(self, regesta: Regesta, desk: Path) -> Regesta:
        """Return a command line on a store in which the place of the gift is claimed twice."""
        head = "evidence_id,event_id,source_id,stance,aspect,value,speaker,said_on\n"
        rows = (
            "p1,gift-aurus,yonhap-1,asserts,place,Wonsan,rok,2024-02-21\n"
            "p2,gift-aurus,tass-1,asserts,place,Pyongyang,peskov,2024-02-22\n"
            "p3,gift-aurus,memoir-1,asserts,place,Wonsan,,\n"
            "p4,gift-aurus,kcna-1,asserts,participants,kim:recipient,,\n"
        )
        write_files(desk, {"evidence.csv": head + rows})
        assert regesta("import", "evidence.csv").status == 0
        return regesta

    @pytest.mark.parametrize(
        ("policy", "place"),
        [
            ("as_coded", ""),
            ("earliest", "Wonsan"),
            ("latest", "Wonsan"),
            ("most_sources", "Wonsan"),
            ("official_first", "Pyongyang"),
        ],
    )
    def test_a_policy_chooses_among_claims(self, policy: str, place: str, claimed: Regesta) -> None:
        """The column holds the claim that the policy chooses, in `timeline` and in `show`."""
        row = gift(claimed("timeline", "--values", policy, "--format", "csv"))
        assert row is not None
        assert row["place"] == place
        told = claimed("show", GIFT, "--values", policy, "--format", "json").json
        assert (told["event"]["place"] or "") == place

    def test_the_choice_is_among_what_was_known(self, claimed: Regesta) -> None:
        """Before the second claim the first is the latest."""
        words = ("timeline", "--values", "latest", "--format", "csv", "--known-by")
        places = [gift(claimed(*words, day)) for day in ("2024-02-21", "2024-02-22", "2024-03-05")]
        assert [row["place"] for row in places if row] == ["Wonsan", "Pyongyang", "Wonsan"]

    def test_a_disputed_value_is_marked(self, claimed: Regesta) -> None:
        """Two values claimed for one column are a dispute, and each names who claims it."""
        told = claimed("show", GIFT, "--format", "json").json["values"]
        values = {each["aspect"]: each for each in told}
        assert values["place"]["is_disputed"] is True
        assert values["place"]["claimed"] == "Wonsan (KOR, A memoir); Pyongyang (RUS)"
        assert values["make"]["is_disputed"] is False

    def test_to_name_two_participants_is_no_dispute(self, claimed: Regesta) -> None:
        """An event has many participants: who names another one contradicts nobody."""
        told = claimed("show", GIFT, "--format", "json").json["values"]
        assert not [v for v in told if v["aspect"] == "participants" and v["is_disputed"]]

    @pytest.mark.parametrize("policy", ["earliest", "latest"])
    def test_participants_and_relations_are_no_details(self, policy: str, claimed: Regesta) -> None:
        """What is claimed of participants and relations is in their tables, not in `details`."""
        told = claimed("show", GIFT, "--values", policy, "--format", "json").json
        assert told["event"]["details"] == {"make": "Aurus"}


class TestBreaches:
    """Who says that what breached an instrument."""

    def test_each_state_has_its_position(self, regesta: Regesta) -> None:
        """Every allegation is told with each state's latest position that counts."""
        rows = regesta("breaches", "vote-2006", "--format", "csv").rows
        assert [(r["state"], r["stance"], r["known_on"], r["evidence_id"]) for r in rows] == [
            ("KOR", "asserts", "2024-02-21", "aurus.e04"),
            ("RUS", "denies", "2024-02-23", "aurus.e06"),
            ("USA", "confirms", "2024-02-24", "aurus.e09"),
        ]
        assert {(r["event_id"], r["provision"], r["legality"]) for r in rows} == {
            (GIFT, "OP 8(a)(iii)", "disputed")
        }

    def test_by_both_clocks(self, regesta: Regesta) -> None:
        """Washington made conditions before it confirmed; before Seoul nothing was alleged."""
        words = ("breaches", "vote-2006", "--format", "csv")
        stances = [(r["state"], r["stance"]) for r in regesta(*words, "--as-of", "batch:1").rows]
        assert ("USA", "conditions") in stances
        by_then = regesta(*words, "--known-by", "2024-02-22").rows
        assert {r["state"]: r["stance"] for r in by_then} == {
            "KOR": "asserts", "USA": "conditions",
        }  # fmt: skip
        assert regesta(*words, "--known-by", "2024-02-20").rows == []

    def test_an_allegation_without_a_state_has_its_line(self, regesta: Regesta, desk: Path) -> None:
        """An event on which no state has taken a position is told all the same."""
        write_files(
            desk,
            {"r.csv": "event_id,relation,other_id\nmeeting-2023,allegedly_violates,vote-2006\n"},
        )
        assert regesta("import", "r.csv").status == 0
        rows = regesta("breaches", "vote-2006", "--format", "csv").rows
        assert (rows[0]["event_id"], rows[0]["state"]) == ("meeting-2023", "")

    def test_an_instrument_of_another_dataset(self, regesta: Regesta, desk: Path) -> None:
        """The instrument may be a row of another dataset, as relations may name one."""
        write_files(
            desk,
            {"r.csv": f"event_id,relation,other_id\n{GIFT},allegedly_violates,unsc/res-1718\n"},
        )
        assert regesta("import", "r.csv").status == 0
        rows = regesta("breaches", "unsc/res-1718", "--format", "csv").rows
        assert {row["event_id"] for row in rows} == {GIFT}

    @pytest.mark.parametrize("name", ["vote-2007", "x/y/z"])
    def test_an_unknown_instrument_is_usage(self, name: str, regesta: Regesta) -> None:
        """An instrument is an event; a misspelt one is not found."""
        declined(regesta("breaches", name), 2, repr(name))


class TestRelease:
    """A release of what was known, or recorded, by then."""

    @pytest.mark.parametrize(
        ("clocks", "n_events"),
        [
            (("--as-of", "batch:1", "--known-by", KCNA), 3),
            (("--known-by", "1999"), 0),
        ],
        ids=["both", "nothing known"],
    )
    def test_it_verifies(
        self, clocks: tuple[str, ...], n_events: int, regesta: Regesta, desk: Path
    ) -> None:
        """Tables and timeline are what the log adds up to, seen from the vantage."""
        made = regesta("release", "1.0.0", *clocks, "--json")
        assert made.status == 0, made.err
        release = desk / made.json["path"]
        assert regesta("verify", release).status == 0
        timeline = (release / "timeline.csv").read_text(encoding="utf-8")
        assert timeline == regesta("timeline", *clocks, "--format", "csv").out
        assert timeline.count("\n") == 1 + n_events

    def test_it_says_so(self, regesta: Regesta, desk: Path) -> None:
        """README and datapackage name the moment by which things were known."""
        made = regesta("release", "1.0.0", "--known-by", KCNA, "--json").json
        release = desk / made["path"]
        assert "2024-02-20T01:09:00Z" in (release / "README.md").read_text(encoding="utf-8")
        descriptor = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
        assert descriptor["knownBy"] == "2024-02-20T01:09:00Z"
        assert regesta("release", "1.1.0", "--json").status == 0
        whole = json.loads((release.parent / "1.1.0/datapackage.json").read_text(encoding="utf-8"))
        assert "knownBy" not in whole

    def test_as_of_a_batch_is_the_log_up_to_there(self, regesta: Regesta, desk: Path) -> None:
        """The log of the release ends where the batch does, whatever was recorded since."""
        made = regesta("release", "1.0.0", "--as-of", "batch:1", "--json").json
        lines = (desk / made["path"] / "log.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == made["size"]
        assert not [line for line in lines if "aurus.e10" in line]
        after = regesta("release", "1.1.0", "--json").json
        assert after["size"] > made["size"]

    def test_a_release_from_within_a_batch_is_of_this_log(self, regesta: Regesta) -> None:
        """A position need not end a batch: the next release and `diff` know such a release."""
        made = regesta("release", "1.0.0", "--as-of", "20", "--json")
        assert made.status == 0, made.err
        path = made.json["path"]
        assert regesta("verify", path).status == 0
        compared = regesta("diff", path, "batch:2")
        assert compared.status == 0, compared.err
        following = regesta("release", "1.1.0")
        assert following.status == 0, following.err

    def test_nothing_recorded_by_then_is_refused_in_its_own_words(self, regesta: Regesta) -> None:
        """Of a log that had not begun, no release is made; the log is not called empty."""
        answer = regesta("release", "1.0.0", "--as-of", "1999-12-31")
        declined(answer, 3, "")
        assert "The log is empty" not in answer.err

    def test_it_is_of_one_state_whoever_writes_meanwhile(
        self, regesta: Regesta, desk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What others record while a release is made is in all of it or in none of it."""
        write_files(desk, {"e.csv": "event_id,event_type,title,date\nnew,gift,New,2024\n"})

        def interrupted(store: Store, *, as_of: str | None, known_by: str | None) -> Register:
            register = seen(store, as_of=as_of, known_by=known_by)
            assert run("import", "e.csv").status == 0
            return register

        monkeypatch.setattr("regesta.flows.releasing.seen", interrupted)
        made = regesta("release", "1.0.0", "--json")
        assert made.status == 0, made.err
        checked = regesta("verify", made.json["path"])
        assert checked.status == 0, checked.err
