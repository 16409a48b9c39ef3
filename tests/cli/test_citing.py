"""A query is cited on the command line and in Python, and asked again of store and release."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from regesta.errors import NoSuchName, UsageError
from regesta.flows.loading import load
from regesta.release.query import Query, read_query
from tests.cli.conftest import N_RECORDS, Regesta, environment, write_files

ASKED = ("--between", "RUS", "PRK", "--type", "gift", "--since", "2024")
FORMS = ("text", "bibtex", "csl-json", "json")
RELEASE = Path("releases/two-gifts/1.0.0")
LATER = "event_id,event_type,title,date\ngift-cat,gift,A cat,2024-08-01\n"

IN_PYTHON = """
import sys
import regesta
rd = regesta.load(sys.argv[1])
rows = rd.timeline(between=("RUS", "PRK"), event_type="gift", since="2024")
print(rd.cite(sys.argv[2], rows=rows), end="")
"""


def query_of(text: str) -> Query:
    """Return the query that a citation cites."""
    return read_query(text, "it")


@pytest.mark.parametrize("form", FORMS)
def test_a_query_is_cited_and_asked_again(form: str, regesta: Regesta) -> None:
    """Of the store and of a release, in each form, and always with the same bytes."""
    regesta("release", "1.0.0")
    answer = regesta("timeline", *ASKED, "--cite", form, "--out", f"it.{form}")
    assert (answer.status, answer.out) == (0, "")
    said = Path(f"it.{form}").read_text(encoding="utf-8")
    assert regesta("timeline", *ASKED, "--cite", form).out == said
    query = query_of(said)
    assert (query.position, query.rows, query.version) == (N_RECORDS - 1, 2, None)
    assert ("Contributors to Two gifts" in said, said.endswith("\n\n")) == (True, False)
    for where in ((), (RELEASE,)):
        found = regesta("verify", "--citation", f"it.{form}", *where)
        assert found.status == 0, found.err
        assert "2 rows against the digest that is cited" in found.err
        assert regesta("verify", "--citation", f"it.{form}", *where, "--json").json["size"] == 27


def test_the_digest_is_that_of_the_csv(regesta: Regesta) -> None:
    """Which the same command prints, and a release lists for its whole timeline."""
    rows = regesta("timeline", *ASKED, "--format", "csv").data
    assert query_of(regesta("timeline", *ASKED, "--cite", "text").out).sha256 == (
        sha256(rows).hexdigest()
    )
    regesta("release", "1.0.0")
    whole = query_of(regesta("timeline", "--cite", "text").out).sha256
    assert f"{whole}  timeline.csv\n" in (RELEASE / "SHA256SUMS").read_text()


def test_now_is_fixed_to_what_it_meant(regesta: Regesta) -> None:
    """What is recorded later neither shows nor matters; said by its position it is the same."""
    cited = regesta("timeline", *ASKED, "--cite", "json", "--out", "then.json")
    write_files(Path(), {"later.csv": LATER})
    assert regesta("import", "later.csv").status == 0
    assert regesta("verify", "--citation", "then.json").status == cited.status == 0
    at = query_of(Path("then.json").read_text()).position
    again = regesta("timeline", *ASKED, "--as-of", at, "--cite", "json").out
    assert again == Path("then.json").read_text()
    assert query_of(regesta("timeline", *ASKED, "--cite", "json").out).position > at


def test_both_clocks_policy_and_values_are_cited(regesta: Regesta) -> None:
    """As they were asked for, a day of knowledge as its end."""
    clocks = ("--as-of", "batch:1", "--known-by", "2024-02-20", "--limit", "3")
    said = regesta(
        "timeline", *clocks, "--policy", "strict", "--values", "latest", "--cite", "text"
    )
    query = query_of(said.out)
    assert (query.position, query.known_by) == (N_RECORDS - 1, "2024-02-20T23:59:59Z")
    assert (query.policy, query.values, query.filters.limit) == ("strict", "latest", 3)
    write_files(Path(), {"it.txt": said.out})
    assert regesta("verify", "--citation", "it.txt").status == 0


def test_a_changed_cell_is_named(regesta: Regesta) -> None:
    """Exit status 4, the row that differs, and no other."""
    regesta("timeline", *ASKED, "--cite", "json", "--out", "it.json")
    with closing(sqlite3.connect("regesta.db")) as store, store:
        store.execute("DROP TRIGGER events_log_no_update")
        store.execute("UPDATE events_log SET title = 'A cart' WHERE event_id = 'gift-car'")
    found = regesta("verify", "--citation", "it.json", "--json")
    assert found.status == 4
    assert found.json["faults"] == ["gift-car was cited with other cells"]


def test_another_dataset_is_refused(regesta: Regesta) -> None:
    """With what it is of, and the way out."""
    regesta("timeline", "--cite", "text", "--out", "it.txt")
    regesta("--store", "other.db", "init", "--dataset", "other")
    found = regesta("--store", "other.db", "verify", "--citation", "it.txt")
    assert found.status == 4
    assert "of 'two-gifts', this of 'other'; name the store (--store)" in found.err


def test_a_release_that_was_altered_answers_nothing(regesta: Regesta) -> None:
    """Its files are compared with their digests first."""
    regesta("release", "1.0.0")
    regesta("timeline", "--cite", "text", "--out", "it.txt")
    (RELEASE / "timeline.csv").write_text("event_id\n")
    found = regesta("verify", "--citation", "it.txt", RELEASE)
    assert found.status == 4
    assert "timeline.csv" in found.err


@pytest.mark.parametrize("form", FORMS)
def test_a_release_cites_in_python_what_the_store_does(form: str, regesta: Regesta) -> None:
    """The same question has the same digest; the version is named beside it."""
    regesta("release", "1.0.0")
    ended = subprocess.run(
        [sys.executable, "-c", IN_PYTHON, RELEASE, form],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    here, there = query_of(ended.stdout), query_of(regesta("timeline", *ASKED, "--cite", form).out)
    assert here.version == "1.0.0"
    assert str(here).replace("@1.0.0", "") == str(there)
    write_files(Path(), {"it": ended.stdout})
    assert regesta("verify", "--citation", "it").status == 0


def test_rows_are_those_of_the_command_line(regesta: Regesta) -> None:
    """With their filters, and a digest that pandas recomputes; all of them without filters."""
    regesta("release", "1.0.0")
    rd = load(RELEASE)
    rows = rd.timeline(actor="putin", until="2024-05")
    csv = rows.to_csv(index=False, lineterminator="\n")
    assert (
        csv == regesta("timeline", "--actor", "putin", "--until", "2024-05", "--format", "csv").out
    )
    assert query_of(rd.cite("text", rows=rows)).sha256 == sha256(csv.encode()).hexdigest()
    assert rows.attrs["filters"] == {"actor": "putin", "until": "2024-05"}
    assert query_of(rd.cite("text", rows=rd.timeline())).rows == 4
    with pytest.raises(NoSuchName, match="did you mean 'putin'"):
        rd.timeline(actor="puttin")


def test_rows_of_another_state_name_it(regesta: Regesta) -> None:
    """A past position, what was known, a policy; a release of what was known then, too."""
    regesta("release", "1.0.0")
    regesta("release", "1.1.0", "--known-by", "2024-02-20")
    past = load(RELEASE, as_of=20, known_by="2024-02-21", policy="any")
    query = query_of(past.cite("text", rows=past.timeline(limit=9)))
    assert (query.position, query.known_by, query.policy) == (20, "2024-02-21T23:59:59Z", "any")
    then = load(RELEASE.with_name("1.1.0"))
    said = then.cite("bibtex", rows=then.timeline())
    assert query_of(said).known_by == "2024-02-20T23:59:59Z"
    for text in (past.cite("text", rows=past.timeline(limit=9)), said):
        write_files(Path(), {"it": text})
        assert regesta("verify", "--citation", "it").status == 0


def test_rows_that_pandas_changed_are_not_cited(regesta: Regesta) -> None:
    """A frame cannot say by what it was filtered: the timeline can."""
    regesta("release", "1.0.0")
    rd = load(RELEASE)
    rows = rd.timeline(event_type="gift")
    bare = rows.copy()
    bare.attrs = {}
    for changed in (rows.head(1), rows[["event_id"]], rows.assign(title="A car"), rows[::-1], bare):
        with pytest.raises(UsageError, match=r"narrowed by its filters"):
            rd.cite("text", rows=changed)
    assert rd.cite("text", rows=rows.reset_index(drop=True).copy()) == rd.cite("text", rows=rows)
    with pytest.raises(UsageError, match="no citation as 'cff'"):
        rd.cite("cff", rows=rows)
    with pytest.raises(UsageError, match="no citation as 'json'"):
        rd.cite("json")
