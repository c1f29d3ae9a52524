"""What holds for the code as a whole: layers, exports, imports, types, style."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import tfs_notebook
from tests.python_process import output_of, run_python
from tests.server_process import ROOT

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(tfs_notebook.__path__, "tfs_notebook.")
    # Runs when it is imported, as it has to; and makes the demo with tensorflow.
    if not info.name.endswith("__main__") and not info.name.startswith("tfs_notebook.demo.")
)
VAGUE = frozenset(("utils", "util", "helpers", "helper", "common", "misc"))
LONGEST = 500


@pytest.mark.parametrize("name", MODULES)
def test_exported_names_exist(name: str) -> None:
    module = importlib.import_module(name)
    for exported in getattr(module, "__all__", ()):
        assert hasattr(module, exported), exported


def test_every_module_says_what_it_exports() -> None:
    silent = [name for name in MODULES if not hasattr(importlib.import_module(name), "__all__")]
    packages = {name for name in silent if hasattr(sys.modules[name], "__path__")}
    assert set(silent) - packages <= {"tfs_notebook._version"}


def test_every_module_has_a_docstring() -> None:
    assert not [name for name in MODULES if not importlib.import_module(name).__doc__]


def sources() -> list[Path]:
    return [
        path for folder in ("tfs_notebook", "tests") for path in (ROOT / folder).rglob("*.py")
    ]


def test_modules_have_names_that_say_something() -> None:
    assert not [path for path in sources() if path.stem in VAGUE]


def test_modules_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "tfs_notebook").rglob("*.py")
        if (count := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("tfs_notebook", {"tensorflow", "grpc", "numpy", "pandas", "ipywidgets", "tornado"}),
        # What the command's --help has to wait for.
        ("tfs_notebook.cli.main", {"tensorflow", "grpc", "pandas", "ipywidgets", "tornado"}),
    ],
)
def test_the_import_is_light(module: str, heavy: set[str]) -> None:
    imported = output_of("-c", f"import {module}, sys; print(*sys.modules)")
    assert not heavy & set(imported.split())


def test_no_module_imports_tensorflow_when_it_is_imported() -> None:
    statement = "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]"
    imported = output_of("-c", f"{statement}; print(*sys.modules)", *MODULES)
    heavy = {"tensorflow", "tensorflow_serving", "keras", "tf_keras", "pandas"}
    assert not heavy & set(imported.split())


def test_layers() -> None:
    done = run_python(
        "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_types() -> None:
    done = run_python("-m", "mypy", seconds=290)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments", [["check"], ["format", "--check", "tfs_notebook", "tests"]]
)
def test_style(arguments: list[str]) -> None:
    done = run_python("-m", "ruff", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
