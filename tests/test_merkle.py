"""The Merkle tree is the one of RFC 6962 and RFC 9162, however it is grown."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.merkle import (
    HASH_SIZE,
    Edge,
    Tree,
    extends,
    grow,
    includes,
    leaf_hash,
    node_hash,
    pack,
    root,
    root_of,
    unpack,
)

# The inputs and roots of certificate-transparency-go, which RFC 6962's authors test with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

# Proofs over these inputs, as transparency-dev/merkle publishes them for its verifiers.
INCLUSIONS = {  # (index, size): hashes
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCIES = {  # (earlier size, size): hashes
    (1, 8): INCLUSIONS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}

OTHER = leaf_hash(b"of another tree")

leaves = st.lists(st.binary(min_size=HASH_SIZE, max_size=HASH_SIZE), max_size=70)


def _as_the_rfc_says(hashes: list[bytes]) -> bytes:
    """Return the root by the recursion of RFC 9162, 2.1.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256().digest()
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(_as_the_rfc_says(hashes[:left]), _as_the_rfc_says(hashes[left:]))


@pytest.mark.parametrize(("size", "published"), ROOTS.items())
def test_the_published_roots_come_out(size: int, published: str) -> None:
    """The first *size* published inputs give the published root."""
    assert root_of(map(leaf_hash, INPUTS[:size])).hex() == published


@given(leaves)
@settings(deadline=None, max_examples=100)
def test_the_root_is_the_one_that_the_standard_defines(hashes: list[bytes]) -> None:
    """The right edge gives the root of the recursive definition at every size."""
    assert root_of(hashes) == _as_the_rfc_says(hashes)


@given(leaves, st.lists(st.integers(0, 70), max_size=4))
@settings(deadline=None, max_examples=100)
def test_growing_by_batches_equals_growing_at_once(hashes: list[bytes], cuts: list[int]) -> None:
    """However a log is cut into batches, size, edge and root at the end are the same."""
    size, edge, done = 0, (), 0
    grown: tuple[int, Edge] = (size, edge)
    for cut in [*sorted(cuts), len(hashes)]:
        grown = grow(*grown, hashes[done:cut])
        done = max(done, cut)
    assert grown == grow(0, (), hashes)
    assert grown[0] == len(hashes)


@given(leaves)
@settings(deadline=None, max_examples=60)
def test_the_edge_has_a_peak_for_every_one_in_the_size(hashes: list[bytes]) -> None:
    """An edge is as short as can be and survives being packed into bytes."""
    size, edge = grow(0, (), hashes)
    assert len(edge) == size.bit_count()
    assert unpack(pack(edge)) == edge
    assert len(pack(edge)) == HASH_SIZE * len(edge)


@given(leaves.filter(bool), st.data())
@settings(deadline=None, max_examples=100)
def test_any_altered_leaf_alters_the_root(hashes: list[bytes], data: st.DataObject) -> None:
    """One flipped bit anywhere gives another root."""
    at = data.draw(st.integers(0, len(hashes) - 1))
    bit = data.draw(st.integers(0, 8 * HASH_SIZE - 1))
    flipped = (int.from_bytes(hashes[at]) ^ 1 << bit).to_bytes(HASH_SIZE)
    assert root_of([*hashes[:at], flipped, *hashes[at + 1 :]]) != root_of(hashes)


@given(leaves.filter(lambda hashes: len(set(hashes)) > 1), st.data())
@settings(deadline=None, max_examples=60)
def test_order_and_number_of_leaves_matter(hashes: list[bytes], data: st.DataObject) -> None:
    """A leaf taken away, repeated, or put elsewhere gives another root."""
    at = data.draw(st.integers(0, len(hashes) - 1))
    assert root_of(hashes[:at] + hashes[at + 1 :]) != root_of(hashes)
    assert root_of([*hashes[:at], hashes[at], *hashes[at:]]) != root_of(hashes)
    turned = [*hashes[1:], hashes[0]]
    assert (root_of(turned) == root_of(hashes)) == (turned == hashes)


def test_a_leaf_is_no_node() -> None:
    """The hash of two hashes as one leaf is not the hash of the node above them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_empty_edge_has_the_root_of_nothing() -> None:
    """A log without records has the SHA-256 of the empty string as its root."""
    assert root(unpack(b"")) == sha256(b"").digest()


@pytest.mark.parametrize(("place", "published"), INCLUSIONS.items())
def test_the_published_inclusion_proofs_come_out(
    place: tuple[int, int], published: list[str]
) -> None:
    """The proof that an input is in a tree is the published one, and holds."""
    index, size = place
    hashes = [leaf_hash(each) for each in INPUTS]
    proof = Tree(hashes).inclusion(index, size)
    assert [step.hex() for step in proof] == published
    root = bytes.fromhex(ROOTS[size])
    assert includes(root, size, leaf=hashes[index], index=index, proof=proof)


@pytest.mark.parametrize(("sizes", "published"), CONSISTENCIES.items())
def test_the_published_consistency_proofs_come_out(
    sizes: tuple[int, int], published: list[str]
) -> None:
    """The proof that a tree goes on from an earlier one is the published one, and holds."""
    earlier, size = sizes
    proof = Tree(map(leaf_hash, INPUTS)).consistency(earlier, size)
    assert [step.hex() for step in proof] == published
    roots = {number: bytes.fromhex(root) for number, root in ROOTS.items()}
    assert extends(
        roots[size], size, earlier_root=roots[earlier], earlier_size=earlier, proof=proof
    )


@given(leaves.filter(bool), st.data())
@settings(deadline=None, max_examples=200)
def test_every_leaf_can_be_proven_and_no_other(hashes: list[bytes], data: st.DataObject) -> None:
    """A proof shows one leaf at one place of one tree: altered anywhere, it shows nothing."""
    size = data.draw(st.integers(1, len(hashes)))
    index = data.draw(st.integers(0, size - 1))
    top = root_of(hashes[:size])
    proof = Tree(hashes).inclusion(index, size)
    assert includes(top, size, leaf=hashes[index], index=index, proof=proof)
    assert not includes(top, size, leaf=OTHER, index=index, proof=proof)
    assert not includes(OTHER, size, leaf=hashes[index], index=index, proof=proof)
    assert not includes(top, size, leaf=hashes[index], index=index, proof=[*proof, OTHER])
    for at in range(len(proof)):
        forged = [*proof[:at], OTHER, *proof[at + 1 :]]
        assert not includes(top, size, leaf=hashes[index], index=index, proof=forged)
        assert not includes(top, size, leaf=hashes[index], index=index, proof=proof[:at])


@given(leaves.filter(bool), st.data())
@settings(deadline=None, max_examples=200)
def test_every_tree_goes_on_from_its_beginnings(hashes: list[bytes], data: st.DataObject) -> None:
    """A proof shows that nothing of the earlier tree was changed: altered anywhere, it fails."""
    size = data.draw(st.integers(1, len(hashes)))
    earlier = data.draw(st.integers(1, size))
    top, before = root_of(hashes[:size]), root_of(hashes[:earlier])
    proof = Tree(hashes).consistency(earlier, size)
    assert extends(top, size, earlier_root=before, earlier_size=earlier, proof=proof)
    assert not extends(OTHER, size, earlier_root=before, earlier_size=earlier, proof=proof)
    assert not extends(top, size, earlier_root=OTHER, earlier_size=earlier, proof=proof)
    assert not extends(top, size, earlier_root=before, earlier_size=earlier, proof=[*proof, OTHER])
    for at in range(len(proof)):
        forged = [*proof[:at], OTHER, *proof[at + 1 :]]
        assert not extends(top, size, earlier_root=before, earlier_size=earlier, proof=forged)


def test_of_an_empty_tree_there_is_nothing_to_prove() -> None:
    """No proof shows that a tree goes on from nothing, nor that it is longer than it is."""
    top = root_of(map(leaf_hash, INPUTS))
    assert not extends(top, 8, earlier_root=root(()), earlier_size=0, proof=[])
    assert not extends(top, 8, earlier_root=top, earlier_size=9, proof=[])
    assert not includes(top, 8, leaf=leaf_hash(b""), index=8, proof=[])
