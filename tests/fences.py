"""Read the fenced blocks of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced block: its language, the name of the file that it is, if any, and its text."""

    language: str
    file: str | None
    text: str


def fences(page: Path) -> list[Fence]:
    """Return the fenced blocks of *page* in order."""
    return [_fence(*found) for found in _FENCE.findall(page.read_text(encoding="utf-8"))]


def _fence(info: str, text: str) -> Fence:
    language, _, file = info.strip().partition(" ")
    return Fence(language=language, file=file.strip() or None, text=text)
