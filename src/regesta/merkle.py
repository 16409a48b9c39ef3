"""The Merkle tree of RFC 9162 over the log: hash a record, append, know the root, prove.

A tree is carried as its right edge: the roots of the perfect subtrees that it is made of, the
largest first. There is one for every 1 in the binary form of its size, so appending a batch
costs in proportion to the batch, never to the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
Edge = tuple[bytes, ...]
Proof = Sequence[bytes]
"""The hashes of a proof, from the leaves to the root."""


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
    peaks, nodes, at = list(edge), list(leaves), size
    size += len(nodes)
    smaller: list[bytes] = []
    while nodes:
        if at & 1:
            nodes.insert(0, peaks.pop())
        if len(nodes) & 1:
            smaller.append(nodes[-1])
        nodes, at = _above(nodes), at >> 1
    return size, (*peaks, *reversed(smaller))


def _above(nodes: Sequence[bytes]) -> list[bytes]:
    """Return the node above each two of *nodes*; nothing is above the last of an odd number."""
    pairs = zip(nodes[::2], nodes[1::2], strict=False)
    return [sha256(b"\x01" + left + right).digest() for left, right in pairs]


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


class Tree:
    """A tree kept whole, to make proofs from: the nodes above perfect subtrees, by level."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            self._levels.append(_above(below))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that the leaf at *index* is in the tree of *size* (RFC 9162, 2.1.3)."""
        start, end, path = 0, size, []
        while end - start > 1:
            middle = start + _left(end - start)
            if index < middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the tree of *second* extends that of *first* (RFC 9162, 2.1.4)."""
        if first in (0, second):
            return []
        start, end, path = 0, second, []
        while first != end:
            middle = start + _left(end - start)
            if first <= middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        if start:
            path.append(self._over(start, end))
        return path[::-1]

    def _over(self, start: int, end: int) -> bytes:
        """Return the node above the leaves from *start* to before *end*, as a tree is cut."""
        count = end - start
        if count.bit_count() == 1:
            level = count.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _left(count)
        return node_hash(self._over(start, middle), self._over(middle, end))


def includes(root: bytes, size: int, *, leaf: bytes, index: int, proof: Proof) -> bool:
    """Return whether *proof* shows that *leaf* is at *index* of the tree of *size* under *root*.

    The algorithm of RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        return False
    at, last, node = index, size - 1, leaf
    for step in proof:
        if not last:
            return False
        if at & 1 or at == last:
            node = node_hash(step, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def extends(
    root: bytes, size: int, *, earlier_root: bytes, earlier_size: int, proof: Proof
) -> bool:
    """Return whether *proof* shows that the tree under *root* goes on from an earlier one.

    The algorithm of RFC 9162, 2.1.4.2. Of an empty tree, which every tree goes on from, there is
    nothing to prove.
    """
    if not 0 < earlier_size <= size:
        return False
    if earlier_size == size:
        return not proof and earlier_root == root
    if not proof:
        return False
    at, last = earlier_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first, *rest = [earlier_root, *proof] if earlier_size.bit_count() == 1 else proof
    before = after = first
    for step in rest:
        if not last:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and (before, after) == (earlier_root, root)


def _left(count: int) -> int:
    """Return how many of *count* leaves are left of the middle: the largest power of 2 below."""
    return 1 << (count - 1).bit_length() - 1
