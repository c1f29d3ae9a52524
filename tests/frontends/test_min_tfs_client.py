"""The gRPC door, asked by min-tfs-client: a client of others, with messages of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.server_process import ServerProcess

HERE: Final = Path(__file__).parent / "min_tfs"
REQUIREMENTS: Final = HERE / "requirements.txt"

pytestmark = pytest.mark.timeout(300)


def installer(target: Path) -> list[str]:
    """What installs packages into a directory, in an environment made by uv or by venv."""
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        pytest.skip("pip or uv is needed to install min-tfs-client")
    return [*command, "--only-binary=:all:", "--target", str(target), "-r", str(REQUIREMENTS)]


@pytest.fixture(scope="module")
def packages(pytestconfig: pytest.Config) -> Path:
    """The client and what it needs, installed once and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    directory: Path = pytestconfig.cache.mkdir("min_tfs")
    version = "{}.{}".format(*sys.version_info)
    installed = directory / f"installed-{version}"
    target = directory / f"packages-{version}"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        done = subprocess.run(
            installer(target), capture_output=True, text=True, timeout=200, check=False
        )
        if done.returncode:
            pytest.skip(f"min-tfs-client cannot be installed: {done.stderr[-500:]}")
        installed.write_text(wanted)
    return target


@pytest.fixture(scope="module")
def answers(packages: Path, server: ServerProcess) -> Any:
    """What the client wrote: its answers by the name of the call."""
    done = subprocess.run(
        # Without this environment's own packages.
        [sys.executable, "-S", str(HERE / "client.py"), "127.0.0.1", str(server.port)],
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_predict(answers: Any) -> None:
    y = {"values": [2.5, 3.0, 4.5], "dtype": "float32", "shape": [3]}
    assert answers["floats"] == {"y": y}
    assert answers["model"] == ["half_plus_two", 1]


def test_strings_and_integers(answers: Any) -> None:
    read = answers["strings"]
    assert read["preds"]["values"] == ["one", "ONE", "two", "TWO"]
    assert read["logprobs"] == {
        "values": [-0.25, -1.5, -0.25, -1.5], "dtype": "float32", "shape": [2, 2],
    }  # fmt: skip
    assert answers["integers"]["values"]["values"] == [0.0, 1.0, 2.0]


def test_errors(answers: Any) -> None:
    assert answers["no model"] == [
        "NOT_FOUND", "Servable not found for request: Latest(nobody)",
    ]  # fmt: skip
    assert answers["no version"] == [
        "NOT_FOUND", "Servable not found for request: Specific(half_plus_two, 9)",
    ]  # fmt: skip
    code, text = answers["another type"]
    assert code == "INVALID_ARGUMENT"
    assert "to be float but int32 is provided" in text
