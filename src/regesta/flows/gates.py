"""Hold a release against the gates that its dataset's card states."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import polars as pl

from regesta.errors import GatesNotMet, NoSuchName, Refused
from regesta.flows.sound import told_of_identity
from regesta.schema.card import Card
from regesta.schema.figures import per_cent, shown
from regesta.schema.gates import Gate, Outcome, gate_faults, gates_of
from regesta.schema.tables import TABLES
from regesta.vocabulary import hint

Tables = Mapping[str, pl.DataFrame]

_INDEPENDENT = 2


def require_gates(card: Card, allowed: Collection[str] = ()) -> list[Gate]:
    """Return the gates that the *card* states, by name; those *allowed* must be among them.

    Raises
    ------
    Refused
        If the card, which an older version recorded, states what is no gate.
    NoSuchName
        If the card states no gate of a name that is allowed.
    """
    if wrong := list(gate_faults(card.get("gates", {}))):
        raise Refused(
            reason=f"The dataset's card states what is no gate: {'; '.join(wrong)}. "
            "Correct dataset.toml and import it."
        )
    gates = gates_of(card)
    names = [gate.name for gate in gates]
    for name in allowed:
        if name not in names:
            raise NoSuchName(kind="gate", name=name, hint=_near(name, names))
    return gates


def outcomes(gates: Sequence[Gate], tables: Tables) -> list[Outcome]:
    """Return how the *tables* of a release stand to each of *gates*."""
    return [_MEASURES[gate.kind](gate, tables) for gate in gates]


def require_met(outcomes: Sequence[Outcome], allowed: Collection[str]) -> list[str]:
    """Return a note for each gate that was *allowed* to fall short and does not.

    Raises
    ------
    GatesNotMet
        If another gate falls short.
    """
    if short := [each for each in outcomes if not each.met and each.name not in allowed]:
        raise GatesNotMet([each.as_json() for each in short])
    return [
        f"--allow {each.name} was not needed: {each.measured}, and it asks for {each.asks}."
        for each in outcomes
        if each.met and each.name in allowed
    ]


def _near(name: str, names: Sequence[str]) -> str:
    if not names:
        return "; the card of this dataset states none"
    return hint(name, names) or f"; there are {', '.join(names)}"


def _rows(gate: Gate, tables: Tables) -> Outcome:
    rows = tables[str(gate.table)].height
    least, most = gate.bound.get("min", 0), gate.bound.get("max")
    asks = [f"at least {least}"] if "min" in gate.bound else []
    asks += [f"at most {most}"] if "max" in gate.bound else []
    return Outcome(
        name=gate.name,
        asks=f"{' and '.join(asks)} rows",
        measured=f"{rows} rows",
        met=least <= rows and (most is None or rows <= most),
    )


def _filled(gate: Gate, tables: Tables) -> Outcome:
    cells = tables[str(gate.table)][str(gate.column)]
    return _share(gate, cells.len() - cells.null_count(), cells.len(), "rows with a value")


def _two_sources(gate: Gate, tables: Tables) -> Outcome:
    """Count events with evidence from several publishers: pages of one are no two sources."""
    of = tables["evidence"].select("event_id", "source_id")
    told = of.join(tables["sources"].select("source_id", "publisher"), on="source_id")
    publishers = told.group_by("event_id").agg(pl.col("publisher").n_unique())
    several = publishers.filter(pl.col("publisher") >= _INDEPENDENT)
    events = tables["events"].select("event_id")
    found = events.join(several, on="event_id", how="semi").height
    return _share(gate, found, events.height, "events with sources of two publishers or more")


def _archived_sources(gate: Gate, tables: Tables) -> Outcome:
    found = tables["sources"].filter(pl.col("url").is_not_null())
    copies = found.height - found["archived_url"].null_count()
    return _share(gate, copies, found.height, "sources with an address that have an archived copy")


def _share(gate: Gate, part: int, whole: int, what: str) -> Outcome:
    return Outcome(
        name=gate.name,
        asks=f"{what}: at least {gate.bound} %",
        measured=f"{part} of {whole} ({per_cent(part, whole)})" if whole else "none there",
        met=100 * part >= gate.bound * whole,
    )


def _constant(gate: Gate, tables: Tables) -> Outcome:
    cells = tables[str(gate.table)][str(gate.column)].drop_nulls()
    others = cells.filter(cells != gate.bound)
    such = f", such as {shown(others.min())!r}" if len(others) else ""
    return Outcome(
        name=gate.name,
        asks=f"no value but {gate.bound!r}",
        measured=f"{len(others)} of {len(cells)} values are another{such}",
        met=others.is_empty(),
    )


def _no_dangling_ids(gate: Gate, tables: Tables) -> Outcome:
    lost = list(_dangling(tables))
    such = f", such as {lost[0]}" if lost else ""
    return Outcome(
        name=gate.name,
        asks="no id that names no row",
        measured=f"{len(lost)} such ids{such}",
        met=not lost,
    )


def _dangling(tables: Tables) -> Iterator[str]:
    """Yield each id that names no row here, but for rows of other datasets and merged events."""
    ever = told_of_identity(tables["relations"])
    for name, table in TABLES.items():
        for column, target in table.references.items():
            there = tables[target][TABLES[target].key[0]]
            named = tables[name][column].drop_nulls().unique()
            lost = named.filter(
                ~named.str.contains("/", literal=True)
                & ~named.is_in(there.implode())
                & ~(named.is_in(ever.implode()) & (target == "events"))
            )
            yield from (f"{name}.{column} {each!r}" for each in lost.sort())


_MEASURES: Mapping[str, Callable[[Gate, Tables], Outcome]] = MappingProxyType(
    {
        "no_dangling_ids": _no_dangling_ids,
        "two_sources": _two_sources,
        "archived_sources": _archived_sources,
        "rows": _rows,
        "filled": _filled,
        "constant": _constant,
    }
)
