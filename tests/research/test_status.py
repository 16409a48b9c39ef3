"""A status is what the evidence known by a day adds up to: the table of the design, case by case.

Every case is about one event, a gift of Russia to North Korea, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from regesta.errors import NoSuchName
from regesta.research.register import Register
from regesta.research.vantage import Vantage, parse_known_by
from regesta.store.store import Store
from regesta.vocabulary import code_list
from tests.logs import Rows, logged, record, told
from tests.strategies import Row

ACTORS: Sequence[Row] = (
    {"actor_id": "russia", "name": "Russia", "kind": "state", "country": "RUS"},
    {"actor_id": "dprk", "name": "North Korea", "kind": "state", "country": "PRK"},
    {"actor_id": "rok", "name": "South Korea", "kind": "state", "country": "KOR"},
    {"actor_id": "zion", "name": "A land without a code", "kind": "state"},
    {"actor_id": "kim", "name": "Kim Jong Un", "kind": "person", "country": "PRK"},
    {"actor_id": "shoigu", "name": "Sergei Shoigu", "kind": "person", "country": "RUS"},
    {"actor_id": "guterres", "name": "A. Guterres", "kind": "person", "country": "PRT"},
    {
        "actor_id": "kcna",
        "name": "Korean Central News Agency",
        "kind": "organisation",
        "country": "PRK",
        "aliases": "KCNA; Chosun Tongsin",
    },
    {"actor_id": "wagner", "name": "Wagner", "kind": "armed_group", "country": "RUS"},
    {"actor_id": "helpers", "name": "Helpers", "kind": "ngo", "country": "RUS"},
    {"actor_id": "un", "name": "United Nations", "kind": "igo"},
)
OFFICES: Sequence[Row] = (
    {
        "actor_id": "shoigu",
        "office": "Minister of Defence",
        "held_from": "2012-11",
        "held_until": "2024-05",
        "country": "RUS",
    },
    {"actor_id": "guterres", "office": "Secretary-General", "held_from": "2017"},
)
SOURCES: Sequence[Row] = (
    {"source_id": "daily", "publisher": "The Daily", "kind": "press"},
    {"source_id": "weekly", "publisher": "The Weekly", "kind": "press"},
    {"source_id": "post", "publisher": "A reader", "kind": "blog"},
    {"source_id": "dated", "publisher": "The Daily", "published_on": "2024-02-25"},
    {"source_id": "kcna-1", "publisher": "chosun tongsin", "kind": "state_media"},
    {"source_id": "kcna-2", "publisher": "KCNA", "kind": "press"},
    {"source_id": "wagner-1", "publisher": "Wagner", "kind": "state_media"},
    {"source_id": "kremlin", "publisher": "Russia", "kind": "official"},
)
GIFT = {"event_id": "gift", "date": "2024-02-18"}
BOTH = ("russia:giver", "dprk:recipient")
LATE = datetime(2026, 11, 24, 3, tzinfo=UTC)


def said(
    speaker: str | None,
    stance: str,
    on: str | None = "2024-02-20",
    *,
    about: str = "occurrence",
    value: str | None = None,
    source: str = "daily",
    event: str = "gift",
) -> Row:
    """Return a piece of evidence, but for its name."""
    return {
        "speaker": speaker,
        "stance": stance,
        "said_on": on,
        "aspect": about,
        "value": value,
        "source_id": source,
        "event_id": event,
    }


def numbered(claims: Sequence[Row], first: int = 1) -> list[Row]:
    """Return *claims* with the names e1, e2 and so on."""
    return [{"evidence_id": f"e{number}", **row} for number, row in enumerate(claims, first)]


def cast(parts: Sequence[str], event: str = "gift") -> list[Row]:
    """Return participants from `actor:role`, or `actor:role:state` for one on behalf of it."""
    split = [[*part.split(":"), None][:3] for part in parts]
    return [
        {"event_id": event, "actor_id": actor, "role": role, "on_behalf_of": whom}
        for actor, role, whom in split
    ]


def world(
    *claims: Row, parts: Sequence[str] = BOTH, offices: Sequence[Row] = OFFICES, **more: Row
) -> Rows:
    """Return the rows of a log: who there is, the gift with its *parts*, and the *claims*."""
    return {
        "actors": ACTORS,
        "offices": offices,
        "sources": SOURCES,
        "events": [{**GIFT, **more.get("event", {})}],
        "participants": cast(parts),
        "evidence": numbered(claims),
    }


def seen(store: Store, by: str | None = None, policy: str = "parties") -> Register:
    """Return the register of *store* by what was known at *by*."""
    known_by = None if by is None else parse_known_by(by)
    return Register(store.fetch, Vantage(known_by=known_by), policy=policy)


def status_in(
    store: Store, by: str | None = None, *, about: str = "occurrence", policy: str = "parties"
) -> str | None:
    """Return the status of one aspect of the gift; None if nobody was known to speak of it."""
    found = seen(store, by, policy).statuses().filter(event_id="gift", aspect=about)
    return found["status"].item() if found.height else None


def status(
    *claims: Row, parts: Sequence[str] = BOTH, by: str | None = None, about: str = "occurrence"
) -> str | None:
    """Return the status that *claims* on the gift add up to."""
    return status_in(logged(world(*claims, parts=parts)), by, about=about)


def voice(claim: Row, offices: Sequence[Row] = OFFICES) -> str:
    """Return the voice with which one claim is heard."""
    found = seen(logged(world(claim, offices=offices))).claims()["voice"].item()
    assert isinstance(found, str)
    return found


# The table, from above


def test_without_evidence_there_is_no_status() -> None:
    """An event of which nobody speaks has no aspect, and its timeline says unsourced."""
    assert status() is None
    assert told(seen(logged(world())).timeline(), "status") == ["unsourced"]


@pytest.mark.parametrize("stance", ["questions", "conditions", "declines", "mentions"])
def test_a_stance_that_does_not_count_leaves_the_claim_unsourced(stance: str) -> None:
    """To doubt, to speak of an if, to decline and to pass on is no assertion."""
    assert status(said("russia", stance), said("dprk", stance)) == "unsourced"


def test_what_only_others_assert_is_alleged() -> None:
    """Speakers who are no side do not make it more, however many they are."""
    claims = [said(who, "asserts") for who in ("rok", "un", "guterres", None)]
    assert status(*claims) == "alleged"


def test_what_others_deny_is_nothing() -> None:
    """The denial of one who is no side does not count, alone or against others."""
    assert status(said("rok", "denies")) == "unsourced"
    assert status(said("rok", "denies"), said("un", "asserts")) == "alleged"
    assert status(said("rok", "denies"), said("dprk", "asserts")) == "one_sided"


def test_what_one_of_two_sides_asserts_is_one_sided() -> None:
    """A side asserts, none denies, and the other has not spoken."""
    assert status(said("dprk", "asserts")) == "one_sided"
    assert status(said("dprk", "confirms"), said("rok", "asserts")) == "one_sided"


@pytest.mark.parametrize("stance", ["questions", "conditions", "declines", "mentions"])
def test_a_side_that_neither_affirms_nor_denies_has_not_spoken(stance: str) -> None:
    """What one side asserts stays one-sided whatever else the other says."""
    assert status(said("dprk", "asserts"), said("russia", stance)) == "one_sided"


def test_what_every_side_asserts_or_confirms_is_confirmed() -> None:
    """Both of two, and the one of one; others add nothing and take nothing away."""
    both = (said("dprk", "asserts"), said("russia", "confirms"))
    assert status(*both) == "confirmed"
    assert status(*both, said("rok", "denies")) == "confirmed"
    assert status(said("dprk", "asserts"), parts=["dprk:initiator"]) == "confirmed"


def test_of_three_sides_all_must_speak() -> None:
    """Two of three are not every side."""
    three = [*BOTH, "rok:target"]
    two = (said("dprk", "asserts"), said("russia", "confirms"))
    assert status(*two, parts=three) == "one_sided"
    assert status(*two, said("rok", "confirms"), parts=three) == "confirmed"


def test_what_is_asserted_and_denied_by_a_side_is_disputed() -> None:
    """It does not matter whether a side asserts it or somebody else."""
    assert status(said("rok", "asserts"), said("russia", "denies")) == "disputed"
    assert status(said("dprk", "asserts"), said("russia", "denies")) == "disputed"


def test_what_is_denied_by_a_side_and_asserted_by_nobody_is_denied() -> None:
    """A mention is no assertion; one denial is enough."""
    assert status(said("russia", "denies")) == "denied"
    assert status(said("russia", "denies"), said("rok", "mentions")) == "denied"
    assert status(said("russia", "denies"), said("dprk", "denies")) == "denied"


def test_an_event_without_sides_is_alleged_at_most() -> None:
    """Where nobody takes part every speaker is no side."""
    assert status(said("russia", "asserts"), parts=[]) == "alleged"
    assert status(said("russia", "denies"), parts=[]) == "unsourced"


def test_aspects_are_weighed_apart() -> None:
    """A confirmed gift may have a disputed value; each aspect has its own row."""
    store = logged(
        world(
            said("dprk", "asserts"),
            said("russia", "confirms"),
            said("rok", "asserts", about="make", value="Aurus"),
            said("dprk", "denies", about="make", value="Aurus"),
        )
    )
    assert told(seen(store).statuses(), "aspect", "status") == [
        ("make", "disputed"),
        ("occurrence", "confirmed"),
    ]


# Sides


@pytest.mark.parametrize("role", ["announcer", "intermediary", "observer"])
def test_some_roles_make_no_side(role: str) -> None:
    """Who announces, carries or looks on need not speak, and alleges when speaking."""
    parts = ["dprk:giver", f"russia:{role}"]
    assert status(said("dprk", "asserts"), parts=parts) == "confirmed"
    assert status(said("russia", "asserts"), parts=parts) == "alleged"


def test_every_other_role_makes_a_side() -> None:
    """The code list has no fourth role that is not principal."""
    others = {code for code, facts in code_list("roles").items() if facts["principal"] != "true"}
    assert others == {"announcer", "intermediary", "observer"}
    parts = [f"rok:{role}" for role in code_list("roles") if role not in others]
    for part in parts:
        assert status(said("rok", "asserts"), parts=[part]) == "confirmed", part


def test_one_state_is_one_side_however_many_take_part_for_it() -> None:
    """A leader and the state itself are one side; so are two roles of one actor."""
    parts = ["kim:host", "dprk:giver", "dprk:observer"]
    assert status(said("kim", "asserts"), parts=parts) == "confirmed"


def test_a_participant_on_behalf_of_another_makes_that_one_a_side() -> None:
    """Who acts for a state is no side itself."""
    parts = ["wagner:giver:russia", "dprk:recipient"]
    both = (said("russia", "confirms"), said("dprk", "confirms"))
    assert status(*both, parts=parts) == "confirmed"
    assert status(said("wagner", "asserts"), parts=parts) == "alleged"


def test_a_state_without_a_code_is_a_side_by_its_own_name() -> None:
    """The level of a state is its country, or the actor where no code is known."""
    assert status(said("zion", "asserts"), parts=["zion:host"]) == "confirmed"


@pytest.mark.parametrize("actor", ["wagner", "helpers", "un"])
def test_an_armed_group_an_ngo_and_an_igo_stand_for_themselves(actor: str) -> None:
    """They are sides of their own beside the state that they are of."""
    parts = [f"{actor}:giver", "russia:recipient"]
    assert status(said("russia", "asserts"), parts=parts) == "one_sided"
    assert status(said("russia", "asserts"), said(actor, "asserts"), parts=parts) == "confirmed"


def test_a_participant_is_of_the_state_served_on_the_day_of_the_event() -> None:
    """Whoever speaks later: the side is that of the office held when it happened."""
    store = logged(world(said("russia", "asserts"), parts=["shoigu:guest"]))
    assert status_in(store) == "confirmed"
    record(store, {"events": [{**GIFT, "date": "2024-06-18"}]})
    assert status_in(store) == "alleged"


def test_an_office_held_on_one_day_of_the_event_is_enough() -> None:
    """Of an event that took a while, or whose day is vague, any day will do."""
    for date in ("2024-05-20/2024-06-10", "2024", "2012-10/2012-11"):
        store = logged(
            world(said("russia", "asserts"), parts=["shoigu:guest"], event={"date": date})
        )
        assert status_in(store) == "confirmed", date


# Voices


def test_an_official_speaks_for_the_state_of_the_office() -> None:
    """A minister is heard as the state, from the first to the last day in office."""
    assert voice(said("shoigu", "asserts", "2024-02-20")) == "RUS"
    assert voice(said("shoigu", "asserts", "2012-11-01T00:00Z")) == "RUS"
    assert voice(said("shoigu", "asserts", "2024-05-31")) == "RUS"


def test_whoever_has_left_all_offices_speaks_for_nobody_else() -> None:
    """The day after the last, a minister is a person whatever the country."""
    assert voice(said("shoigu", "asserts", "2024-06-01")) == "shoigu"
    assert voice(said("shoigu", "asserts", "2024-06-01T00:00Z")) == "shoigu"


def test_before_an_office_a_person_speaks_for_the_country() -> None:
    """An office that comes later does not say that nobody was served before."""
    assert voice(said("shoigu", "asserts", "2012-10-31")) == "RUS"


def test_between_two_offices_a_person_speaks_for_the_country() -> None:
    """What follows shows that the record of offices is not at its end."""
    later = {"actor_id": "shoigu", "office": "Secretary", "held_from": "2024-08", "country": "RUS"}
    offices = [*OFFICES, later]
    assert voice(said("shoigu", "asserts", "2024-07-01"), offices) == "RUS"


def test_an_office_of_another_state_counts_for_that_state() -> None:
    """The office decides, not the passport."""
    there = {"actor_id": "shoigu", "office": "Envoy", "held_from": "2012", "country": "PRK"}
    assert voice(said("shoigu", "asserts"), [there]) == "PRK"


def test_an_office_of_no_state_speaks_for_its_organisation() -> None:
    """The head of an international organisation does not speak for the country of birth."""
    assert voice(said("guterres", "asserts")) == "guterres"
    office = {"actor_id": "guterres", "office": "Secretary-General", "held_from": "2017"}
    assert voice(said("guterres", "asserts"), [{**office, "organisation": "UNITED NATIONS"}]) == (
        "un"
    )
    assert voice(said("guterres", "asserts"), [{**office, "organisation": "A club"}]) == "guterres"


def test_an_office_of_a_state_speaks_for_the_state_and_not_for_its_ministry() -> None:
    """The organisation counts where the office has no country."""
    office = {"actor_id": "shoigu", "office": "Minister", "held_from": "2012"}
    named = {**office, "organisation": "Korean Central News Agency", "country": "RUS"}
    assert voice(said("shoigu", "asserts"), [named]) == "RUS"


@pytest.mark.parametrize(
    ("held_from", "held_until", "in_office"),
    [
        ("XXXX", None, True),
        ("XXXX", "2024-02", True),
        ("XXXX", "2024-01", False),
        ("2024-02-20", "2024-02-20", True),
        ("2024", "2024", True),
        ("2023~", "2024-02-20", True),
        ("202X", None, True),
        ("2010", "2024-02-19", False),
        ("2010", "2024-02-19/..", True),
    ],
)
def test_the_ends_of_an_office_are_read_widely(
    held_from: str, held_until: str | None, *, in_office: bool
) -> None:
    """A month, a year or an unknown day counts whole; no end known is no end."""
    office = {
        "actor_id": "shoigu",
        "office": "Minister",
        "held_from": held_from,
        "held_until": held_until,
        "country": "RUS",
    }
    heard = voice(said("shoigu", "asserts", "2024-02-20"), [office])
    assert heard == ("RUS" if in_office else "shoigu")


def test_a_person_without_offices_speaks_for_the_country() -> None:
    """So does an organisation; a group, an association and an international body do not."""
    assert voice(said("kim", "asserts")) == "PRK"
    assert voice(said("kcna", "asserts")) == "PRK"
    assert voice(said("wagner", "asserts")) == "wagner"
    assert voice(said("helpers", "asserts")) == "helpers"
    assert voice(said("un", "asserts")) == "un"


def test_without_a_speaker_the_publisher_is_heard() -> None:
    """A publisher that is no actor speaks by its name."""
    assert voice(said(None, "asserts", source="daily")) == "The Daily"


def test_a_state_agency_without_a_speaker_speaks_for_its_state() -> None:
    """The publisher is an actor by name or alias, in any case, and the source is the state's."""
    assert voice(said(None, "asserts", source="kcna-1")) == "PRK"
    assert voice(said(None, "asserts", source="kremlin")) == "RUS"


def test_the_same_publisher_as_press_speaks_for_itself() -> None:
    """Without the kind of source that says so, nobody is heard as the state."""
    assert voice(said(None, "asserts", source="kcna-2")) == "kcna"


def test_press_with_the_name_of_a_state_does_not_speak_for_it() -> None:
    """Not even where the state is known by its code alone."""
    store = logged(
        {
            **world(said(None, "asserts", source="digest"), parts=["RUS:giver"]),
            "actors": [{"actor_id": "RUS", "name": "Russia", "kind": "state", "country": "RUS"}],
            "offices": [],
            "sources": [{"source_id": "digest", "publisher": "Russia", "kind": "press"}],
        }
    )
    assert status_in(store) == "alleged"


def test_a_speaker_whom_no_table_names_speaks_alone() -> None:
    """An actor of which nothing is recorded is no side and no state."""
    assert voice(said("stranger", "asserts")) == "stranger"
    assert status(said("stranger", "asserts"), parts=["stranger:host"]) == "confirmed"


def test_state_media_of_an_armed_group_speak_for_the_group() -> None:
    """There is no state that it could be heard as."""
    assert voice(said(None, "asserts", source="wagner-1")) == "wagner"


def test_a_speaker_is_heard_and_not_the_publisher() -> None:
    """What a state agency quotes somebody as saying is not the state's."""
    assert voice(said("wagner", "asserts", source="kcna-1")) == "wagner"


def test_a_report_of_a_state_agency_counts_as_its_side() -> None:
    """KCNA alone makes a gift one-sided, and Moscow's word then confirms it."""
    kcna = said(None, "asserts", "2024-02-20", source="kcna-1")
    assert status(kcna) == "one_sided"
    assert status(kcna, said("shoigu", "confirms", "2024-02-21")) == "confirmed"


def test_two_voices_of_one_state_are_one() -> None:
    """The state's latest word counts, whoever says it."""
    claims = [said("russia", "denies", "2024-02-20"), said("shoigu", "confirms", "2024-02-21")]
    assert status(*claims, parts=["russia:giver"]) == "confirmed"
    assert status(*claims[::-1], parts=["russia:giver"]) == "confirmed"


# Time


def test_the_latest_stance_known_by_the_day_counts() -> None:
    """A side that denied and then confirmed stands where it stood on the day asked for."""
    claims = [said("russia", "denies", "2024-02-20"), said("russia", "confirms", "2024-02-22")]
    by_day = {
        day: status(*claims, parts=["russia:giver"], by=f"2024-02-{day}")
        for day in (19, 20, 21, 22, 23)
    }
    assert by_day == {
        19: None,
        20: "denied",
        21: "denied",
        22: "confirmed",
        23: "confirmed",
    }


def test_a_stance_that_does_not_count_takes_none_back() -> None:
    """Who asserted and now declines to comment still asserts."""
    claims = [said("dprk", "asserts", "2024-02-20"), said("dprk", "declines", "2024-02-22")]
    assert status(*claims) == "one_sided"


def test_a_speaker_who_is_no_side_can_turn_too() -> None:
    """An allegation that is denied by its author is one no more."""
    claims = [said("rok", "asserts", "2024-02-20"), said("rok", "denies", "2024-02-22")]
    assert status(*claims, by="2024-02-21") == "alleged"
    assert status(*claims) == "unsourced"


def test_minutes_order_what_is_said_on_one_day() -> None:
    """The later minute counts; each moment has its own status."""
    claims = [
        said("russia", "confirms", "2024-02-20T14:00Z"),
        said("russia", "denies", "2024-02-20T09:30Z"),
    ]
    assert status(*claims, by="2024-02-20T09:29Z") is None
    assert status(*claims, by="2024-02-20T09:30Z") == "denied"
    assert status(*claims, by="2024-02-20T13:59Z") == "denied"
    assert status(*claims) == "one_sided"


def test_a_day_without_a_minute_counts_at_its_end() -> None:
    """What is said on a day is later than what is said in one of its minutes."""
    claims = [
        said("russia", "denies", "2024-02-20"),
        said("russia", "confirms", "2024-02-20T23:00Z"),
    ]
    assert status(*claims, by="2024-02-20T23:30Z") == "one_sided"
    assert status(*claims, by="2024-02-20") == "denied"


def test_time_zones_are_reckoned_with() -> None:
    """Eight in Pyongyang is before midnight in London, and is known the day before."""
    claims = [
        said("dprk", "asserts", "2024-02-21T08:00+09:00"),
        said("dprk", "denies", "2024-02-20T23:30Z"),
    ]
    assert status(*claims, by="2024-02-20T23:15Z") == "one_sided"
    assert status(*claims, by="2024-02-20") == "denied"
    assert status(*claims, by="2024-02-21T08:15+09:00") == "one_sided"


def test_a_month_is_known_when_it_is_over() -> None:
    """What was said at some time in February was certainly known on its last day."""
    claim = said("dprk", "asserts", "2024-02")
    assert status(claim, by="2024-02-28") is None
    assert status(claim, by="2024-02-29") == "one_sided"


def test_at_one_moment_the_later_name_counts() -> None:
    """Of two claims of one voice at one moment the one with the greater name is the latest."""
    claims = [said("dprk", "asserts"), said("dprk", "denies")]
    assert status(*claims) == "denied"
    assert status(*claims[::-1]) == "one_sided"


def test_what_has_no_day_of_its_own_is_known_when_its_source_was_published() -> None:
    """What was said counts first, then what was published."""
    undated = said("dprk", "asserts", None, source="dated")
    assert status(undated, by="2024-02-24") is None
    assert status(undated, by="2024-02-25") == "one_sided"
    earlier = said("dprk", "asserts", "2024-02-20", source="dated")
    assert status(earlier, by="2024-02-20") == "one_sided"


def test_what_has_no_day_at_all_is_known_when_it_was_first_recorded() -> None:
    """A later revision of the record does not make it known later."""
    day, next_day = datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC)
    claim = said("dprk", "asserts", None)
    store = logged(world(claim), at=day)
    record(store, {"evidence": numbered([{**claim, "gist": "A car."}])}, at=next_day)
    assert status_in(store, "2026-02-28") is None
    assert status_in(store, "2026-03-01") == "one_sided"


def test_a_date_without_an_end_is_no_date_of_its_own() -> None:
    """A claim made at some time after a day is known when its source is, else when recorded."""
    claim = said("dprk", "asserts", "2024-02-20/..", source="dated")
    assert status(claim, by="2024-02-24") is None
    assert status(claim, by="2024-02-25") == "one_sided"


# Legality


def test_legality_is_a_claim_that_something_was_breached() -> None:
    """Who calls it unlawful asserts that; who calls it lawful denies it."""
    unlawful = said("rok", "asserts", about="legality", value="unlawful")
    lawful = said("russia", "asserts", about="legality", value="lawful")
    assert status(unlawful, about="legality") == "alleged"
    assert status(lawful, about="legality") == "denied"
    assert status(unlawful, lawful, about="legality") == "disputed"


def test_to_deny_that_it_was_lawful_is_to_call_it_a_breach() -> None:
    """Two turns are none."""
    assert status(said("rok", "denies", about="legality", value="lawful"), about="legality") == (
        "alleged"
    )
    assert status(said("russia", "denies", about="legality"), about="legality") == "denied"


def test_an_if_is_no_position_on_legality() -> None:
    """What would be a breach if it were true has not been called one."""
    claim = said("rok", "conditions", about="legality", value="unlawful")
    assert status(claim, about="legality") == "unsourced"


def test_lawful_turns_the_aspect_legality_only() -> None:
    """The word has no power over other aspects."""
    assert status(said("dprk", "asserts", value="lawful")) == "one_sided"


# Policies


def _kept(store: Store, policy: str) -> list[str]:
    return sorted(told(seen(store, policy=policy).timeline(), "event_id"))


def _every_status() -> Store:
    """Return a store with one event of each status, named after it."""
    claims = [
        said("rok", "mentions", event="unsourced"),
        said("rok", "asserts", event="alleged"),
        said("dprk", "asserts", event="one_sided"),
        said("dprk", "asserts", event="confirmed"),
        said("russia", "confirms", event="confirmed"),
        said("dprk", "asserts", event="disputed"),
        said("russia", "denies", event="disputed"),
        said("russia", "denies", event="denied"),
    ]
    names = sorted({str(row["event_id"]) for row in claims})
    return logged(
        {
            **world(*claims),
            "events": [{"event_id": name} for name in names],
            "participants": [part for name in names for part in cast(BOTH, name)],
        }
    )


def test_each_policy_keeps_its_statuses() -> None:
    """The policy strict keeps less than one_sided, that less than any, that less than all."""
    store = _every_status()
    assert _kept(store, "strict") == ["confirmed"]
    assert _kept(store, "one_sided") == ["confirmed", "one_sided"]
    assert _kept(store, "any") == ["alleged", "confirmed", "disputed", "one_sided"]
    assert _kept(store, "parties") == sorted(code_list("statuses"))


def test_official_hears_states_and_documents_only() -> None:
    """What stands in the press alone is not heard, whoever said it."""
    claims = [said("dprk", "asserts", source="daily"), said(None, "asserts", source="kremlin")]
    store = logged(world(*claims))
    assert status_in(store) == "confirmed"
    assert status_in(store, policy="official") == "one_sided"
    assert _kept(store, "official") == ["gift"]
    assert _kept(logged(world(claims[0])), "official") == []


def test_without_weak_leaves_out_what_is_marked_as_weak() -> None:
    """A blog is not heard, the press is."""
    claims = [said("dprk", "asserts", source="daily"), said("russia", "denies", source="post")]
    store = logged(world(*claims))
    assert status_in(store) == "disputed"
    assert status_in(store, policy="without_weak") == "one_sided"
    assert _kept(logged(world(claims[1])), "without_weak") == []


def test_without_weak_hears_every_kind_of_source_that_is_not_weak() -> None:
    """The policy and the marks of the code list agree."""
    strong = {code for code, facts in code_list("source_kinds").items() if facts["weak"] != "true"}
    assert set(code_list("policies")["without_weak"]["source_kinds"].split(";")) == strong


def test_a_source_of_no_kind_is_heard_by_the_default_only() -> None:
    """Where nothing is known of a source it is neither official nor strong."""
    store = logged(
        {
            **world(said("dprk", "asserts", source="bare")),
            "sources": [{"source_id": "bare", "kind": None}],
        }
    )
    assert status_in(store) == "one_sided"
    assert status_in(store, policy="official") is None
    assert status_in(store, policy="without_weak") is None


def test_a_policy_that_nobody_knows_is_refused() -> None:
    """The name is given back with what it might have meant."""
    with pytest.raises(NoSuchName, match="strict"):
        seen(logged(world()), policy="strikt")


# Merged events


def _merged() -> Store:
    """Return a store in which the event `dup` was merged into the gift."""
    store = logged(
        {
            **world(said("dprk", "asserts", "2024-02-20")),
            "events": [GIFT, {"event_id": "dup"}],
            "participants": [*cast(["russia:giver"]), *cast(["dprk:recipient"], "dup")],
        }
    )
    later = numbered([said("russia", "confirms", "2024-02-22", event="dup")], first=2)
    record(store, {"evidence": later})
    same = {"event_id": "dup", "relation": "same_as", "other_id": "gift"}
    return record(store, {"relations": [same]}, gone={"events": [{"event_id": "dup"}]})


def test_merged_events_share_evidence_and_sides() -> None:
    """What was said of the one that gave way is said of the one that stayed, from then on."""
    store = _merged()
    assert status_in(store, "2024-02-20") == "alleged"  # as before: its side is not known yet
    assert status_in(store) == "confirmed"
    assert set(seen(store).claims()["event_id"]) == {"gift"}
    assert told(seen(store).timeline(), "event_id", "n_sources", "n_speakers") == [("gift", 1, 2)]


def test_before_the_merge_each_has_its_own() -> None:
    """As of the record before, the two are two, each with one side."""
    store = _merged()
    merge = store.batch_ends()[-2][2]
    before = Register(store.fetch, Vantage(upto=merge)).statuses()
    assert told(before, "event_id", "status") == [("dup", "alleged"), ("gift", "alleged")]


def test_evidence_of_an_event_merged_twice_reaches_the_last() -> None:
    """A chain of merges is followed to its end."""
    store = _merged()
    last = {"event_id": "final", "title": "Final"}
    same = {"event_id": "gift", "relation": "same_as", "other_id": "final"}
    record(store, {"events": [last], "relations": [same]}, gone={"events": [{"event_id": "gift"}]})
    assert told(seen(store).statuses(), "event_id", "status") == [("final", "confirmed")]


# What is learnt later


def test_an_event_is_known_from_its_first_evidence() -> None:
    """A mention is enough to know of it; before, there is no row."""
    store = logged(world(said("rok", "mentions", "2024-02-20")))
    assert seen(store, "2024-02-19").table("events").is_empty()
    assert seen(store, "2024-02-19").timeline().is_empty()
    assert told(seen(store, "2024-02-20").timeline(), "event_id", "status") == [
        ("gift", "unsourced")
    ]


def test_a_participant_that_was_named_later_is_no_side_before() -> None:
    """KCNA's report confirms a gift of unknown origin; once the giver is named it does not."""
    store = logged(
        world(
            said("dprk", "asserts", "2024-02-20"),
            said("rok", "asserts", "2024-02-22", about="participants", value="russia"),
        )
    )
    assert told(seen(store, "2024-02-21").table("participants"), "actor_id") == ["dprk"]
    assert status_in(store, "2024-02-21") == "confirmed"
    assert told(seen(store, "2024-02-22").table("participants"), "actor_id") == ["dprk", "russia"]
    assert status_in(store, "2024-02-22") == "one_sided"
    assert told(seen(store).steps().filter(aspect="occurrence"), "at", "status") == [
        ("2024-02-20T23:59:59Z", "confirmed"),
        ("2024-02-22T23:59:59Z", "one_sided"),
    ]


def test_a_speaker_counts_as_a_side_once_named_as_one() -> None:
    """What was said before as anybody's counts from then on as the side's."""
    store = logged(
        world(
            said("dprk", "asserts", "2024-02-19"),
            said("russia", "denies", "2024-02-20"),
            said("rok", "asserts", "2024-02-22", about="participants", value="russia:giver"),
        )
    )
    assert status_in(store, "2024-02-21") == "confirmed"
    assert status_in(store, "2024-02-22") == "disputed"


def test_a_claim_may_name_one_role_of_a_participant() -> None:
    """The other role is known with the event."""
    store = logged(
        world(
            said("dprk", "asserts", "2024-02-20"),
            said("rok", "asserts", "2024-02-22", about="participants", value="russia:giver"),
            parts=["russia:observer", "russia:giver", "dprk:recipient"],
        )
    )
    early, late = (seen(store, f"2024-02-{day}").table("participants") for day in (21, 22))
    assert told(early, "actor_id", "role") == [("dprk", "recipient"), ("russia", "observer")]
    assert late.height == 3


def test_the_first_to_name_a_participant_decides() -> None:
    """Later claims that name it too hide nothing; a denial names nobody."""
    names = {"about": "participants", "value": "russia"}
    store = logged(
        world(
            said("rok", "denies", "2024-02-19", **names),
            said("rok", "asserts", "2024-02-21", **names),
            said("dprk", "confirms", "2024-02-23", **names),
        )
    )
    assert told(seen(store, "2024-02-20").table("participants"), "actor_id") == ["dprk"]
    assert seen(store, "2024-02-21").table("participants").height == 2


def _related(relation: str, *claims: Row) -> Store:
    """Return a store in which the gift stands in a *relation* to a meeting that is known."""
    row = {"event_id": "gift", "relation": relation, "other_id": "meeting"}
    known = said("rok", "mentions", "2024-02-19", event="meeting")
    return logged(
        {
            **world(said("dprk", "asserts", "2024-02-20"), known, *claims),
            "events": [GIFT, {"event_id": "meeting"}],
            "relations": [row],
        }
    )


def test_a_relation_is_known_with_both_its_events() -> None:
    """Neither end shows before the other."""
    store = _related("follows")
    assert seen(store, "2024-02-19").table("relations").is_empty()
    assert seen(store, "2024-02-20").table("relations").height == 1


def test_a_relation_to_another_dataset_is_known_with_the_event_that_has_it() -> None:
    """What is known of the other is not ours to say."""
    row = {"event_id": "gift", "relation": "follows", "other_id": "elsewhere/visit"}
    store = logged({**world(said("dprk", "asserts", "2024-02-20")), "relations": [row]})
    assert seen(store, "2024-02-19").table("relations").is_empty()
    assert seen(store, "2024-02-20").table("relations").height == 1


def test_a_relation_that_was_claimed_later_does_not_show_earlier() -> None:
    """A claim of the aspect that is its name, with the other event, dates it."""
    claim = said("rok", "asserts", "2024-02-25", about="follows", value="meeting")
    store = _related("follows", claim)
    assert seen(store, "2024-02-24").table("relations").is_empty()
    assert seen(store, "2024-02-25").table("relations").height == 1


def test_a_breach_is_alleged_from_the_first_who_speaks_of_legality() -> None:
    """A denial alleges nothing; a condition does."""
    claims = [
        said("russia", "denies", "2024-02-21", about="legality"),
        said("rok", "conditions", "2024-02-25", about="legality", value="unlawful"),
    ]
    store = _related("allegedly_violates", *claims)
    assert seen(store, "2024-02-24").table("relations").is_empty()
    assert seen(store, "2024-02-25").table("relations").height == 1


def test_a_value_that_was_claimed_later_does_not_show_earlier() -> None:
    """The make of the car is empty before it is named, and so is the summary that may tell it."""
    store = logged(
        world(
            said("dprk", "asserts", "2024-02-20"),
            said("russia", "asserts", "2024-02-21", about="make", value="Aurus"),
            said("russia", "asserts", "2024-02-21", about="place", value="Pyongyang"),
            event={
                "details": '{"item_count":1,"make":"Aurus"}',
                "place": "Pyongyang",
                "country": "PRK",
                "summary": "An Aurus.",
            },
        )
    )
    columns = ("details", "place", "country", "summary")
    assert told(seen(store, "2024-02-20").table("events"), *columns) == [
        ('{"item_count":1}', None, "PRK", None)
    ]
    assert told(seen(store, "2024-02-21").table("events"), *columns) == [
        ('{"item_count":1,"make":"Aurus"}', "Pyongyang", "PRK", "An Aurus.")
    ]


def test_evidence_and_sources_show_when_they_are_known() -> None:
    """Neither a later claim nor its source is there before."""
    claims = [
        said("dprk", "asserts", "2024-02-20"),
        said("russia", "confirms", "2024-02-22", source="weekly"),
    ]
    early = seen(logged(world(*claims)), "2024-02-21")
    assert told(early.table("evidence"), "evidence_id") == ["e1"]
    assert told(early.table("sources"), "source_id") == ["daily"]


@pytest.mark.parametrize("policy", ["official", "without_weak"])
def test_a_policy_does_not_tell_what_was_learnt_later(policy: str) -> None:
    """A name or a value that only a blog brought up later is unknown before, whoever is heard."""
    late = {"on": "2024-02-22", "source": "post"}
    store = logged(
        world(
            said(None, "asserts", "2024-02-20", source="kcna-1"),
            said("rok", "asserts", about="participants", value="russia", **late),
            said("rok", "asserts", about="make", value="Aurus", **late),
            event={"details": '{"make":"Aurus"}'},
        )
    )
    early = seen(store, "2024-02-21", policy)
    assert told(early.table("participants"), "actor_id") == ["dprk"]
    assert told(early.table("events"), "details") == [None]


# What the timeline says of it


def test_the_timeline_counts_who_is_known_and_since_when() -> None:
    """Sources and speakers known by the day, the first of them, and the last change of status."""
    store = logged(
        world(
            said(None, "mentions", "2024-02-19", source="weekly"),
            said("dprk", "asserts", "2024-02-20"),
            said("dprk", "confirms", "2024-02-21"),
            said("rok", "asserts", "2024-02-23", about="legality", value="unlawful"),
        )
    )
    columns = ("status", "legality", "n_sources", "n_speakers")
    known = ("first_known_on", "last_changed_on")
    early, late = seen(store, "2024-02-22").timeline(), seen(store).timeline()
    assert told(early, *columns) == [("one_sided", None, 2, 1)]
    assert told(late, *columns) == [("one_sided", "alleged", 2, 2)]
    days = [str(day) for day in late.select(known).row(0)]
    assert days == ["2024-02-19", "2024-02-20"]


def test_steps_tell_each_moment_at_which_something_was_said() -> None:
    """The troops: alleged, denied, confirmed."""
    claims = [
        said("rok", "asserts", "2024-10-18"),
        said("russia", "denies", "2024-10-21"),
        said("rok", "denies", "2024-10-22"),
        said("russia", "confirms", "2025-04-26"),
        said("dprk", "confirms", "2025-04-28"),
    ]
    steps = seen(logged(world(*claims))).steps()
    assert [(at[:10], status_) for at, status_ in told(steps, "at", "status")] == [
        ("2024-10-18", "alleged"),
        ("2024-10-21", "disputed"),
        ("2024-10-22", "denied"),
        ("2025-04-26", "one_sided"),
        ("2025-04-28", "confirmed"),
    ]


def test_positions_tell_where_each_voice_stands() -> None:
    """The latest stance that counts, else the latest; sides are marked."""
    claims = [
        said("dprk", "asserts", "2024-02-20"),
        said("dprk", "declines", "2024-02-22"),
        said("rok", "mentions", "2024-02-20"),
        said("rok", "questions", "2024-02-21"),
    ]
    positions = seen(logged(world(*claims))).positions()
    assert told(positions, "voice", "stance", "is_side", "evidence_id") == [
        ("PRK", "asserts", 1, "e1"),
        ("KOR", "questions", 0, "e4"),
    ]
