"""Canonical JSON is what RFC 8785 says, within the profile of a leaf, and nothing outside it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.canonical import MAX_INTEGER, OutsideProfile, decode_object, encode
from tests.strategies import profile_objects

# cyberphone/json-canonicalization, testdata/input and testdata/output; the RFC publishes them.
PUBLISHED = {
    "structures (with 56 for 56.0)": (
        r'{"1": {"f": {"f": "hi","F": 5} ,"\n": 56}, "10": { }, "": "empty", "a": { }, "A": { }}',
        r'{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"A":{},"a":{}}',
    ),
    "structures (its array)": (
        r'{"111": [ {"e": "yes","E": "no" } ]}',
        r'{"111":[{"E":"no","e":"yes"}]}',
    ),
    "arrays (without its null)": (
        '{"arrays": [ 56, { "d": true, "10": "x", "1": [ ] } ]}',
        '{"arrays":[56,{"1":[],"10":"x","d":true}]}',
    ),
    "unicode": (
        r'{"Unnormalized Unicode":"A\u030a"}',
        '{"Unnormalized Unicode":"A\u030a"}',
    ),
    "weird (its ASCII keys)": (
        r'{"\r": "Carriage Return", "1": "One", "</script>": "Browser Challenge"}',
        r'{"\r":"Carriage Return","1":"One","</script>":"Browser Challenge"}',
    ),
    "weird (its values)": (
        r'{"a":"\u20ac", "b":"\ud83d\ude02", "c":"\u0080", "d":"\u00f6", "e":"\ufb33"}',
        '{"a":"€","b":"😂","c":"\x80","d":"ö","e":"\ufb33"}',
    ),
    "the string of RFC 8785, 3.2.2": (
        r'{"string": "\u20ac$\u000F\u000aA' + "'" + r'\u0042\u0022\u005c\\\"\/"}',
        r'{"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}',
    ),
    "the literals of RFC 8785, 3.2.2 (without null)": (
        '{"literals": [true, false]}',
        '{"literals":[true,false]}',
    ),
}
OUTSIDE = {
    "arrays, null": ('{"a": [56, {"d": true, "10": null}]}', "10 is null"),
    "french, keys": (r'{"peach": "x", "p\u00e9ch\u00e9": "y"}', "'péché' is not ASCII"),
    "values, fraction": ('{"numbers": [333333333.33333329]}', "has a fraction"),
    "values, exponent": ('{"numbers": [1E30]}', "has a fraction"),
    "structures, 56.0": (r'{"\n": 56.0}', "has a fraction"),
    "infinity": ('{"a": 1e999}', "has a fraction"),
    "NaN": ('{"a": NaN}', "NaN, which is not JSON"),
    "2^53": ('{"a": 9007199254740992}', "beyond 2"),
    "-2^53": ('{"a": [{"b": -9007199254740992}]}', "beyond 2"),
    "a key twice": ('{"a": {"b": 1, "b": 1}}', "names a key twice"),
    "an array": ("[1]", "is not a JSON object"),
    "a string": ('"{}"', "is not a JSON object"),
    "nothing": ("", "is not JSON"),
    "half an object": ('{"a": 1', "is not JSON"),
    "a trailing comma": ('{"a": 1,}', "is not JSON"),
    "a line break in a string": ('{"a": "\n"}', "is not JSON"),
    "half a surrogate pair": (r'{"a": "\ud800"}', "surrogate"),
    "half a surrogate pair as key": (r'{"\udc00": 1}', "is not ASCII"),
    "a number of 5000 digits": ('{"a": ' + "9" * 5000 + "}", "digits|beyond"),
    "300 arrays in one another": ('{"a": ' + "[" * 300 + "]" * 300 + "}", "nested too deeply"),
    "100000 arrays in one another": (
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "nested too deeply",
    ),
}


@pytest.mark.parametrize(("source", "canonical"), PUBLISHED.values(), ids=PUBLISHED)
def test_the_published_vectors_come_out_as_published(source: str, canonical: str) -> None:
    """Sorting, escapes and numbers are those of RFC 8785, byte for byte."""
    assert encode(decode_object(source)) == canonical.encode()


@pytest.mark.parametrize(("source", "canonical"), PUBLISHED.values(), ids=PUBLISHED)
def test_what_is_canonical_stays_as_it_is(source: str, canonical: str) -> None:
    """Reading and writing canonical JSON changes nothing."""
    assert encode(decode_object(canonical)).decode() == canonical
    assert decode_object(canonical) == json.loads(source)


@pytest.mark.parametrize(("source", "message"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_libraries_disagree_on_is_refused(source: str, message: str) -> None:
    """Whatever leaves the profile is refused in words when it is read, never later."""
    with pytest.raises(OutsideProfile, match=message):
        decode_object(source)


@pytest.mark.parametrize("value", [None, 1.0, {"a": None}, {1: "a"}, {"é": 1}, "\ud800", b"a"])
def test_nothing_outside_the_profile_is_written(value: object) -> None:
    """Not even a value that comes from code and not from a file."""
    with pytest.raises(OutsideProfile):
        encode(value)


@given(profile_objects())
@settings(deadline=None, max_examples=200)
def test_every_library_writes_the_same_bytes(value: dict[str, Any]) -> None:
    """Within the profile, `rfc8785` agrees, and reading gives the object back."""
    assert encode(value) == rfc8785.dumps(value)
    assert decode_object(encode(value).decode()) == value


@given(st.integers())
@settings(deadline=None, max_examples=100)
def test_an_integer_is_written_exactly_or_refused(number: int) -> None:
    """The limit is 2^53-1 on either side, where JavaScript begins to round."""
    if abs(number) <= MAX_INTEGER:
        assert encode(number) == str(number).encode()
    else:
        with pytest.raises(OutsideProfile):
            encode(number)


@pytest.mark.parametrize("number", [MAX_INTEGER, -MAX_INTEGER])
def test_the_limit_itself_is_within(number: int) -> None:
    """2^53-1 is the last integer that every JSON library reads as written."""
    assert decode_object(f'{{"a":{number}}}') == {"a": number}


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=300)
def test_any_text_is_an_object_or_refused_in_words(text: str) -> None:
    """No text whatever makes the reader fail in another way."""
    try:
        value = decode_object(text)
    except OutsideProfile as fault:
        assert str(fault)
    else:
        assert encode(value) == rfc8785.dumps(value)
