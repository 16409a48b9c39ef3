"""Signed notes: text under which keys have put their names (C2SP signed-note, Ed25519).

A key is spelt as the reference implementation spells it (golang.org/x/mod/sumdb/note), so that
logs, witnesses and monitors of others read ours: ``NAME+ID+BASE64`` to verify with, the same after
``PRIVATE+KEY+`` to sign with.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from regesta.errors import UsageError

_ED25519 = b"\x01"
_KEY_SIZE = 32
_ID_SIZE = 4
_PRIVATE = "PRIVATE+KEY+"
_SPELT = re.compile(r"([^\s+\x00-\x1f\x7f]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_LINE = re.compile(r"— ([^\s+\x00-\x1f\x7f]+) ([A-Za-z0-9+/=]+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """The public half of a key, under its name."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names its key beside the name."""
        return sha256(f"{self.name}\n".encode() + _ED25519 + self.public).digest()[:_ID_SIZE]

    def __str__(self) -> str:
        """Return the key as a line that may be published."""
        return _spelt(self.name, self.key_id, self.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key, under its name."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, public=self._private().public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note that says *text*, signed."""
        signature = self.verifier.key_id + self._private().sign(text.encode())
        return f"{text}\n— {self.name} {b64encode(signature).decode()}\n"

    def spelt(self) -> str:
        """Return the key as the line that a key file holds, and nobody else may see."""
        return _PRIVATE + _spelt(self.name, self.verifier.key_id, self.seed)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def new_signer(name: str) -> Signer:
    """Return a new key under *name*, from the randomness of the operating system."""
    return Signer(name=name, seed=token_bytes(_KEY_SIZE))


def parse_verifier(text: str, where: object = "That") -> Verifier:
    """Return the public key that *text*, read from *where*, spells.

    Raises
    ------
    UsageError
        If it spells none, or another than its id says.
    """
    name, key_id, public = _parts(text, where, "public")
    found = Verifier(name=name, public=public)
    if found.key_id != key_id:
        raise _no_key(where, "public")
    return found


def parse_signer(text: str, where: object = "That") -> Signer:
    """Return the private key that *text*, read from *where*, spells.

    Raises
    ------
    UsageError
        If it spells none, or another than its id says.
    """
    if not text.startswith(_PRIVATE):
        raise _no_key(where, "private")
    name, key_id, seed = _parts(text.removeprefix(_PRIVATE), where, "private")
    found = Signer(name=name, seed=seed)
    if found.verifier.key_id != key_id:
        raise _no_key(where, "private")
    return found


def signed_by(note: str, verifier: Verifier) -> bool:
    r"""Return whether *note* holds a signature of its text by this key, and no false one.

    Examples
    --------
    >>> signer = new_signer("example.org/log")
    >>> note = signer.sign("what is said\n")
    >>> signed_by(note, signer.verifier), signed_by(note.replace("what", "that"), signer.verifier)
    (True, False)
    """
    text, signatures = _split(note)
    key = Ed25519PublicKey.from_public_bytes(verifier.public)
    ours = [
        signature[_ID_SIZE:]
        for name, signature in signatures
        if name == verifier.name and signature[:_ID_SIZE] == verifier.key_id
    ]
    try:
        for signature in ours:
            key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return bool(ours)


def signers(note: str) -> list[str]:
    """Return the name and id of each key that claims to have signed *note*."""
    return [f"{name}+{signature[:_ID_SIZE].hex()}" for name, signature in _split(note)[1]]


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of *note* and its signatures; a malformed one is none."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank:
        return note, []
    found = [(name, decoded(spelt)) for name, spelt in _LINE.findall(lines)]
    return f"{text}\n", [(name, signature) for name, signature in found if signature]


def _parts(text: str, where: object, kind: str) -> tuple[str, bytes, bytes]:
    """Return name, id and key bytes of a spelt key."""
    found = _SPELT.fullmatch(text.removesuffix("\n"))
    data = decoded(found[3]) if found else b""
    if not found or data[:1] != _ED25519 or len(data) != 1 + _KEY_SIZE:
        raise _no_key(where, kind)
    return found[1], bytes.fromhex(found[2]), data[1:]


def _spelt(name: str, key_id: bytes, key: bytes) -> str:
    return f"{name}+{key_id.hex()}+{b64encode(_ED25519 + key).decode()}"


def decoded(text: str) -> bytes:
    """Return the bytes that *text* encodes in the one right way of Base64, else none."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if b64encode(data).decode() == text else b""  # spare bits may be set


def _no_key(where: object, kind: str) -> UsageError:
    return UsageError(
        reason=f"{where} is no {kind} key; `regesta keygen` makes a pair: NAME.key, NAME.pub."
    )
