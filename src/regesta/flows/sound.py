"""What holds of a sound log: rows give their leaves, leaves the roots, positions have no gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson
import polars as pl

from regesta import merkle
from regesta.errors import VerificationFailed
from regesta.log.leaves import leaf_hashes, leaf_texts
from regesta.log.receipt import Counts
from regesta.research.merges import IDENTITY
from regesta.schema.check import check
from regesta.schema.columns import DECIMALS
from regesta.schema.failures import none
from regesta.schema.tables import TABLES, TableSchema
from regesta.schema.tidy import FILE, ROW

SHOWN_FAULTS = 20

PIECE = 8192
"""Records that are held against their leaves at once."""

LINKS = ("position", "batch", "revision", "supersedes", "action", "leaf")
"""What of a record links it to its batch, to its row's last record and to the root."""

LARGEST = 10**12
"""No decimal is as large: a leaf spells twelve digits before the point."""

RECORDED = ("added", "revised", "restored", "retracted")
"""What of the counts of a batch are records."""

Histories = Mapping[str, pl.DataFrame]

_NO_LEAVES = pl.DataFrame(schema={"position": pl.Int64, "leaf": pl.String})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Some records of a log, by table, held against their leaves.

    `texts` are the leaves that their rows give; `lacking` and `wrong` say what is wrong with them.
    """

    records: Histories
    texts: Mapping[str, pl.Series]
    lacking: Sequence[str]
    wrong: Sequence[str]

    @property
    def leaves(self) -> pl.DataFrame:
        """Position and canonical leaf of each record that gives one, in the order of the log."""
        parts = [self.records[name].select("position", leaf=t) for name, t in self.texts.items()]
        return pl.concat([_NO_LEAVES, *parts]).sort("position")


def in_pieces(records: Histories) -> Iterator[Histories]:
    """Yield *records*, which are by position, a few positions at a time.

    What is made of a few thousand rows fits where what was made of the last ones lay. To ask the
    system for more memory costs more than all the rest.
    """
    positions = pl.concat(rows["position"] for rows in records.values()).sort()
    bounds = positions.gather_every(PIECE, PIECE).to_numpy()
    cuts = {
        name: [0, *rows["position"].to_numpy().searchsorted(bounds), rows.height]
        for name, rows in records.items()
    }
    for piece in range(len(bounds) + 1):
        ends = {name: at[piece : piece + 2] for name, at in cuts.items()}
        yield {name: rows[slice(*ends[name])] for name, rows in records.items()}


def examine(records: Histories) -> Examined:
    """Hold some *records* against their leaves."""
    there = {name: rows for name, rows in records.items() if rows.height}
    lacking, wrong = list(wrong_nulls(there)), []
    texts: dict[str, pl.Series] = {}
    for name, rows in ({} if lacking else there).items():
        texts[name], altered = _against_leaves(TABLES[name], rows)
        wrong += [f"the record at position {at} ({name}) does not give its leaf" for at in altered]
    return Examined(records=records, texts=texts, lacking=lacking, wrong=wrong)


class Audit:
    """A log that is read through: what links its records to one another, and what is wrong."""

    def __init__(self, also: Callable[[TableSchema], Sequence[pl.Expr]] = lambda _: ()) -> None:
        """Keep of each record what links it, and what *also* says for its table."""
        self._also = also
        self._parts: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
        self._lacking: dict[str, None] = {}
        self._wrong: list[str] = []

    def take(self, part: Examined) -> None:
        """Take the next records of the log."""
        self._lacking |= dict.fromkeys(part.lacking)
        self._wrong += part.wrong
        for name, records in part.records.items():
            if records.is_empty() and self._parts[name]:
                continue
            # Of batches, which are few, nothing is left out.
            links = records.columns if name == "batches" else [*LINKS, *TABLES[name].key]
            self._parts[name].append(
                records.select(*dict.fromkeys(links), *self._also(TABLES[name]))
            )

    @property
    def lacking(self) -> list[str]:
        """The tables some of whose records do not say what every record says."""
        return list(self._lacking)

    @cached_property
    def links(self) -> Histories:
        """What links the records of each table, once all are taken."""
        return {name: pl.concat(parts) for name, parts in self._parts.items()}

    @cached_property
    def leaves(self) -> pl.DataFrame:
        """Position, batch and leaf of every record, in the order of the log."""
        return records_in_order(self.links)

    def faults(self, checkpoints: pl.DataFrame | None = None) -> list[str]:
        """Return all that is wrong with the log, and with its *checkpoints* where it has some."""
        return self.lacking or [
            *self._wrong,
            *wrong_chains(self.links),
            *wrong_positions(self.leaves["position"]),
            *wrong_batches(self.links, self.leaves),
            *(() if checkpoints is None else wrong_checkpoints(checkpoints, self.leaves)),
        ]


def wrong_nulls(histories: Histories) -> Iterable[str]:
    """Yield each table some of whose records do not say what every record says."""
    for name, records in histories.items():
        needed = records.select("position", "batch", "revision", "action", "reason", "leaf")
        if sum(needed.null_count().row(0)):
            yield f"records of {name} lack a position, batch, revision, action, reason or leaf"


def _against_leaves(table: TableSchema, records: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the leaf that each row of *records* gives, and the position of each with another."""
    wrong = pl.repeat(value=False, n=records.height, dtype=pl.Boolean, eager=True)
    spellable = records
    for column in table.columns.values():
        if column.kind == "decimal":  # a leaf says no more digits than are kept
            cells = records[column.name]
            beyond = (~cells.is_finite() | (cells.abs() >= LARGEST)).fill_null(value=False)
            wrong |= beyond | cells.ne_missing(cells.round(DECIMALS))
            spellable = spellable.with_columns(cells.set(beyond, None))
    texts = leaf_texts(table, spellable)
    wrong |= leaf_hashes(texts).ne_missing(records["leaf"])
    return texts, records.filter(wrong)["position"]


def wrong_chains(histories: Histories) -> Iterable[str]:
    """Yield each record that does not follow the one before it of the same row."""
    for name, records in histories.items():
        key = TABLES[name].key
        is_alone = pl.col("supersedes").is_null() & (pl.col("revision") == 1)
        several = records.filter(~is_alone | records.select(key).is_duplicated())
        before = pl.col("position").shift(1).over(key)
        number = pl.int_range(pl.len()).over(key) + 1
        wrong = several.sort("position").filter(
            pl.col("supersedes").ne_missing(before) | pl.col("revision").ne_missing(number)
        )
        for position in wrong["position"]:
            yield f"the record at position {position} ({name}) does not follow its row's last one"


def wrong_positions(positions: pl.Series) -> Iterable[str]:
    """Yield the first position that is not where it should be."""
    expected = pl.int_range(len(positions), dtype=pl.Int64, eager=True)
    wrong = expected.filter(positions.ne_missing(expected))
    if len(wrong):
        yield f"there is no single record at position {wrong[0]}"


def wrong_batches(histories: Histories, leaves: pl.DataFrame) -> Iterable[str]:
    """Yield each record that does not stand between its batch's own record and the next one."""
    starts = histories["batches"].sort("position")["position"]
    number = starts.search_sorted(leaves["position"], side="right")
    wrong = leaves.filter(leaves["batch"].ne_missing(number))
    for position in wrong["position"]:
        yield f"the record at position {position} is not of the batch that it names"


def wrong_checkpoints(checkpoints: pl.DataFrame, leaves: pl.DataFrame) -> Iterable[str]:
    """Yield each checkpoint that is not what its records give, and records that have none."""
    size = 0
    edge: merkle.Edge = ()
    for number, (batch, end, root, packed) in enumerate(checkpoints.iter_rows(), 1):
        records = leaves[size:end]
        size, edge = merkle.grow(size, edge, records["leaf"])
        if batch != number or (size, merkle.root(edge), merkle.pack(edge)) != (end, root, packed):
            yield f"the checkpoint of batch {batch} is not what its records give"
        if records.height == 0:
            yield f"batch {batch} has no record"
    if size != leaves.height:
        yield f"{leaves.height - size} records belong to no checkpoint"


def invalid_cells(tables: Mapping[str, pl.DataFrame], *, whole: bool) -> Iterable[str]:
    """Yield each cell that the schema refuses.

    What is said of identity outlives the events: a reference may lead to one that a `same_as` or
    `not_same_as` names. Of a part of the rows, which are not the *whole*, references may lead out.
    """
    placed = {
        name: rows.with_columns(
            pl.lit(f"{name}.csv").alias(FILE), pl.int_range(2, pl.len() + 2).alias(ROW)
        )
        for name, rows in tables.items()
    }
    ever = told_of_identity(tables["relations"])

    def known(table: str, ids: pl.Series) -> pl.Series:
        return ever if table == "events" else ids.clear()

    wrong = check(placed, none(), known).failures
    if not whole:
        wrong = wrong.filter(pl.col("rule") != "foreign-key")
    for cell in wrong.iter_rows(named=True):
        where = f"{cell['file']} row {cell['row']}, column {cell['column']}"
        yield f"{where}: {cell['value']!r} {cell['message']}"


def told_of_identity(relations: pl.DataFrame) -> pl.Series:
    """Return the events that a `same_as` or `not_same_as` names, whether they are there or not."""
    told = relations.filter(pl.col("relation").is_in(list(IDENTITY)))
    return pl.concat([told["event_id"], told["other_id"]])


def ends_a_batch(histories: Histories) -> bool:
    """Return whether the last batch is all there, as it counts its records itself."""
    last = histories["batches"].sort("position").tail(1)
    if last.is_empty():
        return True
    try:
        counts: Counts = orjson.loads(last["counts"][0] or "{}")
        promised = sum(table.get(word, 0) for table in counts.values() for word in RECORDED)
    except (ValueError, TypeError, AttributeError):  # a log that none of ours wrote
        return False
    after = pl.col("position") > last["position"][0]
    return promised == sum(records.filter(after).height for records in histories.values())


def records_in_order(histories: Histories) -> pl.DataFrame:
    """Return position, batch and leaf of every record, in the order of the log."""
    return pl.concat(
        records.select("position", "batch", "leaf") for records in histories.values()
    ).sort("position")


def require_none(what: str, faults: list[str]) -> None:
    """Raise `VerificationFailed` if *what* has *faults*, and name the first of them."""
    if faults:
        shown = "\n  ".join(faults[:SHOWN_FAULTS])
        more = (
            f"\n  ... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        )
        raise VerificationFailed(
            reason=f"{what} is not what it claims to be:\n  {shown}{more}", faults=faults
        )
