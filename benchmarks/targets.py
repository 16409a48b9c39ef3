"""What regesta must reach beside its peers, and what would be splendid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stages import answers, appends, imports

Figures = Mapping[str, Any]
"""The figures of a contest by the name of the contestant."""


EITHER: tuple[tuple[str, Literal["seconds", "work"]], ...] = (
    ("whole process", "seconds"),
    ("within it", "work"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound on the figures of one contest.

    `how` says which number is bound: regesta's seconds as a multiple of a peer's (`times`), a
    peer's as a multiple of regesta's (`faster`), what regesta takes beyond a peer (`beyond`, in
    seconds), or the memory that it holds (`memory`, in GB). `of` says which seconds: those of
    the whole process, or those within it. `less` is a contestant whose seconds both do without,
    and `factor` is how much more work regesta had.
    """

    what: str
    stage: str
    ours: str
    theirs: str = ""
    how: Literal["times", "faster", "beyond", "memory"] = "times"
    of: Literal["seconds", "work"] = "seconds"
    less: str = ""
    factor: float = 1.0
    must: float
    moonshot: float

    def reached(self, figures: Figures) -> float | None:
        """Return the number, or None where one of the two was not measured."""
        ours, theirs = figures.get(self.ours, {}), figures.get(self.theirs, {})
        if self.how == "memory":
            return ours["peak"] / 1024 if "peak" in ours else None
        mine, other = ours.get(self.of), theirs.get(self.of)
        spared = figures.get(self.less, {}).get(self.of) if self.less else 0.0
        if mine is None or other is None or spared is None:
            return None
        mine, other = mine - spared, other - spared
        match self.how:
            case "faster":
                return float(other / mine)
            case "beyond":
                return float(mine - other)
            case _:
                return float(mine / other / self.factor)

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
        what="release against the pandas equivalent",
        stage="release",
        ours=answers.RELEASE,
        theirs=answers.PANDAS_RELEASE,
        how="faster",
        must=4,
        moonshot=8,
    ),
    Target(
        what="verify a release against the pandas equivalent",
        stage="verify",
        ours=answers.VERIFY,
        theirs=answers.PANDAS_VERIFY,
        how="faster",
        must=6,
        moonshot=12,
    ),
    *(
        Target(
            what=f"as-of at half the log to Arrow against a plain scan, {told}",
            stage="as-of",
            ours=answers.AS_OF,
            theirs=answers.SCAN,
            of=of,
            must=1.5,
            moonshot=1.1,
        )
        for told, of in EITHER
    ),
    *(
        Target(
            what=f"load in pandas against `read_parquet` and sha256, {told}",
            stage="load",
            ours=answers.LOAD,
            theirs=answers.PANDAS_LOAD,
            of=of,
            must=1.2,
            moonshot=1.05,
        )
        for told, of in EITHER
    ),
    Target(
        what='`regesta --help` against `python -c "import typer"`',
        stage="start",
        ours=answers.HELP,
        theirs=answers.TYPER,
        must=1.5,
        moonshot=1.2,
    ),
    *(
        Target(
            what=f"`{question}` over the same on a log of {answers.FEW} events",
            stage="look",
            ours=question,
            theirs=answers.small(question),
            how="beyond",
            must=0.3,
            moonshot=0.05,
        )
        for question in (answers.TIMELINE, answers.SHOW)
    ),
    *(
        Target(
            what=f"peak memory of the import of {size:,} events",
            stage="scale",
            ours=appends.grown(size),
            how="memory",
            must=2,
            moonshot=1,
        )
        for size in appends.SIZES[1:]
    ),
    Target(
        what="import of 10 M against 100 times that of 100 k, both less start-up",
        stage="scale",
        ours=appends.grown(appends.SIZES[-1]),
        theirs=appends.grown(appends.SIZES[0]),
        less=appends.grown(appends.TEN),
        factor=appends.SIZES[-1] / appends.SIZES[0],
        must=1.2,
        moonshot=1.1,
    ),
    Target(
        what=f"a commit of ten events against the same on a log of {appends.SMALL:,}, within",
        stage="ten",
        ours=appends.MORE,
        theirs=appends.MORE_ON_FEW,
        of="work",
        must=6,
        moonshot=3,
    ),
)
