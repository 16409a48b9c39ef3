"""A cited query names one state and its rows, wherever it is asked, and whatever comes later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from regesta.errors import Refused, UsageError, VerificationFailed
from regesta.flows import citing
from regesta.flows.citing import cite_from_store, store_source, verify_citation
from regesta.flows.seeing import seen
from regesta.flows.timeline import filtered_timeline
from regesta.release.query import read_query
from regesta.research.filters import Filters
from regesta.store.store import Store
from tests.flows.test_timeline import filters, varied_histories
from tests.logs import logged, new_store, record
from tests.postgresql import databases
from tests.research.small_histories import MOMENTS, History, store_of
from tests.strategies import SWIFT

ALL = Filters()
GIFTS = [{"event_id": name, "date": f"2024-03-0{n}"} for n, name in enumerate("abc", 1)]


def cited(store: Store, wanted: Filters = ALL, form: str = "json", **seen_from: str) -> str:
    """Return the citation of what *wanted* lets through, seen from somewhere."""
    register = seen(store, **seen_from)
    return cite_from_store(store, register, wanted, filtered_timeline(register, wanted), form)


def asked_again(store: Store, citation: str) -> str:
    """Ask a citation again, and return what was found, in words."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "it"
        file.write_text(citation, encoding="utf-8")
        return str(verify_citation(file, store_source(store)))


def altered(store: Store, *statements: str) -> Store:
    """Return *store* after changes that its guards refuse, and no leaf tells of."""
    with store._engine.begin() as connection:
        for guard in ("events_log_no_update", "events_log_no_delete"):
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {guard}"))
        for statement in statements:
            connection.execute(sa.text(statement))
    return store


@settings(SWIFT, max_examples=12)
@given(varied_histories(), filters())
def test_what_was_cited_is_answered_whatever_is_recorded_later(
    history: History, wanted: Filters
) -> None:
    """The citation is fixed to the position that now meant."""
    citation = cited(store_of(history[:2]), wanted, known_by=MOMENTS[-1][:10])
    later = store_of(history)
    assert "Checked" in asked_again(later, citation)
    position = read_query(citation, "it").position
    assert cited(later, wanted, as_of=str(position), known_by=MOMENTS[-1][:10]) == citation


@settings(SWIFT, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=varied_histories(), wanted=filters())
def test_postgresql_is_cited_as_sqlite_is(
    postgresql: str, history: History, wanted: Filters
) -> None:
    """Same log, same question, same citation."""
    server = store_of(history, databases(postgresql)())
    assert cited(server, wanted) == cited(store_of(history), wanted)


def test_a_state_within_a_batch_is_cited_by_the_root_of_its_records() -> None:
    """And verifies like any other."""
    store = logged({"events": GIFTS})
    citation = cited(store, as_of="2")
    query = read_query(citation, "it")
    assert (query.position, query.rows) == (2, 2)
    assert "3 records" in asked_again(store, citation)
    assert query.root != read_query(cited(store), "it").root


def test_an_empty_log_is_not_cited() -> None:
    """There is nothing to name."""
    with pytest.raises(Refused, match="nothing to cite"):
        cited(new_store())
    with pytest.raises(Refused, match="nothing to cite"):
        cited(logged({"events": GIFTS}), as_of="2000-01-01")


def test_rows_that_differ_are_named() -> None:
    """A changed cell, a row too many and one too few; rows that are the same are not."""
    citation = cited(logged({"events": GIFTS}))
    for statement, fault in (
        ("UPDATE events_log SET title = 'X' WHERE event_id = 'b'", "b was cited with other cells"),
        (
            "UPDATE events_log SET action = 'retract' WHERE event_id = 'b'",
            "b was cited, and is not",
        ),
        ("UPDATE events_log SET event_id = 'd' WHERE event_id = 'b'", "d is answered, and was not"),
    ):
        with pytest.raises(VerificationFailed, match=fault) as refusal:
            asked_again(altered(logged({"events": GIFTS}), statement), citation)
        told = str(refusal.value).splitlines()[1:]
        assert not {"a", "c"} & {each.split()[0] for each in told}


def test_without_a_list_of_rows_it_is_said_that_they_differ() -> None:
    """And which form would tell which."""
    store = logged({"events": GIFTS})
    for form in ("text", "bibtex", "csl-json"):
        citation = cited(store, form=form)
        assert "3 rows against the digest" in asked_again(store, citation)
        other = altered(logged({"events": GIFTS}), "UPDATE events_log SET place = 'X'")
        with pytest.raises(VerificationFailed, match=r"3 rows with SHA-256 .*--cite json"):
            asked_again(other, citation)


def test_many_rows_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their digest is, and it verifies."""
    monkeypatch.setattr(citing, "MOST_LISTED", 2)
    store = logged({"events": GIFTS})
    assert '"events"' not in cited(store)
    assert '"events"' in cited(store, Filters(limit=2))
    assert "3 rows against" in asked_again(store, cited(store))


def test_a_list_that_is_not_of_the_rows_is_found() -> None:
    """Even where their digest is right."""
    store = logged({"events": GIFTS})
    with pytest.raises(VerificationFailed, match="z was cited, and is not answered"):
        asked_again(store, cited(store).replace('"a": "', '"z": "'))


def test_rows_in_another_order_are_others() -> None:
    """They are told as such: no cell of them differs."""
    store = logged({"events": GIFTS})
    query = read_query(cited(store), "it")
    other = cited(store).replace(query.sha256, "0" * 64)
    with pytest.raises(VerificationFailed, match="in another order"):
        asked_again(store, other)


def test_a_citation_of_another_log_is_refused() -> None:
    """With where the two part, and what to do."""
    store = logged({"events": GIFTS})
    citation = cited(store)
    query = read_query(citation, "it")
    longer = cited(record(logged({"events": GIFTS}), {"events": [{"event_id": "d"}]}))
    for text, match in (
        (longer, "this ends after 4 records, and that is of 6; name the store"),
        (cited(logged({"events": GIFTS[:2]}, {"events": GIFTS[2:]})), "ends after 4 records"),
        (cited(logged({"events": [*reversed(GIFTS)]})), "part within the first 4 records"),
        (str(replace(query, dataset="elsewhere")), "that is of 'elsewhere', this of"),
        (str(replace(query, day="2026-11-23")), "record 3 was recorded on 2026-11-24, and not on"),
    ):
        with pytest.raises(VerificationFailed, match=match):
            asked_again(store, text)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"regesta:", b"{", b"A (2026). B.", b"@misc{x,\n}", b"\0" * 99]
)
def test_what_is_no_citation_is_refused(content: bytes, tmp_path: Path) -> None:
    """With what it lacks."""
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(UsageError, match=r"cites no query|no text in UTF-8"):
        verify_citation(tmp_path / "it", store_source(logged({"events": GIFTS})))


def test_a_file_that_went_through_another_system_is_read(tmp_path: Path) -> None:
    """Its byte order mark and line ends are no part of the citation."""
    store = logged({"events": GIFTS})
    for form in ("text", "json"):
        marked = "\ufeff" + cited(store, form=form).replace("\n", "\r\n")
        (tmp_path / "it").write_bytes(marked.encode())
        assert verify_citation(tmp_path / "it", store_source(store))
