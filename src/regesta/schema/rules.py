"""The checks that Pandera lacks, and what to tell somebody whose cell fails one.

A rule's name is Frictionless's where that has one, so that other tools know it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import pandera.polars as pa
import polars as pl
from pandera import extensions

from regesta.canonical import OutsideProfile, decode_object
from regesta.dates import BadDate, bounds
from regesta.vocabulary import code_list, hint

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
REFERENCE = r"^([A-Za-z0-9][A-Za-z0-9._-]{0,127}/)?[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
WEB_ADDRESS = r"^https?://[^\s]+$"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Control characters but tab and line feed, which an escape brings into a JSON string."""

Statement = Mapping[str, object]
Check = TypeVar("Check", bound=Callable[..., pl.LazyFrame])


def _unique_where(data: pa.PolarsData, holds: Callable[[str], bool]) -> pl.LazyFrame:
    """Return for each cell whether *holds* says so, asking once for each distinct text."""
    column = pl.col(data.key)
    distinct = data.lazyframe.select(column).unique().drop_nulls().collect().to_series()
    good = [text for text in distinct if holds(text)]
    return data.lazyframe.select(column.is_in(good))


def _is_date(text: str) -> bool:
    try:
        bounds(text)
    except BadDate:
        return False
    return True


def _is_json_object(text: str) -> bool:
    try:
        _require_object(text)
    except OutsideProfile:
        return False
    return True


def _statistic(name: str) -> Callable[[Check], Check]:
    """Register a check whose one argument is called *name*; Pandera's own decorator is untyped."""
    register: Callable[[Check], Check] = extensions.register_check_method(statistics=[name])
    return register


def _require_object(text: str) -> None:
    """Raise `OutsideProfile` unless *text* is a JSON object that a cell may hold."""
    for string in _strings(decode_object(text)):
        if found := _CONTROL.search(string):
            raise OutsideProfile(f"holds the control character U+{ord(found[0]):04X}; remove it")


def _strings(value: object) -> Iterator[str]:
    """Yield every string in a JSON value, keys included."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from _strings(item)
        case list():
            for item in value:
                yield from _strings(item)


@_statistic("edtf")
def in_edtf(data: pa.PolarsData, *, edtf: str) -> pl.LazyFrame:  # noqa: ARG001 - names the edition
    """Hold where the text is a date in EDTF."""
    plain = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    column = pl.col(data.key)
    fast = (
        ~column.str.starts_with("0000")
        & column.str.contains(plain)
        & column.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    )
    rest = data.lazyframe.select(column).filter(~fast).unique().drop_nulls().collect().to_series()
    good = [text for text in rest if _is_date(text)]
    return data.lazyframe.select(fast | column.is_in(good))


@_statistic("profile")
def in_json(data: pa.PolarsData, *, profile: str) -> pl.LazyFrame:  # noqa: ARG001 - names it
    """Hold where the text is a JSON object within the profile of a leaf."""
    return _unique_where(data, _is_json_object)


@_statistic("codes")
def in_codes(data: pa.PolarsData, *, codes: str) -> pl.LazyFrame:
    """Hold where the text is a code of the list *codes*."""
    return data.lazyframe.select(pl.col(data.key).is_in(list(code_list(codes))))


def beside(data: pa.PolarsData, column: str, needed: str) -> pl.LazyFrame:
    """Hold where *needed* has a value wherever *column* has one."""
    return data.lazyframe.select(pl.col(column).is_null() | pl.col(needed).is_not_null())


def in_its_scheme(data: pa.PolarsData, column: str, scheme: str) -> pl.LazyFrame:
    """Hold where *column* is a code of the list that its *scheme* has, if it has one."""
    wrong = [
        (pl.col(scheme) == name) & ~pl.col(column).is_in(list(code_list(facts["list"])))
        for name, facts in code_list("code_schemes").items()
        if facts["list"]
    ]
    return data.lazyframe.select(~pl.any_horizontal(wrong).fill_null(value=False))


def in_order(data: pa.PolarsData, first: str, last: str) -> pl.LazyFrame:
    """Hold where the date *last* can be as late as the date *first*."""
    rows = data.lazyframe.select(first, last).collect().iter_rows()
    return pl.LazyFrame({"in_order": [_can_follow(begun, ended) for begun, ended in rows]})


def _can_follow(begun: str | None, ended: str | None) -> bool:
    try:
        earliest, latest = bounds(begun or "XXXX")[0], bounds(ended or "XXXX")[1]
    except BadDate:
        return True
    return earliest is None or latest is None or earliest <= latest


def _date_advice(value: str, _: Statement) -> str:
    try:
        bounds(value)
    except BadDate as fault:
        return f"{fault}"
    return "is not a date"


def _json_advice(value: str, _: Statement) -> str:
    try:
        _require_object(value)
    except OutsideProfile as fault:
        return f"{fault}"
    return "is not a JSON object"


def _code_advice(value: str, facts: Statement) -> str:
    name = str(facts["codes"])
    labels = {code["label"].casefold(): each for each, code in code_list(name).items()}
    labelled = labels.get(value.casefold())
    meant = f" (did you mean {labelled!r}?)" if labelled else hint(value, code_list(name))
    return f"is not in the code list{meant}; see `regesta codes {name}`"


def _range_advice(_: str, facts: Statement) -> str:
    bound = next(iter(facts.values()))
    return f"is out of range; the limit is {bound}"


def _pattern_advice(_: str, facts: Statement) -> str:
    if facts["pattern"] in (IDENTIFIER, REFERENCE):
        return "is no identifier; use letters, digits and . _ : - and begin with a letter or digit"
    if facts["pattern"] == WEB_ADDRESS:
        return "is no web address; it begins with http:// or https:// and has no blanks"
    return f"does not match {facts['pattern']}"


Advice = Callable[[str, Statement], str]
ADVICE: Mapping[str, tuple[str, Advice]] = {
    "not_nullable": ("missing-value", lambda _v, _f: "is empty; every row needs it"),
    "in_edtf": ("bad-date", _date_advice),
    "in_json": ("bad-json", _json_advice),
    "in_codes": ("unknown-code", _code_advice),
    "greater_than_or_equal_to": ("out-of-range", _range_advice),
    "less_than_or_equal_to": ("out-of-range", _range_advice),
    "str_matches": ("constraint-error", _pattern_advice),
    "held_until": ("constraint-error", lambda _v, _f: "is before held_from; exchange the two"),
    "code_scheme": ("missing-value", lambda _v, _f: "is empty where code is not; name the scheme"),
    "code": ("unknown-code", lambda _v, _f: "is no code of its code_scheme; correct one of them"),
    "intensity_scheme": (
        "missing-value",
        lambda _v, _f: "is empty where intensity is not; name the scheme",
    ),
    "longitude": ("missing-value", lambda _v, _f: "is empty where latitude is not"),
    "latitude": ("missing-value", lambda _v, _f: "is empty where longitude is not"),
    "other_id": ("constraint-error", lambda _v, _f: "names the event itself; name another"),
}
"""Rule and advice by the name of a check; a check of several columns is named after the one at
fault."""


def explain(check: str, value: str, facts: Statement) -> tuple[str, str]:
    """Return the rule's name and what is wrong with *value*, with the way out."""
    rule, advice = ADVICE.get(check, ("constraint-error", lambda _v, _f: f"fails {check}"))
    return rule, advice(value, facts)
