"""What a reader asks of a timeline, and how that is spelt: as the command line spells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from regesta.errors import UsageError

MOST = 2**63 - 1
"""The highest limit: more events than any log has."""


class Asked(TypedDict, total=False):
    """The filters of a timeline as keywords; what is left out is not asked for."""

    actor: str | None
    between: tuple[str, str] | None
    event_type: str | None
    country: str | None
    since: str | None
    until: str | None
    status: str | None
    related_to: str | None
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which events a reader wants; what is None is not asked for."""

    actor: str | None = None
    between: tuple[str, str] | None = None
    event_type: str | None = None
    country: str | None = None
    since: str | None = None
    until: str | None = None
    status: str | None = None
    related_to: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that is none.

        Raises
        ------
        UsageError
            If fewer than one event is asked for, or more than any log has.
        """
        if self.limit is not None and not 1 <= self.limit <= MOST:
            raise UsageError(reason=f"A limit is a number of events, not {self.limit}.")

    def as_json(self) -> dict[str, Any]:
        """Return what is asked for, by name, in the order of the fields.

        Examples
        --------
        >>> Filters(limit=5, between=("RUS", "PRK")).as_json()
        {'between': ['RUS', 'PRK'], 'limit': 5}
        """
        asked = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {name: said for name, said in asked.items() if said is not None}
        return {name: list(said) if name == "between" else said for name, said in told.items()}

    def spelt(self) -> list[tuple[str, str]]:
        """Return each option and its value, in the order of the fields.

        Examples
        --------
        >>> Filters(event_type="gift", between=("RUS", "PRK")).spelt()
        [('between', 'RUS'), ('between', 'PRK'), ('type', 'gift')]
        """
        return [
            (_option(name), str(value))
            for name, said in self.as_json().items()
            for value in (said if isinstance(said, list) else [said])
        ]


def read_filters(spelt: Iterable[tuple[str, str]]) -> Filters:
    """Return the filters that `Filters.spelt` spells.

    Raises
    ------
    KeyError
        If there is no such option.
    ValueError
        If one is there twice, or the limit is no number.
    UsageError
        If the limit is none.

    Examples
    --------
    >>> read_filters([("type", "gift"), ("limit", "5")]).as_json()
    {'event_type': 'gift', 'limit': 5}
    """
    names = {_option(each.name): each.name for each in fields(Filters)}
    asked: dict[str, Any] = {}
    for option, value in spelt:
        asked.setdefault(names[option], []).append(value)
    for name, said in asked.items():
        asked[name] = tuple(said)
        if name != "between":
            [asked[name]] = said
    if "limit" in asked:
        asked["limit"] = int(asked["limit"])
    return Filters(**asked)


def _option(name: str) -> str:
    return "type" if name == "event_type" else name.replace("_", "-")
