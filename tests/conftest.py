"""What tests of several rooms share: a PostgreSQL server, started when the first asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the URL of a PostgreSQL server that was started for these tests."""
    with running() as url:
        yield url
