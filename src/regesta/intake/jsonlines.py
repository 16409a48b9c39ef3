"""JSON Lines: one object a line, strictly read, its numbers as they are written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NoReturn

import polars as pl

from regesta.canonical import OutsideProfile, encode
from regesta.errors import InvalidInput
from regesta.intake.encoding import require_utf8
from regesta.intake.plain import PLAIN
from regesta.intake.raw import RawTable
from regesta.intake.torn import Torn
from regesta.limits import MAX_COLUMNS, is_too_sparse
from regesta.schema.failures import failure

_Cells = dict[str, str | None]


class _LineError(ValueError):
    """A line that is not one object of strict JSON; the message says why and what to do."""

    def __init__(
        self,
        message: str,
        *,
        rule: str = "source-error",
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.column = column
        self.value = value


def read_jsonlines(source: str, data: bytes) -> RawTable:
    """Return one row a line; the columns are the keys, in the order of their first appearance.

    Numbers stay the text that they are written as, booleans become ``true`` and ``false``, null
    and the empty text a missing cell, objects and arrays canonical JSON.

    Parameters
    ----------
    source
        Name of the file.
    data
        Its bytes.

    Raises
    ------
    InvalidInput
        If the file is not UTF-8, holds no line, or lines with ever other keys.

    Examples
    --------
    >>> read_jsonlines("talks.jsonl", b'{"id": 7, "open": true}').frame.rows()
    [('7', 'true')]
    """
    text = require_utf8(data, source, lambda body, place: body.count(b"\n", 0, place) + 1)
    torn = Torn(source)
    found: dict[int, _Cells] = {}
    # Lines end at LF alone: the other line breaks of Unicode may stand within a text.
    for row, line in enumerate(text.split(b"\n"), 1):
        if line and not line.isspace():
            _take(line.decode(), row, found, torn)
    if not found and not torn.texts:
        what = "the file is empty; write one object {...} a line"
        raise InvalidInput(failure(file=source, rule="source-error", message=what))
    _require_dense(source, len(data), found)
    table = torn.table(_frame(found), pl.Series("row", list(found), dtype=pl.Int64))
    first = {name: row for row, cells in reversed(found.items()) for name in cells}
    return replace(table, named_at=first)


def _require_dense(source: str, size: int, found: dict[int, _Cells]) -> None:
    """Refuse lines that have ever other keys: as a table they would be nearly all empty."""
    names = {name for cells in found.values() for name in cells}
    if len(names) > MAX_COLUMNS or is_too_sparse(size, len(names) * len(found)):
        what = f"{len(found):,} lines name {len(names):,} columns; give each line the same keys"
        raise InvalidInput(failure(file=source, rule="source-error", message=what))


def _take(line: str, row: int, found: dict[int, _Cells], torn: Torn) -> None:
    try:
        found[row] = _cells(line)
    except _LineError as bad:
        text = line.removesuffix("\r")
        value = text if bad.value is None else bad.value
        torn.tear(row, text, bad.rule, str(bad), column=bad.column, value=value)


def _frame(found: dict[int, _Cells]) -> pl.DataFrame:
    names = dict.fromkeys(name for cells in found.values() for name in cells)
    columns = {name: [cells.get(name) for cells in found.values()] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String()))


def _cells(line: str) -> _Cells:
    record = _object(line, spelled=str)
    if not all(name.strip() for name in record):
        raise _LineError("a key is blank; name it or leave it out", rule="blank-header")
    nested = [name for name, value in record.items() if isinstance(value, dict | list)]
    for name in nested:
        if name in PLAIN:
            what = "the value is nested; write one text, or keep it in details"
            raise _LineError(what, rule="type-error", column=name, value=_shown(record[name]))
    if nested:
        # Read again, because within an object a number is a number.
        whole = _object(line)
        record |= {name: _canonical(name, whole[name]) for name in nested}
    return {name: _text(value) for name, value in record.items()}


def _object(line: str, spelled: type[str] | None = None) -> dict[str, Any]:
    try:
        record = json.loads(
            line,
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_int=spelled,
            parse_float=spelled,
        )
        if "\\u" in line:
            json.dumps(record, ensure_ascii=False).encode()
    except _LineError:
        raise
    except json.JSONDecodeError as fault:
        said = fault.msg.removesuffix(" at")
        what = f"the line is not JSON ({said} at character {fault.pos + 1})"
        raise _LineError(f"{what}; write one object {{...}} a line") from None
    except UnicodeEncodeError:
        raise _LineError("a \\u escape is half a surrogate pair; write the character") from None
    except RecursionError:
        raise _LineError("the line is nested too deeply; make it flat") from None
    except ValueError:
        raise _LineError("a number has too many digits; write it in quotes") from None
    if not isinstance(record, dict):
        raise _LineError("the line is not a JSON object; write one object {...} a line")
    return record


def _canonical(name: str, value: object) -> str:
    try:
        return encode(value).decode()
    except OutsideProfile as fault:
        raise _LineError(str(fault), rule="bad-json", column=name, value=_shown(value)) from None
    except (RecursionError, TypeError):
        what = "the value is nested too deeply; make it flat"
        raise _LineError(what, rule="bad-json", column=name) from None


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _LineError("the line names a key twice; keep one")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _LineError(f"{name} is not JSON; write null or leave the key out")
