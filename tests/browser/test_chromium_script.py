"""What fetches a browser for these tests, with commands that only note that they are called."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.server_process import ROOT


class Machine:
    """A machine on which only a few commands are there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._calls = directory / "calls"
        self._calls.touch()
        (directory / "venv" / "bin").mkdir(parents=True)
        self.command("venv/bin/python")

    def command(self, path: str, *, code: int = 0, says: str = "") -> None:
        """Add a command that ends with this code."""
        file = self._directory / path
        file.write_text(
            f'#!/bin/sh\necho {file.name} "$@" >> {self._calls}\necho {says}\nexit {code}\n'
        )
        file.chmod(0o755)

    def run(self, **environment: str) -> str:
        """Run the script; it has to succeed. Gives what it says."""
        return subprocess.run(
            ["/bin/sh", ROOT / "chromium.sh", self._directory / "venv"],
            env={"PATH": str(self._directory), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    def calls(self) -> list[str]:
        """The commands that were called, those aside that change nothing."""
        calls = self._calls.read_text().splitlines()
        return [call for call in calls if call not in ("id -u", "apt-get update")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One of root's, with Debian's packages and no browser."""
    machine = Machine(tmp_path)
    machine.command("id", says="0")
    machine.command("apt-get")
    return machine


PACKAGE = "apt-get install --yes --no-install-recommends chromium"
DOWNLOAD = "python -m playwright install --no-shell chromium"


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_on_the_path_is_enough(machine: Machine, name: str) -> None:
    machine.command(name)
    assert machine.run() == ""
    assert machine.calls() == []


def test_a_browser_that_is_named_is_enough(machine: Machine) -> None:
    assert machine.run(TFS_NOTEBOOK_CHROMIUM="/a/chrome") == ""
    assert machine.calls() == []


def test_root_installs_the_package(machine: Machine) -> None:
    assert "Fetching" in machine.run()
    assert machine.calls() == [PACKAGE]


def test_others_download_it(machine: Machine) -> None:
    machine.command("id", says="1000")
    machine.run()
    assert machine.calls() == [DOWNLOAD]


def test_without_a_package_it_is_downloaded(machine: Machine) -> None:
    machine.command("apt-get", code=100)
    assert "skipped" not in machine.run()
    assert machine.calls() == [PACKAGE, DOWNLOAD]


def test_that_there_is_none_to_be_had_is_no_error(machine: Machine) -> None:
    machine.command("apt-get", code=100)
    machine.command("venv/bin/python", code=1)
    assert "TFS_NOTEBOOK_CHROMIUM=" in machine.run()
