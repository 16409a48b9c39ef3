"""Rebuild each event of a CSV file from what an application recorded; tell the seconds."""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path

from eventsourcing_events import Register, Stated

store, source = sys.argv[1:]
os.environ |= {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": store}
with Path(source).open(encoding="utf-8", newline="") as file:
    names = [row["event_id"] for row in csv.DictReader(file)]
begun = time.perf_counter()
register = Register()
state: list[Stated] = [register.repository.get(Stated.create_id(name)) for name in names]
print(f"{len(state)} rows\nwork: {time.perf_counter() - begun:.4f}")
