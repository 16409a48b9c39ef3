"""Nothing that is read becomes code: no pickle, no eval, nowhere in the package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import regesta

SOURCES = sorted(Path(str(regesta.__file__)).parent.rglob("*.py"))
MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "dbm",
    "yaml",
}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"read_pickle", "to_pickle", "read_hdf"}


def _strange(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [each.name for each in names if each.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                found.append(module)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.append(name)
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                found.append(name)
            case ast.keyword(arg="allow_pickle" | "object_pickle" as name):
                found.append(name)
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                found.append("shell=True")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_makes_code_of_data(path: Path) -> None:
    """No source file imports or calls what runs what it reads."""
    assert not _strange(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from shelve import open",
        "eval('1')",
        "pd.read_pickle(x)",
        "np.load(x, allow_pickle=True)",
        "run(x, shell=True)",
    ],
)
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    """Each of these would be told."""
    assert _strange(ast.parse(code))
