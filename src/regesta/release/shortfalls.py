"""The gates that a release was allowed to fall short of, as its pages for people name them."""

from __future__ import annotations

from collections.abc import Iterable

from regesta.schema.gates import Outcome
from regesta.schema.page import sentence, words


def shortfalls(gates: Iterable[Outcome]) -> list[str]:
    """Return a line of Markdown for each of *gates* that is not met."""
    return [
        f"- `{gate.name}`: {sentence(words(f'{gate.asks}; measured: {gate.measured}'))}"
        for gate in gates
        if not gate.met
    ]
