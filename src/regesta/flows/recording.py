"""Record a batch that was planned from the log itself: curation, as against an import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import polars as pl

from regesta.canonical import encode
from regesta.flows.order import signed_words
from regesta.flows.turns import in_turn
from regesta.log.batch import Provenance, seal
from regesta.log.changes import key_text
from regesta.log.receipt import RECORDED, Recorded
from regesta.schema.tables import TABLES
from regesta.store.store import Store

Records = Mapping[str, pl.DataFrame]


def record(
    store: Store, plan: Callable[[], Records], *, author: str, message: str | None, at: datetime
) -> Recorded:
    """Append the records that *plan* names as one batch; if others were faster, plan again.

    Raises
    ------
    Busy
        If others keep writing.
    """
    author, message = signed_words(author, message)
    provenance = Provenance(author=author, message=message)

    def attempt(store: Store, _: Callable[[], Store]) -> Recorded:
        head = store.head()
        due = {name: records for name, records in plan().items() if records.height}
        number = None
        if due:
            batch = seal(due, head=head, at=at, provenance=provenance, counts=_counts(due))
            store.append(batch)
            number, head = batch.head.batch, batch.head
        return Recorded(batch=number, checkpoint=head.checkpoint(store.dataset), records=_told(due))

    return in_turn(store, attempt)


_WORDS = {"add": "added", "revise": "revised", "restore": "restored", "retract": "retracted"}


def _counts(due: Records) -> str:
    counts = {
        name: {_WORDS[action]: count for action, count in records["action"].value_counts().rows()}
        for name, records in due.items()
    }
    return encode(counts).decode()


def _told(due: Records) -> pl.DataFrame:
    parts = [
        records.select("action", "reason", table=pl.lit(name), key=key_text(TABLES[name])).select(
            *RECORDED
        )
        for name, records in due.items()
    ]
    return pl.concat([pl.DataFrame(schema=RECORDED), *parts])
