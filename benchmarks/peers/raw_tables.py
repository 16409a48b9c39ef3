"""Bring a flat file into four bare tables: no checks, no hash, no index, the standard library.

An address is a source; it is written once. Rows are made by generators, so that nothing but the
addresses is held in memory.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Iterator
from itertools import islice

BATCH = 10_000
source, store = sys.argv[1:]
seen: set[str] = set()


def parties(rows: list[list[str]]) -> Iterator[list[str]]:
    """Yield each participant: event, actor, role."""
    for row in rows:
        for each in row[-5].split("; "):
            yield [row[0], *each.split(":")]


def sources(rows: list[list[str]]) -> Iterator[list[str]]:
    """Yield each source that is new: name, address, publisher, day."""
    for row in rows:
        if row[-4] not in seen:
            seen.add(row[-4])
            yield [row[-4], row[-4], row[-3], row[-2]]


def claims(rows: list[list[str]]) -> Iterator[list[str]]:
    """Yield each claim: name, event, source, stance."""
    for row in rows:
        yield [f"claim-{row[0]}", row[0], row[-4], row[-1]]


with open(source, encoding="utf-8", newline="") as file:  # noqa: PTH123 - as a user would
    reader = csv.reader(file)
    header = next(reader)[:-5]
    connection = sqlite3.connect(store)
    connection.execute(f"CREATE TABLE events ({', '.join(header)})")
    connection.execute("CREATE TABLE participants (event_id, actor_id, role)")
    connection.execute("CREATE TABLE sources (source_id, url, publisher, published_on)")
    connection.execute("CREATE TABLE evidence (evidence_id, event_id, source_id, stance)")
    marks = ", ".join("?" * len(header))
    while rows := list(islice(reader, BATCH)):
        events = (row[:-5] for row in rows)
        connection.executemany(f"INSERT INTO events VALUES ({marks})", events)  # noqa: S608 - ours
        connection.executemany("INSERT INTO participants VALUES (?, ?, ?)", parties(rows))
        connection.executemany("INSERT INTO sources VALUES (?, ?, ?, ?)", sources(rows))
        connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?)", claims(rows))
    connection.commit()
