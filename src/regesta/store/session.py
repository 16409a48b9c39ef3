"""When a transaction begins and ends: reading, standing still, writing, keeping others out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from regesta.store.engine import CREATES, WRITES, faults_told


class Session:
    """An open database. It is left after each question, unless somebody asks it to stand still."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._standing: sa.Connection | None = None
        self._holding = False

    @property
    def url(self) -> str:
        """The store's URL, without its password."""
        return self._engine.url.render_as_string()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        if self._standing is not None:
            yield self._standing
            return
        with faults_told(self._engine.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Have all that is read within see one state of the store, whoever writes meanwhile."""
        if self._standing is not None:
            yield
            return
        with faults_told(self._engine.url), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            self._standing = connection
            try:
                yield
            finally:
                self._standing = None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep other writers out: what is read and appended within is one transaction.

        Raises
        ------
        Busy
            If another writer goes on for too long.
        """
        if self._holding:
            yield
            return
        with self._writing() as connection:
            self._standing, self._holding = connection, True
            try:
                yield
            finally:
                self._standing, self._holding = None, False

    @contextmanager
    def _writing(self, *, creating: bool = False) -> Iterator[sa.Connection]:
        if self._holding and self._standing is not None:
            yield self._standing
            return
        engine = self._engine.execution_options(**{WRITES: True, CREATES: creating})
        with faults_told(self._engine.url), engine.begin() as connection:
            yield connection
