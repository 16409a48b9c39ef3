"""A machine that runs commands at random and holds the store against a model in plain Python."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, Protocol

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import regesta
from regesta.errors import RegestaError
from regesta.flows import curating
from regesta.flows.importing import import_paths
from regesta.flows.order import Order
from regesta.flows.releasing import release_dataset
from regesta.flows.restoring import restore
from regesta.flows.seeing import seen
from regesta.flows.snapshot import parse_scope
from regesta.flows.verifying import verify_release, verify_store
from regesta.store.store import Store
from tests.cli.conftest import run
from tests.flows.crashes import Crash, crashing
from tests.flows.inputs import (
    BEGINNING,
    EVENTS,
    FLAT,
    event_among,
    flat_rows,
    invalid,
    one_cell,
    tables,
    working_copy,
    write_csv,
    write_dataset,
    write_tables,
)
from tests.flows.model import KEYS, Declined, Model, Step, Tables
from tests.flows.model_curation import merging, rekeying, restoring, retracting, splitting
from tests.flows.model_imports import FLAT_IS_WHOLE_OF, importing, taken_apart
from tests.flows.model_leaves import leaf, root
from tests.flows.stored import as_record, by_key, cells, records_of, rows_of
from tests.strategies import SWIFT

DATASET = "machine"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
BY = curating.Signature(author="A. Curator", at=AT)

REASONS = st.sampled_from([None, None, "newly_known", "recoding"])
HOW = st.sampled_from(["flow", "flow", "flow", "cli", 0, 1, 2, 9])
"""Through the function, through the command line, or killed after so many inserts and then again;
nine inserts are never made, so that one dies at the commit."""


class Told(Protocol):
    """What a command gives back."""

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        ...


def restored(release: Path, url: str) -> Store:
    """Return a new store at *url* that holds the log of *release*."""
    assert restore(release, url, step=lambda _: None).anew
    return Store.open(url)


@dataclass(frozen=True, slots=True)
class Released:
    """A release: where it lies, and the model and the roots of its log."""

    path: Path
    model: Model
    roots: list[bytes]


class Machine(RuleBasedStateMachine):
    """A store, and the model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="machine-"))
        self.n_files = 0
        self.model = Model()
        self.roots: list[bytes] = []
        self.releases: list[Released] = []
        self.n_released = 0
        self.shelf = self._new("shelf")
        self.url = f"sqlite:///{self._new('store')}.db"
        self.store = Store.create(self.url, dataset=DATASET)

    def teardown(self) -> None:
        """Remove the files."""
        self.store._engine.dispose()
        shutil.rmtree(self.folder)

    def _new(self, stem: str) -> Path:
        self.n_files += 1
        return self.folder / f"{stem}-{self.n_files}"

    # How a command is run

    def _run(
        self,
        how: str | int,
        expect: Callable[[], Step],
        flow: Callable[[Store], Told],
        *words: object,
    ) -> None:
        """Run a command as *how* says, and require of it what the model expects."""
        status, step = 0, Step()
        try:
            step = expect()
        except Declined as fault:
            status = fault.status
        if isinstance(how, int) and step.makes_a_batch:
            with crashing(self.store, how), pytest.raises(Crash):
                flow(self.store)
            self.reopen()
            self.everything_agrees()
        done, told = self._through_cli(words) if how == "cli" else self._through(flow)
        assert done == status, (words, told)
        self.model.take(step)
        if status == 0:
            self._require_told(step, told)

    def _through(self, flow: Callable[[Store], Told]) -> tuple[int, Mapping[str, Any]]:
        try:
            return 0, flow(self.store).as_json()
        except RegestaError as fault:
            return fault.exit_status, fault.as_json()

    def _through_cli(self, words: tuple[object, ...]) -> tuple[int, Mapping[str, Any]]:
        answer = run("--store", self.url, words[0], "--json", *words[1:])
        assert answer.status != 1, answer.err
        return answer.status, json.loads(answer.out)

    def _require_told(self, step: Step, told: Mapping[str, Any]) -> None:
        """Require that a command says what it did."""
        head = self.store.head()
        assert told["batch"] == (head.batch if step.makes_a_batch else None)
        assert told["size"] == len(self.model.log)
        if step.makes_a_batch:
            self.roots.append(bytes.fromhex(told["root"]))
        assert told["root"] == (self.roots[-1] if self.roots else root([])).hex()
        if "tables" in told:
            assert told["tables"] == step.counts, (told["tables"], step.counts)
        if "records" in told:
            assert sorted(map(_line, told["records"])) == sorted(
                (each.action, each.reason, each.table, " / ".join(each.key))
                for each in step.records
            )

    # Import

    def _import(
        self,
        how: str | int,
        paths: list[Path],
        expect: Callable[[], Step],
        *,
        reason: str | None = None,
        snapshot: bool = False,
        quarantine: Path | None = None,
    ) -> None:
        order = Order(
            author="A. Coder",
            reason=reason,
            snapshot=parse_scope("all") if snapshot else None,
            quarantine=quarantine,
        )
        options = ["--author", "A. Coder", *(["--reason", reason] if reason else [])]
        options += ["--snapshot", "all"] if snapshot else []
        options += ["--quarantine", str(quarantine)] if quarantine else []
        words = ("import", *paths, *options)

        def flow(store: Store) -> Told:
            return import_paths(paths, store, order, at=AT)

        self._run(how, expect, flow, *words)
        n_batches = len(self.model.ends)
        self._run("flow", expect, flow, *words)
        assert len(self.model.ends) == n_batches, "a second import planned something"

    def _import_tables(
        self,
        how: str | int,
        brought: Tables,
        reason: str | None = None,
        *,
        keeps_good: bool = False,
    ) -> None:
        paths = write_tables(self._new("import"), brought)
        self._import(
            how,
            paths,
            lambda: importing(self.model, brought, reason=reason, keeps_good=keeps_good),
            reason=reason,
            quarantine=self._new("quarantine").with_suffix(".csv") if keeps_good else None,
        )

    @initialize(is_empty=st.sampled_from([False, False, False, True]))
    def begin(self, is_empty: bool) -> None:
        """Begin with a few events, or with none."""
        if not is_empty:
            self._import_tables("flow", BEGINNING)

    @rule(data=st.data(), how=HOW, reason=REASONS, keeps_good=st.booleans())
    def import_tables(
        self, data: st.DataObject, how: str | int, reason: str | None, keeps_good: bool
    ) -> None:
        """Bring rows of some tables, as table files."""
        brought = data.draw(tables(self.model))
        self._import_tables(how, brought, reason, keeps_good=keeps_good)

    @rule(data=st.data(), how=HOW, title=st.sampled_from(["One", "Another"]))
    def import_dataset(self, data: st.DataObject, how: str | int, title: str) -> None:
        """Bring rows of some tables, as a dataset folder with its card."""
        brought = data.draw(tables(self.model))
        card = {"name": DATASET, "title": title}
        folder = write_dataset(self._new("dataset"), brought, card)
        self._import(how, [folder], lambda: importing(self.model, brought, card=card))

    @rule(data=st.data(), how=HOW, is_whole=st.sampled_from([False, False, True]))
    def import_flat(self, data: st.DataObject, how: str | int, is_whole: bool) -> None:
        """Bring events as people keep them: one row an event."""
        lines = data.draw(flat_rows(self.model))
        path = write_csv(self._new("flat").with_suffix(".csv"), FLAT, lines)
        whole = FLAT_IS_WHOLE_OF if is_whole else ()

        def expect() -> Step:
            return importing(self.model, taken_apart(self.model, lines), whole=whole)

        self._import(how, [path], expect, snapshot=is_whole)

    @rule(data=st.data(), how=HOW, reason=REASONS)
    @precondition(lambda self: self.model.log)
    def revise_a_cell(self, data: st.DataObject, how: str | int, reason: str | None) -> None:
        """Bring one cell of one row."""
        self._import_tables(how, data.draw(one_cell(self.model)), reason)

    @rule(data=st.data(), how=HOW, keeps_good=st.booleans())
    def import_invalid(self, data: st.DataObject, how: str | int, keeps_good: bool) -> None:
        """Bring rows of which one cannot be recorded."""
        self._import_tables(how, data.draw(invalid(self.model)), keeps_good=keeps_good)

    @rule(data=st.data(), how=HOW, reason=REASONS)
    def import_snapshot(self, data: st.DataObject, how: str | int, reason: str | None) -> None:
        """Bring tables as the whole of what they hold."""
        brought = data.draw(working_copy(self.model))
        if not brought:
            return
        paths = write_tables(self._new("snapshot"), brought)
        self._import(
            how,
            paths,
            lambda: importing(self.model, brought, whole=list(brought), reason=reason),
            reason=reason,
            snapshot=True,
        )

    # Curation

    @rule(data=st.data(), how=HOW, reason=st.sampled_from(["retraction", "source_lost"]))
    def retract(self, data: st.DataObject, how: str | int, reason: str) -> None:
        """Take an event back."""
        event = data.draw(event_among(self.model.ids("events")))
        self._run(
            how,
            lambda: retracting(self.model, event, reason),
            lambda store: curating.retract(store, event, BY, reason=reason),
            *("retract", event, "--reason", reason),
        )

    @rule(data=st.data(), how=HOW)
    @precondition(lambda self: self.model.gone())
    def undo_a_retraction(self, data: st.DataObject, how: str | int) -> None:
        """Bring an event back."""
        event = data.draw(event_among(self.model.gone()))
        self._run(
            how,
            lambda: restoring(self.model, event),
            lambda store: curating.restore(store, event, BY),
            *("retract", event, "--undo"),
        )

    @rule(data=st.data(), how=HOW)
    @precondition(lambda self: len(self.model.ids("events")) > 1)
    def merge(self, data: st.DataObject, how: str | int) -> None:
        """Say that two events are one."""
        event, into = (data.draw(event_among(self.model.ids("events"))) for _ in range(2))
        self._run(
            how,
            lambda: merging(self.model, event, into),
            lambda store: curating.merge(store, event, into, BY),
            *("merge", event, into),
        )

    @rule(data=st.data(), how=HOW)
    @precondition(lambda self: self.model.stays)
    def split(self, data: st.DataObject, how: str | int) -> None:
        """Undo a merge or a rekeying."""
        event = data.draw(event_among(self.model.stays))
        self._run(
            how,
            lambda: splitting(self.model, event),
            lambda store: curating.split(store, event, BY),
            *("split", event),
        )

    @rule(data=st.data(), new_id=st.sampled_from([*EVENTS, *"mopq", "-m"]), how=HOW)
    def rekey(self, data: st.DataObject, new_id: str, how: str | int) -> None:
        """Give an event another id."""
        event = data.draw(event_among(self.model.ids("events")))
        self._run(
            how,
            lambda: rekeying(self.model, event, new_id),
            lambda store: curating.rekey(store, event, new_id, BY),
            *(("rekey", event, new_id) if new_id[0] != "-" else ("rekey", "--", event, new_id)),
        )

    # Releases, and the store as a whole

    @rule()
    @precondition(lambda self: len(self.model.ends) >= self.n_released + 3)
    def release(self) -> None:
        """Write a release, check it and load it."""
        self.n_released = len(self.model.ends)
        version = f"1.0.{len(list(self.shelf.glob('*/*')))}"
        made = release_dataset(self.store, version, self.shelf, step=_silent)
        assert (made.checkpoint.size, made.checkpoint.root) == (len(self.model.log), self.roots[-1])
        verify_release(made.path, step=_silent)
        self.releases.append(Released(made.path, self.model.copy(), list(self.roots)))
        loaded = regesta.load(made.path)
        for event_id in self.model.stays:
            if (stays := self.model.survivor(event_id)) in self.model.ids("events"):
                assert loaded.resolve(event_id) == stays
        for name in KEYS:
            expected = self.model.as_read(name, len(self.model.ends))
            assert rows_of(name, pl.from_pandas(loaded.table(name))) == by_key(name, expected)

    @rule(data=st.data())
    @precondition(lambda self: self.releases)
    def restore(self, data: st.DataObject) -> None:
        """Go on with a new store that was restored from a release."""
        release = data.draw(st.sampled_from(self.releases))
        self.url = f"sqlite:///{self._new('store')}.db"
        self.store = restored(release.path, self.url)
        self.model, self.roots = release.model.copy(), list(release.roots)
        self.shelf, self.n_released = self._new("shelf"), len(self.model.ends)

    @rule()
    def reopen(self) -> None:
        """Open the store anew, as another process would."""
        self.store._engine.dispose()
        self.store = Store.open(self.url)

    @rule(how=st.sampled_from(["flow", "cli"]))
    def verify(self, how: str) -> None:
        """Find the store to be what it claims to be."""
        if how == "cli":
            assert run("--store", self.url, "verify").status == 0
        else:
            verify_store(self.store, step=_silent)

    @rule(data=st.data())
    @precondition(lambda self: self.model.ends)
    def read_the_past(self, data: st.DataObject) -> None:
        """Find a past batch as it was read then, and every line of the log by the command line."""
        batch = data.draw(st.integers(1, len(self.model.ends)))
        register = seen(self.store, as_of=f"batch:{batch}")
        for name in KEYS:
            expected = self.model.as_read(name, batch)
            assert rows_of(name, register.table(name)) == by_key(name, expected)
        answer = run("--store", self.url, "log", "--format", "jsonl")
        lines = [json.loads(line) for line in answer.out.splitlines()]
        assert [(each["table"], each["action"], each["reason"]) for each in lines] == [
            (each.table, each.action, each.reason) for each in self.model.log
        ]

    # What always holds

    @invariant()
    def everything_agrees(self) -> None:
        """Hold records, rows, a past state, batches and roots against those of the model."""
        stored = records_of(self.store)
        assert [each["position"] for each in stored] == list(range(len(stored)))
        head = self.store.head()
        assert (head.size, head.batch) == (len(self.model.log), len(self.model.ends))
        assert [as_record(each) for each in stored] == self.model.log
        self._require_roots(stored)
        for name in KEYS:
            assert rows_of(name, self.store.rows(name)) == by_key(name, self.model.standing(name))
        self._require_a_past(Random(len(stored)))  # noqa: S311

    def _require_a_past(self, random: Random) -> None:
        """Require two tables to have been, after some record, what they were then."""
        upto = random.randrange(len(self.model.log)) if self.model.log else -1
        for name in random.sample(list(KEYS), 2):
            then = by_key(name, self.model.standing(name, upto + 1))
            assert rows_of(name, self.store.rows(name, upto)) == then

    def _require_roots(self, stored: list[dict[str, Any]]) -> None:
        """Require each leaf of its row, and each checkpoint of the leaves before it."""
        leaves = [leaf(as_record(each), cells(each)) for each in stored]
        assert [each["leaf"] for each in stored] == leaves
        checkpoints = self.store.checkpoints()
        assert checkpoints["batch"].to_list() == list(range(1, len(self.model.ends) + 1))
        assert checkpoints["size"].to_list() == self.model.ends
        assert checkpoints["root"].to_list() == self.roots
        assert self.roots == [root(leaves[:end]) for end in self.model.ends]


def _line(record: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(record[name] for name in ("action", "reason", "table", "key"))


def _silent(_: str) -> None:
    """Say nothing of the steps."""


QUICK = settings(
    SWIFT, max_examples=6, stateful_step_count=15, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=130, stateful_step_count=40)


def test_the_store_does_what_the_model_does() -> None:
    """A few commands, in any order."""
    run_state_machine_as_test(Machine, settings=QUICK)


@pytest.mark.slow
def test_the_store_does_what_the_model_does_for_long() -> None:
    """Thousands of commands."""
    run_state_machine_as_test(Machine, settings=LONG)
