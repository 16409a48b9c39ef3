"""What a data team writes today: pandas, a digest a row, to_sql."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys

import pandas as pd

source, store = sys.argv[1:]
frame = pd.read_csv(source, dtype=str, keep_default_na=False, na_values=[""])
lines = [json.dumps(row, sort_keys=True) for row in frame.to_dict("records")]
frame["sha256"] = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
with sqlite3.connect(store) as connection:
    frame.to_sql("flat", connection, index=False)
