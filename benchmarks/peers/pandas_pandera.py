"""What a data team writes today: pandas, Pandera, to_sql; with `hashed`, a digest a row as well."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys

import pandas as pd
import pandera.pandas as pa

DAY = r"\d{4}-\d{2}-\d{2}"
ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"
NUMBERS = {"latitude": float, "longitude": float, "intensity": float, "geonames_id": int}
TYPES = ["visit", "meeting", "statement", "gift", "letter", "agreement", "transfer", "vote"]

EVENTS = pa.DataFrameSchema(
    {
        "event_id": pa.Column(str, pa.Check.str_matches(f"^{ID}$"), unique=True),
        "event_type": pa.Column(str, pa.Check.isin(TYPES)),
        "title": pa.Column(str),
        "summary": pa.Column(str, nullable=True),
        "date": pa.Column(str, pa.Check.str_matches(f"^{DAY}$")),
        "date_earliest": pa.Column(str, pa.Check.str_matches(f"^{DAY}$")),
        "date_latest": pa.Column(str, pa.Check.str_matches(f"^{DAY}$")),
        "place": pa.Column(str, nullable=True),
        "country": pa.Column(str, pa.Check.str_matches("^[A-Z]{3}$"), nullable=True),
        "latitude": pa.Column(float, pa.Check.in_range(-90, 90), nullable=True),
        "longitude": pa.Column(float, pa.Check.in_range(-180, 180), nullable=True),
        "place_precision": pa.Column(str, nullable=True),
        "geonames_id": pa.Column(int, pa.Check.ge(1)),
        "code": pa.Column(str, nullable=True),
        "code_scheme": pa.Column(str, nullable=True),
        "intensity": pa.Column(float, nullable=True),
        "intensity_scheme": pa.Column(str, nullable=True),
        "details": pa.Column(str, nullable=True),
    },
    strict=True,
)

source, store, *options = sys.argv[1:]
texts = dict.fromkeys(EVENTS.columns, str)
frame = pd.read_csv(source, dtype={**texts, **NUMBERS}, keep_default_na=False, na_values=[""])
frame = EVENTS.validate(frame)
if "hashed" in options:
    lines = [json.dumps(row, sort_keys=True) for row in frame.to_dict("records")]
    frame["sha256"] = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
connection = sqlite3.connect(store)
frame.to_sql("flat", connection, index=False)
connection.commit()
connection.close()
