"""A command line to run: in a folder of its own, on a store of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import regesta as package
from regesta.cli import main

OUTSIDE = (sys.executable, "-m", "regesta")
"""The command line as a process of its own."""


SEED = {
    "dataset.toml": 'name = "two-gifts"\ntitle = "Two gifts"\nlicense = "CC-BY-4.0"\n',
    "tables/actors.csv": """actor_id,name,kind,country,aliases
russia,Russia,state,RUS,Russian Federation
dprk,North Korea,state,PRK,DPRK; Democratic People's Republic of Korea
putin,Vladimir Putin,person,RUS,V. V. Putin; Putin
kim,Kim Jong Un,person,PRK,
un,United Nations,igo,,UN
""",
    "tables/offices.csv": """actor_id,office,held_from,held_until,country
putin,President of Russia,2012-05-07,,RUS
""",
    "tables/sources.csv": """source_id,publisher,kind,url,published_on
kcna-1,KCNA,state_media,https://example.org/kcna/1,2024-02-20
tass-1,TASS,news_agency,https://example.org/tass/1,2024-02-20
""",
    "tables/events.csv": """event_id,event_type,title,date,country,details
gift-car,gift,A car,2024-02-18,PRK,"{""item_count"":1}"
gift-dogs,gift,Two dogs,2024-06-19,PRK,
meeting-2023,meeting,A meeting,2023-09-13,RUS,
vote-2006,vote,A vote,2006-10-14,USA,
""",
    "tables/participants.csv": """event_id,actor_id,role
gift-car,russia,giver
gift-car,kim,recipient
gift-dogs,dprk,giver
gift-dogs,putin,recipient
meeting-2023,putin,host
meeting-2023,kim,guest
vote-2006,un,announcer
vote-2006,russia,voter
""",
    "tables/evidence.csv": """evidence_id,event_id,source_id,stance,aspect,value,speaker,gist
gift-car.e01,gift-car,kcna-1,asserts,occurrence,,,Says that the car was handed over.
gift-car.e02,gift-car,tass-1,confirms,occurrence,,putin,Says that it was a gift.
gift-dogs.e01,gift-dogs,tass-1,asserts,occurrence,,,Says that dogs were given.
""",
    "tables/relations.csv": """event_id,relation,other_id,provision,note
gift-car,follows,meeting-2023,,
gift-car,allegedly_violates,vote-2006,OP 8(a)(iii),as critics say
""",
    "tables/coverage.csv": """coverage_id,scope,period,n_events
all,Gifts,2023/2024,4
""",
}
"""A small valid dataset, by path within its folder."""

N_RECORDS = 1 + 5 + 1 + 2 + 4 + 8 + 3 + 2 + 1
"""Records in the log of `SEED`: its rows, and the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command left behind."""

    status: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.data.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command says
        """Standard output as one JSON value."""
        return json.loads(self.data)

    @property
    def rows(self) -> list[dict[str, str]]:
        """Standard output as rows of CSV."""
        return list(csv.DictReader(io.StringIO(self.out, newline="")))


Regesta = Callable[..., Answer]


def run(*words: object) -> Answer:
    """Run a command line as the installed command does, and catch what it says."""
    out_data, err_data = io.BytesIO(), io.BytesIO()
    out = io.TextIOWrapper(out_data, encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(err_data, encoding="utf-8", write_through=True)
    before, sys.argv = sys.argv, ["regesta", *map(str, words)]
    status = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    said = [data.getvalue() for data in (out_data, err_data)]
    return Answer(status=status, data=said[0], err=said[1].decode())


def environment() -> dict[str, str]:
    """Return the environment of a process that finds this regesta from any folder."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("REGESTA_")}
    source = str(Path(str(package.__file__)).parents[1])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "REGESTA_AUTHOR": "Tess"}


def write_files(folder: Path, files: dict[str, str] | dict[str, bytes]) -> Path:
    """Write *files*, given by path within *folder*, and return the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds `SEED` in `seed/` and a store of it, `regesta.db`."""
    folder = tmp_path_factory.mktemp("seeded")
    write_files(folder / "seed", SEED)
    store = ("--store", f"sqlite:///{folder}/regesta.db")
    made = run(*store, "init", "--dataset", "two-gifts")
    brought = run(*store, "import", folder / "seed", "--author", "Ann", "--message", "the seed")
    assert (made.status, brought.status) == (0, 0), brought.err
    return folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that commands run in: empty, and the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGESTA_STORE", raising=False)
    monkeypatch.delenv("REGESTA_DEBUG", raising=False)
    monkeypatch.setenv("REGESTA_AUTHOR", "Tess")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def bare(desk: Path) -> Iterator[Regesta]:
    """Return a command line in an empty folder, without a store."""
    assert not list(desk.iterdir())
    yield run
    assert not list(desk.rglob("*-journal")), "a transaction was left behind"


@pytest.fixture
def regesta(seeded: Path, desk: Path) -> Iterator[Regesta]:
    """Return a command line in a folder whose `regesta.db` holds `SEED`."""
    shutil.copy(seeded / "regesta.db", desk / "regesta.db")
    yield run
    assert not list(desk.rglob("*-journal")), "a transaction was left behind"
