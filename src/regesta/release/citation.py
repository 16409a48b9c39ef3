"""How a release is cited: as a sentence, as BibTeX, and as a Citation File Format file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from regesta.schema.card import Card, contributors, license_of

_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What is cited: a version of a dataset, or its state after one record.

    `card` is the dataset's card or a release's descriptor, `day` the day of the release in ISO
    8601, `digest` the Merkle root of the log as `sha256:` and hex. `known_by` and `policy` say from
    where it was seen, if not as it was released.
    """

    card: Card
    version: str
    day: str
    digest: str
    position: int | None = None
    known_by: str | None = None
    policy: str | None = None

    @property
    def authors(self) -> list[str]:
        """Return who is to be named."""
        return contributors(self.card) or [f"Contributors to {self.card['title']}"]

    @property
    def edition(self) -> str:
        """Return which version it is, and which state of it."""
        state = "" if self.position is None else f", as it stood after record {self.position}"
        known = "" if self.known_by is None else f", as known by {self.known_by}"
        weighed = "" if self.policy is None else f", under the policy {self.policy}"
        return f"version {self.version}{state}{known}{weighed}"


def text(cited: Cited) -> str:
    """Return a citation as one sentence."""
    return (
        f"{'; '.join(cited.authors)} ({cited.day[:4]}). {cited.card['title']} "
        f"({cited.edition}) [Data set]. Merkle root {cited.digest}."
    )


def bibtex(cited: Cited) -> str:
    """Return a citation as a BibTeX entry; every style knows the type `misc`."""
    fields = {
        "title": f"{{{_tex(cited.card['title'])}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in cited.authors),
        "year": cited.day[:4],
        "version": cited.version,
        "howpublished": "Data set",
        "note": _tex(f"V{cited.edition[1:]}; Merkle root {cited.digest}"),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items()]
    return f"@misc{{{cited.card['name']}-{cited.version},\n{''.join(lines)}}}\n"


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
    {"text": text, "bibtex": bibtex, "cff": cff}
)
"""The forms of a citation by name."""


def _tex(words: str) -> str:
    return words.translate(_TEX)


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)
