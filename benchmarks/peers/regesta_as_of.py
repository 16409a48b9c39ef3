"""Ask a store for the events as of a position, as Arrow; tell the seconds beside start-up."""

from __future__ import annotations

import sys
import time

from regesta.store.store import Store

url, position = sys.argv[1:]
begun = time.perf_counter()
events = Store.open(url).rows("events", upto=int(position)).to_arrow()
print(f"{events.num_rows} rows\nwork: {time.perf_counter() - begun:.4f}")
