"""Record each event of CSV files as an aggregate, a file in one transaction; tell the seconds.

The first is not counted, as with regesta, where it wakes the libraries.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path

from eventsourcing_events import Register, Stated

store, *sources = sys.argv[1:]
os.environ |= {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": store}
register = Register()
for number, source in enumerate(sources):
    if number == 1:
        begun = time.perf_counter()
    with Path(source).open(encoding="utf-8", newline="") as file:
        register.save(*(Stated(row["event_id"], row) for row in csv.DictReader(file)))
print(f"work: {time.perf_counter() - begun:.4f}")
