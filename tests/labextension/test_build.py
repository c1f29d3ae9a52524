"""``pip install .`` of a clone, where the front end can be built and where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.labextension.front_end import WEB_PAGE, built_front_end, node_environment
from tests.labextension.installed_wheel import without_node
from tests.server_process import ROOT, free_port

# The first waits for the build.
pytestmark = pytest.mark.timeout(300)

SKIP = "SKIP_JUPYTER_BUILDER"
_SOURCES = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "jupyter-config")
_LEFT_OUT = ("labextensions", "__pycache__")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project as git gives it: nothing is built in it, and nothing fetched."""
    clone = tmp_path / "clone"
    (clone / "tfs_notebook").mkdir(parents=True)
    for name in _SOURCES:
        (clone / name).symlink_to(ROOT / name)
    for path in (ROOT / "tfs_notebook").glob("*.py"):
        (clone / "tfs_notebook" / path.name).symlink_to(path)
    (clone / "labextension").mkdir()
    made = ("node_modules", "lib", ".yarn", ".build-lock", "__pycache__")
    for path in (ROOT / "labextension").iterdir():
        if path.name not in made:
            # No links: yarn keeps what it fetches beside the sources it finds.
            subprocess.run(["cp", "-R", path, clone / "labextension"], check=True)
    return clone


def build(
    clone: Path, kind: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """As pip and uv do it, but with the packages that are there."""
    environment = {key: value for key, value in environment.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(clone / "dist")],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def with_a_dead_registry(directory: Path) -> dict[str, str]:
    """An environment with node, but without packages of npm."""
    return node_environment() | {
        "YARN_NPM_REGISTRY_SERVER": f"https://127.0.0.1:{free_port()}",
        "YARN_GLOBAL_FOLDER": str(directory / "yarn"),
    }


def test_a_dead_registry_is_told_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    done = build(clone, "wheel", with_a_dead_registry(tmp_path))
    assert done.returncode == 1
    assert "cannot be had from the npm registry" in done.stderr
    assert f"{SKIP}=1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / "dist").exists() or not list((clone / "dist").iterdir())


def test_no_node_is_told_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    done = build(clone, "wheel", without_node(tmp_path))
    assert done.returncode == 1
    assert "no node" in done.stderr
    assert f"{SKIP}=1" in done.stderr


def test_it_can_be_left_out_of_a_wheel(clone: Path, tmp_path: Path) -> None:
    done = build(clone, "wheel", without_node(tmp_path) | {SKIP: "1"})
    assert done.returncode == 0, done.stderr
    (wheel,) = (clone / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("jupyter_server_config.d/tfs_notebook.json") for name in names)
    assert not any("labextensions" in name or "web_page/" in name for name in names)


def test_it_cannot_be_left_out_of_a_source_distribution(clone: Path, tmp_path: Path) -> None:
    done = build(clone, "sdist", without_node(tmp_path) | {SKIP: "1"})
    assert done.returncode == 1
    assert SKIP in done.stderr


def test_one_of_older_sources_is_built_anew(clone: Path, tmp_path: Path) -> None:
    # With the times of the original, which is of these sources.
    for built in (built_front_end(), WEB_PAGE):
        subprocess.run(["cp", "-Rp", built, clone / "tfs_notebook" / built.name], check=True)
    sources = [path for path in (clone / "labextension").rglob("*.*") if path.is_file()]
    for path in sources:
        os.utime(path, (0, 0))
    environment = with_a_dead_registry(tmp_path)
    done = build(clone, "wheel", environment)
    assert done.returncode == 0, done.stderr
    changed = next(path for path in sources if path.name == "index.ts")
    changed.touch()
    assert build(clone, "wheel", environment).returncode == 1
