"""The figures of a column are what counting its cells gives, in whatever order they come."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.schema.figures import EXAMPLES, LONGEST, Figures, figures, shown
from regesta.schema.tables import PUBLISHED

EVENTS = PUBLISHED["events"].columns


def _figures(name: str, cells: list[object]) -> Figures:
    return figures(EVENTS[name], pl.Series(cells, dtype=PUBLISHED["events"].dtypes[name]))


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "B", "é", "한", "ab"]))))
def test_counts_are_those_of_a_counter(cells: list[str | None]) -> None:
    """The most frequent values come first, and of equally frequent ones the first by letters."""
    counted = Counter(cell for cell in cells if cell is not None)
    first = sorted(counted, key=lambda text: (-counted[text], text.encode()))[:EXAMPLES]
    found = _figures("place", list(cells))
    assert (found.rows, found.filled) == (len(cells), counted.total())
    assert (found.distinct, list(found.examples)) == (len(counted), first)
    assert found.span is None


@given(st.lists(st.integers(-5, 5)), st.randoms())
def test_the_order_of_rows_shows_nowhere(
    cells: list[int],
    random: Random,
) -> None:
    """Shuffled cells give the same figures."""
    turned = list(cells)
    random.shuffle(turned)
    assert _figures("geonames_id", list(cells)) == _figures("geonames_id", list(turned))


@pytest.mark.parametrize(
    ("name", "cells", "span"),
    [
        ("geonames_id", [10, 9, None], ("9", "10")),
        ("latitude", [-1.5, 0.00001], ("-1.5", "0.00001")),
        ("date_earliest", [date(2024, 1, 1), date(1648, 10, 24)], ("1648-10-24", "2024-01-01")),
        ("date", ["2024-05~", "1999", "2023-01-02", "1640/1648", "199X"], ("1999", "2023-01-02")),
        ("date", ["2024-05~"], None),
        ("place", ["Vienna"], None),
        ("geonames_id", [None], None),
    ],
)
def test_what_has_an_order_has_a_range(
    name: str, cells: list[object], span: tuple[str, str] | None
) -> None:
    """Numbers and days have one, and dates in text those that are plain; other text has none."""
    assert _figures(name, cells).span == span


def test_a_long_or_steering_value_is_shown_short_and_harmless() -> None:
    """It is cut, on one line, and what nobody sees is an escape."""
    assert shown("a\n b\u202e") == "a b\\u202e"
    assert shown("x" * 100) == "x" * LONGEST + "…"
