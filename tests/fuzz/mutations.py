"""Files made from others: bytes flipped, cut, doubled and spliced, as damage and malice do."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

BITS = 8
ODD = (
    b"\x00",
    b"\xff",
    b"\x1b[31m",
    b'"',
    b"'",
    b"\r\n",
    b",",
    b"[" * 300,
    b'{"a":' * 300,
    b"9" * 5000,
    b"-0",
    b"1e999",
    b"NaN",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\\ud800",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"../" * 5,
    b"=1+1",
)
"""What readers have stumbled over."""


def mutated(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return what makes one of *seeds*, changed a few times, and now and then bytes of any kind."""
    changed = st.builds(_changed, st.sampled_from(seeds), st.lists(_steps(seeds), max_size=6))
    return st.one_of(changed, changed, changed, st.binary(max_size=200))


def written(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return what makes text: any, and of the signs that *seeds* are written in."""
    signs = sorted({sign for seed in seeds for sign in seed.decode(errors="ignore")})
    own = st.text(st.sampled_from(signs or ["0"]), max_size=60)
    return st.one_of(own, own, st.text(max_size=60)).map(lambda text: text.encode(errors="replace"))


Step = tuple[str, float, float, bytes]


def _steps(seeds: Sequence[bytes]) -> st.SearchStrategy[Step]:
    kind = st.sampled_from(("flip", "cut", "drop", "double", "put", "splice"))
    place = st.floats(0, 1, exclude_max=True)
    extra = st.one_of(st.sampled_from(ODD), st.sampled_from(list(seeds)), st.binary(max_size=8))
    return st.tuples(kind, place, place, extra)


def _changed(seed: bytes, steps: list[Step]) -> bytes:
    for step in steps:
        seed = _apply(seed, *step)
    return seed[: 2**18]


def _apply(data: bytes, kind: str, start: float, end: float, extra: bytes) -> bytes:
    first, last = sorted((int(start * len(data)), int(end * len(data))))
    match kind:
        case "flip" if data:
            flipped = data[first] ^ (1 << int(end * BITS))
            return data[:first] + bytes([flipped]) + data[first + 1 :]
        case "cut":
            return data[:first]
        case "drop":
            return data[:first] + data[last:]
        case "double":
            return data[:last] + data[first:]
        case "put":
            return data[:first] + extra + data[first:]
        case _:
            return data[:first] + extra[int(end * len(extra)) :]
