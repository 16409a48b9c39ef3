"""Keep rows until they are wanted: the last of them in memory, more than that on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import polars as pl

from regesta.errors import StorageFault

Part = Mapping[str, pl.DataFrame]
"""Rows by the name of their table."""


class Spool:
    """Parts in order. While there is only one it stays in memory; files go when it is left."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._written: list[tuple[str, ...]] = []
        self._last: Part | None = None

    def __enter__(self) -> Self:
        """Return the spool, to be left."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was written."""
        self._stack.close()

    def put(self, part: Part) -> None:
        """Keep *part* after those that were put before.

        Raises
        ------
        StorageFault
            If there is no room for it.
        """
        if self._last is not None:
            self._write(self._last)
        self._last = part

    def __iter__(self) -> Iterator[Part]:
        """Yield all parts in order, as often as one likes."""
        for number, names in enumerate(self._written):
            yield {name: pl.read_ipc(self._file(number, name)) for name in names}
        if self._last is not None:
            yield self._last

    def _write(self, part: Part) -> None:
        number = len(self._written)
        try:
            for name, rows in part.items():
                rows.write_ipc(self._file(number, name), compression="lz4")
        except OSError as fault:
            what = fault.strerror or fault
            raise StorageFault(
                reason=f"Rows could not be kept in {self._folder}: {what}."
            ) from None
        self._written.append(tuple(part))

    def _file(self, number: int, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="regesta-")))
        return self._folder / f"{number}-{name}.arrow"
