"""A checkpoint is spelt in one way, and only signatures may follow it."""

from __future__ import annotations

import pytest

from regesta.errors import VerificationFailed
from regesta.log.checkpoint import Checkpoint, parse

CHECKPOINT = Checkpoint(origin="regesta/gifts", size=7, root=b"r" * 32)
SIGNATURE = "— gifts.example Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5==\n"


@pytest.mark.parametrize("rest", ["", f"\n{SIGNATURE}", f"\n{SIGNATURE}{SIGNATURE}"])
def test_signatures_may_follow(rest: str) -> None:
    """A checkpoint is read alone, or with signatures after a blank line."""
    assert parse(f"{CHECKPOINT}{rest}") == CHECKPOINT


@pytest.mark.parametrize(
    "rest",
    ["x", "\n", "fourth line\n", SIGNATURE, "\n-- fake sig\n", f"\n{SIGNATURE}x", "\n— gifts ?\n"],
)
def test_nothing_else_may_follow(rest: str) -> None:
    """What is no signature makes it no checkpoint."""
    with pytest.raises(VerificationFailed, match="no signature"):
        parse(f"{CHECKPOINT}{rest}")
