"""The yardstick: read a CSV file and insert it as it stands, with the standard library."""

from __future__ import annotations

import csv
import sqlite3
import sys

source, store = sys.argv[1:]
with open(source, encoding="utf-8", newline="") as file:  # noqa: PTH123 - as a user would
    rows = csv.reader(file)
    header = next(rows)
    connection = sqlite3.connect(store)
    connection.execute(f"CREATE TABLE flat ({', '.join(header)})")
    marks = ", ".join("?" * len(header))
    connection.executemany(f"INSERT INTO flat VALUES ({marks})", rows)  # noqa: S608 - our own header
    connection.commit()
