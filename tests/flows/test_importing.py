"""An import accounts for every row, records only what is new, and leaves nothing half done."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regesta.errors import InvalidInput, NoSuchName, Refused, RegestaError, UsageError
from regesta.flows.importing import import_paths, validate_paths
from regesta.flows.order import Order
from regesta.flows.snapshot import Scope, parse_scope
from regesta.flows.verifying import verify_store
from regesta.intake.gather import Reading
from regesta.log.checkpoint import Checkpoint
from regesta.log.receipt import Receipt
from regesta.schema.tables import IMPORTED, TABLES
from regesta.store.store import Store
from tests.strategies import (
    APART,
    SMALL,
    SWIFT,
    Row,
    State,
    as_text,
    cells,
    csv_text,
    event_histories,
    frame,
    key_of,
    states,
    with_days,
    write_table,
    write_tables,
)

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
EVENTS = TABLES["events"]
ALL = parse_scope("all")

FLAT = """\
date,event_type,title,participants,source_url,source_publisher,stance,speaker,gist
2024-02-18,gift,A car,RUS:giver; PRK:recipient,https://kcna.kp/1,KCNA,asserts,PRK,A car came.
2024-06-19,visit,A visit,PRK:host; RUS:guest,https://kcna.kp/2,,,,
2024-06-20,agreement,"A ""treaty"", signed",,,,,,
"""


@pytest.fixture
def store() -> Iterator[Store]:
    """Return an empty store in memory."""
    made = Store.create("sqlite://")
    yield made
    made._engine.dispose()


def _import(
    store: Store,
    *paths: Path,
    new_actors: bool = False,
    snapshot: Scope | None = None,
    quarantine: Path | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> Receipt:
    order = Order(
        author="A. Coder",
        message="a test",
        reason=reason,
        reading=Reading(new_actors=new_actors),
        snapshot=snapshot,
        quarantine=quarantine,
        dry_run=dry_run,
    )
    return import_paths(paths, store, order, at=AT)


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _checkpoint(store: Store) -> Checkpoint:
    return store.head().checkpoint("x")


def _require_balance(receipt: Receipt) -> None:
    """Fail unless read = added + revised + restored + unchanged + duplicate + rejected."""
    for counts in receipt.tables.values():
        parts = ("added", "revised", "restored", "unchanged", "duplicate", "rejected")
        assert counts["read"] == sum(counts[part] for part in parts)
        assert min(counts.values()) >= 0


def _require_resolved(store: Store) -> None:
    """Fail unless every live row names live rows."""
    for name, table in IMPORTED.items():
        rows = store.rows(name)
        for column, target in table.references.items():
            there = store.rows(target)[TABLES[target].key[0]]
            named = rows[column].drop_nulls()
            assert set(named.filter(~named.str.contains("/", literal=True))) <= set(there)


def _failures(caught: pytest.ExceptionInfo[InvalidInput]) -> list[dict[str, Any]]:
    return list(caught.value.failures.iter_rows(named=True))


@pytest.fixture(scope="session")
def anywhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return what makes a new folder, for tests that need one for each example."""
    return lambda: tmp_path_factory.mktemp("import")


def _new_store() -> Store:
    return Store.create("sqlite://")


# What somebody may do to a row of an events file, and whether it is read as a row at all.
DAMAGE: Mapping[str, Callable[[dict[str, str | None]], dict[str, str | None]]] = {
    "none": lambda row: row,
    "no title": lambda row: {**row, "title": None},
    "bad date": lambda row: {**row, "date": "2023-02-30"},
    "bad type": lambda row: {**row, "event_type": "vist"},
    "bad number": lambda row: {**row, "geonames_id": "1E5"},
    "unseen": lambda row: {**row, "title": "a\u202eb"},
    "bad details": lambda row: {**row, "details": "{oops}"},
    "no key": lambda row: {**row, "event_id": None},
    "other": lambda row: {**row, "title": "Another title"},
}
TEARS: Mapping[str, Callable[[str], str]] = {
    "none": lambda line: line,
    "short": lambda line: line.rpartition(",")[0],
    "long": lambda line: line + ",x,y",
    "quote": lambda line: line.rpartition(",")[0] + ',"a"b',
    "blank": lambda _: "",
}


@given(data=st.data())
@settings(SWIFT, max_examples=8)
def test_every_row_of_a_damaged_file_is_accounted_for(
    anywhere: Callable[[], Path], data: st.DataObject
) -> None:
    """Whatever is wrong with a file, the receipt balances, and the good rows are recorded."""
    ids = data.draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=10))
    harm = st.sampled_from(["none", "none", *DAMAGE])
    tear = st.sampled_from(["none"] * 4 + list(TEARS))
    texts = [
        DAMAGE[data.draw(harm)](as_text(EVENTS, {**SMALL["events"][0], "event_id": each}))
        for each in ids
    ]
    head, *lines = csv_text(texts, list(EVENTS.columns)).splitlines()
    tears = [data.draw(tear) for _ in lines]
    torn = [TEARS[kind](line) for kind, line in zip(tears, lines, strict=True)]
    folder = anywhere()
    path = _written(folder, "events.csv", "\n".join([head, *torn]) + "\n")
    store = _new_store()
    receipt = _import(store, path, quarantine=folder / "refused.csv")
    _require_balance(receipt)
    counts = receipt.tables.get("events", {"read": 0, "rejected": 0, "added": 0})
    assert counts["read"] == len([kind for kind in tears if kind != "blank"])
    assert store.rows("events").height == counts["added"]
    assert (counts["rejected"] > 0) == (receipt.failures.height > 0)
    if counts["rejected"]:
        with (folder / "refused.csv").open(encoding="utf-8", newline="") as file:
            refused = list(csv.DictReader(file))
        assert len(refused) == counts["rejected"]
    again = _import(store, path, quarantine=folder / "again.csv")
    _require_balance(again)
    assert again.batch is None
    store._engine.dispose()


@pytest.mark.parametrize("name", ["actors", "sources", "events", "coverage"])
@given(data=st.data())
@settings(SWIFT, max_examples=4)
def test_importing_twice_records_nothing(
    anywhere: Callable[[], Path], name: str, data: st.DataObject
) -> None:
    """The same file again leaves the log as it was, and says that nothing changed."""
    store, state = _new_store(), data.draw(states(TABLES[name]))
    path = write_table(anywhere(), name, state)
    first = _import(store, path)
    before = _checkpoint(store)
    second = _import(store, path)
    assert (first.batch is None) == (not state)
    assert second.batch is None
    assert second.checkpoint.root == first.checkpoint.root == before.root
    assert second.changes.height == 0
    assert store.rows(name).equals(frame(TABLES[name], state).sort(TABLES[name].key))
    if state:
        assert second.tables[name]["unchanged"] == second.tables[name]["read"] == len(state)
    store._engine.dispose()


@given(data=st.data())
@settings(SWIFT, max_examples=8)
def test_one_changed_cell_is_one_revision_that_names_it(
    anywhere: Callable[[], Path], data: st.DataObject
) -> None:
    """A dry run names row, column, old and new, and every other row is unchanged."""
    store, state = _new_store(), data.draw(states(EVENTS, min_size=1))
    folder = anywhere()
    _import(store, write_table(folder, "events", state))
    row = data.draw(st.sampled_from(state))
    name = data.draw(st.sampled_from(["title", "place", "details", "country", "geonames_id"]))
    value = data.draw(cells(EVENTS.columns[name]).filter(lambda found: found != row[name]))
    changed = [{**each, name: value} if each == row else each for each in state]
    path = write_table(folder, "events", changed)
    planned = _import(store, path, reason="recoding", dry_run=True)
    receipt = _import(store, path, reason="recoding")
    _require_balance(receipt)
    assert receipt.checkpoint.size == len(state) + 3
    assert receipt.tables["events"]["revised"] == 1
    assert receipt.tables["events"]["unchanged"] == len(state) - 1
    [change] = planned.changes.iter_rows(named=True)
    assert (change["action"], change["table"]) == ("revise", "events")
    assert (change["key"], change["column"]) == (row["event_id"], name)
    [record] = store.records_of("events", "event_id", row["event_id"])[1:].iter_rows(named=True)
    assert (record["action"], record["reason"], record["revision"]) == ("revise", "recoding", 2)
    assert record[name] == value
    store._engine.dispose()


@given(history=event_histories(max_states=3))
@settings(SWIFT, max_examples=6)
def test_a_snapshot_makes_the_log_say_what_the_file_says(
    anywhere: Callable[[], Path], history: list[State]
) -> None:
    """With `--snapshot all`, what is gone is retracted, and the balance holds."""
    store = _new_store()
    before: set[tuple[Any, ...]] = set()
    for state in history:
        receipt = _import(store, write_table(anywhere(), "events", state), snapshot=ALL)
        now = {key_of(EVENTS, row) for row in state}
        _require_balance(receipt)
        assert store.rows("events").equals(frame(EVENTS, state).sort("event_id"))
        if "events" in receipt.tables:
            assert receipt.tables["events"]["retracted"] == len(before - now)
        before = now
    verify_store(store, step=lambda _: None)
    store._engine.dispose()


def test_a_snapshot_retracts_the_row_that_is_gone(store: Store, tmp_path: Path) -> None:
    """One row less in the file is one retraction in the log, with its last values."""
    [event] = SMALL["events"]
    pair = [event, {**event, "event_id": "other"}]
    _import(store, write_table(tmp_path, "events", pair), snapshot=ALL)
    path = write_table(tmp_path, "events", pair[:1])
    planned = _import(store, path, snapshot=ALL, dry_run=True)
    assert planned.changes.select("action", "key").rows() == [("retract", "other")]
    receipt = _import(store, path, snapshot=ALL)
    assert receipt.tables["events"]["retracted"] == 1
    record = store.records("events").row(-1, named=True)
    assert (record["action"], record["reason"], record["title"]) == (
        "retract",
        "retraction",
        event["title"],
    )
    assert _import(store, write_table(tmp_path, "events", pair[:1]), snapshot=ALL).batch is None


def test_without_a_snapshot_nothing_is_retracted(store: Store, tmp_path: Path) -> None:
    """A file that is silent about a row says nothing of it."""
    [event] = SMALL["events"]
    _import(store, write_table(tmp_path, "events", [event]))
    _import(store, write_table(tmp_path, "events", [{**event, "event_id": "other"}]))
    assert store.rows("events").height == 2


@given(data=st.data())
@settings(SWIFT, max_examples=6)
def test_no_import_leaves_a_reference_to_nothing(
    anywhere: Callable[[], Path], data: st.DataObject
) -> None:
    """Whatever is brought or retracted, in whichever scope, every live row names live rows."""
    store = _new_store()
    base = {name: SMALL[name] for name in ("actors", "sources")}
    _import(store, *write_tables(anywhere(), base))
    for _ in range(2):
        tables = _pick(data)
        scope = data.draw(
            st.sampled_from(
                [None, "all", "table=events", "table=participants", "table=events,place=X"]
            )
        )
        try:
            receipt = _import(
                store,
                *write_tables(anywhere(), tables),
                snapshot=parse_scope(scope) if scope else None,
            )
        except (InvalidInput, UsageError):  # the last for a scope that the input does not bring
            continue
        finally:
            _require_resolved(store)
        _require_balance(receipt)
    verify_store(store, step=lambda _: None)
    store._engine.dispose()


def _pick(data: st.DataObject) -> dict[str, list[Row]]:
    """Return some events, participants and evidence that may or may not go together."""
    ids = st.lists(st.sampled_from("ABC"), unique=True)
    places = st.sampled_from(["X", "Y"])
    drawn: dict[str, list[Row]] = {
        "events": [
            {**SMALL["events"][0], "event_id": each, "place": data.draw(places)}
            for each in data.draw(ids)
        ],
        "participants": [{**SMALL["participants"][0], "event_id": e} for e in data.draw(ids)],
        "evidence": [
            {**SMALL["evidence"][0], "event_id": e, "evidence_id": f"c{e}"} for e in data.draw(ids)
        ],
    }
    wanted = data.draw(st.sets(st.sampled_from(sorted(drawn)), min_size=1))
    return {name: state for name, state in drawn.items() if name in wanted}


@given(data=st.data())
@settings(SWIFT, max_examples=8)
def test_a_subset_of_columns_keeps_the_others(
    anywhere: Callable[[], Path], data: st.DataObject
) -> None:
    """A column that the file lacks stays as the log has it."""
    store = _new_store()
    row, other = data.draw(states(EVENTS, min_size=2, max_size=2))
    new = {**other, "event_id": row["event_id"]}
    folder = anywhere()
    _import(store, write_table(folder, "events", [row]))
    fixed = ("event_id", "date_earliest", "date_latest", *APART)
    free = [name for name in EVENTS.columns if name not in fixed]
    subset = data.draw(st.lists(st.sampled_from(free), unique=True, min_size=1))
    text = csv_text([as_text(EVENTS, new)], ["event_id", *subset])
    _import(store, _written(folder, "events.csv", text))
    expected = with_days({**row, **{name: new[name] for name in subset}})
    assert store.rows("events").equals(frame(EVENTS, [expected]))
    store._engine.dispose()


def test_an_empty_cell_empties_the_column(store: Store, tmp_path: Path) -> None:
    """A column that the file has and leaves blank is blank from then on."""
    event = {**SMALL["events"][0], "place": "Pyongyang", "country": "PRK"}
    _import(store, write_table(tmp_path, "events", [event]))
    _import(store, _written(tmp_path, "events.csv", "event_id,place\ngift,\n"))
    assert store.rows("events").select("place", "country").rows() == [(None, "PRK")]


def test_a_quarantine_holds_rejected_rows_whole(store: Store, tmp_path: Path) -> None:
    """Valid rows are recorded, and each rejected one is kept with file, row, rule and value."""
    path = _written(
        tmp_path,
        "events.csv",
        "event_id,event_type,title,date,summary\n"
        'e1,visit,"A ""visit"", at last",2024-01-01,"two\nlines"\n'
        'e2,vist," kept, as written ",2023-02-30,"two\nlines"\n'
        "e3,visit,too short\n"
        "e4,visit,Fine,2024,\n",
    )
    receipt = _import(store, path, quarantine=tmp_path / "refused.csv")
    _require_balance(receipt)
    assert receipt.tables["events"]["added"] == receipt.tables["events"]["rejected"] == 2
    assert store.rows("events")["event_id"].to_list() == ["e1", "e4"]
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        wrong, torn = csv.DictReader(file)
    assert wrong["rejected_file"] == torn["rejected_file"] == "events.csv"
    assert (wrong["rejected_row"], torn["rejected_row"]) == ("3", "4")
    assert wrong["rejected_rule"] == "bad-date | unknown-code"
    assert wrong["rejected_column"] == "date | event_type"
    assert wrong["rejected_value"] == "2023-02-30 | vist"
    assert (wrong["event_id"], wrong["title"]) == ("e2", " kept, as written ")
    assert wrong["summary"] == "two\nlines"
    assert (torn["rejected_rule"], torn["rejected_text"]) == ("missing-cell", "e3,visit,too short")


def test_where_every_row_is_rejected_nothing_is_recorded(tmp_path: Path) -> None:
    """Not even a batch that says of which dataset the new store is."""
    store = Store.create("sqlite://", dataset="gifts")
    path = _written(tmp_path, "events.csv", "event_id,event_type,title,date\ne1,vist,Bad,2024\n")
    receipt = _import(store, path, quarantine=tmp_path / "refused.csv")
    assert (receipt.batch, receipt.tables["events"]["rejected"]) == (None, 1)
    assert store.head().size == 0


def test_a_quarantined_file_can_be_mended_and_brought_again(store: Store, tmp_path: Path) -> None:
    """What was refused is recorded once it is right; what was recorded stays unchanged."""
    header = "event_id,event_type,title,date\ne1,visit,Good,2024\ne2,"
    broken = _written(tmp_path, "events.csv", header + "vist,Bad,2024\n")
    _import(store, broken, quarantine=tmp_path / "refused.csv")
    mended = _written(tmp_path, "events.csv", header + "visit,Bad,2024\n")
    receipt = _import(store, mended)
    counts = receipt.tables["events"]
    assert (counts["added"], counts["unchanged"], counts["rejected"]) == (1, 1, 0)


def test_without_a_quarantine_one_bad_row_refuses_all(store: Store, tmp_path: Path) -> None:
    """Nothing of a file with a failure is recorded, and all its failures are told."""
    _import(store, *write_tables(tmp_path, SMALL))
    before = _checkpoint(store)
    path = _written(
        tmp_path,
        "events.csv",
        "event_id,event_type,title,date\nx,visit,Good,2024\ny,vist,,2023-02-30\n",
    )
    with pytest.raises(InvalidInput, match="nothing was recorded") as caught:
        _import(store, path)
    assert [(f["row"], f["column"]) for f in _failures(caught)] == [
        (3, "date"),
        (3, "event_type"),
        (3, "title"),
    ]
    assert _checkpoint(store) == before


DEEP = "[" * 300 + "]" * 300
REFUSED: Mapping[str, tuple[str, str]] = {
    "unknown column": ("events.csv", "event_id,event_type,title,date,colour\ne,visit,t,2024,red\n"),
    "no key": ("sources.csv", "publisher,url\nTASS,https://tass.com\n"),
    "unknown actor": ("flat.csv", "date,event_type,title,participants\n2024,visit,t,Nobody:host\n"),
    "no role": ("flat.csv", "date,event_type,title,participants\n2024,visit,t,RUS\n"),
    "dangling": ("participants.csv", "event_id,actor_id,role\nnowhere,RUS,host\n"),
    "not UTF-8": ("events.csv", "event_id,event_type,title,date\ne,visit,\udcff,2024\n"),
    "empty": ("events.csv", ""),
    "header twice": ("events.csv", "event_id,event_id\na,b\n"),
    "unclosed quote": ("events.csv", 'event_id,event_type,title,date\ne,visit,"t,2024\n'),
    "half a surrogate": (
        "events.csv",
        'event_id,event_type,title,date,details\ne,visit,t,2024,"{""a"": ""\\ud800""}"\n',
    ),
    "a huge number": (
        "events.csv",
        'event_id,event_type,title,date,details\ne,visit,t,2024,"{""a"": ' + "9" * 5000 + '}"\n',
    ),
    "deep details": (
        "events.csv",
        f'event_id,event_type,title,date,details\ne,visit,t,2024,"{{""a"": {DEEP}}}"\n',
    ),
    "beyond 2^53": (
        "events.csv",
        "event_id,event_type,title,date,geonames_id\ne,visit,t,2024,9999999999999999\n",
    ),
}


@pytest.mark.parametrize(("name", "text"), REFUSED.values(), ids=REFUSED)
def test_a_refused_import_leaves_the_checkpoint(
    store: Store, tmp_path: Path, name: str, text: str
) -> None:
    """A file that is refused, as a whole or for a row, changes nothing, and is told in words."""
    _import(store, write_table(tmp_path, "actors", SMALL["actors"]))
    before = _checkpoint(store)
    path = tmp_path / name
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InvalidInput):
        _import(store, path, dry_run=True)
    with pytest.raises(InvalidInput) as caught:
        _import(store, path)
    assert caught.value.failures.height > 0
    assert all(each["message"] for each in _failures(caught))
    assert _checkpoint(store) == before
    assert [batch for batch, _, _ in store.batch_ends()] == [1]


def test_an_unknown_reason_is_refused_before_anything_is_read(store: Store) -> None:
    """A reason is a word of the code list, and a misspelt one gets a hint."""
    with pytest.raises(NoSuchName, match="did you mean 'correction'"):
        _import(store, Path("nowhere.csv"), reason="corection")


@pytest.mark.parametrize("text", [None, FLAT])
def test_a_dry_run_tells_all_and_records_nothing(
    store: Store, tmp_path: Path, text: str | None
) -> None:
    """A dry run gives the receipt that the import then gives, and leaves the checkpoint."""
    paths = [_written(tmp_path, "f.csv", text)] if text else write_tables(tmp_path, SMALL)
    before = _checkpoint(store)
    planned = _import(store, *paths, dry_run=True)
    assert _checkpoint(store) == before
    assert planned.batch is None
    assert planned.checkpoint == store.head().checkpoint(store.dataset)
    done = _import(store, *paths)
    assert (planned.dry_run, done.dry_run) == (True, False)
    assert done.tables == planned.tables
    records = {name: store.records_in(name, 1).height for name in done.tables}
    assert dict(planned.changes["table"].value_counts().rows()) == records


def test_a_dry_run_writes_no_quarantine(store: Store, tmp_path: Path) -> None:
    """A dry run leaves nothing behind at all."""
    path = _written(tmp_path, "events.csv", "event_id,event_type,title,date\ne,vist,t,2024\n")
    receipt = _import(store, path, quarantine=tmp_path / "refused.csv", dry_run=True)
    assert receipt.tables["events"]["rejected"] == 1
    assert not (tmp_path / "refused.csv").exists()


def test_to_validate_is_to_check_and_record_nothing(store: Store, tmp_path: Path) -> None:
    """Validation finds what an import would, and the log stays empty."""
    path = _written(tmp_path, "events.csv", "event_id,event_type,title,date\ne,vist,t,2024\n")
    checked = validate_paths([path], store, Reading())
    with pytest.raises(InvalidInput) as caught:
        _import(store, path)
    assert checked.failures.equals(caught.value.failures)
    assert store.head().size == 0


def test_a_flat_file_becomes_rows_of_several_tables(store: Store, tmp_path: Path) -> None:
    """One row an event gives events, actors, participants, sources and evidence, all resolved."""
    receipt = _import(store, _written(tmp_path, "f.csv", FLAT))
    _require_balance(receipt)
    _require_resolved(store)
    events, parties = store.rows("events"), store.rows("participants")
    assert sorted(events["title"]) == ['A "treaty", signed', "A car", "A visit"]
    assert store.rows("actors").select("actor_id", "name", "kind").rows() == [
        ("PRK", "North Korea", "state"),
        ("RUS", "Russia", "state"),
    ]
    named = parties.join(events, on="event_id").select("title", "actor_id", "role").rows()
    assert sorted(named) == [
        ("A car", "PRK", "recipient"),
        ("A car", "RUS", "giver"),
        ("A visit", "PRK", "host"),
        ("A visit", "RUS", "guest"),
    ]
    sources = store.rows("sources").sort("url")
    assert sources.select("publisher", "url").rows() == [
        ("KCNA", "https://kcna.kp/1"),
        ("kcna.kp", "https://kcna.kp/2"),
    ]
    said = store.rows("evidence").join(events, on="event_id").sort("title")
    assert said.select("title", "stance", "aspect", "speaker", "gist").rows() == [
        ("A car", "asserts", "occurrence", "PRK", "A car came."),
        ("A visit", "asserts", "occurrence", None, None),
    ]


def test_minted_identifiers_are_stable(store: Store, tmp_path: Path) -> None:
    """The same rows get the same identifiers, in any order, file, store or column order."""
    head, *lines = FLAT.splitlines()
    first = _import(store, _written(tmp_path, "f.csv", FLAT))
    turned = _written(tmp_path, "g.csv", "\n".join([head, *reversed(lines)]) + "\n")
    assert first.batch == 1
    assert _import(store, turned).batch is None
    rows = list(csv.DictReader(FLAT.splitlines()))
    mixed = csv_text(rows, sorted(head.split(","), reverse=True))
    assert _import(store, _written(tmp_path, "h.csv", mixed)).batch is None
    other = Store.create("sqlite://")
    _import(other, turned)
    for name in ("events", "participants", "sources", "evidence"):
        assert other.rows(name).equals(store.rows(name))
    other._engine.dispose()


def test_minted_identifiers_depend_on_the_row_alone(store: Store, tmp_path: Path) -> None:
    """Another row beside it changes no identifier, and different rows get different ones."""
    head, first, *others = FLAT.splitlines()
    _import(store, _written(tmp_path, "one.csv", f"{head}\n{first}\n"))
    alone = set(store.rows("events")["event_id"])
    _import(store, _written(tmp_path, "all.csv", "\n".join([head, first, *others]) + "\n"))
    assert alone < set(store.rows("events")["event_id"])
    assert store.rows("events").height == 3


def test_an_empty_column_mints_no_other_identifier(store: Store, tmp_path: Path) -> None:
    """A column that somebody adds and leaves blank does not make a new event of an old one."""
    _import(store, _written(tmp_path, "f.csv", "date,event_type,title,gist\n2024,visit,t,\n"))
    wider = "date,event_type,title,gist,place\n2024,visit,t,,\n"
    assert _import(store, _written(tmp_path, "g.csv", wider)).batch is None


EVENT_HEAD = "date,event_type,title,latitude,longitude,details,participants,summary"
SPELLINGS = (
    '2024,visit,t,39,1,"{""a"":1,""b"":2}",RUS:guest; PRK:host,"a\nb"',
    '2024,visit,t,39.0,+1,"{ ""b"": 2,""a"":1 }",RUS : guest;PRK:host;,"a\r\nb"',
)


def test_the_same_row_has_one_identifier_however_it_is_spelt(store: Store, tmp_path: Path) -> None:
    """Line ends, zeros, blanks and the order of keys in an object mint no other event."""
    for line in SPELLINGS:
        _import(store, _written(tmp_path, "f.csv", f"{EVENT_HEAD}\n{line}\n"))
    text = f"{EVENT_HEAD}\n{SPELLINGS[0]}\n"
    [said] = csv.DictReader(io.StringIO(text, newline=""))
    numbers = {"latitude": 39.0, "longitude": 1, "details": {"b": 2, "a": 1}}
    lines = json.dumps({**said, **numbers})
    assert _import(store, _written(tmp_path, "h.jsonl", lines)).batch is None
    assert (store.head().batch, store.rows("events").height) == (1, 1)


CLAIM_HEAD = (
    "event_id,date,event_type,title,source_url,source_publisher,source_title,published_on,"
    "stance,said_on,gist"
)
CLAIMED = "e1,2024,visit,A visit,https://a.example/1,KCNA,A title,2024-05-01,asserts,2024-05,So."


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("sources", "KCNA", "Rodong Sinmun"),
        ("sources", "A title", "Another title"),
        ("sources", "2024-05-01", "2024-05-02"),
        ("evidence", "asserts", "confirms"),
        ("evidence", "2024-05,", "2024-06,"),
        ("evidence", "So.", "Not so."),
    ],
)
def test_a_corrected_claim_is_a_revision(
    store: Store, tmp_path: Path, table: str, old: str, new: str
) -> None:
    """Whoever corrects what a flat file says of a source or a claim adds no second one."""
    _import(store, _written(tmp_path, "f.csv", f"{CLAIM_HEAD}\n{CLAIMED}\n"))
    again = _written(tmp_path, "f.csv", f"{CLAIM_HEAD}\n{CLAIMED.replace(old, new, 1)}\n")
    counts = _import(store, again).tables
    assert counts[table]["revised"] == 1
    assert all(each["added"] == 0 for each in counts.values())


def test_two_rows_that_tell_one_claim_otherwise_are_refused(store: Store, tmp_path: Path) -> None:
    """One address with two titles is refused in the words of the file."""
    other = CLAIMED.replace("e1", "e2").replace("A title", "Another title")
    with pytest.raises(InvalidInput) as caught:
        _import(store, _written(tmp_path, "f.csv", f"{CLAIM_HEAD}\n{CLAIMED}\n{other}\n"))
    told = [(f["row"], f["column"], f["rule"], f["value"]) for f in _failures(caught)]
    assert told == [(row, "source_url", "unique-error", None) for row in (2, 3)]


def test_an_address_with_several_days_is_several_sources(store: Store, tmp_path: Path) -> None:
    """A front page that stands for many reports is a source on each day that the file names."""
    other = CLAIMED.replace("e1", "e2").replace("2024-05-01", "2024-05-02")
    path = _written(tmp_path, "f.csv", f"{CLAIM_HEAD}\n{CLAIMED}\n{other}\n")
    assert _import(store, path).tables["sources"]["added"] == 2
    assert _import(store, path).batch is None


def test_what_a_flat_file_is_silent_about_stays(store: Store, tmp_path: Path) -> None:
    """A file without a column leaves publisher, date, stance and gist as the log has them."""
    _import(store, _written(tmp_path, "f.csv", f"{CLAIM_HEAD}\n{CLAIMED}\n"))
    short = "event_id,date,event_type,title,source_url\n" + ",".join(CLAIMED.split(",")[:5])
    assert _import(store, _written(tmp_path, "g.csv", f"{short}\n")).batch is None


def test_an_unknown_actor_is_refused_unless_it_may_be_new(store: Store, tmp_path: Path) -> None:
    """Nobody becomes an actor by a slip of the pen."""
    path = _written(
        tmp_path,
        "f.csv",
        "date,event_type,title,participants,source_url,speaker\n"
        "2024,visit,t,Choe Son Hui:guest; RUS:host,https://a.example/1,Maria Zakharova\n",
    )
    with pytest.raises(InvalidInput) as caught:
        _import(store, path)
    told = [(f["rule"], f["value"]) for f in _failures(caught)]
    assert sorted(told) == [("unknown-actor", "Choe Son Hui"), ("unknown-actor", "Maria Zakharova")]
    receipt = _import(store, path, new_actors=True)
    _require_balance(receipt)
    _require_resolved(store)
    assert set(store.rows("actors")["name"]) == {"Choe Son Hui", "Maria Zakharova", "Russia"}
    assert _import(store, path, new_actors=True).batch is None
    assert _import(store, path).batch is None


def test_an_alias_of_several_actors_is_refused(store: Store, tmp_path: Path) -> None:
    """A name that two actors have is not guessed at; both are named."""
    actors = [
        {**SMALL["actors"][0], "actor_id": each, "kind": "person", "aliases": "Kim; K"}
        for each in ("kim-a", "kim-b")
    ]
    _import(store, write_table(tmp_path, "actors", actors))
    flat = "date,event_type,title,participants\n2024,visit,t,{}:host\n"
    with pytest.raises(InvalidInput) as caught:
        _import(store, _written(tmp_path, "f.csv", flat.format("KIM")), new_actors=True)
    [told] = _failures(caught)
    assert told["rule"] == "unknown-actor"
    assert "kim-a or kim-b" in told["message"]
    _import(store, _written(tmp_path, "f.csv", flat.format("kim-b")))
    assert store.rows("participants")["actor_id"].to_list() == ["kim-b"]


def test_an_actor_is_found_by_identifier_name_alias_and_code(store: Store, tmp_path: Path) -> None:
    """However a flat file calls an actor, the same one is meant."""
    actor = {**SMALL["actors"][0], "actor_id": "russia", "aliases": "Russian Federation; Россия"}
    _import(store, write_table(tmp_path, "actors", [actor]))
    names = ("russia", "RUSSIA", "Russia", "Russian Federation", "россия", "RUS")
    lines = [f"2024-01-0{i},visit,t{i},{name}:host" for i, name in enumerate(names, 1)]
    text = "\n".join(["date,event_type,title,participants", *lines]) + "\n"
    _import(store, _written(tmp_path, "f.csv", text))
    assert set(store.rows("participants")["actor_id"]) == {"russia"}
    assert store.rows("participants").height == len(names)
    assert store.rows("actors").height == 1


@pytest.mark.parametrize("char", ["\u200b", "\u202e", "\x07"])
def test_nothing_unseen_is_recorded_by_way_of_a_name(
    store: Store, tmp_path: Path, char: str
) -> None:
    """A new actor's name is checked like any text, and its row is refused with it."""
    text = (
        f"date,event_type,title,participants\n2024,visit,t,Ev{char}il:host\n2024,visit,u,RUS:host\n"
    )
    path = _written(tmp_path, "f.csv", text)
    receipt = _import(store, path, new_actors=True, quarantine=tmp_path / "refused.csv")
    _require_balance(receipt)
    assert receipt.failures.height > 0
    recorded = [
        json.dumps(store.rows(n).to_dicts(), default=str) for n in ("actors", "participants")
    ]
    assert not any(json.dumps(char)[1:-1] in each for each in recorded)
    assert store.rows("events")["title"].to_list() == ["u"]
    _require_resolved(store)


def test_a_quarantined_flat_row_takes_all_its_rows_with_it(store: Store, tmp_path: Path) -> None:
    """Of a flat row that fails anywhere nothing is recorded: no orphan, no half event."""
    text = FLAT.replace("asserts,PRK", "asserted,PRK")
    receipt = _import(store, _written(tmp_path, "f.csv", text), quarantine=tmp_path / "r.csv")
    _require_balance(receipt)
    _require_resolved(store)
    assert sorted(store.rows("events")["title"]) == ['A "treaty", signed', "A visit"]
    assert store.rows("evidence").height == store.rows("sources").height == 1
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        [refused] = csv.DictReader(file)
    assert (refused["title"], refused["rejected_column"]) == ("A car", "stance")


def test_a_store_takes_one_dataset(store: Store, tmp_path: Path) -> None:
    """A folder of another dataset is refused, and nothing of it recorded."""
    for name in ("gifts", "visits"):
        folder = tmp_path / name
        (folder / "tables").mkdir(parents=True)
        _written(folder, "dataset.toml", f'name = "{name}"\ntitle = "T"\n')
        write_table(folder / "tables", "events", SMALL["events"])
    assert _import(store, tmp_path / "gifts").batch == 1
    assert _import(store, tmp_path / "gifts").batch is None
    with pytest.raises(Refused, match="'gifts'; the input is of 'visits'"):
        _import(store, tmp_path / "visits")
    assert store.head().batch == 1


def test_a_changed_card_alone_is_a_batch(store: Store, tmp_path: Path) -> None:
    """The card is part of the log: a new title is recorded once."""
    card = 'name = "gifts"\ntitle = "{}"\n'
    (tmp_path / "tables").mkdir()
    write_table(tmp_path / "tables", "events", SMALL["events"])
    _written(tmp_path, "dataset.toml", card.format("One"))
    first = _import(store, tmp_path)
    _written(tmp_path, "dataset.toml", card.format("Two"))
    second = _import(store, tmp_path)
    assert (second.batch, second.checkpoint.size) == (2, first.checkpoint.size + 1)
    assert second.tables["events"]["unchanged"] == 1
    assert store.card()["title"] == "Two"
    assert store.card(first.checkpoint.size - 1)["title"] == "One"
    assert _import(store, tmp_path).batch is None


@given(st.text(max_size=60), st.sampled_from(["events.csv", "f.csv", "e.jsonl", "e.tsv"]))
@settings(SWIFT, max_examples=25)
def test_no_file_whatever_gives_a_traceback(text: str, name: str) -> None:
    """Any content is imported or refused in words, and the store stays sound."""
    store = _new_store()
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode(errors="replace"))
        try:
            _require_balance(_import(store, path))
        except RegestaError as fault:
            assert str(fault)
            assert store.head().size == 0
    store._engine.dispose()


def test_tables_are_recorded_in_their_order(store: Store, tmp_path: Path) -> None:
    """What is named comes before what names it, whatever the order of the files."""
    _import(store, *reversed(write_tables(tmp_path, SMALL)))
    firsts = [store.records(name)["position"].min() for name in TABLES]
    assert firsts == sorted(firsts, key=lambda position: int(str(position)))
    assert all(isinstance(first, int) for first in firsts)


def test_a_batch_says_who_why_and_from_what(store: Store, tmp_path: Path) -> None:
    """The batch's own record holds author, message, source and the receipt's counts."""
    path = write_table(tmp_path, "events", SMALL["events"])
    receipt = _import(store, path)
    [batch] = store.rows("batches").iter_rows(named=True)
    assert (batch["author"], batch["message"]) == ("A. Coder", "a test")
    assert batch["source_name"] == "events.csv"
    assert len(batch["source_sha256"]) == 64
    assert json.loads(batch["counts"]) == receipt.tables
    assert batch["recorded_at"] == "2026-11-24T03:00:00.000000Z"
