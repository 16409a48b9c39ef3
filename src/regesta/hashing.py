"""SHA-256 of many texts or bytes at once: the door to polars-hash, which lets other threads run."""

from __future__ import annotations

import polars as pl


def sha256_each(data: pl.Series) -> pl.Series:
    """Return the SHA-256 of each text, as UTF-8, or of each bytes: 32 bytes.

    Examples
    --------
    >>> sha256_each(pl.Series(["abc"]))[0].hex()[:16]
    'ba7816bf8f01cfea'
    """
    from polars_hash import col

    hexed = data.to_frame("data").select(col("data").chash.sha2_256())
    return hexed.to_series().str.decode("hex").alias(data.name)
