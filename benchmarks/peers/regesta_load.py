"""Load the events of a release in pandas, of today or as of a position; tell the seconds."""

from __future__ import annotations

import sys
import time

import pandas as pd

from regesta import load

release, *position = sys.argv[1:]
begun = time.perf_counter()
events: pd.DataFrame = load(release, as_of=position[0] if position else None).events
print(f"{len(events)} rows\nwork: {time.perf_counter() - begun:.4f}")
