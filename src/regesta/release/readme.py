"""`README.md` of a release: what it is, how to load it, and how to check it without regesta."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from regesta.release.citation import Cited, text
from regesta.release.shortfalls import shortfalls
from regesta.schema.card import license_of
from regesta.schema.gates import Outcome

SCRIPT = """\
import base64
import hashlib


def node(left, right):
    return hashlib.sha256(b"\\x01" + left + right).digest()


peaks, size = [], 0
with open("log.jsonl", "rb") as log:
    for line in log:
        top, count = hashlib.sha256(b"\\x00" + line.rstrip(b"\\n")).digest(), size
        while count & 1:
            top, count = node(peaks.pop(), top), count >> 1
        peaks.append(top)
        size += 1
root = peaks.pop() if peaks else hashlib.sha256().digest()
while peaks:
    root = node(peaks.pop(), root)

with open("checkpoint", encoding="utf-8") as checkpoint:
    origin, stated_size, stated_root = checkpoint.read().split("\\n")[:3]
found = (str(size), base64.b64encode(root).decode())
print("ok" if found == (stated_size, stated_root) else "ALTERED", origin, *found)
"""
"""Recomputes the root of `log.jsonl` with the standard library alone."""

PAGE = """\
# {title}, version {version}

{description}
{vantage}
Licence: {license}. Cite as: {citation}

## What is here

| file | holds |
| --- | --- |
| `<table>.csv`, `<table>.parquet` | a table's rows as they stand, by key; an empty cell is a null |
| `timeline.csv`, `timeline.parquet` | one row an event, by date, ready for analysis |
| `history/<table>.parquet` | every record of a table, and which one replaces which |
| `log.jsonl` | every record of all tables in order, one canonical line of JSON (RFC 8785) each |
| `CODEBOOK.md`, `CODEBOOK.html` | what each column and code means, and what the rows show of it |
| `datapackage.json` | the same for programs |
| `croissant.json` | files, tables and columns, for tools of machine learning (Croissant 1.1) |
{also}| `CHANGES.md`, `changes.csv` | what changed since the release before, and why |
| `CITATION.cff` | how to cite, for programs |
| `checkpoint` | how many records the log has, and their Merkle root (RFC 9162) |
| `SHA256SUMS` | the digest of every other file |

## Load

Python, with regesta, which checks the digests first:

```python
import regesta

events = regesta.load("path/to/this/folder").events
```

pandas alone (plain CSV would turn the text `NA` into a null and `007` into 7):

```python
import pandas as pd

events = pd.read_parquet("events.parquet", dtype_backend="pyarrow")
events = pd.read_csv("events.csv", dtype="string", keep_default_na=False, na_values=[""])
```

R:

```r
events <- arrow::read_parquet("events.parquet")
```

DuckDB:

```sql
SELECT * FROM 'timeline.parquet' WHERE date_earliest >= DATE '2024-01-01';
```

A spreadsheet takes a cell of a CSV file that begins with `=`, `+`, `-` or `@` for a formula and
runs it. The cells here are kept as the sources wrote them: `regesta import` and the lines above
give back every one of them exactly. Into a spreadsheet, import every column as text, and do not
open the files by a double click. {guarded}

## Check

```sh
sha256sum -c SHA256SUMS
```

That the log is the one that the checkpoint speaks of, with no software but Python itself:

```python
{script}```

This shows that the folder agrees with itself. That nobody rewrote all of it shows only when
`checkpoint` or the Merkle root above is compared with a copy kept elsewhere.
"""

_GUARDED = """\
The copies in `spreadsheet/` have an apostrophe before each such text:
they are for looking at, and not for importing."""

_PLAIN = """\
`regesta release --excel-safe` adds copies with an apostrophe before each
such text: these are for looking at, and not for importing."""

_VANTAGE = """
The tables hold what was known by {known_by}, and nothing that was learnt later; the log is whole.
"""

_ALLOWED = """
This release falls short of what its dataset asks of a release; its makers have allowed that:
"""

WORDING = (PAGE, SCRIPT, _GUARDED, _PLAIN, _VANTAGE, _ALLOWED)
"""All the texts that a README is made of."""


def readme(
    cited: Cited,
    known_by: str | None = None,
    *,
    excel_safe: bool = False,
    gates: Iterable[Outcome] = (),
    front: str = "",
    also: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the README of the release that is *cited*, which holds what was known *known_by*.

    *excel_safe* says whether it has copies for spreadsheets; of its *gates* those are named that
    it was allowed to fall short of. *front* is what stands above the page for programs, and *also*
    what each descriptor is that not every release has.
    """
    return front + PAGE.format(
        title=cited.card["title"],
        version=cited.version,
        description=cited.card.get("description", ""),
        vantage=("" if known_by is None else _VANTAGE.format(known_by=known_by)) + _short(gates),
        license=license_of(cited.card),
        citation=text(cited),
        script=SCRIPT,
        also="".join(f"| `{name}` | {what} |\n" for name, what in also.items()),
        guarded=_GUARDED if excel_safe else _PLAIN,
    )


def _short(gates: Iterable[Outcome]) -> str:
    """Return what a release falls short of, which its maker has allowed."""
    lines = shortfalls(gates)
    return "\n".join([_ALLOWED, *lines, ""]) if lines else ""
