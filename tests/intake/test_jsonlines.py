"""JSON Lines, strictly read."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regesta.errors import InvalidInput, RegestaError
from regesta.intake.jsonlines import read_jsonlines

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RECORDS = st.lists(st.fixed_dictionaries({"a": TEXT, "b": TEXT | st.none()}), min_size=1)


@pytest.mark.parametrize("ascii_only", [True, False])
@given(records=RECORDS)
def test_what_the_json_module_writes_comes_back(
    records: list[dict[str, str | None]], ascii_only: bool
) -> None:
    """Every text comes back as written; null and the empty text come back as missing."""
    lines = [json.dumps(record, ensure_ascii=ascii_only) for record in records]
    raw = read_jsonlines("talks.jsonl", "\n".join(lines).encode())
    kept = [(row, record) for row, record in enumerate(records, 1) if any(record.values())]
    assert raw.frame.to_dicts() == [
        {key: value or None for key, value in record.items()} for _, record in kept
    ]
    assert raw.rows.to_list() == [row for row, _ in kept]
    assert raw.unreadable.is_empty()


@given(st.binary() | st.text('{}[]":,\\u0d8123eE.-\n tfn').map(str.encode))
def test_any_bytes_give_a_table_or_a_refusal(data: bytes) -> None:
    """Bytes of any kind give a table or an error of ours, never a traceback."""
    with suppress(RegestaError):
        read_jsonlines("talks.jsonl", data)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        ("-0.50", "-0.50"),
        ("1E5", "1E5"),
        ("1" * 5000, "1" * 5000),
        ("true", "true"),
        ("false", "false"),
        ('"007"', "007"),
        ('{"b": [1, true], "a": "é"}', '{"a":"é","b":[1,true]}'),
        ("[]", "[]"),
        ('"\\ud83d\\ude00"', "😀"),
        ('"\u2028"', "\u2028"),
    ],
)
def test_a_value_becomes_the_text_it_is_written_as(value: str, text: str) -> None:
    """Numbers keep their spelling, truth values are words, nested values canonical JSON."""
    raw = read_jsonlines("talks.jsonl", f'{{"a": {value}}}\r\n'.encode())
    assert raw.frame.rows() == [(text,)]


def test_columns_are_all_keys_in_order_of_appearance() -> None:
    """A key that a line lacks is a missing cell; blank lines are skipped and counted."""
    raw = read_jsonlines("talks.jsonl", b'\xef\xbb\xbf{"b": 1}\n\n{"a": 2, "b": null}\n')
    assert raw.frame.to_dicts() == [{"b": "1", "a": None}, {"b": None, "a": "2"}]
    assert raw.rows.to_list() == [1, 3]


@pytest.mark.parametrize(
    ("line", "rule", "says"),
    [
        ("{", "source-error", "not JSON"),
        ("[1]", "source-error", "not a JSON object"),
        ("7", "source-error", "not a JSON object"),
        ('{"a": 1} {"a": 2}', "source-error", "not JSON"),
        ('{"a": 1, "a": 1}', "source-error", "twice"),
        ('{"a": {"b": 1, "b": 1}}', "source-error", "twice"),
        ('{"a": NaN}', "source-error", "NaN"),
        ('{"a": [-Infinity]}', "source-error", "-Infinity"),
        ('{" ": 1}', "blank-header", "blank"),
        ('{"a": {"b": 0.5}}', "bad-json", "fraction"),
        ('{"a": [null]}', "bad-json", "null"),
        ('{"a": [9007199254740993]}', "bad-json", "2^53-1"),
        ('{"a": [' + "1" * 5000 + "]}", "source-error", "digits"),
        ('{"a": "\\ud800"}', "source-error", "surrogate"),
        ('{"a": ' + "[" * 500 + "]" * 500 + "}", "bad-json", "deeply"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "source-error", "deeply"),
    ],
)
def test_a_bad_line_is_set_aside(line: str, rule: str, says: str) -> None:
    """A line that is not strict JSON is torn, whole and unchanged; the others are read."""
    raw = read_jsonlines("talks.jsonl", f'{{"a": 1}}\n{line}\n{{"a": 3}}'.encode())
    assert raw.rows.to_list() == [1, 3]
    assert raw.torn == {2: line}
    assert raw.unreadable.select("row", "rule").rows() == [(2, rule)]
    assert says in raw.unreadable["message"].item()


def test_a_bad_nested_value_is_found_by_its_column() -> None:
    """The failure of a nested value names its column."""
    raw = read_jsonlines("talks.jsonl", b'{"a": 1, "details": {"tally": 0.5}}')
    assert raw.unreadable["column"].to_list() == ["details"]


@pytest.mark.parametrize(
    ("data", "row", "rule"),
    [
        (b"", None, "source-error"),
        (b"\n\n", None, "source-error"),
        (b'{"a": 1}\n{"a": "\xfc"}', 2, "encoding-error"),
        (b'{"a": 1}\n\n{"a": "\0"}', 3, "encoding-error"),
        ('{"a": "é"}'.encode("utf-16"), None, "encoding-error"),
    ],
)
def test_a_damaged_file_is_refused(data: bytes, row: int | None, rule: str) -> None:
    """A file that is empty or not UTF-8 is refused as a whole."""
    with pytest.raises(InvalidInput) as caught:
        read_jsonlines("talks.jsonl", data)
    assert caught.value.failures.select("row", "rule").rows() == [(row, rule)]
