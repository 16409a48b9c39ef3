"""SHA-256 of many texts or bytes at once: the door to polars-hash, which lets other threads run."""

from __future__ import annotations

from binascii import unhexlify
from hashlib import sha256

import polars as pl
import pyarrow as pa

_DIGEST = pa.binary(sha256().digest_size)


def sha256_each(data: pl.Series) -> pl.Series:
    """Return the SHA-256 of each text, as UTF-8, or of each bytes, none of them null: 32 bytes.

    Examples
    --------
    >>> sha256_each(pl.Series(["abc"]))[0].hex()[:16]
    'ba7816bf8f01cfea'
    """
    from polars_hash import col

    hexed = data.to_frame("data").select(col("data").chash.sha2_256()).to_series()
    # All at once this takes a tenth of the time of `str.decode`.
    *_, text = hexed.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    digests = pa.py_buffer(unhexlify(text or b""))
    whole = pa.FixedSizeBinaryArray.from_buffers(_DIGEST, len(hexed), [None, digests])
    return pl.Series(data.name, whole, dtype=pl.Binary)
