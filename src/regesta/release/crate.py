"""`ro-crate-metadata.json`: a release in the words of RO-Crate 1.3, which archives read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from regesta.release.described import Described, media_type
from regesta.release.digests import File
from regesta.schema.card import contributors, is_person, license_of, license_url, words
from regesta.schema.tables import CHANGES, PUBLISHED

Node = dict[str, Any]

CRATE = "ro-crate-metadata.json"
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "CHANGES.md": "What changed since the release before, and why.",
        "CODEBOOK.html": "What each column and code means, and what the rows show of it.",
        "CODEBOOK.md": "What each column and code means, and what the rows show of it.",
        "changes.csv": CHANGES.description,
        "checkpoint": "How many records the log has, and their Merkle root.",
        "log.jsonl": "Every record of all tables in order, one line of canonical JSON each.",
    }
)
"""What a file is that holds no single table."""

CONFORMS_TO = "https://w3id.org/ro/crate/1.3"


def crate(release: Described, others: Mapping[str, tuple[str, int]]) -> Node:
    """Return the RO-Crate of *release*; *others* are its other descriptors: what, how many bytes.

    These are the only files without a digest here: each is derived anew as the crate is.
    """
    makers = list(_agents(release))
    files = [_file(name, file) for name, file in sorted(release.files.items())]
    files += [_sized(name, what, size) for name, (what, size) in others.items()]
    publisher = release.card.get("publisher")
    root: Node = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.card["title"],
        "description": release.summary,
        "identifier": {"@id": "#root"},
        "version": release.version,
        "datePublished": release.day,
        "license": {"@id": license_url(release.card)},
        "author": _one_or_more([{"@id": maker["@id"]} for maker in makers]),
        "publisher": {"@id": "#publisher"} if publisher else None,
        "url": release.card.get("homepage"),
        "keywords": ", ".join(words(release.card, "keywords")),
        "temporalCoverage": release.card.get("temporal"),
        "spatialCoverage": ", ".join(words(release.card, "spatial")),
        "inLanguage": words(release.card, "languages"),
        "hasPart": [{"@id": file["@id"]} for file in files],
    }
    about: Node = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CONFORMS_TO},
    }
    if publisher:
        makers.append({"@id": "#publisher", "@type": "Organization", "name": publisher})
    parts = {name: value for name, value in root.items() if value}
    graph = [about, parts, *files, *makers, _license(release), _root(release)]
    return {"@context": f"{CONFORMS_TO}/context", "@graph": graph}


def _agents(release: Described) -> Iterator[Node]:
    listed = release.card.get("contributors", [])
    people = [is_person(who) for who in listed] if contributors(release.card) else [False]
    for number, (name, person) in enumerate(zip(release.cited.authors, people, strict=True), 1):
        kind = "Person" if person else "Organization"
        yield {"@id": f"#contributor-{number}", "@type": kind, "name": name}


def _one_or_more(nodes: list[Node]) -> Node | list[Node]:
    return nodes if len(nodes) > 1 else nodes[0]


def _root(release: Described) -> Node:
    return {
        "@id": "#root",
        "@type": "PropertyValue",
        "name": "Merkle root of the log (RFC 9162)",
        "propertyID": "https://www.rfc-editor.org/rfc/rfc9162",
        "value": f"sha256:{release.root}",
    }


def _license(release: Described) -> Node:
    spdx = license_of(release.card)
    return {
        "@id": license_url(release.card),
        "@type": "CreativeWork",
        "name": spdx,
        "description": f"The licence {spdx}, as the SPDX list gives it.",
    }


def _file(name: str, file: File) -> Node:
    table = PUBLISHED.get(name.rpartition("/")[2].partition(".")[0])
    what = table.description if table else WORDS.get(name, f"The file {name} of the release.")
    return {**_sized(name, what, file.size), "sha256": file.digest}


def _sized(name: str, what: str, size: int) -> Node:
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": what,
        "encodingFormat": media_type(name),
        "contentSize": str(size),
    }
