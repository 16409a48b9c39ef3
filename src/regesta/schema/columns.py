"""How a column describes itself, once, in its Pandera model.

Each function here makes the field of one kind of column: its checks, its coding standard and its
unit. SQL tables, codebook, descriptors, templates and load dtypes are all derived from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

import regesta.schema.rules  # noqa: F401 - registers the checks that the fields below name
from regesta.schema.rules import IDENTIFIER, REFERENCE, WEB_ADDRESS

Kind = Literal["text", "integer", "decimal", "day", "json"]

DECIMALS = 6
"""Digits after the point that a decimal column keeps: for a coordinate, about 0.1 m."""

EDTF = "EDTF (ISO 8601-2:2019), level 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column says about itself."""

    name: str
    kind: Kind
    description: str
    required: bool
    coding: str | None
    unit: str | None
    codes: str | None
    references: str | None
    prose: bool
    default: str | None
    minimum: float | None
    maximum: float | None
    pattern: str | None


def _field(  # the one place that knows how Pandera stores what a column says
    description: str,
    *,
    kind: Kind = "text",
    required: bool = False,
    coding: str | None = None,
    unit: str | None = None,
    references: str | None = None,
    prose: bool = False,
    default: str | None = None,
    **checks: Any,  # noqa: ANN401 - each check takes its own
) -> Any:  # noqa: ANN401 - Pandera's fields are untyped
    metadata = {
        "kind": kind,
        "coding": coding,
        "unit": unit,
        "references": references,
        "prose": prose,
        "default": default,
    }
    return pa.Field(nullable=not required, description=description, metadata=metadata, **checks)


def identifier(description: str, *, required: bool = False, references: str | None = None) -> Any:  # noqa: ANN401
    """Return the field of a column that names a row of this register or, with `/`, of another."""
    pattern = REFERENCE if references else IDENTIFIER
    return _field(
        description,
        required=required,
        coding="identifier",
        references=references,
        str_matches=pattern,
    )


def text(
    description: str,
    *,
    required: bool = False,
    coding: str | None = None,
    pattern: str = "",
    default: str | None = None,
) -> Any:  # noqa: ANN401
    """Return the field of a column that holds one line of text, as written."""
    checks: dict[str, Any] = {"str_matches": pattern} if pattern else {}
    return _field(description, required=required, coding=coding, default=default, **checks)


def prose(description: str) -> Any:  # noqa: ANN401
    """Return the field of a column that holds text of one or more lines."""
    return _field(description, prose=True)


def coded(description: str, codes: str, *, required: bool = False, coding: str = "") -> Any:  # noqa: ANN401
    """Return the field of a column whose values are codes of the list *codes*."""
    return _field(
        description, required=required, coding=coding or f"code list {codes}", in_codes=codes
    )


def edtf(description: str, *, required: bool = False) -> Any:  # noqa: ANN401
    """Return the field of a column that holds dates as EDTF text."""
    return _field(description, required=required, coding=EDTF, in_edtf="level 1")


def day(description: str) -> Any:  # noqa: ANN401
    """Return the field of a column that holds days of the Gregorian calendar."""
    return _field(description, kind="day", coding="ISO 8601 day")


def integer(
    description: str, *, unit: str | None = None, required: bool = False, ge: int | None = None
) -> Any:  # noqa: ANN401
    """Return the field of a column that holds whole numbers."""
    checks: dict[str, Any] = {} if ge is None else {"ge": ge}
    return _field(description, kind="integer", unit=unit, required=required, **checks)


def decimal(
    description: str,
    *,
    unit: str | None = None,
    coding: str | None = None,
    ge: float | None = None,
    le: float | None = None,
) -> Any:  # noqa: ANN401
    """Return the field of a column that holds numbers, kept to `DECIMALS` digits."""
    checks: dict[str, Any] = {
        name: bound for name, bound in (("ge", ge), ("le", le)) if bound is not None
    }
    return _field(description, kind="decimal", unit=unit, coding=coding, **checks)


def json_object(description: str) -> Any:  # noqa: ANN401
    """Return the field of a column that holds a JSON object, written canonically."""
    coding = "RFC 8785 canonical JSON"
    return _field(description, kind="json", coding=coding, in_json="leaf")


def country_code(description: str) -> Any:  # noqa: ANN401
    """Return the field of a column that names a country."""
    return coded(description, "states", coding="ISO 3166-1 alpha-3")


def web_address(description: str) -> Any:  # noqa: ANN401
    """Return the field of a column that holds a web address."""
    return text(description, coding="URL (RFC 3986)", pattern=WEB_ADDRESS)


POLARS: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "json": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "day": pl.Date(),
}
"""The dtype that a kind of column has in flight."""


def read_column(name: str, schema: Any) -> Column:  # noqa: ANN401 - Pandera's own column
    """Return what the Pandera column *schema* says about itself."""
    facts: dict[str, Any] = {}
    for check in schema.checks:
        facts |= check.statistics
    return Column(
        name=name,
        kind=schema.metadata["kind"],
        description=schema.description,
        required=not schema.nullable,
        coding=schema.metadata["coding"],
        unit=schema.metadata["unit"],
        codes=facts.get("codes"),
        references=schema.metadata["references"],
        prose=schema.metadata["prose"],
        default=schema.metadata["default"],
        minimum=facts.get("min_value"),
        maximum=facts.get("max_value"),
        pattern=facts.get("pattern"),
    )
