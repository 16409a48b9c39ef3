"""The README's tour works as it is printed, and so does the check of a release by hand."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from tests.fences import Fence, fences

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CHECKING = ROOT / "docs" / "checking.md"
RELEASE = Path("releases/russia-dprk/1.0.0")

Tour = tuple[Path, list[tuple[str, subprocess.CompletedProcess[str]]]]


def commands(fence: Fence) -> list[str]:
    """Return the lines that a reader types, and no other line may stand in the block."""
    lines = fence.text.splitlines()
    assert all(line.startswith("$ ") for line in lines), lines
    return [line.removeprefix("$ ") for line in lines]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run *words* in *folder* as a reader would."""
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, env=environment(), check=False
    )


def walk(folder: Path) -> list[tuple[str, subprocess.CompletedProcess[str]]]:
    """Do in *folder* what the README says, in its order, and return what came of each step."""
    done = []
    for fence in fences(README):
        if fence.file:
            (folder / fence.file).write_text(fence.text, encoding="utf-8")
        elif fence.language == "console":
            for line in commands(fence):
                name, *words = shlex.split(line)
                assert name == "regesta", line
                done.append((line, run([sys.executable, "-m", "regesta", *words], folder)))
        elif fence.language == "python":
            done.append(("python", run([sys.executable, "-c", fence.text], folder)))
    return done


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Return the folder after the README's tour, and what each step gave."""
    folder = tmp_path_factory.mktemp("tour")
    return folder, walk(folder)


def test_every_step_of_the_tour_succeeds(tour: Tour) -> None:
    """Each command and each block of Python ends with status 0."""
    _, done = tour
    failed = [(step, ended.stderr) for step, ended in done if ended.returncode]
    assert not failed
    assert len(done) >= 15
    assert "python" in dict(done)


def test_the_tour_shows_what_it_says(tour: Tour) -> None:
    """The gift is on the timeline, with its evidence; the second import records nothing."""
    said = {step: ended.stdout for step, ended in tour[1]}
    line = next(text for step, text in said.items() if "timeline --between" in step)
    assert "gift-aurus-2024-02-18" in line
    page = said["regesta show gift-aurus-2024-02-18"]
    assert "KCNA" in page
    assert "allegedly_violates" in page
    assert "nothing was recorded" in said["regesta import russia-dprk"]
    mine = said["regesta --store sqlite:///mine.db timeline"]
    assert mine.index("treaty of friendship") < mine.index("Putin and Kim meet")
    assert said["regesta checkpoint"].startswith("regesta/russia-dprk\n")
    bibtex = next(text for step, text in said.items() if "bibtex" in step)
    assert bibtex.startswith("@")
    assert (tour[0] / "log.jsonl").read_text(encoding="utf-8").count("\n") > 1000


def test_the_readme_names_what_make_does() -> None:
    """Every `make` target that the README names exists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)\b", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


def scripted(name: str) -> str:
    """Return the script *name* as docs/checking.md prints it."""
    return next(fence.text for fence in fences(CHECKING) if fence.file == name)


@pytest.fixture(scope="module")
def script() -> str:
    """Return `root.py` as docs/checking.md prints it."""
    return scripted("root.py")


def test_the_check_by_hand_is_short_and_plain(script: str) -> None:
    """`root.py` has at most thirty-five lines and imports the standard library only."""
    assert len(script.splitlines()) <= 35
    names = {
        alias.name
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names
    assert names <= sys.stdlib_module_names


def test_the_check_by_hand_agrees_with_the_release(tour: Tour, script: str) -> None:
    """`root.py` prints the size and root that `regesta checkpoint` printed, with status 0."""
    ended = run([sys.executable, "-c", script], tour[0] / RELEASE)
    said = dict(tour[1])["regesta checkpoint"].stdout.splitlines()
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == said[1:3]


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_the_check_by_hand_finds_one_altered_byte(
    where: str, tour: Tour, script: str, tmp_path: Path
) -> None:
    """Whichever byte of the log is changed, `root.py` ends with status 1."""
    data = bytearray((tour[0] / RELEASE / "log.jsonl").read_bytes())
    place = {"first": 0, "middle": len(data) // 2, "last": len(data) - 2}[where]
    data[place] ^= 1
    (tmp_path / "log.jsonl").write_bytes(data)
    (tmp_path / "checkpoint").write_bytes((tour[0] / RELEASE / "checkpoint").read_bytes())
    ended = run([sys.executable, "-c", script], tmp_path)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_the_check_by_hand_finds_a_missing_record(tour: Tour, script: str, tmp_path: Path) -> None:
    """A log without its last line does not give the root."""
    lines = (tour[0] / RELEASE / "log.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "log.jsonl").write_bytes(b"".join(lines[:-1]))
    (tmp_path / "checkpoint").write_bytes((tour[0] / RELEASE / "checkpoint").read_bytes())
    assert run([sys.executable, "-c", script], tmp_path).returncode == 1


def test_the_digests_can_be_checked_by_hand(tour: Tour) -> None:
    """The command of docs/checking.md accepts the release's `SHA256SUMS`."""
    line = next(fence.text for fence in fences(CHECKING) if fence.language == "sh")
    ended = subprocess.run(
        ["bash", "-ec", line], cwd=tour[0], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_a_proof_can_be_checked_by_hand(tour: Tour, tmp_path: Path) -> None:
    """`proof.py` prints the record of a proof with status 0; of an altered one with status 1."""
    folder = tour[0] / "proofs"
    proofs = sorted(folder.glob("*.tlog-proof"))
    assert len(proofs) > 10
    for proof in proofs[:3]:
        ended = run([sys.executable, "-c", scripted("proof.py"), str(proof)], folder)
        assert ended.returncode == 0, ended.stderr
        assert "gift-aurus-2024-02-18" in ended.stdout
    index = re.search(r"\nindex (\d+)\n", proofs[0].read_text(encoding="utf-8"))
    assert index is not None
    forged = tmp_path / "forged.tlog-proof"
    forged.write_text(
        proofs[0].read_text(encoding="utf-8").replace(index[0], f"\nindex {int(index[1]) + 1}\n"),
        encoding="utf-8",
    )
    assert run([sys.executable, "-c", scripted("proof.py"), str(forged)], folder).returncode == 1


def test_a_signature_can_be_checked_by_hand(tour: Tour) -> None:
    """`signed.py` names the key of a signed release, and stops at one that says otherwise."""
    regesta = [sys.executable, "-m", "regesta"]
    for words in (
        ["keygen", "russia-dprk"],
        ["release", "2.0.0", "--sign", "russia-dprk.key"],
    ):
        assert run([*regesta, *words], tour[0]).returncode == 0
    release = tour[0] / "releases" / "russia-dprk" / "2.0.0"
    ended = run([sys.executable, "-c", scripted("signed.py")], release)
    assert ended.stdout.startswith("signed by regesta/russia-dprk "), ended.stderr
    signed = (release / "checkpoint").read_text(encoding="utf-8")
    (release / "checkpoint").write_text(signed.replace("\n1", "\n2", 1), encoding="utf-8")
    assert run([sys.executable, "-c", scripted("signed.py")], release).returncode == 1
