"""Characters that nobody sees: which count as blanks, which no text may hold, how to show them."""

from __future__ import annotations

import re
from unicodedata import category

BLANKS = (
    "\t\n\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
"""What is taken off the ends of a cell: blanks of every width, tabs and line breaks."""

HIDDEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, marks and symbols that show nothing; what controls or formats is known by its kind."""

# What steers a terminal or turns the order of its letters, and half a character has no bytes.
_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LATIN = 0xFF
_KINDS = ("C", "Zl", "Zp")


def first_unseen(text: str) -> str | None:
    r"""Return the first character of *text* that nobody sees; line breaks are seen.

    Examples
    --------
    >>> first_unseen("A\u200bB") == "\u200b", first_unseen("one\ntwo")
    (True, None)
    """
    return next((char for char in text if char != "\n" and _is_unseen(char)), None)


def _is_unseen(char: str) -> bool:
    return char in HIDDEN or category(char).startswith(_KINDS)


def visible(text: str) -> str:
    r"""Return *text* for a terminal, with what would steer one shown as an escape.

    Line breaks and tabs stay; other control characters and direction marks do not.

    Examples
    --------
    >>> visible("\x1b[31mred\u202e")
    '\\x1b[31mred\\u202e'
    """
    return _STEERING.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code <= _LATIN else f"\\u{code:04x}"
