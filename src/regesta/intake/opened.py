"""The bytes of a file, out of its gzip wrapping where it has one."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from regesta.errors import InvalidInput, NoSuchFile, StorageFault, UsageError
from regesta.limits import is_bomb
from regesta.schema.failures import failure

MAX_UNPACKED = 4 * 2**30
_STEP = 2**22


def contents(path: Path, *, most: int = MAX_UNPACKED) -> bytes:
    """Return the bytes of *path*, unpacked where its name ends in ``.gz``.

    Parameters
    ----------
    path
        A file; its ending decides, in capitals or not.
    most
        Bytes that a gzip file may unpack to.

    Raises
    ------
    NoSuchFile
        If nothing is there.
    UsageError
        If it is a folder or a device.
    StorageFault
        If it cannot be read.
    InvalidInput
        If a gzip file is damaged, unpacks to more than *most* bytes, or is a bomb.
    """
    try:
        data = _regular(path).read_bytes()
    except (OSError, ValueError) as fault:
        raise StorageFault(reason=f"{path} cannot be read: {_cause(fault)}.") from None
    return _unpacked(data, path.name, most) if path.suffix.lower() == ".gz" else data


def _regular(path: Path) -> Path:
    if not path.exists():
        raise NoSuchFile(path=path)
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no regular file"
        raise UsageError(reason=f"{path} is {kind}; name a table file.")
    return path


def _cause(fault: Exception) -> str:
    return getattr(fault, "strerror", None) or str(fault)


def _unpacked(data: bytes, name: str, most: int) -> bytes:
    # A growing buffer, and not gzip.decompress: a bomb is dropped at the limit, not after it.
    found = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            while step := packed.read(_STEP):
                found.write(step)
                if found.tell() > most:
                    raise _refusal(name, f"unpacks to more than {most:,} bytes; split it")
                if is_bomb(len(data), found.tell()):
                    what = f"unpacks from {len(data):,} to more than {found.tell():,} bytes"
                    raise _refusal(name, f"{what}, as no table does; unpack it first")
    except (OSError, EOFError, zlib.error) as fault:
        raise _refusal(name, f"is no whole gzip file ({fault}); fetch or pack it again") from None
    return found.getvalue()


def _refusal(name: str, what: str) -> InvalidInput:
    return InvalidInput(failure(file=name, rule="gzip-error", message=f"the file {what}"))
