"""What tests of several rooms share: a PostgreSQL server, started when the first asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgresql import running

# What lands must not hang on chance; `make test-all` and `make fuzz` draw anew each time.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the URL of a PostgreSQL server that was started for these tests."""
    with running() as url:
        yield url
