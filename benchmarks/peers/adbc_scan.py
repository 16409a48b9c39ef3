"""Read the rows of a log up to a position, as Arrow: the fastest plain scan; tell the seconds."""

from __future__ import annotations

import sys
import time

from adbc_driver_sqlite import dbapi

STATEMENT = """
    SELECT event_id, event_type, title, summary, date, date_earliest, date_latest, place, country,
           latitude, longitude, place_precision, geonames_id, code, code_scheme, intensity,
           intensity_scheme, details
    FROM events_log WHERE position <= ?
"""

store, position = sys.argv[1:]
begun = time.perf_counter()
with dbapi.connect(f"file:{store}?mode=ro") as connection, connection.cursor() as cursor:
    cursor.execute(STATEMENT, (int(position),))
    events = cursor.fetch_arrow_table()
print(f"{events.num_rows} rows\nwork: {time.perf_counter() - begun:.4f}")
