"""Guards and views stand as they were made, or `verify` says so and `rebuild` puts them up anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from regesta.errors import VerificationFailed
from regesta.flows.verifying import verify_store
from regesta.log.tables import METADATA
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from tests.logs import record
from tests.postgresql import databases
from tests.strategies import SMALL

FORGED_VIEW = (
    "CREATE OR REPLACE VIEW coverage AS SELECT coverage_id, scope, collection, period, actors,"
    " event_types, searched_by, searched_on, n_events, note FROM coverage_log WHERE 1 = 0"
)
HOLLOW_FUNCTION = (
    "CREATE OR REPLACE FUNCTION regesta_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NEW; END $$"
)


def _guard(when: str, condition: str = "") -> list[str]:
    """Return what puts another guard in the place of that of the events, in PostgreSQL."""
    guard = f"CREATE TRIGGER events_log_no_row BEFORE {when} OR DELETE ON events_log FOR EACH ROW"
    return [
        "DROP TRIGGER events_log_no_row ON events_log",
        f"{guard} {condition} EXECUTE FUNCTION regesta_refuse()",
        "ALTER TABLE events_log ENABLE ALWAYS TRIGGER events_log_no_row",
    ]


TAMPERINGS = {
    "sqlite": [
        ["DROP VIEW events"],
        ["DROP VIEW events", "CREATE VIEW events AS SELECT * FROM events_log WHERE 1 = 0"],
        ["DROP TRIGGER events_log_no_update"],
        ["DROP TRIGGER store_no_delete"],
        [
            "DROP TRIGGER events_log_no_delete",
            "CREATE TRIGGER events_log_no_delete BEFORE DELETE ON events_log BEGIN SELECT 1; END",
        ],
        ["CREATE TRIGGER drops AFTER INSERT ON events_log BEGIN DELETE FROM coverage_log; END"],
        ["DROP INDEX ix_evidence_log_event_id"],
    ],
    "postgresql": [
        ["DROP VIEW events"],
        [FORGED_VIEW],
        ["DROP TRIGGER events_log_no_row ON events_log"],
        ["ALTER TABLE events_log ENABLE TRIGGER events_log_no_row"],
        ["ALTER TABLE store DISABLE TRIGGER store_no_statement"],
        _guard("UPDATE", "WHEN (OLD.position < 0)"),
        _guard("UPDATE OF title"),
        [HOLLOW_FUNCTION],
        ["CREATE RULE nothing AS ON INSERT TO events_log DO INSTEAD NOTHING"],
        ["DROP INDEX ix_evidence_log_event_id"],
        ["ALTER FUNCTION regesta_refuse_late SET search_path = pg_catalog"],
        ["CREATE INDEX more ON events_log (title)"],
    ],
}

BEYOND_REBUILDING = [
    ["ALTER TABLE events_log DROP CONSTRAINT uq_events_log_key_revision"],
    ["ALTER TABLE events_log ALTER title DROP NOT NULL"],
    ["ALTER TABLE events_log ENABLE ROW LEVEL SECURITY"],
    ["ALTER TABLE events_log ALTER place SET DEFAULT 'here'"],
    ["CREATE TABLE child () INHERITS (coverage_log)"],
]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a store with a row in every table."""
    url = f"sqlite:///{tmp_path / 'regesta.db'}"
    if request.param == "postgresql":
        url = databases(request.getfixturevalue("postgresql"))()
    made = Store.create(url, dataset="gifts")
    record(made, SMALL)
    yield made
    made._engine.dispose()


def _run(store: Store, *statements: str) -> None:
    with store._engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _verify(store: Store) -> None:
    verify_store(store, step=lambda _: None)


def test_whatever_is_tampered_with_is_found_and_rebuilt(store: Store) -> None:
    """A guard that lets changes through, a view that hides rows: found, and put right."""
    root = store.head()
    _verify(store)
    for tampering in TAMPERINGS[store._engine.dialect.name]:
        _run(store, *tampering)
        with pytest.raises(VerificationFailed):
            _verify(store)
        store.rebuild()
        _verify(store)
    assert store.head() == root


@pytest.mark.parametrize("tampering", BEYOND_REBUILDING, ids=lambda each: each[0])
def test_whatever_is_altered_on_postgresql_is_found(tampering: list[str], postgresql: str) -> None:
    """Constraints, defaults, row security and children are compared as well."""
    made = record(Store.create(databases(postgresql)()), SMALL)
    _verify(made)
    _run(made, *tampering)
    with pytest.raises(VerificationFailed):
        _verify(made)


def test_a_rebuilt_store_refuses_changes_again(store: Store) -> None:
    """What stands after a rebuild is what stood after the making."""
    store.rebuild()
    for table in METADATA.tables:
        with pytest.raises(DBAPIError, match="append-only"):
            _run(store, f"DELETE FROM {table}")  # noqa: S608 - our own names


def test_views_show_the_projection(store: Store) -> None:
    """What any SQL client sees is what the log adds up to."""
    for name, table in TABLES.items():
        rows = store.rows(name)
        middle = rows[table.key[0]].gather_every(2).unique(maintain_order=True).to_list()
        for cuts in ([], middle):
            assert pl.concat(store.shown(name, cuts)).sort(table.key).equals(rows)


def test_a_role_that_inserts_and_selects_can_do_all_the_work(postgresql: str) -> None:
    """A writer needs no more than INSERT and SELECT, and with that can change nothing."""
    url = databases(postgresql)()
    owner = Store.create(url, dataset="gifts")
    name = f"writer_{sa.make_url(url).database}"
    _run(
        owner,
        f"CREATE ROLE {name} LOGIN",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {name}",
        f"REVOKE INSERT ON store, alembic_version FROM {name}",
    )
    writer = Store.open(str(sa.make_url(url).set(username=name)))
    record(writer, SMALL)
    assert writer.heads("events", writer.rows("events").select("event_id")).height == 1
    told = verify_store(writer, step=lambda _: None).unchecked
    assert any("ask the owner" in each for each in told)
    _verify(owner)
    for statement in (
        "INSERT INTO store VALUES (0, 'evil', 1)",
        "INSERT INTO alembic_version VALUES ('0001')",
        "DELETE FROM events_log",
        "UPDATE events_log SET title = 'x'",
        "TRUNCATE events_log",
        "DROP TRIGGER events_log_no_row ON events_log",
        "DROP VIEW events",
        "ALTER TABLE events_log DISABLE TRIGGER ALL",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            _run(writer, statement)
    assert writer.rows("events").height == len(SMALL["events"])
