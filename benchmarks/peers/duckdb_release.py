"""Publish a log with DuckDB: the state of today sorted as CSV and Parquet, the log, digests."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import duckdb
from adbc_driver_sqlite import dbapi

store, out = sys.argv[1], Path(sys.argv[2])
with dbapi.connect(f"file:{store}?mode=ro") as source, source.cursor() as cursor:
    cursor.execute("SELECT rowid AS number, * FROM log")
    log = cursor.fetch_arrow_table()

duck = duckdb.connect()
duck.register("log", log)
duck.execute(
    """
    CREATE TABLE state AS
    SELECT * EXCLUDE (number, sha256) FROM log
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY number DESC) = 1
    ORDER BY event_id
    """
)
duck.execute(f"COPY state TO '{out}/events.csv' (HEADER)")
duck.execute(f"COPY state TO '{out}/events.parquet' (COMPRESSION zstd)")
duck.execute(f"COPY log TO '{out}/log.parquet' (COMPRESSION zstd)")
duck.execute("CREATE VIEW rows AS SELECT * EXCLUDE (sha256) FROM log ORDER BY number")
duck.execute(f"COPY (FROM rows) TO '{out}/log.jsonl' (FORMAT json)")
root = duck.execute(
    """
    SELECT sha256(string_agg(sha256(to_json(rows)::VARCHAR), '' ORDER BY number)) FROM rows
    """
).fetchall()
(out / "root").write_text(root[0][0])

sums = []
for path in sorted(out.iterdir()):
    with path.open("rb") as file:
        sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
(out / "SHA256SUMS").write_text("".join(sums))
