"""Gates: what a release must hold, as the card of its dataset states it.

`[gates]` has a flag or a share in per cent, `[gates.rows]` a `min` and a `max` by table,
`[gates.filled]` a share by table and column, `[gates.constant]` a value by table and column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from regesta.schema.card import Card
from regesta.schema.columns import Column
from regesta.schema.tables import PUBLISHED
from regesta.vocabulary import code_list, hint

Faults = Iterator[str]

_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that is asked of a release: its kind, of which table and column, and how much."""

    kind: str
    table: str | None = None
    column: str | None = None
    bound: Any

    @property
    def name(self) -> str:
        """Return what the gate is called.

        Examples
        --------
        >>> Gate(kind="filled", table="sources", column="url", bound=90).name
        'filled.sources.url'
        """
        return ".".join(part for part in (self.kind, self.table, self.column) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a gate asks for, in words, what was measured, and whether that is enough.

    A release with an outcome that is not enough exists only where that was allowed.
    """

    name: str
    asks: str
    measured: str
    met: bool

    @property
    def verdict(self) -> str:
        """Return in words how it went."""
        return "met" if self.met else "falls short, allowed for this release"

    def as_json(self) -> dict[str, str | bool]:
        """Return it as one JSON object."""
        return {"name": self.name, "asks": self.asks, "measured": self.measured, "met": self.met}


def gates_of(card: Card) -> list[Gate]:
    """Return the gates that a card without faults states, by name.

    Examples
    --------
    >>> [gate.name for gate in gates_of({"gates": {"two_sources": 60, "rows": {"events": {}}}})]
    ['rows.events', 'two_sources']
    """
    return sorted(_listed(card.get("gates", {})), key=lambda gate: gate.name)


def _listed(stated: Mapping[str, Any]) -> Iterator[Gate]:
    for kind, said in stated.items():
        if not isinstance(said, dict):
            yield Gate(kind=kind, bound=said)
            continue
        for table, bound in said.items():
            if kind == "rows":
                yield Gate(kind=kind, table=table, bound=bound)
                continue
            for column, value in bound.items():
                yield Gate(kind=kind, table=table, column=column, bound=value)


def gate_faults(stated: object) -> Faults:
    """Yield what is wrong with the `gates` of a card.

    Examples
    --------
    >>> list(gate_faults({"two_source": 60}))
    ["gates.two_source is no gate (did you mean 'two_sources'?)"]
    """
    yield from _each("gates", stated, "gate", FAULTS, lambda at, said, kind: FAULTS[kind](at, said))


def _each(
    where: str,
    said: object,
    kind: str,
    known: Collection[str],
    faults: Callable[[str, object, str], Faults],
) -> Faults:
    """Yield the *faults* of each entry of a table whose keys name something *known*."""
    if not isinstance(said, dict):
        yield f"{where} is not a table"
        return
    for name, item in said.items():
        if name in known:
            yield from faults(f"{where}.{name}", item, name)
        else:
            yield f"{where}.{name} is no {kind}{hint(name, known)}"


def _each_table(faults: Callable[[str, object, str], Faults], where: str, said: object) -> Faults:
    return _each(where, said, "table", PUBLISHED, faults)


def _each_column(
    faults: Callable[[str, object, Column], Faults], where: str, said: object, table: str
) -> Faults:
    columns = PUBLISHED[table].columns
    return _each(
        where, said, "column", columns, lambda at, item, name: faults(at, item, columns[name])
    )


def _flag_faults(where: str, said: object) -> Faults:
    if said is not True:
        yield f"{where} is not true; leave it out where ids may dangle"


def _share_faults(where: str, said: object, _: object = None) -> Faults:
    if not isinstance(said, int) or said is True or not 1 <= said <= _WHOLE:
        yield f"{where} is no share in per cent: a whole number from 1 to 100"


def _bounds_faults(where: str, said: object, _: object) -> Faults:
    yield from _each(where, said, "bound", ("min", "max"), _count_faults)
    if not isinstance(said, dict):
        return
    least, most = said.get("min", 0), said.get("max")
    if not said:
        yield f"{where} asks for nothing; write {{min = 1}}"
    if _is_number(least) and _is_number(most) and least > most:
        yield f"{where} has a min above its max"


def _count_faults(where: str, said: object, _: object) -> Faults:
    if not isinstance(said, int) or isinstance(said, bool) or said < 0:
        yield f"{where} is no count of rows: a whole number from 0"


def _value_faults(where: str, said: object, column: Column) -> Faults:
    if column.kind == "text" and not isinstance(said, str):
        yield f"{where} is not a text, as the column is"
    elif column.kind == "integer" and not _is_number(said):
        yield f"{where} is not a whole number, as the column is"
    elif column.kind not in ("text", "integer"):
        yield f"{where} is a column of {column.kind}; only text and integers have a constant"
    elif column.codes and said not in code_list(column.codes):
        near = hint(str(said), code_list(column.codes))
        yield f"{where} is {said!r}, which is no code of the list {column.codes}{near}"


def _is_number(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool)


FAULTS: Mapping[str, Callable[[str, object], Faults]] = MappingProxyType(
    {
        "no_dangling_ids": _flag_faults,
        "two_sources": _share_faults,
        "archived_sources": _share_faults,
        "rows": partial(_each_table, _bounds_faults),
        "filled": partial(_each_table, partial(_each_column, _share_faults)),
        "constant": partial(_each_table, partial(_each_column, _value_faults)),
    }
)
"""The kinds of gate, each with what finds the faults of what a card says of it."""
