"""The front matter of `README.md`: the dataset card that Hugging Face's hub and `datasets` read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from regesta.release.described import Described
from regesta.schema.card import license_of, license_url, words
from regesta.schema.tables import PUBLISHED, TIMELINE

LICENSES: Mapping[str, str] = MappingProxyType(
    {
        spdx: spdx.lower()
        for spdx in (
            "CC0-1.0",
            "CC-BY-2.0",
            "CC-BY-3.0",
            "CC-BY-4.0",
            "CC-BY-SA-3.0",
            "CC-BY-SA-4.0",
            "CC-BY-NC-4.0",
            "CC-BY-NC-SA-4.0",
            "CC-BY-NC-ND-4.0",
            "CC-BY-ND-4.0",
            "Apache-2.0",
            "MIT",
        )
    }
    | {"ODC-By-1.0": "odc-by", "ODbL-1.0": "odbl", "PDDL-1.0": "pddl"}
)
"""What the hub calls a licence, by its SPDX identifier; there, all others are `other`."""

SIZES: Sequence[tuple[int, str]] = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
    (10**12, "1B<n<1T"),
)
"""What the hub calls a number of rows, by the number that it stays below."""


def front_matter(release: Described) -> str:
    """Return the YAML that stands above the README of *release*; a JSON string is YAML as well.

    Each table is a configuration by its name, which `datasets.load_dataset` takes; it refuses a
    file without rows, and so a table that has none is not among them.
    """
    spdx = license_of(release.card)
    facts: dict[str, object] = {
        "license": LICENSES.get(spdx, "other"),
        **({} if spdx in LICENSES else {"license_name": spdx.lower()}),
        **({} if spdx in LICENSES else {"license_link": license_url(release.card)}),
        "language": words(release.card, "languages"),
        "pretty_name": release.card["title"],
        "size_categories": [size_category(release.tables[TIMELINE.name].height)],
        "tags": words(release.card, "keywords"),
    }
    lines = [line for name, value in facts.items() if value for line in _said(name, value)]
    lines += ["configs:", *(line for name in _configs(release) for line in _config(name))]
    return "\n".join(["---", *lines, "---", "", ""])


def size_category(rows: int) -> str:
    """Return what the hub calls so many *rows*.

    Examples
    --------
    >>> size_category(154), size_category(1_000_000), size_category(10**12)
    ('n<1K', '1M<n<10M', 'n>1T')
    """
    return next((name for bound, name in SIZES if rows < bound), "n>1T")


def _configs(release: Described) -> list[str]:
    """Return the tables that have rows, the one for analysis first."""
    names = [TIMELINE.name, *(name for name in PUBLISHED if name != TIMELINE.name)]
    return [name for name in names if release.tables[name].height]


def _config(name: str) -> list[str]:
    lines = [f"- config_name: {name}", f"  data_files: {name}.parquet"]
    return [*lines, "  default: true"] if name == TIMELINE.name else lines


def _said(name: str, value: object) -> list[str]:
    if isinstance(value, list):
        return [f"{name}:", *(f"- {_quoted(item)}" for item in value)]
    return [f"{name}: {_quoted(value)}"]


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
