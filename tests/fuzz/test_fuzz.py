"""Whatever a stranger hands in gives a value or a refusal: no other exception, and no hang.

The corpus holds seeds, and what once found a fault; `make fuzz` goes on from it for long.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutated, written
from tests.fuzz.targets import TARGETS, law

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
EXAMPLES = int(os.environ.get("REGESTA_FUZZ_EXAMPLES", "8"))
SECONDS = 20


def seeds(name: str) -> list[bytes]:
    """Return the files of a target's corpus."""
    return [path.read_bytes() for path in FILES if path.parent.name == name]


@contextmanager
def in_time() -> Iterator[None]:
    """Fail what does not come back."""

    def late(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"no answer within {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_the_corpus_gives_a_value_or_a_refusal(path: Path) -> None:
    """What once broke a reader stays mended."""
    with in_time():
        law(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_made_from_the_corpus_gives_a_value_or_a_refusal(name: str) -> None:
    """Damage of every kind, and text in the signs of the format, is no surprise."""
    made = mutated(seeds(name))
    if TARGETS[name].is_text:
        made = st.one_of(made, written(seeds(name)))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(made)
    def holds(data: bytes) -> None:
        with in_time():
            law(name, data)

    holds()


def test_every_target_has_a_corpus() -> None:
    """No target is without seeds, and no folder without a target."""
    assert {path.parent.name for path in FILES} == set(TARGETS)
