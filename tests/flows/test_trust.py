"""A rebuilt log agrees with itself; a checkpoint that was kept, or a key, gives it away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from regesta.errors import Refused, UsageError, VerificationFailed
from regesta.flows.proving import checkpoint_note, consistency, prove, verify_proof
from regesta.flows.releasing import release_dataset
from regesta.flows.restoring import restore
from regesta.flows.signing import make_keys, read_signer
from regesta.flows.trust import Trust, read_verifier
from regesta.flows.verifying import verify_release, verify_store
from regesta.log.note import Signer, new_signer
from regesta.release.digests import write_sums
from regesta.schema.tables import TABLES
from regesta.store.store import Store
from tests.logs import NOTHING, Rows, histories, logged, record

ROLES = {"RUS": "giver", "PRK": "recipient"}


def _gift(number: int, title: str = "A gift") -> Rows:
    event = f"gift-{number}"
    return {
        "events": [{"event_id": event, "title": f"{title} {number}"}],
        "participants": [
            {"event_id": event, "actor_id": actor, "role": role} for actor, role in ROLES.items()
        ],
        "evidence": [{"evidence_id": f"{event}.e1", "event_id": event, "source_id": "daily"}],
    }


FIRST: Rows = {
    "actors": [{"actor_id": actor, "name": actor, "kind": "state"} for actor in ROLES],
    "sources": [{"source_id": "daily"}],
    **_gift(1),
}


def silent(_: str) -> None:
    """Say nothing of the steps."""


@pytest.fixture
def store() -> Store:
    """Return a store of three batches."""
    return logged(FIRST, _gift(2), _gift(3))


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Callable[[str], Path]:
    """Return what keeps the checkpoint of a moment in a file."""

    def keep(as_of: str) -> Path:
        path = tmp_path / f"{as_of.replace(':', '-')}.checkpoint"
        path.write_text(checkpoint_note(store, as_of), encoding="utf-8")
        return path

    return keep


@pytest.fixture
def signer() -> Signer:
    """Return a key that signs for the store's log."""
    return new_signer("regesta/unnamed")


def _release(store: Store, folder: Path, signer: Signer | None = None) -> Path:
    return release_dataset(store, "1.0.0", folder, signer=signer, step=silent).path


def _verified(store: Store, against: Path) -> str:
    return str(verify_store(store, trust=Trust(against=against), step=silent))


@pytest.mark.parametrize("as_of", ["0", "4", "batch:1", "batch:2", "batch:3"])
def test_a_log_goes_on_from_each_of_its_states(
    store: Store, kept: Callable[[str], Path], as_of: str
) -> None:
    """Every checkpoint of the past holds, also one within a batch."""
    told = _verified(store, kept(as_of))
    assert "goes on from" in told
    assert ("records after that checkpoint" in told) == (as_of != "batch:3")


def test_a_rebuilt_log_agrees_with_itself_and_is_given_away(kept: Callable[[str], Path]) -> None:
    """Who rewrites the second batch and all after it deceives the store, and no checkpoint."""
    forged = logged(FIRST, _gift(2, "No gift"), _gift(3))
    verify_store(forged, step=silent)
    _verified(forged, kept("batch:1"))
    with pytest.raises(VerificationFailed, match="part within the first"):
        _verified(forged, kept("batch:2"))


def test_a_release_tells_where_the_logs_part(store: Store, tmp_path: Path) -> None:
    """Against a release, which holds the leaves, the first record that differs is named."""
    release = _release(store, tmp_path)
    forged = logged(FIRST, _gift(2, "No gift"), _gift(3))
    parting = histories(store)["events"].filter(batch=2)["position"][0]
    with pytest.raises(VerificationFailed, match=f"part at record {parting},"):
        _verified(forged, release)
    with pytest.raises(VerificationFailed, match=f"part at record {parting},"):
        verify_release(
            _release(forged, tmp_path / "forged"), trust=Trust(against=release), step=silent
        )


def test_a_log_that_was_cut_short_is_found(
    kept: Callable[[str], Path], store: Store, tmp_path: Path
) -> None:
    """A log that lacks the last batches goes on from what it has, and not from more."""
    cut = logged(FIRST, _gift(2))
    _verified(cut, kept("batch:2"))
    for later in (kept("batch:3"), _release(store, tmp_path)):
        with pytest.raises(VerificationFailed, match="cut short"):
            _verified(cut, later)


def test_a_checkpoint_of_another_log_is_refused(store: Store, tmp_path: Path) -> None:
    """The name of a log is part of what it signs."""
    path = tmp_path / "other"
    path.write_text(
        checkpoint_note(store).replace("regesta/unnamed", "regesta/other"), encoding="utf-8"
    )
    with pytest.raises(VerificationFailed, match="regesta/other"):
        _verified(store, path)


def test_what_is_no_checkpoint_is_told(store: Store, tmp_path: Path) -> None:
    """A damaged checkpoint, a damaged release and a missing file are not taken for a forgery."""
    path = tmp_path / "notes.txt"
    path.write_text("notes", encoding="utf-8")
    with pytest.raises(VerificationFailed, match="is no checkpoint"):
        _verified(store, path)
    release = _release(store, tmp_path)
    (release / "README.md").write_text("x", encoding="utf-8")
    with pytest.raises(VerificationFailed, match=r"README\.md was altered"):
        _verified(store, release)
    with pytest.raises(UsageError):
        _verified(store, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("cell", "other"), [(",gift,", ',"gift",'), (",2024-02-18,", ", 2024-02-18,")]
)
def test_a_cell_that_is_spelt_otherwise_is_found(
    store: Store, cell: str, other: str, tmp_path: Path
) -> None:
    """Who writes the digests anew as well cannot spell a cell in another way."""
    release = _release(store, tmp_path)
    events = (release / "events.csv").read_text(encoding="utf-8")
    assert cell in events
    (release / "events.csv").write_text(events.replace(cell, other, 1), encoding="utf-8")
    write_sums(release)
    with pytest.raises(VerificationFailed, match=r"events\.csv is not what the log adds up to"):
        verify_release(release, step=silent)


def test_what_the_schema_refuses_is_not_released(tmp_path: Path) -> None:
    """A row that came into the log past the import's checks is named."""
    sick = logged(FIRST, {"events": [{"event_id": "gift-2", "event_type": "nonsense"}]})
    with pytest.raises(
        VerificationFailed, match=r"events\.csv row 3, column event_type: 'nonsense'"
    ):
        _release(sick, tmp_path)


def test_what_is_said_of_identity_outlives_the_event(tmp_path: Path) -> None:
    """That two events are not the same stays true when one of them is taken back."""
    apart = {"event_id": "gift-1", "relation": "not_same_as", "other_id": "gift-2"}
    store = record(logged(FIRST, _gift(2), {"relations": [apart]}), NOTHING, gone=_gift(2))
    verify_release(_release(store, tmp_path), step=silent)


class TestKeys:
    """Keys are files; the private one is for its owner only, and neither is overwritten."""

    def test_a_pair_is_made_once(self, tmp_path: Path) -> None:
        """The private key signs what the public key verifies."""
        pair = make_keys("gifts", tmp_path)
        assert pair.private.stat().st_mode & 0o777 == 0o600
        assert read_signer(pair.private).verifier == read_verifier(str(pair.public))
        assert read_verifier(str(pair.verifier)) == pair.verifier
        with pytest.raises(Refused, match="never overwritten"):
            make_keys("gifts", tmp_path)

    @pytest.mark.parametrize("name", ["", "..", "a/b", "../x", "a b", "x" * 300])
    def test_a_key_is_named_after_a_dataset(self, name: str, tmp_path: Path) -> None:
        """A name that leads elsewhere makes no file."""
        with pytest.raises(UsageError):
            make_keys(name, tmp_path / "keys")
        assert list(tmp_path.iterdir()) == []

    def test_the_halves_are_not_taken_for_one_another(self, tmp_path: Path) -> None:
        """A public key signs nothing; a private one is never asked for to verify."""
        pair = make_keys("gifts", tmp_path)
        with pytest.raises(UsageError, match="no private key"):
            read_signer(pair.public)
        with pytest.raises(UsageError, match="no public key"):
            read_verifier(str(pair.private))


class TestSignedReleases:
    """A release may be signed: its checkpoint by a key that is named after the log."""

    def test_a_signed_release_holds(self, store: Store, signer: Signer, tmp_path: Path) -> None:
        """With the key, one need not have kept anything but that."""
        release = _release(store, tmp_path, signer)
        told = str(verify_release(release, step=silent))
        assert "the signature against checkpoint.pub" in told
        assert f"{signer.name}+{signer.verifier.key_id.hex()}" in told
        trust = Trust(key=signer.verifier)
        assert "saw" not in str(verify_release(release, trust=trust, step=silent))

    def test_another_key_is_told(self, store: Store, signer: Signer, tmp_path: Path) -> None:
        """A release that somebody else signed, or nobody, is not by the key that one trusts."""
        other = new_signer(signer.name).verifier
        for number, found in enumerate((signer, None)):
            release = _release(store, tmp_path / str(number), found)
            with pytest.raises(VerificationFailed, match="is not signed by"):
                verify_release(release, trust=Trust(key=other), step=silent)

    def test_a_key_of_another_log_does_not_sign(self, store: Store, tmp_path: Path) -> None:
        """The name of the key is that of the log."""
        with pytest.raises(UsageError, match="regesta keygen unnamed"):
            _release(store, tmp_path, new_signer("regesta/other"))

    def test_signing_is_as_repeatable_as_the_rest(
        self, store: Store, signer: Signer, tmp_path: Path
    ) -> None:
        """The same log and key give the same bytes."""
        first, second = (_release(store, tmp_path / name, signer) for name in ("a", "b"))
        for path in first.rglob("*"):
            if path.is_file():
                assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()

    def test_a_kept_checkpoint_may_be_signed(
        self, store: Store, signer: Signer, tmp_path: Path
    ) -> None:
        """The key then vouches for what was kept."""
        path = tmp_path / "checkpoint"
        path.write_text(checkpoint_note(store, "batch:1", signer), encoding="utf-8")
        trust = Trust(against=path, key=signer.verifier)
        assert "signed by" in str(verify_store(store, trust=trust, step=silent))
        other = Trust(against=path, key=new_signer(signer.name).verifier)
        with pytest.raises(VerificationFailed, match="not signed by"):
            verify_store(store, trust=other, step=silent)


class TestProofs:
    """A proof shows that a record is in the log to somebody who has neither."""

    def test_each_record_of_an_event_is_proven(self, store: Store, tmp_path: Path) -> None:
        """One file a record, each holding by itself."""
        proven = prove(store, "gift-2", tmp_path / "proofs")
        assert len(proven.files) == 4
        assert proven.later == 0
        for path in [*proven.files, tmp_path / "proofs"]:
            assert "gift-2" in str(verify_proof(path, Trust()))

    def test_a_later_revision_is_another_record(self, store: Store, tmp_path: Path) -> None:
        """What an event was and what it became are both in the log."""
        record(store, {"events": [{"event_id": "gift-2", "title": "A car"}]})
        assert len(prove(store, "gift-2", tmp_path / "proofs").files) == 5

    def test_a_proof_may_be_against_what_was_published(
        self, store: Store, kept: Callable[[str], Path], tmp_path: Path
    ) -> None:
        """Against an earlier checkpoint only what it held can be proven."""
        record(store, {"events": [{"event_id": "gift-2", "title": "A car"}]})
        published = kept("batch:2")
        proven = prove(store, "gift-2", tmp_path / "proofs", against=published)
        assert (len(proven.files), proven.later) == (4, 1)
        told = str(verify_proof(tmp_path / "proofs", Trust(against=published)))
        assert "Not checked" not in told
        with pytest.raises(VerificationFailed, match="another checkpoint"):
            verify_proof(tmp_path / "proofs", Trust(against=kept("batch:3")))
        with pytest.raises(Refused, match="recorded after"):
            prove(store, "gift-3", tmp_path / "none", against=published)

    def test_of_an_altered_store_nothing_is_proven(self, store: Store, tmp_path: Path) -> None:
        """A row that does not give its leaf has no proof, nor have the others of its event."""
        with store._engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER participants_log_no_update")
            connection.exec_driver_sql("UPDATE participants_log SET label = 'x'")
        with pytest.raises(VerificationFailed, match="does not give its leaf"):
            prove(store, "gift-2", tmp_path / "proofs")
        assert not (tmp_path / "proofs").exists()

    def test_an_altered_record_is_not_proven(self, store: Store, tmp_path: Path) -> None:
        """The proof of one record does not serve another."""
        first, second = prove(store, "gift-2", tmp_path / "proofs").files[:2]
        lines = first.read_text(encoding="utf-8").split("\n")
        lines[1] = second.read_text(encoding="utf-8").split("\n")[1]
        first.write_text("\n".join(lines), encoding="utf-8")
        with pytest.raises(VerificationFailed, match="does not hold"):
            verify_proof(first, Trust())

    @pytest.mark.parametrize("earlier", ["0", "batch:1", "batch:2", "batch:3"])
    def test_a_log_is_proven_to_go_on(
        self, store: Store, kept: Callable[[str], Path], earlier: str, tmp_path: Path
    ) -> None:
        """The proof and the two checkpoints are enough."""
        path = tmp_path / "goes-on"
        path.write_text(consistency(store, kept(earlier)), encoding="utf-8")
        told = str(verify_proof(path, Trust(against=kept(earlier))))
        assert "goes on from" in told
        assert "Not checked" in told
        with pytest.raises(VerificationFailed):
            verify_proof(path, Trust(against=kept("1")))
        with pytest.raises(UsageError, match="--against"):
            verify_proof(path, Trust())

    def test_no_such_proof_is_made_of_a_forged_log(self, kept: Callable[[str], Path]) -> None:
        """A log that was rebuilt cannot prove that it goes on."""
        with pytest.raises(VerificationFailed, match="part within"):
            consistency(logged(FIRST, _gift(2, "No gift")), kept("batch:2"))


class TestRestoring:
    """A release holds all that its log was: a store is made from it, and goes on."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        """Return the URL of a store that is not there."""
        return f"sqlite:///{tmp_path / 'again.db'}"

    def test_the_same_log_comes_back(self, store: Store, url: str, tmp_path: Path) -> None:
        """Positions, batches, leaves, roots and rows are those of the store that was released."""
        release = _release(store, tmp_path)
        assert restore(release, url, step=silent).anew
        again = Store.open(url)
        assert again.head() == store.head()
        assert again.checkpoints().equals(store.checkpoints())
        for name in TABLES:
            assert again.records(name).equals(store.records(name))
        verify_store(again, trust=Trust(against=release), step=silent)

    def test_what_is_appended_goes_on_with_the_same_log(
        self, store: Store, url: str, tmp_path: Path
    ) -> None:
        """Two stores that record the same stay the same."""
        restore(_release(store, tmp_path), url, step=silent)
        again = Store.open(url)
        assert record(again, _gift(4)).head() == record(store, _gift(4)).head()

    def test_to_restore_twice_is_to_restore_once(
        self, store: Store, url: str, tmp_path: Path
    ) -> None:
        """The same command again finds the log there."""
        release = _release(store, tmp_path)
        restore(release, url, step=silent)
        assert not restore(release, url, step=silent).anew

    def test_another_log_is_never_mixed_in(self, store: Store, url: str, tmp_path: Path) -> None:
        """A store that holds something else is left as it is."""
        release = _release(store, tmp_path)
        other = record(Store.create(url), FIRST)
        before = other.head()
        with pytest.raises(Refused, match="not those of"):
            restore(release, url, step=silent)
        assert Store.open(url).head() == before

    def test_a_damaged_release_makes_no_store(self, store: Store, url: str, tmp_path: Path) -> None:
        """What does not verify is not restored."""
        release = _release(store, tmp_path)
        (release / "log.jsonl").write_text("{}\n", encoding="utf-8")
        with pytest.raises(VerificationFailed):
            restore(release, url, step=silent)
        assert not (tmp_path / "again.db").exists()

    def test_a_release_from_within_a_batch_is_restored(
        self, store: Store, url: str, tmp_path: Path
    ) -> None:
        """The log may have been cut anywhere."""
        path = release_dataset(store, "1.0.0", tmp_path, as_of="5", step=silent).path
        restore(path, url, step=silent)
        again = Store.open(url)
        assert again.head().size == 6
        verify_store(again, trust=Trust(against=path), step=silent)
