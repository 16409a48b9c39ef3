"""`datacite.json`: a release in the words of the DataCite schema 4, which registers DOIs."""

from __future__ import annotations

from typing import Any

from regesta.release.described import Described, media_type
from regesta.schema.card import license_of, license_url, words

DATACITE = "datacite.json"
SCHEMA = "http://datacite.org/schema/kernel-4"

UNKNOWN = ":unav"
"""What DataCite writes for what is not known: the publisher of a dataset whose card names none."""


def datacite(release: Described) -> dict[str, Any]:
    """Return the DataCite record of *release*; the archive that registers it adds its own DOI."""
    card = release.card
    spdx = license_of(card)
    described: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        "doi": card.get("doi"),
        "url": card.get("homepage"),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Event data"},
        "creators": [{"name": name} for name in release.cited.authors],
        "titles": [{"title": card["title"]}],
        "publisher": {"name": card.get("publisher") or UNKNOWN},
        "publicationYear": release.day[:4],
        "version": release.version,
        "dates": _dates(release),
        "language": next(iter(words(card, "languages")), None),
        "subjects": [{"subject": word} for word in dict.fromkeys(words(card, "keywords"))],
        "descriptions": [{"description": release.summary, "descriptionType": "Abstract"}],
        "geoLocations": [{"geoLocationPlace": place} for place in words(card, "spatial")],
        "rightsList": [
            {
                "rights": spdx,
                "rightsUri": license_url(card),
                "rightsIdentifier": spdx,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        ],
        "alternateIdentifiers": [
            {
                "alternateIdentifier": f"sha256:{release.root}",
                "alternateIdentifierType": "Merkle root of the log (RFC 9162)",
            }
        ],
        "formats": sorted({media_type(name) for name in release.files}),
        "sizes": [f"{release.tables['timeline'].height} events"],
    }
    return {name: value for name, value in described.items() if value}


def _dates(release: Described) -> list[dict[str, str]]:
    issued = [{"date": release.day, "dateType": "Issued"}]
    if period := release.card.get("temporal"):
        # `Coverage` came with 4.6, and archives still refuse what 4.5 does not know.
        covers = {"date": period, "dateType": "Other", "dateInformation": "Coverage"}
        return [*issued, covers]
    return issued
