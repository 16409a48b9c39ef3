"""Canonical JSON (RFC 8785) within the profile of a leaf.

A leaf holds strings, integers within 2^53-1, booleans, arrays and objects with ASCII keys, and
nothing else: no null, no fraction. Inside this profile every JCS library writes the same bytes.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64

_DIGITS = len(str(MAX_INTEGER))
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class OutsideProfile(ValueError):
    """A JSON value that a leaf may not hold; the message says which and what to do."""


def encode(value: object) -> bytes:
    """Return *value* as canonical JSON.

    Raises
    ------
    OutsideProfile
        If the value holds a null, a fraction, a key outside ASCII, an integer beyond 2^53-1 or
        half a surrogate pair.

    Examples
    --------
    >>> encode({"b": [1, True], "a": "é"}).decode()
    '{"a":"é","b":[1,true]}'
    """
    require_profile(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode_object(text: str) -> dict[str, Any]:
    """Return the JSON object that *text* is, strictly read.

    Raises
    ------
    OutsideProfile
        If it is no JSON object, repeats a key, or leaves the profile.

    Examples
    --------
    >>> decode_object('{"tally": 15}')
    {'tally': 15}
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_int=_integer,
        )
    except json.JSONDecodeError as fault:
        what = f"is not JSON ({fault.msg.removesuffix(' at')} at character {fault.pos + 1})"
        raise OutsideProfile(f'{what}; write {{"key": "value"}}') from None
    except RecursionError:
        raise OutsideProfile("is nested too deeply; make it flat") from None
    if not isinstance(value, dict):
        raise OutsideProfile('is not a JSON object; write {"key": "value"}')
    require_profile(value)
    return value


def require_profile(value: object, where: str = "the value", depth: int = 0) -> None:
    """Raise `OutsideProfile` unless *value* may stand in a leaf."""
    if depth > MAX_DEPTH:
        raise OutsideProfile("is nested too deeply; make it flat")
    match value:
        case dict():
            for key, item in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise OutsideProfile(f"the key {key!r} is not ASCII; spell it in ASCII")
                require_profile(item, key, depth + 1)
        case list():
            for item in value:
                require_profile(item, where, depth + 1)
        case _:
            _require_plain(value, where)


def _require_plain(value: object, where: str) -> None:
    match value:
        case bool():
            pass
        case str():
            if _SURROGATE.search(value):
                raise OutsideProfile(f"{where} holds half a surrogate pair; write the character")
        case int():
            if abs(value) > MAX_INTEGER:
                raise OutsideProfile(f"{where} is beyond 2^53-1; write it in quotes")
        case None:
            raise OutsideProfile(f"{where} is null; leave it out")
        case float():
            raise OutsideProfile(f"{where} has a fraction; write the number in quotes")
        case _:
            raise OutsideProfile(f"{where} is a {type(value).__name__}; write it in quotes")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS:
        raise OutsideProfile("holds a number beyond 2^53-1; write it in quotes")
    return int(text)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OutsideProfile("names a key twice; keep one")
    return found


def _refuse_constant(name: str) -> None:
    raise OutsideProfile(f"holds {name}, which is not JSON; leave it out")
