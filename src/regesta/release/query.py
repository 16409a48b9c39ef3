"""A question to a fixed state of a dataset and what it answered, as one line that can be read back.

`regesta:DATASET[@VERSION]?...` is one word of ASCII, so it stands unchanged in BibTeX, in JSON
and in a sentence. What was asked comes first, as it was asked; then from where it was seen; then
what was answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from regesta.errors import UsageError
from regesta.research.filters import Filters, read_filters
from regesta.research.words import when

SCHEME = "regesta:"
_LINE = re.compile(rf"{SCHEME}[A-Za-z0-9%._~@-]+\?[A-Za-z0-9%._~&=:/-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{16}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(rf"{_DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z|")
_NUMBER = re.compile(r"[0-9]{1,18}")

Events = Mapping[str, str]
"""The short digest of each row that was answered, by the event that it is of, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A timeline that was asked for, from where, and what was answered.

    `position` is that of the last record that counts, `day` the one (UTC) on which that was
    recorded, `root` the Merkle root of the log up to it. `known_by` is the last moment at which
    a claim that counts became known; None for any. `rows` is how many were answered, `sha256`
    the digest of them as CSV. Roots and digests are in hex.
    """

    dataset: str
    version: str | None
    filters: Filters
    policy: str
    values: str
    position: int
    day: str
    known_by: str | None
    root: str
    rows: int
    sha256: str

    def __str__(self) -> str:
        """Return it as one line."""
        name = "@".join(quote(each, safe="") for each in (self.dataset, self.version) if each)
        said = "&".join(f"{key}={quote(value, safe=':/')}" for key, value in self._spelt())
        return f"{SCHEME}{name}?{said}"

    def _spelt(self) -> list[tuple[str, str]]:
        known_by = [] if self.known_by is None else [("known-by", self.known_by)]
        return [
            *self.filters.spelt(),
            ("policy", self.policy),
            ("values", self.values),
            ("as-of", str(self.position)),
            ("day", self.day),
            *known_by,
            ("root", self.root),
            ("rows", str(self.rows)),
            ("sha256", self.sha256),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        return {
            "dataset": self.dataset,
            "version": self.version,
            "filters": self.filters.as_json(),
            "policy": self.policy,
            "values": self.values,
            "as_of": self.position,
            "recorded_on": self.day,
            "known_by": self.known_by,
            "root": self.root,
            "rows": self.rows,
            "sha256": self.sha256,
        }

    @property
    def in_words(self) -> str:
        """What was asked, from where and what was answered, as a sentence."""
        asked = ", ".join(f"{option} {said}" for option, said in self._asked())
        known = f", by what was known by {when(self.known_by)}" if self.known_by else ""
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        return (
            f"Timeline ({asked or 'all events'}), policy {self.policy}, values {self.values}, "
            f"as of record {self.position} (recorded on {self.day}){known}: {rows}, whose CSV has "
            f"the SHA-256 {self.sha256}."
        )

    def _asked(self) -> list[tuple[str, str]]:
        asked = self.filters.as_json()
        if "between" in asked:
            asked["between"] = " and ".join(asked["between"])
        return [(name.removeprefix("event_").replace("_", " "), str(asked[name])) for name in asked]


def read_query(text: str, where: object) -> Query:
    """Return the query whose line stands in *text*, which was read from *where*.

    Raises
    ------
    UsageError
        If there is no such line, or more than one, or one that is not spelt as `str` spells it.
    """
    lines = sorted(set(_LINE.findall(text)))
    if len(lines) > 1:
        raise UsageError(reason=f"{where} cites {len(lines)} queries; put each into its own file.")
    if not lines:
        raise UsageError(
            reason=f"{where} cites no query: it has no whole line that begins with {SCHEME}, as "
            "`regesta timeline --cite` prints one."
        )
    try:
        query = _parse(lines[0])
    except (ValueError, KeyError, UsageError):
        query = None
    if query is None or str(query) != lines[0]:
        raise UsageError(
            reason=f"{where} is garbled: its line {SCHEME}... is not as `regesta timeline --cite` "
            "prints it; take the citation anew from where it was published."
        )
    return query


def read_events(text: str, query: Query, where: object) -> Events | None:
    """Return the rows that *text* lists, None where it is no JSON that lists any.

    Raises
    ------
    UsageError
        If it is JSON that says otherwise than the line of its *query*, or no JSON after all.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        said: dict[str, Any] = json.loads(text)
        is_told = all(said[name] == fact for name, fact in query.as_json().items())
    except (ValueError, KeyError, RecursionError):
        is_told, said = False, {}
    events: Events | None = said.get("events")
    if not is_told or not _are_events(events, query.rows):
        raise UsageError(
            reason=f"{where} is garbled: it does not say what its line {SCHEME}... says; take the "
            "citation anew from where it was published."
        )
    return events


def _are_events(said: object, rows: int) -> bool:
    """Return whether this is nothing, or one digest for each of so many *rows*."""
    if not isinstance(said, dict):
        return said is None
    digests = all(isinstance(each, str) and _SHORT.fullmatch(each) for each in said.values())
    return digests and len(said) == rows


def _parse(line: str) -> Query:
    """Return the query that *line* may be; one that is spelt otherwise is found by comparing."""
    name, _, said = line.removeprefix(SCHEME).partition("?")
    dataset, _, version = name.partition("@")
    pairs = parse_qsl(said, keep_blank_values=True, strict_parsing=True, errors="strict")
    last = [key for key, _ in pairs].index("policy")
    facts = dict(pairs[last:])
    position, rows, sha256, root = (facts[key] for key in ("as-of", "rows", "sha256", "root"))
    numbers, digests = (position, rows), (sha256, root)
    spelt = [*map(_NUMBER.fullmatch, numbers), *map(_SHA256.fullmatch, digests)]
    spelt += [_DAY.fullmatch(facts["day"]), _MOMENT.fullmatch(facts.get("known-by", ""))]
    if not all(spelt):
        raise ValueError(line)
    return Query(
        dataset=unquote(dataset, errors="strict"),
        version=unquote(version, errors="strict") or None,
        filters=read_filters(pairs[:last]),
        policy=facts["policy"],
        values=facts["values"],
        position=int(position),
        day=facts["day"],
        known_by=facts.get("known-by"),
        root=root,
        rows=int(rows),
        sha256=sha256,
    )
