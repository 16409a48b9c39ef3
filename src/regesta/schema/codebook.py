"""The codebook: what every column of every table says about itself, for people to read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from types import MappingProxyType

import polars as pl

from regesta.schema.columns import Column
from regesta.schema.figures import Figures, figures, per_cent
from regesta.schema.gates import Outcome
from regesta.schema.page import Chapter, Grid, Page, Verbatim, Words, html, markdown, words
from regesta.schema.tables import PUBLISHED, TableSchema
from regesta.schema.tables import table as table_called
from regesta.vocabulary import Code, code_list

LOG_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "position": "Place of the record in the log, over all tables, from 0.",
        "batch": "Batch that brought the record.",
        "revision": "How many records the row has had, this one included.",
        "supersedes": "Position of the record that this one replaces; empty for the first.",
        "action": "What the record does with its row: add, revise, retract or restore.",
        "reason": "Why the record was made, as a code of the list `reasons`.",
        "leaf": "RFC 9162 leaf hash of the record's line in log.jsonl.",
    }
)
"""What each column of a log table says that is no column of the table itself."""

_LONG_LIST = 60
"""A code list of more codes is not printed whole."""


def describe(name: str) -> list[dict[str, str | bool | None]]:
    """Return what each column of the table *name* says about itself, one dict a column.

    Raises
    ------
    NoSuchName
        If there is no such table.

    Examples
    --------
    >>> describe("participants")[0]["references"]
    'events'
    """
    return [_described(column) for column in table_called(name).columns.values()]


def template(name: str) -> str:
    r"""Return the CSV header line of the table *name*, to be filled in.

    Raises
    ------
    NoSuchName
        If there is no such table.

    Examples
    --------
    >>> template("participants")
    'event_id,actor_id,role,on_behalf_of,label\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(table_called(name).columns)
    return line.getvalue()


def codebook(
    tables: Mapping[str, pl.DataFrame] | None = None,
    *,
    details: Mapping[str, str] | None = None,
) -> str:
    """Return the codebook as Markdown: `codebook_page`, printed."""
    return markdown(codebook_page(tables, details=details))


def codebook_page(
    tables: Mapping[str, pl.DataFrame] | None = None,
    *,
    release: str | None = None,
    details: Mapping[str, str] | None = None,
    gates: Sequence[Outcome] = (),
) -> Page:
    """Return the codebook: every table, its key, every column and every code.

    Parameters
    ----------
    tables
        The rows of the tables; each column then also shows how many cells are filled, how many
        values are distinct, which are the most frequent and from where to where they go, and
        each coded column how often each code is used. Without rows the code lists are printed.
    release
        What the release is called whose rows these are.
    details
        What the keys of `details` mean in this dataset, by key.
    gates
        What the dataset's card asks of a release, and what was measured.
    """
    frames = tables or {}
    edition: Words = [", edition ", Verbatim(wording())] if frames else []
    chapters = [_chapter(table, frames.get(table.name)) for table in PUBLISHED.values()]
    if not frames:
        chapters.append(_code_lists())
    if details:
        rows = [[[Verbatim(key)], words(str(text))] for key, text in sorted(details.items())]
        grid = Grid(caption="What the keys mean", header=("key", "description"), rows=rows)
        chapters.append(Chapter(title="Keys of details", blocks=[grid]))
    if gates:
        chapters.append(_gates(gates))
    return Page(
        title=f"Codebook of {release}" if release else "Codebook",
        opening=["Written by regesta from its schema", *edition, "; an empty CSV cell is a null."],
        chapters=[*chapters, _history()],
    )


@cache
def wording() -> str:
    """Return what the words of this codebook are known by: another wording has another.

    A codebook names it, so that one of other words is not held against these.
    """
    page = codebook_page()
    return sha256((markdown(page) + html(page)).encode()).hexdigest()[:12]


def _described(column: Column) -> dict[str, str | bool | None]:
    return {
        "column": column.name,
        "kind": column.kind,
        "required": column.required,
        "coding": column.coding,
        "unit": column.unit,
        "codes": column.codes,
        "references": column.references,
        "description": column.description,
    }


def _chapter(table: TableSchema, frame: pl.DataFrame | None) -> Chapter:
    blocks: list[Words | Grid] = [words(table.description), _key(table)]
    described = [_described(column) for column in table.columns.values()]
    rows: list[list[Words]] = [
        [[Verbatim(str(row["column"]))], *map(_cell, list(row.values())[1:])] for row in described
    ]
    header = list(described[0])
    if frame is None:
        blocks.append(Grid(caption=f"Columns of {table.name}", header=header, rows=rows))
        return Chapter(title=table.name, blocks=blocks)
    found = {name: figures(column, frame[name]) for name, column in table.columns.items()}
    rows = [row + _figures(shown) for row, shown in zip(rows, found.values(), strict=True)]
    header += ["filled", "distinct", "examples"]
    columns = Grid(caption=f"Columns of {table.name}", header=header, rows=rows)
    blocks += [
        [f"Rows: {frame.height}."],
        columns,
        *_ranges(table, found),
        *_codes_in_use(table, frame),
    ]
    return Chapter(title=table.name, blocks=blocks)


def _key(table: TableSchema) -> Words:
    named: list[str | Verbatim] = []
    for name in table.key:
        named += [", ", Verbatim(name)]
    return ["Key: ", *named[1:], "."]


def _cell(value: str | bool | None) -> Words:
    return words(value if isinstance(value, str) else "yes" if value else "")


def _figures(found: Figures) -> list[Words]:
    """Return fill rate, number of distinct values and examples of a column."""
    examples: list[str | Verbatim] = []
    for value in found.examples:
        examples += [", ", Verbatim(value)]
    return [[per_cent(found.filled, found.rows)], [str(found.distinct)], examples[1:]]


def _ranges(table: TableSchema, found: Mapping[str, Figures]) -> Iterator[Grid]:
    """Yield from where to where the columns go whose values have an order."""
    rows = [
        [[Verbatim(name)], [Verbatim(shown.span[0])], [Verbatim(shown.span[1])]]
        for name, shown in found.items()
        if shown.span
    ]
    if rows:
        caption = f"Ranges in {table.name}"
        yield Grid(caption=caption, header=("column", "least", "greatest"), rows=rows)


def _codes_in_use(table: TableSchema, frame: pl.DataFrame) -> Iterator[Grid]:
    """Yield how often each code is used, and what it means."""
    rows: list[list[Words]] = []
    for column in table.columns.values():
        if column.codes:
            known = code_list(column.codes)
            counts = frame[column.name].drop_nulls().value_counts(name="rows").sort(column.name)
            rows += [
                [[Verbatim(column.name)], *_code(known[code]), [str(count)], _meaning(known[code])]
                for code, count in counts.iter_rows()
            ]
    if rows:
        header = ("column", "code", "label", "rows", "description")
        caption = f"Codes in use in {table.name}"
        yield Grid(caption=caption, header=header, rows=rows, naming=2)


def _code(code: Code) -> tuple[Words, Words]:
    return [Verbatim(code["code"])], words(code["label"])


def _meaning(code: Code) -> Words:
    return words(code["description"])


def _code_lists() -> Chapter:
    """Return the code lists that columns name, but for the long ones."""
    users: dict[str, list[str]] = {}
    for table in PUBLISHED.values():
        for column in table.columns.values():
            if column.codes:
                users.setdefault(column.codes, []).append(f"{table.name}.{column.name}")
    blocks: list[Words | Grid] = []
    for name, columns in sorted(users.items()):
        known = code_list(name)
        caption = f"{name}, for {', '.join(columns)}"
        if len(known) > _LONG_LIST:
            printed = f"which `regesta codes {name}` prints"
            blocks.append(words(f"{caption}: {len(known)} codes, {printed}."))
            continue
        rows = [[*_code(code), _meaning(code)] for code in known.values()]
        blocks.append(Grid(caption=caption, header=("code", "label", "description"), rows=rows))
    return Chapter(title="Code lists", blocks=blocks)


def _gates(gates: Sequence[Outcome]) -> Chapter:
    rows = [
        [[Verbatim(gate.name)], words(gate.asks), words(gate.measured), [gate.verdict]]
        for gate in gates
    ]
    return Chapter(
        title="Gates",
        blocks=[
            ["What the card of the dataset asks of a release, and what was measured of this one."],
            Grid(
                caption="Outcome of each gate",
                header=("gate", "asks for", "measured", "outcome"),
                rows=rows,
            ),
        ],
    )


def _history() -> Chapter:
    rows = [[[Verbatim(name)], words(text)] for name, text in LOG_COLUMNS.items()]
    return Chapter(
        title="history",
        blocks=[
            words("A table of the log has the columns of its table and what makes a row a record."),
            Grid(caption="Columns of a record", header=("column", "description"), rows=rows),
        ],
    )
