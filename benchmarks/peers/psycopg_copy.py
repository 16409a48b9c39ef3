"""Have PostgreSQL copy a flat file into a typed table with a key, in one transaction."""

from __future__ import annotations

import sys

import psycopg

BLOCK = 1 << 20
TYPES = {
    "event_id": 'text COLLATE "C" PRIMARY KEY',
    "date_earliest": "date",
    "date_latest": "date",
    "latitude": "double precision",
    "longitude": "double precision",
    "geonames_id": "bigint",
    "intensity": "double precision",
}

source, url = sys.argv[1:]
with (
    open(source, "rb") as file,  # noqa: PTH123 - as a user would
    psycopg.connect(url.replace("+psycopg", "")) as connection,
    connection.cursor() as cursor,
):
    header = file.readline().decode().strip().split(",")
    columns = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in header)
    cursor.execute(f"CREATE TABLE flat ({columns})".encode())
    with cursor.copy("COPY flat FROM STDIN (FORMAT csv)") as copy:
        while block := file.read(BLOCK):
            copy.write(block)
