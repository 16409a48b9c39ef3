"""Take what an input brings, stretch by stretch: check it, plan it, and account for every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import polars as pl

from regesta.errors import Outrun
from regesta.flows.accounting import Plans, cell_changes, row_counts
from regesta.flows.conflicts import require_up_to_date
from regesta.flows.order import Order
from regesta.flows.preparing import FINGERPRINTS, Frames, Prepared, prepare
from regesta.flows.quarantine import refused_rows
from regesta.flows.snapshot import gone_rows, require_no_orphans
from regesta.intake.incoming import Incoming, together
from regesta.log.batch import Draft
from regesta.log.changes import CHANGE
from regesta.log.checkpoint import Head
from regesta.log.plan import plan, plan_retractions
from regesta.log.receipt import COUNTS, Counts
from regesta.schema import failures
from regesta.schema.tables import TABLES
from regesta.schema.tidy import ROW
from regesta.spool import Spool
from regesta.store.store import Store


class Taken:
    """What was made of an input: records in a draft, counts, failures, and what they concern."""

    def __init__(self, store: Store, order: Order, spool: Spool) -> None:
        """Take for the log of *store* as it stands now."""
        self._store, self._order = store, order
        self.head: Head = store.head()
        self.draft = Draft(self.head, spool)
        self.refused: list[pl.DataFrame] = []
        self._input: Incoming | None = None
        self._counts: dict[str, Counter[str]] = {}
        self._changes = [pl.DataFrame(schema={"action": pl.String(), **CHANGE})]
        self._failures: list[pl.DataFrame] = []
        self._notes: dict[str, None] = {}
        self._keys: list[pl.DataFrame] = []

    @property
    def input(self) -> Incoming:
        """What is said of the input as a whole."""
        if self._input is None:
            raise LookupError
        return self._input

    @property
    def counts(self) -> Counts:
        """What became of the rows of each table."""
        return {
            name: {each: self._counts[name][each] for each in COUNTS}
            for name in TABLES
            if name in self._counts
        }

    @property
    def changes(self) -> pl.DataFrame:
        """What each record would change, for a dry run."""
        return pl.concat(self._changes)

    @property
    def failures(self) -> pl.DataFrame:
        """Why rows were refused."""
        return failures.together(self._failures)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is recorded and may be a slip."""
        return tuple(self._notes)

    def take(self, incoming: Incoming) -> None:
        """Check and plan the rows of *incoming*, which no other stretch has the keys of.

        Raises
        ------
        Conflict
            If the order says which state the input was made from, and a row has changed since.
        Outrun
            If the log has grown since the first stretch.
        """
        order = self._order
        prepared = prepare(incoming, self._store, order.snapshot)
        if prepared.head != self.head:
            raise Outrun
        checked = prepared.checked
        self._input = self._input or incoming.without_rows()
        self._keys.append(pl.concat([pl.DataFrame(schema=FINGERPRINTS), *prepared.keys.values()]))
        self._failures.append(checked.failures)
        self._notes |= dict.fromkeys(checked.notes)
        if checked.failures.height and order.quarantine:
            self.refused.append(refused_rows(incoming, checked.failures))
        if self.is_refused:
            return
        plans = self._plans(prepared)
        gone = gone_rows(plans, self._store, order.snapshot, incoming.whole(), prepared.merged)
        require_no_orphans(gone, checked.rows, self._store)
        self._account(prepared, plans, gone)
        records = _due(plans, gone, order.reason)
        if order.made_from is not None:
            require_up_to_date(records, self._store, order.made_from)
        self.draft.take(records)

    @property
    def is_refused(self) -> bool:
        """Whether a row is invalid, and so none is to be recorded."""
        # What a snapshot lacks is gone; a row that is refused is neither there nor gone.
        spares = self._order.quarantine is not None and self._order.snapshot is None
        return not spares and any(part.height for part in self._failures)

    def repeated(self) -> pl.Series:
        """Return the rows whose key a row of another stretch may have too, by their numbers."""
        prints = pl.concat([keys["fingerprint"].unique() for keys in self._keys]).sort()
        several = prints.filter(prints == prints.shift()).to_frame("fingerprint")
        found = [keys.join(several, on="fingerprint", how="semi")[ROW] for keys in self._keys]
        return pl.concat(found)

    def _plans(self, prepared: Prepared) -> Plans:
        return {
            name: plan(
                TABLES[name],
                rows,
                prepared.heads[name],
                reason=self._order.reason,
                gave_way=prepared.merged if name == "events" else (),
            )
            for name, rows in prepared.checked.rows.items()
        }

    def _account(self, prepared: Prepared, plans: Plans, gone: Frames) -> None:
        for name, counts in row_counts(prepared, plans, gone).items():
            self._counts.setdefault(name, Counter()).update(counts)
        if self._order.dry_run:
            self._changes.append(cell_changes(plans, gone, self._store))


def set_apart(stretches: Iterable[Incoming], numbers: pl.Series) -> Iterator[Incoming]:
    """Yield *stretches* without the rows of these numbers, and then all of those as one stretch."""
    apart: list[Incoming] = []
    for incoming in stretches:
        others, mine = incoming.split(numbers)
        apart.append(mine)
        yield others
    yield together(apart)


def _due(plans: Plans, gone: Frames, reason: str | None) -> dict[str, pl.DataFrame]:
    records = {}
    for name, planned in plans.items():
        parts = [planned.records]
        if name in gone:
            parts.append(plan_retractions(TABLES[name], gone[name], reason=reason))
        records[name] = pl.concat(parts)
    return {name: frame for name, frame in records.items() if frame.height}
