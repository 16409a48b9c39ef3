"""A copy for a spreadsheet has an apostrophe before each text that would run, and no other."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.schema.spreadsheet import GUARD, guarded


def _guarded(text: str | None) -> str | None:
    found = guarded(pl.DataFrame({"title": [text]}, schema={"title": pl.String}))["title"].item()
    assert found is None or isinstance(found, str)
    return found


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "\uff1d1"]
)
def test_text_that_would_run_is_guarded(text: str) -> None:
    """Every sign of OWASP's list, narrow or wide, gets the apostrophe."""
    assert _guarded(text) == GUARD + text


@pytest.mark.parametrize(
    "text", ["-5", "+7.25", "-.5", "-1e-5", "1=1", "peace", "", " =1", "a\n=1", None]
)
def test_other_text_and_numbers_stay(text: str | None) -> None:
    """A number runs nothing, and a sign within a text neither."""
    assert _guarded(text) == text


def test_columns_of_numbers_and_days_stay() -> None:
    """Only text is guarded."""
    frame = pl.DataFrame({"n": [-1], "x": [-1.5], "day": [None]}, schema_overrides={"day": pl.Date})
    assert guarded(frame).equals(frame)


@given(st.lists(st.none() | st.text(), max_size=5))
def test_taking_the_guard_off_gives_the_text_back(texts: list[str | None]) -> None:
    """Nothing but the first apostrophe is added."""
    frame = pl.DataFrame({"title": texts}, schema={"title": pl.String})
    for text, found in zip(texts, guarded(frame)["title"], strict=True):
        assert found in (text, GUARD + (text or ""))
