"""Check with pandas what pandas published: files, rows, the digest of the log, state from log."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pandas as pd

release = Path(sys.argv[1])
for line in (release / "SHA256SUMS").read_text().splitlines():
    digest, _, name = line.partition("  ")
    with (release / name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise SystemExit(f"{name} is another file")

log = pd.read_parquet(release / "log.parquet")
rows = log.drop(columns="sha256")
digests = [
    hashlib.sha256(json.dumps(row, sort_keys=True).encode()) for row in rows.to_dict("records")
]
if [each.hexdigest() for each in digests] != log["sha256"].to_list():
    raise SystemExit("a row is not what was recorded")
root = hashlib.sha256(b"".join(each.digest() for each in digests)).hexdigest()
if root != (release / "root").read_text():
    raise SystemExit("the log is another")

state = rows.drop_duplicates("event_id", keep="last").sort_values("event_id", ignore_index=True)
if not state.equals(pd.read_parquet(release / "events.parquet")):
    raise SystemExit("the state does not follow from the log")
