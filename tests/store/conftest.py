"""Empty stores for the tests: in memory, in a file, and on a PostgreSQL server of our own."""

from __future__ import annotations

import pytest

from tests.postgresql import Maker, databases

BACKENDS = ("memory", "file", "postgresql")


@pytest.fixture(scope="session", params=BACKENDS)
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Return what gives the URL of a new, empty database."""
    if request.param == "postgresql":
        return databases(request.getfixturevalue("postgresql"))
    if request.param == "memory":
        return lambda: "sqlite://"
    return lambda: f"sqlite:///{tmp_path_factory.mktemp('store') / 'regesta.db'}"


@pytest.fixture
def lasting_url(new_url: Maker) -> str:
    """Return the URL of a new database that outlives its connection."""
    url = new_url()
    if url == "sqlite://":
        pytest.skip("a store in memory ends with its connection")
    return url
