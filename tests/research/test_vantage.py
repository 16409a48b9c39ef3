"""A vantage in known time is named by a day, a minute or any date that has an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from regesta.dates import bounds
from regesta.errors import UsageError
from regesta.research.vantage import parse_known_by
from tests.strategies import edtf_dates


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-20", "2024-02-20T23:59:59Z"),
        (" 2024-02 ", "2024-02-29T23:59:59Z"),
        ("2024", "2024-12-31T23:59:59Z"),
        ("2024-02-20/2024-03-01", "2024-03-01T23:59:59Z"),
        ("2024-02-20T18:30", "2024-02-20T18:30:00Z"),
        ("2024-02-20T00:30+09:00", "2024-02-19T15:30:00Z"),
        ("2024-02-20T23:30:15-02:00", "2024-02-21T01:30:15Z"),
        ("../2024-02-20", "2024-02-20T23:59:59Z"),
    ],
)
def test_a_date_means_its_end_and_a_time_itself(text: str, moment: str) -> None:
    """Both in UTC."""
    assert parse_known_by(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2024-02-30", "2024-02-20T25:00", "XXXX", "2024/.."])
def test_what_has_no_end_or_is_no_date_is_refused(text: str) -> None:
    """The reason repeats what was written."""
    with pytest.raises(UsageError, match=repr(text)[:-1]):
        parse_known_by(text)


@settings(deadline=None)
@given(edtf_dates())
def test_every_date_with_an_end_is_taken_and_no_other(text: str) -> None:
    """The moment lies on the last day that the text may mean."""
    if (last := bounds(text)[1]) is None:
        with pytest.raises(UsageError):
            parse_known_by(text)
    else:
        assert parse_known_by(text).startswith(str(last))
