"""The log: nine append-only tables, the checkpoints, the guards and the views.

Revision: 0001, 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Text sorts by code point everywhere, whatever the server's language.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FRACTION = sa.Double().with_variant(sa.REAL(), "sqlite")

# Each table: its key, the columns that must have a value (!), and the others with their type.
TABLES = {
    "batches": (
        ["batch"],
        "recorded_at! author! message source_name source_sha256 tool_version counts card",
    ),
    "actors": (
        ["actor_id"],
        "actor_id! name! kind! country cow_code gw_code wikidata_id aliases",
    ),
    "offices": (
        ["actor_id", "office", "held_from"],
        "actor_id! office! held_from! held_until organisation country",
    ),
    "sources": (
        ["source_id"],
        (
            "source_id! publisher! kind title url archived_url published_on accessed_on language"
            " content_sha256 link_state"
        ),
    ),
    "events": (
        ["event_id"],
        (
            "event_id! event_type! title! summary date! date_earliest date_latest place country"
            " latitude:fraction longitude:fraction place_precision geonames_id:whole code"
            " code_scheme intensity:fraction intensity_scheme details"
        ),
    ),
    "participants": (
        ["event_id", "actor_id", "role"],
        "event_id! actor_id! role! on_behalf_of label",
    ),
    "evidence": (
        ["evidence_id"],
        "evidence_id! event_id! source_id! stance! aspect! value speaker said_on gist locator",
    ),
    "relations": (
        ["event_id", "relation", "other_id"],
        "event_id! relation! other_id! provision note",
    ),
    "coverage": (
        ["coverage_id"],
        (
            "coverage_id! scope! collection period! actors event_types searched_by searched_on"
            " n_events:whole note"
        ),
    ),
}

INDEXES = {
    "offices": [],
    "participants": ["actor_id"],
    "evidence": ["event_id"],
    "relations": ["other_id"],
}

GUARDED = [f"{name}_log" for name in TABLES] + ["checkpoints", "store"]
REFUSAL = "the log is append-only: nothing in it is changed or removed"
ORDER = "the log is append-only: a record comes after all others and repeats none"


def column(spec: str) -> sa.Column:
    """Return the column that a word such as `name!` or `latitude:fraction` spells."""
    name, _, kind = spec.rstrip("!").partition(":")
    types = {"": TEXT, "whole": WHOLE, "fraction": FRACTION}
    return sa.Column(name, types[kind], nullable=not spec.endswith("!"))


def create_tables() -> None:
    """Create the nine log tables, the checkpoints and the store's own row."""
    for name, (key, columns) in TABLES.items():
        log = f"{name}_log"
        op.create_table(
            log,
            sa.Column("position", WHOLE, primary_key=True, autoincrement=False),
            sa.Column("batch", WHOLE, nullable=False),
            sa.Column("revision", WHOLE, nullable=False),
            sa.Column("supersedes", WHOLE),
            sa.Column("action", TEXT, nullable=False),
            sa.Column("reason", TEXT, nullable=False),
            sa.Column("leaf", sa.LargeBinary(), nullable=False),
            *(column(spec) for spec in columns.split()),
            sa.UniqueConstraint(*key, "revision", name=f"uq_{log}_key_revision"),
            sqlite_strict=True,
        )
        op.create_index(
            f"ix_{log}_supersedes",
            log,
            ["supersedes"],
            unique=True,
            sqlite_where=sa.text("supersedes IS NOT NULL"),
            postgresql_where=sa.text("supersedes IS NOT NULL"),
        )
        for looked_up in INDEXES.get(name, []):
            op.create_index(f"ix_{log}_{looked_up}", log, [looked_up])
    op.create_table(
        "checkpoints",
        sa.Column("batch", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "store",
        sa.Column("only", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("dataset", TEXT),
        sa.Column("format", WHOLE, nullable=False),
        sqlite_strict=True,
    )


def create_views() -> None:
    """Show the current projection of each table to any SQL client."""
    replace = "" if op.get_context().dialect.name == "sqlite" else "OR REPLACE "
    for name, (key, columns) in TABLES.items():
        names = [spec.rstrip("!").partition(":")[0] for spec in columns.split()]
        shown = ", ".join(f"r.{each}" for each in dict.fromkeys([*key, *names]))
        op.execute(
            f"CREATE {replace}VIEW {name} AS SELECT {shown} FROM {name}_log r"
            f" WHERE r.action <> 'retract' AND NOT EXISTS"
            f" (SELECT 1 FROM {name}_log n WHERE n.supersedes = r.position)"
        )


def guard_sqlite() -> None:
    """Refuse UPDATE and DELETE, and an INSERT that would replace a row.

    SQLite hides the delete of a REPLACE from triggers unless the connection asks to see it.
    """
    for table in GUARDED:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    for name, (key, _) in TABLES.items():
        log = f"{name}_log"
        same = " AND ".join(f"{each} = NEW.{each}" for each in [*key, "revision"])
        op.execute(
            f"CREATE TRIGGER {log}_no_replace BEFORE INSERT ON {log}"
            f" WHEN NEW.position <= (SELECT max(position) FROM {log})"
            f" OR EXISTS (SELECT 1 FROM {log} WHERE {same})"
            f" OR EXISTS (SELECT 1 FROM {log} WHERE supersedes = NEW.supersedes)"
            f" BEGIN SELECT RAISE(ABORT, '{ORDER}'); END"
        )
    for table, key in (("checkpoints", "batch"), ("store", "only")):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN NEW.{key} <= (SELECT max({key}) FROM {table})"
            f" BEGIN SELECT RAISE(ABORT, '{ORDER}'); END"
        )


def guard_postgresql() -> None:
    """Refuse UPDATE, DELETE and TRUNCATE, whoever asks and whatever replication role is set."""
    op.execute(
        "CREATE OR REPLACE FUNCTION regesta_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION regesta_refuse_late() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ DECLARE after_all boolean; BEGIN"
        " EXECUTE format('SELECT count(*) = (SELECT count(*) FROM added) FROM %I"
        " WHERE %I >= (SELECT min(%I) FROM added)', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[0])"
        " INTO after_all;"
        f" IF NOT after_all THEN RAISE EXCEPTION '{ORDER}'; END IF; RETURN NULL; END $$"
    )
    keys = {f"{name}_log": "position" for name in TABLES} | {"checkpoints": "batch"}
    for table, key in keys.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_late AFTER INSERT ON {table}"
            " REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
            f" EXECUTE FUNCTION regesta_refuse_late('{key}')"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_late")
    for table in GUARDED:
        for level, verbs in (("ROW", "UPDATE OR DELETE"), ("STATEMENT", "TRUNCATE")):
            trigger = f"{table}_no_{level.lower()}"
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {verbs} ON {table}"
                f" FOR EACH {level} EXECUTE FUNCTION regesta_refuse()"
            )
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def install() -> None:
    """Put views and guards over the tables; `regesta rebuild` does so again."""
    create_views()
    if op.get_context().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def upgrade() -> None:
    """Create everything."""
    create_tables()
    install()


def downgrade() -> None:
    """Remove everything; triggers go with their tables."""
    for name in TABLES:
        op.execute(f"DROP VIEW {name}")
    for table in GUARDED:
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION regesta_refuse()")
        op.execute("DROP FUNCTION regesta_refuse_late()")
