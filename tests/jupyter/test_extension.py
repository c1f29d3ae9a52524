"""The extension as Jupyter finds it: cheap to import, and enabled by the wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.python_process import output_of
from tests.server_process import ROOT

IMPORT = """
import jupyter_server.serverapp, sys
before = set(sys.modules)
import tfs_notebook
(point,) = tfs_notebook._jupyter_server_extension_points()
point["app"]()
print(*(set(sys.modules) - before))
"""


def test_jupyter_imports_little() -> None:
    imported = output_of("-c", IMPORT).split()
    heavy = {"tensorflow", "grpc", "numpy", "pandas", "ipywidgets", "psutil", "uvloop"}
    assert not heavy & set(imported)


def test_the_package_imports_no_jupyter() -> None:
    imported = output_of("-c", "import tfs_notebook, sys; print(*sys.modules)").split()
    assert not [name for name in imported if name.startswith("jupyter")]


@pytest.mark.timeout(300)
def test_a_wheel_enables_the_extension(tmp_path: Path) -> None:
    python = sys.executable
    done = subprocess.run(
        [python, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    # An environment of its own that sees the dependencies of this one.
    venv = tmp_path / "venv"
    subprocess.run([python, "-m", "venv", str(venv)], check=True, capture_output=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(venv)})
    (Path(packages) / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    own = str(venv / "bin" / "python")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["JUPYTER_CONFIG_DIR"] = str(tmp_path / "config")
    install = [own, "-m", "pip", "install", "--no-deps", "--no-index", "--force-reinstall"]
    subprocess.run(
        [*install, str(wheel)], check=True, capture_output=True, env=environment, cwd=tmp_path
    )
    enabled = venv / "etc" / "jupyter" / "jupyter_server_config.d" / "tfs_notebook.json"
    document = json.loads(enabled.read_text())
    assert document["ServerApp"]["jpserver_extensions"] == {"tfs_notebook": True}
    listed = subprocess.run(
        [own, "-m", "jupyter_server.extension.serverextension", "list"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=True,
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", listed.stdout + listed.stderr)
    assert re.search(r"tfs_notebook [0-9.]+\S* *OK", text), text
    assert re.search(r"tfs_notebook enabled", text), text
