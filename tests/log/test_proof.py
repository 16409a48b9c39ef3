"""A proof in a file holds by itself, and altered anywhere it does not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import VerificationFailed
from regesta.log.checkpoint import Checkpoint
from regesta.log.proof import Consistency, Inclusion, parse
from regesta.merkle import Tree, leaf_hash, root_of

LEAVES = [f'{{"format":1,"n":{number}}}'.encode() for number in range(11)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
TREE = Tree(HASHES)


def checkpoint(size: int) -> Checkpoint:
    """Return the checkpoint of the first *size* leaves."""
    return Checkpoint(origin="regesta/numbers", size=size, root=root_of(HASHES[:size]))


def inclusion(index: int, size: int) -> Inclusion:
    """Return the proof that the leaf at *index* is among the first *size*."""
    hashes = tuple(TREE.inclusion(index, size))
    return Inclusion(leaf=LEAVES[index], index=index, hashes=hashes, note=str(checkpoint(size)))


def consistency(earlier: int, size: int) -> Consistency:
    """Return the proof that the first *size* leaves go on from the first *earlier*."""
    hashes = tuple(TREE.consistency(earlier, size))
    return Consistency(earlier_size=earlier, hashes=hashes, note=str(checkpoint(size)))


@pytest.mark.parametrize(("index", "size"), [(i, n) for n in range(1, 12) for i in range(n)])
def test_an_inclusion_proof_holds_and_survives_its_file(index: int, size: int) -> None:
    """What was written is read again, and holds."""
    proof = inclusion(index, size)
    assert parse(str(proof)) == proof
    assert proof.holds()


@pytest.mark.parametrize(("earlier", "size"), [(m, n) for n in range(12) for m in range(n + 1)])
def test_a_consistency_proof_holds_for_its_beginning(earlier: int, size: int) -> None:
    """It holds for the checkpoint it starts from, and for no other."""
    proof = consistency(earlier, size)
    assert parse(str(proof)) == proof
    for other in range(12):
        assert proof.holds(checkpoint(other)) == (other == earlier)
    stranger = Checkpoint(origin="regesta/letters", size=earlier, root=checkpoint(earlier).root)
    assert not proof.holds(stranger)


def test_the_form_is_that_of_the_standard() -> None:
    """The first lines are those of c2sp.org/tlog-proof, and of a witness's add-checkpoint."""
    lines = str(inclusion(2, 3)).splitlines()
    assert lines[:3] == [
        "c2sp.org/tlog-proof@v1",
        "extra eyJmb3JtYXQiOjEsIm4iOjJ9",
        "index 2",
    ]
    assert lines[4:7] == ["", "regesta/numbers", "3"]
    assert str(consistency(3, 4)).splitlines()[0] == "old 3"


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_any_flipped_bit_is_found(at: int, bit: int) -> None:
    """A proof altered in one bit is refused, does not hold, or is against another checkpoint.

    Whether that is the true one is for others to say: a path alone does not tell trees of like
    shape apart, so a size is as good as whoever vouches for the checkpoint.
    """
    for proof in (inclusion(4, 11), consistency(4, 11)):
        data = bytearray(str(proof).encode())
        data[at % len(data)] ^= 1 << bit
        with suppress(VerificationFailed, UnicodeDecodeError):
            found = parse(data.decode())
            holds = found.holds() if isinstance(found, Inclusion) else found.holds(checkpoint(4))
            assert found.checkpoint != checkpoint(11) or not holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "old 3\n",
        "c2sp.org/tlog-proof@v1\nindex 2\n\n",
        str(inclusion(2, 3)).replace("index 2", "index 02"),
        str(inclusion(2, 3)).replace("index 2", "index +2"),
        str(consistency(3, 4)).replace("old 3", "old 3 "),
        str(inclusion(2, 3)).replace("\n", "\r\n"),
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    """A proof is spelt in one way."""
    with pytest.raises(VerificationFailed, match="proof"):
        parse(text)
