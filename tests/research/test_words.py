"""A status in words names the evidence that decided it."""

from __future__ import annotations

import polars as pl
import pytest

from regesta.research.status import POSITION
from regesta.research.words import WHY, Position, explained, said, voice_name, when
from regesta.vocabulary import code_list


def position(voice: str, stance: str, name: str, *, side: bool = True, **more: object) -> Position:
    """Return where a voice stands."""
    sign = {"asserts": 1, "confirms": 1, "denies": -1}.get(stance, 0)
    return {
        **dict.fromkeys(POSITION),
        "event_id": "gift",
        "aspect": "occurrence",
        "voice": voice,
        "is_side": int(side),
        "stance": stance,
        "sign": sign,
        "at": "2024-02-20T23:59:59Z",
        "evidence_id": name,
        **more,
    }


def why(status: str, *positions: Position) -> str:
    """Return why a status is what it is, from *positions*."""
    return explained(status, pl.DataFrame(list(positions), schema=POSITION, orient="row"))


def test_every_status_has_its_words() -> None:
    """The sentences are of the statuses of the code list, and of no others."""
    assert WHY.keys() == code_list("statuses").keys()


def test_a_moment_is_told_as_precisely_as_it_is_known() -> None:
    """A day is a day; a minute is told with it."""
    assert when("2024-02-20T23:59:59Z") == "2024-02-20"
    assert when("2024-02-20T09:30:00Z") == "2024-02-20 09:30 UTC"
    assert when("2024-02-20T23:59:00Z") == "2024-02-20 23:59 UTC"


def test_a_voice_that_is_a_state_has_the_state_s_name() -> None:
    """Any other voice is named as it is."""
    assert voice_name("RUS") == code_list("states")["RUS"]["label"]
    assert voice_name("The Daily") == "The Daily"


def test_a_position_is_told_with_who_through_whom_when_and_where() -> None:
    """The speaker stands in brackets, else the publisher, unless that is the voice itself."""
    told = [
        said(each)
        for each in (
            position("PRK", "asserts", "e1", speaker="kim", publisher="KCNA"),
            position("PRK", "asserts", "e2", publisher="KCNA"),
            position("KCNA", "asserts", "e3", publisher="KCNA"),
            position("PRK", "denies", "e4", at="2024-02-20T09:30:00Z"),
        )
    ]
    assert told == [
        "North Korea (kim) asserts on 2024-02-20 [e1]",
        "North Korea (KCNA) asserts on 2024-02-20 [e2]",
        "KCNA asserts on 2024-02-20 [e3]",
        "North Korea denies on 2024-02-20 09:30 UTC [e4]",
    ]


KOREA = position("PRK", "asserts", "e1")
RUSSIA = position("RUS", "denies", "e2", at="2024-02-21T23:59:59Z")
OTHER = position("KOR", "asserts", "e3", side=False)
SILENT = position("RUS", "declines", "e4")
REFUSING = position("KOR", "denies", "e5", side=False)


@pytest.mark.parametrize(
    ("status", "positions", "named"),
    [
        ("unsourced", [SILENT], []),
        ("unsourced", [REFUSING], []),
        ("alleged", [OTHER, SILENT], ["e3"]),
        ("one_sided", [KOREA, OTHER, SILENT], ["e1"]),
        ("disputed", [RUSSIA, KOREA], ["e1", "e2"]),
        ("disputed", [RUSSIA, OTHER], ["e2", "e3"]),
        ("denied", [RUSSIA, REFUSING], ["e2"]),
    ],
)
def test_the_evidence_that_decided_is_named(
    status: str, positions: list[Position], named: list[str]
) -> None:
    """First the sides, in order of time; then others, where no side speaks for it."""
    told = why(status, *positions)
    assert told.startswith(WHY[status])
    assert [part.split("]")[0] for part in told.split("[")[1:]] == named


def test_without_positions_the_words_stand_alone() -> None:
    """Nobody is named where nobody spoke."""
    assert why("unsourced") == WHY["unsourced"]
