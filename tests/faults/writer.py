"""A writer at a desk of its own: it imports file after file and tells how each import ended.

Run as ``python -m tests.faults.writer URL FILE...``. One process for many files: the imports
follow one another so closely that the writers really meet.
"""

from __future__ import annotations

import json
import sys

from tests.cli.conftest import run


def write(url: str, files: list[str]) -> None:
    """Import *files* into the store at *url*, one after another, and print how each went."""
    for file in files:
        done = run("--store", url, "import", file, "--new-actors", "--json")
        told = {"file": file, "status": done.status, "out": done.out, "err": done.err}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2:])
