"""Make a log as a data team would: every state of a row, with its digest, in one table."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys

import pandas as pd

first, second, store = sys.argv[1:]
old, new = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (first, second))
rows = pd.concat([old, new[(new != old).any(axis=1)]], ignore_index=True)
for name in ("latitude", "longitude", "intensity"):
    rows[name] = rows[name].astype(float)
rows["geonames_id"] = rows["geonames_id"].astype(int)
lines = [json.dumps(row, sort_keys=True) for row in rows.to_dict("records")]
rows["sha256"] = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
connection = sqlite3.connect(store)
rows.to_sql("log", connection, index=False)
connection.commit()
connection.close()
