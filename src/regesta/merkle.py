"""The Merkle tree of RFC 9162 over the log: hash a record, append to a tree, know its root.

A tree is carried as its right edge: the roots of the perfect subtrees that it is made of, the
largest first. There is one for every 1 in the binary form of its size, so appending a batch
costs in proportion to the batch, never to the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

HASH_SIZE = 32
Edge = tuple[bytes, ...]


def leaf_hash(leaf_input: bytes) -> bytes:
    """Return the hash of one leaf (RFC 9162, 2.1.1: a zero byte before the input).

    Examples
    --------
    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + leaf_input).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def grow(size: int, edge: Edge, leaves: Iterable[bytes]) -> tuple[int, Edge]:
    """Return size and right edge of a tree after the hashes *leaves* are appended to it."""
    peaks = list(edge)
    for leaf in leaves:
        node, count = leaf, size
        while count & 1:
            node = node_hash(peaks.pop(), node)
            count >>= 1
        peaks.append(node)
        size += 1
    return size, tuple(peaks)


def root(edge: Edge) -> bytes:
    """Return the root of the tree with this right edge.

    Examples
    --------
    >>> root(()).hex()[:16]
    'e3b0c44298fc1c14'
    """
    if not edge:
        return sha256().digest()
    *rest, node = edge
    for peak in reversed(rest):
        node = node_hash(peak, node)
    return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over the leaf hashes *leaves*."""
    return root(grow(0, (), leaves)[1])


def pack(edge: Edge) -> bytes:
    """Return a right edge as one string of bytes."""
    return b"".join(edge)


def unpack(packed: bytes) -> Edge:
    """Return the right edge that `pack` made into bytes."""
    return tuple(packed[i : i + HASH_SIZE] for i in range(0, len(packed), HASH_SIZE))
