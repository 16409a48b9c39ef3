"""How a dataset or a query is cited: a sentence, BibTeX, CSL-JSON, a Citation File Format file.

A query's citation holds, in each form, the one line from which it can be asked again: see `query`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from regesta.schema.card import Card, contributors, license_of

if TYPE_CHECKING:
    from regesta.release.query import Events, Query

_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    # BibTeX counts braces, also behind a backslash.
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
)
_ADDRESS = str.maketrans({"{": "%7B", "}": "%7D"})
_DOI = "https://doi.org/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What is cited: a version of a dataset, its state after one record, or a query of either.

    `card` is the dataset's card or a release's descriptor, `day` the day of the release or record
    in ISO 8601, `digest` the Merkle root of the log as `sha256:` and hex. `version` is None for
    a log that is cited as it stands in a store. `known_by` and `policy` say from where it was
    seen, if not as it was released. `query` is what was asked and answered, and `events` lists
    the rows that were.
    """

    card: Card
    version: str | None
    day: str
    digest: str
    position: int | None = None
    known_by: str | None = None
    policy: str | None = None
    query: Query | None = None
    events: Events | None = None

    @property
    def authors(self) -> list[str]:
        """Return who is to be named."""
        return contributors(self.card) or [f"Contributors to {self.card['title']}"]

    @property
    def edition(self) -> str:
        """Return which version it is, and which state of it."""
        named = "log" if self.version is None else f"version {self.version}"
        state = "" if self.position is None else f", as it stood after record {self.position}"
        known = "" if self.known_by is None else f", as known by {self.known_by}"
        weighed = "" if self.policy is None else f", under the policy {self.policy}"
        return f"{named}{state}{known}{weighed}"

    @property
    def key(self) -> str:
        """Return the name that the citation goes by in a bibliography."""
        name = str(self.card["name"]) + (f"-{self.version}" if self.version else "")
        return name if self.query is None else f"{name}-{self.query.sha256[:8]}"

    @property
    def note(self) -> str:
        """Return what tells this state, and these rows, from others."""
        asked = "" if self.query is None else f"; {self.query.in_words}"
        return f"{self.edition[0].upper()}{self.edition[1:]}; Merkle root {self.digest}{asked}"

    @property
    def links(self) -> dict[str, str]:
        """Return publisher, DOI and address of the dataset, those of them that its card has."""
        named = {name: self.card.get(name) for name in ("publisher", "doi", "id", "homepage")}
        said = {name: text for name, text in named.items() if text and isinstance(text, str)}
        identifier = said.pop("id", "")
        if identifier.startswith(_DOI):
            said.setdefault("doi", identifier)
        return {name: text.removeprefix(_DOI) for name, text in said.items()}


def text(cited: Cited) -> str:
    """Return a citation as one sentence; that of a query goes on with the query and its line."""
    sentence = (
        f"{'; '.join(cited.authors)} ({cited.day[:4]}). {cited.card['title']} "
        f"({cited.edition}) [Data set]. Merkle root {cited.digest}."
    )
    return sentence if cited.query is None else f"{sentence} {cited.query.in_words}\n{cited.query}"


def bibtex(cited: Cited) -> str:
    """Return a citation as a BibTeX entry; every style knows the type `misc`."""
    links = cited.links
    fields = {
        "title": f"{{{_tex(cited.card['title'])}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in cited.authors),
        "year": cited.day[:4],
        "version": cited.version,
        "publisher": _tex(links.get("publisher", "")),
        "howpublished": "Data set",
        "doi": links.get("doi", "").translate(_ADDRESS),
        "url": links.get("homepage", "").translate(_ADDRESS),
        "note": _tex(cited.note),
        "regesta": None if cited.query is None else str(cited.query),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{cited.key},\n{''.join(lines)}}}\n"


def csl_json(cited: Cited) -> str:
    """Return a citation as CSL-JSON 1.0: a list of one item, as reference managers take it."""
    links = cited.links
    identified = {"root": cited.digest, "query": cited.query and str(cited.query)}
    item = {
        "id": cited.key,
        "type": "dataset",
        "title": cited.card["title"],
        "author": [{"literal": name} for name in cited.authors],
        "issued": {"date-parts": [[int(part) for part in cited.day.split("-")]]},
        "version": cited.version,
        "publisher": links.get("publisher"),
        "DOI": links.get("doi"),
        "URL": links.get("homepage"),
        "note": cited.note,
        "custom": {name: said for name, said in identified.items() if said},
    }
    return _json([{name: said for name, said in item.items() if said}])


def query_json(cited: Cited) -> str:
    """Return the citation of a query as one JSON object, with a digest of each row."""
    asked = {} if cited.query is None else {**cited.query.as_json(), "query": str(cited.query)}
    listed = {} if cited.events is None else {"events": cited.events}
    return _json({"citation": text(cited).partition("\n")[0], **asked, **listed})


def cff(cited: Cited) -> str:
    """Return a citation in the Citation File Format 1.2.0; a JSON string is YAML as well."""
    facts = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": cited.card["title"],
        "abstract": cited.card.get("description"),
        "version": cited.version,
        "date-released": cited.day,
        "license": license_of(cited.card),
    }
    lines = [f"{name}: {_quoted(value)}" for name, value in facts.items() if value]
    lines += ["authors:", *(f"  - name: {_quoted(name)}" for name in cited.authors)]
    if words := cited.card.get("keywords"):
        lines += ["keywords:", *(f"  - {_quoted(word)}" for word in words)]
    lines += ["identifiers:", "  - type: other", f"    value: {_quoted(cited.digest)}"]
    lines += [f"    description: {_quoted('Merkle root of the log (RFC 9162)')}"]
    return "\n".join(lines) + "\n"


FORMS: Mapping[str, Callable[[Cited], str]] = MappingProxyType(
    {"text": text, "bibtex": bibtex, "csl-json": csl_json, "cff": cff}
)
"""The forms of a dataset's citation by name."""

QUERY_FORMS: Mapping[str, Callable[[Cited], str]] = MappingProxyType(
    {"text": text, "bibtex": bibtex, "csl-json": csl_json, "json": query_json}
)
"""The forms of a query's citation by name."""


def _tex(words: str) -> str:
    return words.translate(_TEX)


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
