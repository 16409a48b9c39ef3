"""What regesta must reach beside its peers, and what would be splendid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stages import imports

Figures = Mapping[str, Any]
"""The figures of a contest by the name of the contestant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound on the figures of one contest.

    `how` says which number is bound: regesta's seconds as a multiple of a peer's (`times`), a
    peer's as a multiple of regesta's (`faster`), what regesta takes beyond a peer (`beyond`, in
    seconds), or the memory that it holds (`memory`, in GB). `of` says which seconds: those of
    the whole process, or those within it.
    """

    what: str
    stage: str
    ours: str
    theirs: str = ""
    how: Literal["times", "faster", "beyond", "memory"] = "times"
    of: Literal["seconds", "work"] = "seconds"
    must: float
    moonshot: float

    def reached(self, figures: Figures) -> float | None:
        """Return the number, or None where one of the two was not measured."""
        ours, theirs = figures.get(self.ours, {}), figures.get(self.theirs, {})
        if self.how == "memory":
            return ours["peak"] / 1024 if "peak" in ours else None
        mine, other = ours.get(self.of), theirs.get(self.of)
        if mine is None or other is None:
            return None
        match self.how:
            case "faster":
                return float(other / mine)
            case "beyond":
                return float(mine - other)
            case _:
                return float(mine / other)

    def words(self, number: float) -> str:
        """Return *number* as a reader takes it."""
        match self.how:
            case "memory":
                return f"{number:.2f} GB"
            case "beyond":
                return f"{number:.2f} s"
            case "faster":
                return f"{number:.1f} × faster"
            case _:
                return f"{number:.2f} ×"

    def verdict(self, number: float) -> str:
        """Return whether *number* is good enough."""
        sign = -1 if self.how == "faster" else 1
        if sign * number <= sign * self.moonshot:
            return "moonshot"
        return "yes" if sign * number <= sign * self.must else "no"


TARGETS = (
    Target(
        what="import against raw `executemany`, ids in order",
        stage="import",
        ours=imports.REGESTA,
        theirs=imports.RAW,
        must=1.2,
        moonshot=0.8,
    ),
    Target(
        what="the same, ids in random order",
        stage="import-random",
        ours=imports.REGESTA,
        theirs=imports.RAW,
        must=1.7,
        moonshot=1.2,
    ),
    Target(
        what="the same, two participants, a source and a claim an event",
        stage="import-parties",
        ours=imports.REGESTA,
        theirs=imports.TABLES,
        must=1.6,
        moonshot=1.0,
    ),
    Target(
        what="import against pandas, Pandera and `to_sql`, no hash",
        stage="import",
        ours=imports.REGESTA,
        theirs=imports.PANDERA,
        how="faster",
        must=2.5,
        moonshot=4,
    ),
    Target(
        what="the same with a sha256 a row",
        stage="import",
        ours=imports.REGESTA,
        theirs=imports.HASHED,
        how="faster",
        must=6,
        moonshot=9,
    ),
    Target(
        what="import into PostgreSQL against COPY into an indexed table",
        stage="import-postgresql",
        ours=imports.REGESTA,
        theirs=imports.COPY,
        must=1.6,
        moonshot=1.15,
    ),
    Target(
        what="second import of the same file against the first",
        stage="import-again",
        ours=imports.AGAIN,
        theirs=imports.REGESTA,
        must=0.4,
        moonshot=0.2,
    ),
    Target(
        what="peak memory of the import",
        stage="import",
        ours=imports.REGESTA,
        how="memory",
        must=2,
        moonshot=1,
    ),
)
