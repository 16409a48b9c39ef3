"""What can go wrong, each with the exit status that the command line gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


class RegestaError(Exception):
    """A fault that is explained in one sentence; every error of regesta is one."""

    exit_status = 1
    template = "{reason}"

    def __init__(self, **facts: object) -> None:
        """Fill the sentence with *facts*, which stay readable as attributes of `facts`."""
        self.facts = facts
        super().__init__(self.template.format(**facts))

    def as_json(self) -> dict[str, object]:
        """Return the fault as one JSON object."""
        return {"error": str(self), "kind": type(self).__name__, "exit_status": self.exit_status}


class UsageError(RegestaError):
    """A command, option, name or file that does not exist, or makes no sense here."""

    exit_status = 2


class NoSuchFile(UsageError):
    """A path that is not there."""

    template = "{path}: no such file or folder."


class NoSuchName(UsageError):
    """A name that a list does not hold."""

    template = "There is no {kind} called {name!r}{hint}."


class NoStore(UsageError):
    """A store that has not been made yet."""

    template = (
        "There is no store at {url}; make one with `regesta init`, or name another with --store."
    )


class InvalidInput(RegestaError):
    """Input that the schema refuses, with every failure at once.

    `failures` is a frame with one failure a row: file, row (as a spreadsheet counts, header
    included; null for the file as a whole), table, column, rule, value and message.
    """

    exit_status = 3
    template = "{count} {noun} in the input; nothing was recorded."

    def __init__(self, failures: pl.DataFrame) -> None:
        """Keep *failures* for whoever prints them."""
        self.failures = failures
        count = failures.height
        super().__init__(count=count, noun="failure" if count == 1 else "failures")

    def as_json(self) -> dict[str, object]:
        """Return the fault with every failure."""
        return {**super().as_json(), "failures": self.failures.to_dicts()}


class Refused(RegestaError):
    """Something that regesta will not do, such as overwriting a published release."""

    exit_status = 3


class GatesNotMet(Refused):
    """A release that does not hold what the card of its dataset asks for.

    `gates` has one dict a gate: `name`, what it `asks` for, what was `measured`.
    """

    template = (
        "The release falls short of what the dataset's card asks for; nothing was written:{gates}\n"
        "Mend the data or the card's [gates], or let a gate fall short in this release, which then "
        "says so, with --allow GATE."
    )

    def __init__(self, gates: Sequence[Mapping[str, str | bool]]) -> None:
        """Keep *gates* for whoever prints them."""
        self.gates = gates
        lines = [f"{gate['name']}: {gate['asks']}; measured: {gate['measured']}" for gate in gates]
        super().__init__(gates="".join(f"\n  {line}" for line in lines))

    def as_json(self) -> dict[str, object]:
        """Return the fault with every gate that is not met."""
        return {**super().as_json(), "gates": list(self.gates)}


class VerificationFailed(RegestaError):
    """A store or a release that is not what it claims to be."""

    exit_status = 4

    def as_json(self) -> dict[str, object]:
        """Return the fault with all that is wrong, where that is listed."""
        return {**super().as_json(), "faults": self.facts.get("faults", [])}


class Busy(RegestaError):
    """Somebody else is writing; the same command again will do."""

    exit_status = 5


class Outrun(Busy):
    """The log has grown since a batch was planned for it."""

    template = "The log has grown since this was planned; try again."


class Conflict(Busy):
    """Rows that an import revises have changed since the state that it was made from.

    `conflicts` is a frame with one cell a row: table, key, column, `theirs` as the log has it and
    `yours`, with the batch, author and message of theirs.
    """

    template = (
        "{count} {noun} changed since record {position}, from which the input was made; nothing "
        "was recorded. Bring the input in step with the log, or import it without --made-from."
    )

    def __init__(self, conflicts: pl.DataFrame, *, count: int, position: int) -> None:
        """Keep *conflicts* for whoever prints them."""
        self.conflicts = conflicts
        noun = "row has" if count == 1 else "rows have"
        super().__init__(count=count, noun=noun, position=position)

    def as_json(self) -> dict[str, object]:
        """Return the fault with every cell that differs."""
        return {**super().as_json(), "conflicts": self.conflicts.to_dicts()}


class StorageFault(RegestaError):
    """A disk or a server that does not do what it is asked: full, read-only, unreachable."""

    exit_status = 6
