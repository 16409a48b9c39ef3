"""`ro-crate-metadata.json`: a release in the words of RO-Crate 1.3, which archives read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regesta.release.described import Described, media_type
from regesta.release.digests import File
from regesta.schema.card import contributors, is_person, license_of, license_url, words
from regesta.schema.tables import PUBLISHED

Node = dict[str, Any]

CRATE = "ro-crate-metadata.json"
CONFORMS_TO = "https://w3id.org/ro/crate/1.3"


def crate(release: Described, others: Mapping[str, str]) -> Node:
    """Return the RO-Crate of *release*; *others* are the other descriptors, and what each is."""
    makers = list(_agents(release))
    files = [_file(name, file) for name, file in sorted(release.files.items())]
    files += [_bare_file(name, what) for name, what in others.items()]
    publisher = release.card.get("publisher")
    root: Node = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.card["title"],
        "description": release.summary,
        "identifier": f"sha256:{release.root}",
        "version": release.version,
        "datePublished": release.day,
        "license": {"@id": license_url(release.card)},
        "author": [{"@id": maker["@id"]} for maker in makers],
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
    graph = [about, parts, *files, *makers, _license(release)]
    return {"@context": f"{CONFORMS_TO}/context", "@graph": graph}


def _agents(release: Described) -> Iterator[Node]:
    listed = release.card.get("contributors", [])
    people = [is_person(who) for who in listed] if contributors(release.card) else [False]
    for number, (name, person) in enumerate(zip(release.cited.authors, people, strict=True), 1):
        kind = "Person" if person else "Organization"
        yield {"@id": f"#contributor-{number}", "@type": kind, "name": name}


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
    return {
        **_bare_file(name, table.description if table else ""),
        "contentSize": str(file.size),
        "sha256": file.digest,
    }


def _bare_file(name: str, what: str) -> Node:
    file = {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": what,
        "encodingFormat": media_type(name),
    }
    return {word: value for word, value in file.items() if value}
