"""What was known of the Aurus, the troops and the arms, and how firmly, day by day.

From the release alone: nothing but its files is asked.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import regesta

GIFT = "gift-aurus-2024-02-18"
TROOPS = "deployment-claim-nis-2024-10"
ARMS = (
    "allegation-us-2022-09",
    "allegation-shells-2022-11",
    "allegation-wagner-2022-12",
    "allegation-railcars-2023-01",
    "allegation-containers-2023-10",
    "allegation-missiles-2024-01",
)
KCNA_IS_READ = "2024-02-20T10:10+09:00"
PESKOV_IS_READ = "2024-02-20T10:05+02:00"


def seen(event_id: str, known_by: str | None = None, policy: str = "parties") -> dict[str, Any]:
    """Return the row of an event on the timeline as of a day; empty if it is not there."""
    rows = regesta.load("russia-dprk", known_by=known_by, policy=policy).timeline()
    found = rows.loc[rows["event_id"] == event_id]
    return {} if found.empty else dict(found.iloc[0])


def gift_row(known_by: str) -> dict[str, Any]:
    """Return the row of the gift as it was known, its details taken apart."""
    events = regesta.load("russia-dprk", known_by=known_by).events
    found = events.loc[events["event_id"] == GIFT].iloc[0]
    return {**{str(name): found[name] for name in events.columns}, "details": _details(found)}


def _details(row: pd.Series[Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(str(row["details"]))
    return found


class TestTheGift:
    """Handed over on the 18th, reported on the 20th, and disputed in law to this day."""

    def test_on_the_nineteenth_it_does_not_exist(self) -> None:
        """Nobody had said a word of it: no event, no evidence, no participant."""
        rd = regesta.load("russia-dprk", known_by="2024-02-19")
        for table in (rd.events, rd.evidence, rd.participants, rd.timeline()):
            assert GIFT not in set(table["event_id"])

    def test_on_kcnas_report_it_is_one_sided(self) -> None:
        """Pyongyang has spoken, Moscow has not."""
        assert seen(GIFT, KCNA_IS_READ)["status"] == "one_sided"

    def test_kcna_names_no_make(self) -> None:
        """Neither the make nor the summary that names it shows, nor does the title."""
        row = gift_row(KCNA_IS_READ)
        assert "gift_make" not in row["details"]
        assert pd.isna(row["summary"])
        assert "Aurus" not in row["title"]

    def test_when_peskov_speaks_it_is_confirmed_and_an_aurus(self) -> None:
        """Both sides have spoken, and the make is known only then."""
        assert seen(GIFT, PESKOV_IS_READ)["status"] == "confirmed"
        assert gift_row(PESKOV_IS_READ)["details"]["gift_make"] == "Aurus"

    def test_seoul_alleges_a_breach_and_moscow_disputes_it(self) -> None:
        """Alleged while Seoul alone has spoken; disputed once Moscow answers, to this day."""
        assert seen(GIFT, "2024-02-21")["legality"] == "alleged"
        assert seen(GIFT, "2024-02-22")["legality"] == "disputed"
        assert seen(GIFT)["legality"] == "disputed"

    def test_each_capital_has_its_stance(self) -> None:
        """Seoul asserts, Washington says what would follow if it were true, Moscow denies."""
        rd = regesta.load("russia-dprk")
        of_gift = (rd.evidence["event_id"] == GIFT) & (rd.evidence["aspect"] == "legality")
        claims = rd.evidence.loc[of_gift].merge(
            rd.actors[["actor_id", "country"]], left_on="speaker", right_on="actor_id"
        )
        said = set(claims[["country", "stance"]].itertuples(index=False, name=None))
        assert said == {("KOR", "asserts"), ("USA", "conditions"), ("RUS", "denies")}

    def test_it_holds_without_weak_sources(self) -> None:
        """The confirmation does not rest on an aggregator."""
        assert seen(GIFT, policy="without_weak")["status"] == "confirmed"


class TestTheTroops:
    """Alleged by Seoul and Kyiv, denied by both, and confirmed in April 2025."""

    @pytest.mark.parametrize(
        ("known_by", "status"),
        [
            ("2024-10-12", None),
            ("2024-10-13", "alleged"),
            ("2024-10-21", "disputed"),
            ("2025-04-27", "disputed"),
            ("2025-04-28", "confirmed"),
        ],
    )
    def test_zelenskys_claim(self, known_by: str, status: str | None) -> None:
        """Alleged on the 13th, disputed when Pyongyang denies, confirmed when both admit it."""
        assert seen("deployment-claim-zelensky-2024-10-13", known_by).get("status") == status

    @pytest.mark.parametrize(
        ("known_by", "status"),
        [
            ("2024-10-17", None),
            ("2024-10-18", "disputed"),
            ("2024-10-30", "disputed"),
            ("2025-04-26", "disputed"),
            ("2025-04-28", "confirmed"),
        ],
    )
    def test_seouls_claim(self, known_by: str, status: str | None) -> None:
        """Rejected by Moscow on the day it was made, admitted by Gerasimov and then by Pyongyang."""
        assert seen(TROOPS, known_by).get("status") == status

    def test_what_seoul_could_not_get_confirmed_is_no_part_of_a_strict_view(self) -> None:
        """A strict reader sees the deployment from 28 April 2025 on."""
        assert not seen(TROOPS, "2025-04-27", "strict")
        assert seen(TROOPS, "2025-04-28", "strict")


class TestTheArms:
    """Asserted by others, denied by those who are said to have traded them."""

    @pytest.mark.parametrize("event_id", ARMS)
    def test_they_are_disputed_and_never_were_confirmed(self, event_id: str) -> None:
        """No day on which the status of the claim that it happened was `confirmed`."""
        assert seen(event_id)["status"] == "disputed"
        for year in ("2022", "2023", "2024", "2025", "2026"):
            assert seen(event_id, year).get("status") != "confirmed"
        assert not seen(event_id, policy="strict")


class TestEveryEvent:
    """Every status was read by hand against its evidence; what stays weak is named in the card."""

    def test_how_many_there_are_of_each_status(self) -> None:
        """A change of rule or of data that moves a status shows here."""
        found = regesta.load("russia-dprk").timeline()["status"].value_counts().to_dict()
        assert found == {"one_sided": 95, "confirmed": 43, "alleged": 9, "disputed": 7}

    def test_what_is_certain_and_yet_alleged_is_named_in_the_card(self) -> None:
        """Certain in the world, told in the pages seen by no side: the card says which."""
        rows = regesta.load("russia-dprk").timeline().set_index("event_id")
        for event_id in (
            "unsc-res-2397",
            "letter-kim-putin-2015-05",
            "gift-medal-2015",
            "visit-kim-yong-nam-moscow-2015",
        ):
            assert rows.loc[event_id, "status"] == "alleged"
