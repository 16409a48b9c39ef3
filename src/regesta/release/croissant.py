"""`croissant.json`: a release in the words of Croissant 1.1, which machine learning tools read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from regesta.release.citation import bibtex
from regesta.release.described import Described, media_type
from regesta.release.digests import File
from regesta.schema.card import contributors, is_person, license_url, words
from regesta.schema.columns import Column, Kind
from regesta.schema.datapackage import short_list
from regesta.schema.tables import PUBLISHED, TableSchema
from regesta.vocabulary import code_list

Node = dict[str, Any]

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

CONTEXT: Mapping[str, Any] = MappingProxyType(
    {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "arrayShape": "cr:arrayShape",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "containedIn": "cr:containedIn",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "description": {"@container": "@language"},
        "equivalentProperty": "cr:equivalentProperty",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isArray": "cr:isArray",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "name": {"@container": "@language"},
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    }
)
"""The context of Croissant 1.1, word for word; readers complain of any other."""

TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "text": "sc:Text",
        "json": "sc:Text",
        "integer": "sc:Integer",
        "decimal": "sc:Float",
        "day": "sc:Date",
    }
)
"""The type of a kind of column. EDTF dates are text: a year alone is no `sc:Date`."""


def croissant(release: Described) -> Node:
    """Return the Croissant description of *release*.

    Rows are read from the Parquet files: readers of CSV would take the text `NA` for a null.
    """
    described: Node = {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": release.card["name"],
        "alternateName": release.card["title"],
        "description": release.summary,
        "version": release.version,
        "datePublished": release.day,
        "license": license_url(release.card),
        "url": release.card.get("homepage"),
        "identifier": f"sha256:{release.root}",
        "citeAs": bibtex(release.cited),
        "creator": agents(release),
        "publisher": _named(release.card.get("publisher")),
        "keywords": words(release.card, "keywords"),
        "inLanguage": words(release.card, "languages"),
        "temporalCoverage": release.card.get("temporal"),
        "spatialCoverage": words(release.card, "spatial"),
        "distribution": [_file(name, file) for name, file in sorted(release.files.items())],
        "recordSet": [*_code_lists(), *(_rows(table, release) for table in PUBLISHED.values())],
    }
    return {name: value for name, value in described.items() if value}


def agents(release: Described) -> list[Node]:
    """Return who made *release*, each as a node of schema.org."""
    makers = zip(contributors(release.card), release.card.get("contributors", []), strict=True)
    named = [
        {"@type": "sc:Person" if is_person(who) else "sc:Organization", "name": name}
        for name, who in makers
    ]
    return named or [{"@type": "sc:Organization", "name": name} for name in release.cited.authors]


def _named(publisher: str | None) -> Node | None:
    return {"@type": "sc:Organization", "name": publisher} if publisher else None


def _file(name: str, file: File) -> Node:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{file.size} B",
        "encodingFormat": media_type(name),
        "sha256": file.digest,
    }


def _code_lists() -> Iterator[Node]:
    """Yield each code list that a column may hold, if it is short enough to be spelt out."""
    columns = [column for table in PUBLISHED.values() for column in table.columns.values()]
    for name in sorted({str(column.codes) for column in columns if short_list(column)}):
        here = f"codes/{name}"
        words = ("code", "label", "description")
        yield {
            "@type": "cr:RecordSet",
            "@id": here,
            "name": here,
            "description": f"The code list {name}.",
            "dataType": "sc:Enumeration",
            "key": {"@id": f"{here}/code"},
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": f"{here}/{word}",
                    "name": word,
                    "description": f"The {word} of a code of the list {name}.",
                    "dataType": "sc:Text",
                }
                for word in words
            ],
            "data": [
                {f"{here}/{word}": row[word] for word in words} for row in code_list(name).values()
            ],
        }


def _rows(table: TableSchema, release: Described) -> Node:
    """Return the record set of *table*, with the references that hold."""
    targets = {
        column.name: f"codes/{column.codes}/code"
        for column in table.columns.values()
        if short_list(column)
    } | {
        key["fields"][0]: f"{key['reference']['resource']}/{key['reference']['fields'][0]}"
        for key in release.references[table.name]
    }
    # Readers join the files, and a column of nulls alone has no type to join by.
    rows = release.tables[table.name]
    held = {name: to for name, to in targets.items() if rows[name].null_count() < rows.height}
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": _ids(table.name, table.key),
        "field": [_field(table, column, held.get(name)) for name, column in table.columns.items()],
    }


def _ids(table: str, columns: Sequence[str]) -> Node | list[Node]:
    ids: list[Node] = [{"@id": f"{table}/{column}"} for column in columns]
    return ids if len(ids) > 1 else ids[0]


def _field(table: TableSchema, column: Column, target: str | None) -> Node:
    said = [column.description, column.coding and f"Coding: {column.coding}."]
    said.append(column.unit and f"Unit: {column.unit}.")
    field: Node = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": " ".join(filter(None, said)),
        "dataType": TYPES[column.kind],
        "source": {
            "fileObject": {"@id": f"{table.name}.parquet"},
            "extract": {"column": column.name},
        },
    }
    return {**field, "references": {"field": {"@id": target}}} if target else field
