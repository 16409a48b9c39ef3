"""Bring a flat file into one table with SQLAlchemy Core: dicts, ten thousand at a time."""

from __future__ import annotations

import csv
import sys
from itertools import islice

import sqlalchemy as sa

BATCH = 10_000
source, store = sys.argv[1:]
with open(source, encoding="utf-8", newline="") as file:  # noqa: PTH123 - as a user would
    rows = csv.DictReader(file)
    columns = (sa.Column(name, sa.Text) for name in rows.fieldnames or ())
    flat = sa.Table("flat", sa.MetaData(), *columns)
    engine = sa.create_engine(f"sqlite:///{store}")
    flat.create(engine)
    with engine.begin() as connection:
        while batch := list(islice(rows, BATCH)):
            connection.execute(flat.insert(), batch)
