"""The descriptors of a release: what other programs read to find, understand, cite and load it.

All are derived from the schema, the dataset's card, the log's own time and the files: `verify`
derives them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from regesta.catalog.versions import DESCRIPTOR
from regesta.release.changes import changes_resource
from regesta.release.citation import cff
from regesta.release.crate import CRATE, crate
from regesta.release.croissant import croissant
from regesta.release.datacite import DATACITE, datacite
from regesta.release.described import Described
from regesta.release.front import front_matter
from regesta.release.readme import WORDING, readme
from regesta.release.since import PROPERTY
from regesta.schema.datapackage import Descriptor, csv_resource, datapackage
from regesta.schema.datapackage import edition as edition_of
from regesta.schema.tables import CHANGES, PUBLISHED

README = "README.md"
CITATION = "CITATION.cff"
CROISSANT = "croissant.json"

ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        README: "What the release is, how to load it and how to check it.",
        CITATION: "How to cite the release.",
        DESCRIPTOR: "The tables and their columns as a Data Package.",
        CROISSANT: "Files, tables and columns as Croissant.",
    }
)
"""The descriptors of every release, and what each is."""

OPTIONAL: Mapping[str, str] = MappingProxyType(
    {
        CRATE: "the folder as a research object (RO-Crate 1.3)",
        DATACITE: "what a registry of DOIs asks for (DataCite 4)",
    }
)
"""The descriptors that a release has if its maker wants them, and what each is."""

_FORMAT = "1"
"""Which way descriptors are written; another number where that changes and no word of theirs."""


@cache
def edition() -> str:
    """Return a digest of the words in which this version of regesta describes a release."""
    return edition_of(*WORDING, _FORMAT)


def descriptors(release: Described, also: Iterable[str] = ()) -> dict[str, str]:
    """Return the text of each descriptor of *release* by file name, of the optional ones *also*."""
    optional = {name: what for name, what in OPTIONAL.items() if name in set(also)}
    texts = {
        README: readme(
            release.cited,
            release.known_by,
            excel_safe=release.excel_safe,
            gates=release.gates,
            front=front_matter(release),
            also=optional,
        ),
        CITATION: cff(release.cited),
        DESCRIPTOR: _as_json(_datapackage(release)),
        CROISSANT: _as_json(croissant(release)),
    }
    if DATACITE in optional:
        texts[DATACITE] = _as_json(datacite(release))
    if CRATE in optional:
        what = {**ALWAYS, **OPTIONAL}
        others = {name: (what[name], len(text.encode())) for name, text in texts.items()}
        texts[CRATE] = _as_json(crate(release, others))
    return texts


def _datapackage(release: Described) -> Descriptor:
    described = datapackage(
        release.card,
        release.version,
        release.recorded_at,
        _resources(release),
        known_by=release.known_by,
        sources=_sources(release),
        edition=edition(),
        gates=release.gates,
    )
    return described if release.previous is None else {**described, PROPERTY: release.previous}


def _resources(release: Described) -> list[Descriptor]:
    tables = [
        csv_resource(
            table,
            size=release.files[f"{name}.csv"].size,
            digest=release.files[f"{name}.csv"].digest,
            foreign_keys=release.references[name],
        )
        for name, table in PUBLISHED.items()
    ]
    changes = release.files.get(f"{CHANGES.name}.csv")
    # An older version of regesta wrote none.
    return tables if changes is None else [*tables, changes_resource(changes.size, changes.digest)]


def _sources(release: Described) -> Sequence[Descriptor]:
    """Return where a program finds the sources: in a table of their own, if there are any."""
    if release.tables["sources"].is_empty():
        return []
    return [{"title": PUBLISHED["sources"].description, "path": "sources.csv"}]


def _as_json(described: Descriptor) -> str:
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"
