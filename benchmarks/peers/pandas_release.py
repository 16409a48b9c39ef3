"""Publish a log with pandas: the state of today sorted as CSV and Parquet, the log, digests."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from pathlib import Path

import pandas as pd

store, out = sys.argv[1], Path(sys.argv[2])
out.mkdir(exist_ok=True)
log = pd.read_sql("SELECT * FROM log ORDER BY rowid", sqlite3.connect(store))
state = log.drop_duplicates("event_id", keep="last").sort_values("event_id", ignore_index=True)
state = state.drop(columns="sha256")
state.to_csv(out / "events.csv", index=False)
state.to_parquet(out / "events.parquet", compression="zstd")
log.to_parquet(out / "log.parquet", compression="zstd")

digests = []
with (out / "log.jsonl").open("w", encoding="utf-8") as file:
    for row in log.drop(columns="sha256").to_dict("records"):
        line = json.dumps(row, sort_keys=True)
        digests.append(hashlib.sha256(line.encode()).digest())
        file.write(line + "\n")
(out / "root").write_text(hashlib.sha256(b"".join(digests)).hexdigest())

sums = []
for path in sorted(out.iterdir()):
    with path.open("rb") as file:
        sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
(out / "SHA256SUMS").write_text("".join(sums))
