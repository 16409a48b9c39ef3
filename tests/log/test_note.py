"""A signed note is that of C2SP: keys, signatures and spelling, to the byte."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import UsageError
from regesta.log.note import new_signer, parse_signer, parse_verifier, signed_by, signers

# The example of golang.org/x/mod/sumdb/note, and that of c2sp.org/signed-note's test vectors.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
OTHER = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
COSIGNATURE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox3"
    "3WWd1RvMc+QQ=\n"
)
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmR"
    "KuwHjG1Yu72IneyaQM=\n"
)


def test_the_published_key_signs_the_published_note() -> None:
    """The same key and text give the same signature, and the key is spelt the same."""
    signer = parse_signer(PRIVATE)
    assert signer.sign(TEXT) == f"{TEXT}\n{SIGNATURE}"
    assert signer.spelt() == PRIVATE
    assert str(signer.verifier) == PUBLIC


@pytest.mark.parametrize(
    ("note", "key"),
    [
        (f"{TEXT}\n{SIGNATURE}", PUBLIC),
        (f"{TEXT}\n{SIGNATURE}{COSIGNATURE}", PUBLIC),
        (f"{TEXT}\n{SIGNATURE}{COSIGNATURE}", OTHER),
        (EXAMPLE, EXAMPLE_KEY),
    ],
)
def test_published_notes_are_signed(note: str, key: str) -> None:
    """A note is signed by each of its keys, and by no other."""
    assert signed_by(note, parse_verifier(key))
    assert not signed_by(note, new_signer("PeterNeumann").verifier)


def test_a_note_names_its_signers() -> None:
    """Who claims to have signed is told, whether it is so or not."""
    assert signers(f"{TEXT}\n{SIGNATURE}{COSIGNATURE}") == [
        "PeterNeumann+c74f20a3",
        "EnochRoot+af0cfe78",
    ]
    assert signers(TEXT) == []


@given(st.integers(0, len(TEXT + SIGNATURE)), st.characters(codec="utf-8"))
def test_any_altered_character_breaks_the_signature(at: int, other: str) -> None:
    """Text and signature belong together to the last character."""
    note = f"{TEXT}\n{SIGNATURE}"
    altered = f"{note[:at]}{other}{note[at + 1 :]}"
    assert signed_by(altered, parse_verifier(PUBLIC)) == (altered == note)


def test_a_false_signature_beside_a_true_one_spoils_the_note() -> None:
    """A note in which a known key has signed something else as well is not believed."""
    false = parse_signer(PRIVATE).sign("Something else.\n").rpartition("\n\n")[2]
    assert not signed_by(f"{TEXT}\n{SIGNATURE}{false}", parse_verifier(PUBLIC))


def test_every_mangled_key_is_refused() -> None:
    """No piece of a key, no key with another character, is a key."""
    for parse, key in ((parse_verifier, PUBLIC), (parse_signer, PRIVATE)):
        pieces = {key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1)} - {key}
        altered = {f"{key[:i]}{chr(ord(key[i]) + 1)}{key[i + 1 :]}" for i in range(len(key))}
        for wrong in pieces | altered:
            with pytest.raises(UsageError, match="key"):
                parse(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PUBLIC.replace("PeterNeumann", "Peter Neumann"),
        PUBLIC.replace("PeterNeumann", "Peter\x1bNeumann"),
        "",
    ],
)
def test_a_key_of_another_kind_is_refused(wrong: str) -> None:
    """A key of another length or algorithm, or of no proper name, is none of ours."""
    with pytest.raises(UsageError, match="no public key"):
        parse_verifier(wrong)


def test_base64_with_spare_bits_is_no_signature() -> None:
    """There is one way to spell a signature: no bit of a note goes unread."""
    spelt = SIGNATURE.split()[2]
    assert spelt.endswith("M=")
    altered = SIGNATURE.replace(spelt, f"{spelt[:-2]}N=")
    assert not signed_by(f"{TEXT}\n{altered}", parse_verifier(PUBLIC))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")), st.binary(max_size=90))
def test_no_text_is_taken_for_a_signature(text: str, data: bytes) -> None:
    """Whatever follows a blank line, what is not signed is not believed."""
    key = parse_verifier(PUBLIC)
    assert not signed_by(text, key)
    assert not signed_by(f"{text}\n\n— PeterNeumann {b64encode(data).decode()}\n", key)


def test_every_new_key_is_another() -> None:
    """Keys come from the randomness of the system, and sign what they verify."""
    first, second = new_signer("regesta/gifts"), new_signer("regesta/gifts")
    assert first.seed != second.seed
    note = first.sign("said\n")
    assert signed_by(note, parse_verifier(str(first.verifier)))
    assert not signed_by(note, second.verifier)
    assert parse_signer(first.spelt()) == first
