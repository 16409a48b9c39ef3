"""The command line as a process of its own: started, killed, and heard out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.conftest import OUTSIDE, Answer, environment

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 600
"""Seconds after which a command that has not ended counts as hanging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def receipt(self) -> dict[str, Any] | None:
        """The receipt on stdout, None where none was printed whole."""
        if not self.out.endswith("}\n"):
            return None
        said = json.loads(self.out)
        return None if "error" in said else dict(said)


def start(*words: object, **variables: str) -> subprocess.Popen[str]:
    """Start the command line with *words*, and these *variables* in its environment."""
    return _started([*OUTSIDE, *map(str, words)], variables)


def start_module(module: str, *words: object) -> subprocess.Popen[str]:
    """Start a *module* of the tests as a process of its own."""
    return _started([sys.executable, "-m", module, *map(str, words)], {})


def _started(line: list[str], variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**environment(), **variables},
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for *process* and return how it ended; its stdin is closed."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return Ended(status=process.returncode, out=out, err=err)


def all_ended(processes: Iterable[subprocess.Popen[str]]) -> list[Ended]:
    """Wait for all *processes* and return how each ended; none outlives another's failure."""
    waiting = list(processes)
    try:
        return [ended(each) for each in waiting]
    finally:
        for each in waiting:
            each.kill()
            each.communicate()


def run(*words: object, **variables: str) -> Ended:
    """Run the command line with *words* to its end."""
    return ended(start(*words, **variables))


def require_one_sentence(told: Ended | Answer, status: int) -> None:
    """Require that a command declined with this exit *status* and one sentence on stderr."""
    assert told.status == status, told
    lines = told.err.splitlines()
    assert len(lines) == 1, told
    assert lines[0].startswith("regesta: "), told
    assert lines[0].endswith("."), told
    assert "fault of ours" not in lines[0], told
