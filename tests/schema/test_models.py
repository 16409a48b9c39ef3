"""A column is described once: SQL tables, views, migrations and templates follow the models."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pandera.polars as pa
import polars as pl
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from regesta.log.tables import CHECKPOINTS, LOGS, METADATA, STORE, _log_table
from regesta.places import migrations
from regesta.schema import models
from regesta.schema.codebook import template
from regesta.schema.columns import POLARS, text
from regesta.schema.tables import IMPORTED, PUBLISHED, TABLES, TableSchema
from regesta.store.engine import connect, parse_url
from regesta.store.migrate import upgrade
from regesta.store.store import RECORD
from regesta.vocabulary import code_list

COLUMNS = [(table, name) for table in PUBLISHED for name in PUBLISHED[table].columns]


class Widgets(models.Table):
    """A table that regesta lacks."""

    widget_id: pl.String = text("Name of the widget.", required=True)

    class Config(models.Table.Config):
        """A widget is named by its identifier."""

        unique = ["widget_id"]


class WiderEvents(models.Events):
    """Events with a column that regesta lacks."""

    weather: pl.String = text("What the sky was like.")


@pytest.fixture
def migrated() -> Iterator[sa.Connection]:
    """Return a connection to a fresh SQLite database that has all migrations."""
    engine = connect(parse_url("sqlite://"))
    with engine.begin() as connection:
        upgrade(connection)
        yield connection
    engine.dispose()


def _check(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.check(config)


def _with_wider_events() -> sa.MetaData:
    """Return the metadata of a log whose events have one column more."""
    metadata = sa.MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(metadata)
    extra = set(TableSchema("events", WiderEvents).columns) - set(TABLES["events"].columns)
    for name in extra:
        metadata.tables["events_log"].append_column(sa.Column(name, sa.Text()))
    return metadata


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_every_column_is_described_in_a_sentence(table: str, name: str) -> None:
    """A reader finds what a column means, as a sentence with a full stop."""
    column = PUBLISHED[table].columns[name]
    assert column.name == name
    assert column.description[0].isupper() or column.description[0] == "`"
    assert column.description.endswith(".")
    assert column.description.count("\n") == 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_table_is_described_in_a_sentence(name: str) -> None:
    """A reader finds what a row of a table is."""
    assert PUBLISHED[name].description.endswith(".")
    assert "DataFrameModel" not in PUBLISHED[name].description


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_columns_of_a_key_are_required(name: str) -> None:
    """A row always has its whole name."""
    table = PUBLISHED[name]
    assert table.key
    for column in table.key:
        assert table.columns[column].required


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_a_column_in_flight_has_the_dtype_of_its_kind(table: str, name: str) -> None:
    """What the model's annotation says and what the kind says are the same."""
    declared = PUBLISHED[table].model.to_schema().columns[name].dtype
    assert declared.type == POLARS[PUBLISHED[table].columns[name].kind]


def test_every_code_list_that_is_named_exists() -> None:
    """A coded column has codes to choose from."""
    named = {c.codes for t in PUBLISHED.values() for c in t.columns.values() if c.codes}
    assert named >= {"event_types", "states", "roles", "stances", "relations", "actor_kinds"}
    assert all(code_list(name) for name in named)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_reference_names_a_table_with_a_key_of_one_column(name: str) -> None:
    """An identifier is enough to find the row that is meant, and that row comes first."""
    order = list(PUBLISHED)
    for column, target in PUBLISHED[name].references.items():
        assert len(TABLES[target].key) == 1
        assert TABLES[target].columns[TABLES[target].key[0]].coding == "identifier"
        assert order.index(target) < order.index(name)
        assert PUBLISHED[name].columns[column].kind == "text"


def test_the_tables_are_those_of_the_design() -> None:
    """Names and keys are contract."""
    assert {name: table.key for name, table in TABLES.items()} == {
        "batches": ["batch"],
        "actors": ["actor_id"],
        "offices": ["actor_id", "office", "held_from"],
        "sources": ["source_id"],
        "events": ["event_id"],
        "participants": ["event_id", "actor_id", "role"],
        "evidence": ["evidence_id"],
        "relations": ["event_id", "relation", "other_id"],
        "coverage": ["coverage_id"],
    }


@pytest.mark.parametrize("name", TABLES)
def test_a_log_table_has_the_columns_of_the_schema_and_of_a_record(name: str) -> None:
    """Nothing is described beside the model, and nothing of it is left out."""
    columns = LOGS[name].columns
    assert {column.name for column in columns} == {*RECORD, *TABLES[name].columns}
    assert [c.name for c in columns if c.name not in RECORD] == [
        column for column in TABLES[name].columns if column not in RECORD
    ]
    for column in TABLES[name].columns.values():
        assert columns[column.name].nullable == (not column.required)


@pytest.mark.parametrize("name", TABLES)
def test_the_migrated_tables_and_views_have_these_columns(
    name: str, migrated: sa.Connection
) -> None:
    """The database shows what the schema says, in its order, to any SQL client."""
    inspector = sa.inspect(migrated)
    log = [column["name"] for column in inspector.get_columns(f"{name}_log")]
    view = [column["name"] for column in inspector.get_columns(name)]
    assert log == [column.name for column in LOGS[name].columns]
    assert view == list(TABLES[name].columns)


@pytest.mark.parametrize("name", IMPORTED)
def test_a_template_has_the_columns_of_the_schema(name: str) -> None:
    """Who fills in a template fills in the table."""
    assert next(csv.reader([template(name)])) == list(TABLES[name].columns)


def test_migrations_and_models_have_not_drifted_apart(migrated: sa.Connection) -> None:
    """`alembic check` finds nothing to do on a store that has all migrations."""
    _check(migrated)
    assert compare_metadata(MigrationContext.configure(migrated), METADATA) == []


def test_all_that_the_metadata_names_is_there(migrated: sa.Connection) -> None:
    """The migrations make every table of the log, the checkpoints and the store's own row."""
    wanted = {f"{name}_log" for name in TABLES} | {CHECKPOINTS.name, STORE.name}
    assert set(METADATA.tables) == wanted
    assert set(sa.inspect(migrated).get_table_names()) - {"alembic_version"} == wanted


def test_a_column_that_no_migration_adds_is_noticed(migrated: sa.Connection) -> None:
    """The drift test can fail: a column in a model alone is an operation to do."""
    found = compare_metadata(MigrationContext.configure(migrated), _with_wider_events())
    assert [(each[0], each[2], each[3].name) for each in found] == [
        ("add_column", "events_log", "weather")
    ]


def test_a_table_that_no_migration_adds_is_noticed(migrated: sa.Connection) -> None:
    """A new model gives a log table of its own, which the drift test misses in the database."""
    log = _log_table(TableSchema("widgets", Widgets))
    try:
        assert "widget_id" in log.columns
        with pytest.raises(command.util.exc.AutogenerateDiffsDetected, match="widgets_log"):
            _check(migrated)
    finally:
        METADATA.remove(log)
    _check(migrated)


def test_a_column_that_no_model_has_is_noticed(migrated: sa.Connection) -> None:
    """A column in the database alone is drift as well."""
    migrated.execute(sa.text("ALTER TABLE actors_log ADD COLUMN height TEXT"))
    found = compare_metadata(MigrationContext.configure(migrated), METADATA)
    assert [(each[0], each[2], each[3].name) for each in found] == [
        ("remove_column", "actors_log", "height")
    ]


def test_migrations_go_down_and_up_again(migrated: sa.Connection) -> None:
    """A store can be taken back to nothing, and made anew without drift."""
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = migrated
    command.downgrade(config, "base")
    assert set(sa.inspect(migrated).get_table_names()) == {"alembic_version"}
    assert sa.inspect(migrated).get_view_names() == []
    upgrade(migrated)
    _check(migrated)


def test_a_model_refuses_a_column_that_it_does_not_name() -> None:
    """Every model is strict: no column slips by unseen."""
    for table in PUBLISHED.values():
        table.model.validate(table.empty())
        with pytest.raises(pa.errors.SchemaError):
            table.model.validate(table.empty().with_columns(stranger=pl.lit("x")))
