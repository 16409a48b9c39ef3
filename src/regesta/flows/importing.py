"""Bring files into the log: read, check, plan, append, and account for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from regesta.canonical import encode
from regesta.errors import InvalidInput, NoSuchName, Outrun, Refused
from regesta.flows.quarantine import write_quarantine
from regesta.log.receipt import COUNTS, Counts, Receipt
from regesta.flows.snapshot import Scope
from regesta.intake import flat
from regesta.intake.gather import Reading, gather
from regesta.intake.incoming import Incoming
from regesta.log.batch import Provenance, seal
from regesta.log.changes import CHANGE, as_old, changes, whole_rows
from regesta.log.checkpoint import Head
from regesta.log.plan import HEAD, TablePlan, plan, plan_retractions
from regesta.schema import failures
from regesta.schema.check import Checked, check
from regesta.schema.tables import IMPORTED, TABLES, TableSchema
from regesta.schema.tidy import FILE, ROW, tidy, with_days
from regesta.store.store import Store
from regesta.vocabulary import code_list, hint

TRIES = 10
"""How often an import is planned again when others write between plan and append."""

DERIVED = ("date_earliest", "date_latest")

Frames = Mapping[str, pl.DataFrame]


def _silent(_: str) -> None:
    """Say nothing of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How an import is to be done."""

    author: str
    message: str | None = None
    reason: str | None = None
    reading: Reading = field(default_factory=Reading)
    snapshot: Scope | None = None
    quarantine: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An input that has been checked against the log as it stands at `head`."""

    head: Head
    checked: Checked
    heads: Frames
    read: Mapping[str, int]


def import_paths(
    paths: Sequence[Path],
    store: Store,
    order: Order,
    *,
    at: datetime,
    step: Callable[[str], None] = _silent,
) -> Receipt:
    """Bring *paths* into the log of *store* and report what that recorded.

    Raises
    ------
    InvalidInput
        If a row is invalid and the order names no quarantine; nothing is recorded.
    Refused
        If the input is another dataset's.
    Busy
        If others keep writing.
    """
    _require_reason(order.reason)
    step("reading")
    incoming = gather(paths, order.reading, store.rows("actors"))
    _require_same_dataset(incoming, store)
    for _ in range(TRIES - 1):
        try:
            return _bring(incoming, store, order, at=at, step=step)
        except Outrun:
            continue
    return _bring(incoming, store, order, at=at, step=step)


def validate_paths(paths: Sequence[Path], store: Store, reading: Reading) -> Checked:
    """Check *paths* as an import would, and record nothing."""
    incoming = gather(paths, reading, store.rows("actors"))
    return _prepare(incoming, store, None).checked


def _bring(
    incoming: Incoming, store: Store, order: Order, *, at: datetime, step: Callable[[str], None]
) -> Receipt:
    step("checking")
    prepared = _prepare(incoming, store, order.snapshot)
    checked = prepared.checked
    if checked.failures.height and not order.quarantine:
        raise InvalidInput(checked.failures)
    step("planning")
    plans = {
        name: plan(TABLES[name], rows, prepared.heads[name], reason=order.reason)
        for name, rows in checked.rows.items()
    }
    gone = _gone(plans, store, order.snapshot)
    _require_no_orphans(gone, set(checked.rows), store)
    records = _records(plans, gone, order.reason)
    counts = _counts(prepared, plans, gone)
    card = _new_card(incoming, store)
    receipt = Receipt(
        tables=counts,
        batch=None,
        checkpoint=prepared.head.checkpoint(store.dataset),
        changes=_changes(plans, prepared.heads, gone),
        failures=checked.failures,
        dry_run=order.dry_run,
    )
    if order.dry_run:
        return receipt
    if order.quarantine and checked.failures.height:
        write_quarantine(order.quarantine, incoming, checked.failures)
    if not records and card is None:
        return receipt
    step("appending")
    provenance = Provenance(
        author=order.author,
        message=order.message,
        source_name=incoming.name,
        source_sha256=incoming.sha256,
        card=card,
    )
    batch = seal(
        records, head=prepared.head, at=at, provenance=provenance, counts=encode(counts).decode()
    )
    store.append(batch, after=prepared.head)
    return replace(
        receipt, batch=batch.head.batch, checkpoint=batch.head.checkpoint(store.dataset)
    )


def _require_reason(reason: str | None) -> None:
    if reason is not None and reason not in code_list("reasons"):
        raise NoSuchName(kind="reason", name=reason, hint=hint(reason, code_list("reasons")))


def _require_same_dataset(incoming: Incoming, store: Store) -> None:
    name = incoming.card.get("name") if incoming.card else None
    holds = store.card().get("name") or store.declared_dataset()
    if name and holds and name != holds:
        raise Refused(reason=f"This store holds the dataset {holds!r}; the input is of {name!r}.")


def _prepare(incoming: Incoming, store: Store, scope: Scope | None) -> Prepared:
    """Read the cells, fill what the files are silent about, and check everything."""
    head = store.head()
    found = [part.failures for part in incoming.parts]
    typed: dict[str, pl.DataFrame] = {}
    heads: dict[str, pl.DataFrame] = {}
    for name, rows in incoming.rows().items():
        table = TABLES[name]
        tidied, wrong = tidy(table, rows)
        found.append(wrong)
        heads[name] = store.heads(name, tidied.select(table.key).drop_nulls().unique())
        completed = _completed(table, tidied, heads[name])
        if name == "events":
            completed, wrong = with_days(completed)
            found.append(wrong)
        typed[name] = completed.select(FILE, ROW, *table.columns)

    def known(table: str, ids: pl.Series) -> pl.Series:
        if scope and scope.whole(table) and table in typed:
            return ids.clear()
        key = TABLES[table].key[0]
        live = store.heads(table, ids.alias(key).to_frame()).filter(pl.col("action") != "retract")
        return live[key]

    checked = check(typed, failures.together(found), known)
    flat_files = [part.raw.source for part in incoming.parts if len(part.rows) > 1]
    checked = replace(checked, failures=flat.in_their_words(checked.failures, flat_files))
    return Prepared(head=head, checked=checked, heads=heads, read=_read(typed, incoming))


def _read(typed: Frames, incoming: Incoming) -> dict[str, int]:
    """Return how many rows of each table were read, those that could not be taken apart included."""
    read = {name: frame.height for name, frame in typed.items()}
    for part in incoming.parts:
        if part.raw.torn:
            read[part.counted_as] = read.get(part.counted_as, 0) + len(part.raw.torn)
    return read


def _completed(table: TableSchema, rows: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* with every column: a column that the file lacks stays as the log has it."""
    absent = [n for n in table.columns if n not in rows.columns and n not in DERIVED]
    if not absent:
        return rows
    filled = rows.join(
        heads.select(*table.key, *absent), on=table.key, how="left", maintain_order="left"
    )
    defaults = {n: c.default for n, c in table.columns.items() if n in absent and c.default}
    return filled.with_columns(pl.col(name).fill_null(text) for name, text in defaults.items())


def _gone(plans: Mapping[str, TablePlan], store: Store, scope: Scope | None) -> dict[str, pl.DataFrame]:
    """Return the live rows of the scope that the input lacks, by table."""
    if scope is None:
        return {}
    gone = {}
    for name, planned in plans.items():
        if scope.covers(name):
            live = scope.of(store.live_heads(name))
            gone[name] = live.join(planned.wanted, on=TABLES[name].key, how="anti")
    return {name: rows for name, rows in gone.items() if rows.height}


def _require_no_orphans(gone: Frames, brought: set[str], store: Store) -> None:
    """Refuse to retract a row that live rows of tables outside the input still name."""
    found = []
    for name, rows in gone.items():
        key = TABLES[name].key[0]
        for other, table in IMPORTED.items():
            for column, target in table.references.items():
                if target == name and other not in brought:
                    naming = store.rows(other).filter(pl.col(column).is_in(rows[key].to_list()))
                    found += [
                        _orphaned(other, column, str(value), count)
                        for value, count in naming[column].value_counts(sort=True).iter_rows()
                    ]
    if found:
        raise InvalidInput(failures.together(found))


def _orphaned(table: str, column: str, value: str, count: int) -> pl.DataFrame:
    return failures.failure(
        file="(the log)",
        table=table,
        column=column,
        rule="foreign-key",
        value=value,
        message=f"the input lacks {value!r}, which {count} rows of {table} still name;"
        f" bring {table} too, or keep the row",
    )


def _records(plans: Mapping[str, TablePlan], gone: Frames, reason: str | None) -> dict[str, pl.DataFrame]:
    records = {}
    for name, planned in plans.items():
        parts = [planned.records]
        if name in gone:
            parts.append(plan_retractions(TABLES[name], gone[name], reason=reason))
        records[name] = pl.concat(parts)
    return {name: frame for name, frame in records.items() if frame.height}


def _counts(prepared: Prepared, plans: Mapping[str, TablePlan], gone: Frames) -> Counts:
    counts = {}
    for name, read in prepared.read.items():
        planned = plans.get(name)
        taken = planned.records.height + planned.unchanged if planned else 0
        duplicate = prepared.checked.duplicates.get(name, 0)
        numbers = {
            "read": read,
            "added": planned.count("add") if planned else 0,
            "revised": planned.count("revise") if planned else 0,
            "restored": planned.count("restore") if planned else 0,
            "retracted": gone[name].height if name in gone else 0,
            "unchanged": planned.unchanged if planned else 0,
            "duplicate": duplicate,
            "rejected": read - taken - duplicate,
        }
        counts[name] = {each: numbers[each] for each in COUNTS}
    return counts


def _changes(plans: Mapping[str, TablePlan], heads: Frames, gone: Frames) -> pl.DataFrame:
    """Return what each planned record changes: whole rows come and go, revisions name columns."""
    schema = {"action": pl.String(), **CHANGE}
    found = [pl.DataFrame(schema=schema)]
    for name, planned in plans.items():
        table = TABLES[name]
        others = planned.records.filter(pl.col("action") != "revise")
        revised = planned.records.filter(pl.col("action") == "revise")
        old = heads[name].select(*table.key, *as_old(table))
        pairs = revised.join(old, on=table.key, maintain_order="left")
        found += [whole_rows(table, others, ["action"]), changes(table, pairs, ["action"])]
        if name in gone:
            retracted = gone[name].with_columns(action=pl.lit("retract"))
            found.append(whole_rows(table, retracted, ["action"]))
    return pl.concat(found)


def _new_card(incoming: Incoming, store: Store) -> str | None:
    """Return the card that the input brings if it is not the one that the log has."""
    if incoming.card is None or incoming.card == store.card():
        return None
    return encode(incoming.card).decode()
