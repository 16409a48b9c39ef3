"""Bring files into a store, each as a batch of its own; tell the seconds beside start-up.

The first is not counted: it wakes the libraries.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.store.store import Store

url, *sources = sys.argv[1:]
store = Store.create(url)
for number, source in enumerate(sources):
    if number == 1:
        begun = time.perf_counter()
    import_paths([Path(source)], store, Order(author="benchmark"), at=datetime.now(UTC))
print(f"work: {time.perf_counter() - begun:.4f}")
