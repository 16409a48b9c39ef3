"""What would steer a terminal is shown instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.schema.unseen import visible

STEERING = [
    *range(0x09),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
]


@pytest.mark.parametrize("code", STEERING, ids=hex)
def test_a_control_character_becomes_an_escape(code: int) -> None:
    """Controls of both sets, DEL and every direction mark are spelt out."""
    shown = visible(f"a{chr(code)}b")
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.encode().decode("unicode_escape") == f"a{chr(code)}b"


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], include_characters="\n\t")))
def test_other_text_is_shown_as_it_is(text: str) -> None:
    """Letters of every script, line breaks and tabs stay."""
    assert visible(text) == text


@given(st.text(st.characters()))
def test_any_text_can_be_printed(text: str) -> None:
    """Whatever comes in, what goes out has bytes, and none that steers."""
    shown = visible(text)
    assert shown.encode().decode() == shown
    assert not {chr(code) for code in STEERING} & set(shown)
