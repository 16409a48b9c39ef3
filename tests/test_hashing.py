"""Hashing of many texts at once."""

from __future__ import annotations

from hashlib import sha256

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from regesta.hashing import sha256_each


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_each_text_has_the_digest_of_its_bytes(texts: list[str]) -> None:
    """What is hashed together is what `hashlib` makes of each alone, in order."""
    found = sha256_each(pl.Series("said", texts, dtype=pl.String))
    assert found.dtype == pl.Binary
    assert found.name == "said"
    assert found.to_list() == [sha256(text.encode()).digest() for text in texts]


@given(st.lists(st.binary()))
def test_bytes_are_hashed_as_they_are(data: list[bytes]) -> None:
    """What is no text is hashed likewise."""
    found = sha256_each(pl.Series("data", data, dtype=pl.Binary))
    assert found.to_list() == [sha256(each).digest() for each in data]
