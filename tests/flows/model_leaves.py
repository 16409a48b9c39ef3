"""Leaves and roots, as RFC 8785 and RFC 9162 define them, in a few lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from tests.flows.model import Record, Row


def leaf(record: Record, row: Row) -> bytes:
    """Return the leaf hash of a record: of its canonical JSON, a zero byte before it (RFC 9162)."""
    said = {
        "format": 1,
        "table": record.table,
        "action": record.action,
        "reason": record.reason,
        "revision": record.revision,
        **{column: _spelt(cell) for column, cell in row.items()},
    }
    return sha256(b"\x00" + _json(said).encode()).digest()


def _spelt(cell: object) -> object:
    match cell:
        case float():
            return f"{cell:.6f}"
        case date():
            return cell.isoformat()
        case str() if cell.startswith("{"):
            return json.loads(cell)
        case _:
            return cell


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of *leaves*, as RFC 9162 defines it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()
