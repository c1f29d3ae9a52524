"""A wheel with the front end, built and installed where there is no node."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.labextension.front_end import built_front_end, node_environment
from tests.server_process import ROOT


def without_node(directory: Path) -> dict[str, str]:
    """An environment in which no node is found, and no settings of this user's."""
    own = ("PYTHONPATH", "JUPYTER_PATH")
    environment = {key: value for key, value in os.environ.items() if key not in own}
    empty = directory / "empty"
    empty.mkdir(exist_ok=True)
    return environment | {
        "PATH": str(empty),
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_DATA_DIR": str(directory / "data"),
    }


def build(kind: str, directory: Path, environment: dict[str, str], source: Path = ROOT) -> Path:
    """Build the wheel or the source distribution of these sources."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(directory)],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = directory.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def unpacked_source(directory: Path) -> Path:
    """The source distribution with the front end built in it, unpacked."""
    built_front_end()
    archive = build("sdist", directory, node_environment())
    unpacked = directory / "unpacked"
    unpacked.mkdir()
    # Python's own takes and wants a filter from some patch release on.
    subprocess.run(["tar", "-xzf", archive, "-C", unpacked], check=True)
    (source,) = unpacked.iterdir()
    return source


def install(wheel: Path, directory: Path) -> Path:
    """Install it into an environment that has the packages of this one, too: its root."""
    venv = directory / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(venv)})
    seen = [path for path in sys.path if path.endswith("site-packages")]
    (Path(packages) / "others.pth").write_text("\n".join(seen) + "\n")
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--force-reinstall", str(wheel)],
        check=True,
        capture_output=True,
        env=without_node(directory),
        cwd=directory,
    )
    return venv
