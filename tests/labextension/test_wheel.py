"""The front end in the wheel, as JupyterLab finds it where there is no node."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import tfs_notebook
from tests.labextension.front_end import PACKAGE, WEB_PAGE, built_front_end
from tests.labextension.installed_wheel import build, install, unpacked_source, without_node
from tests.server_process import ROOT

# The first waits for the build.
pytestmark = pytest.mark.timeout(300)

INSTALLED = "share/jupyter/labextensions/tfs-notebook"


def test_jupyterlab_finds_the_front_end_of_a_wheel_without_node(tmp_path: Path) -> None:
    # From the source distribution, as those build who have no wheel: without node, too.
    source = unpacked_source(tmp_path)
    assert (source / "labextension" / "yarn.lock").is_file()
    assert not (source / "labextension" / "node_modules").exists()
    environment = without_node(tmp_path)
    venv = install(build("wheel", tmp_path, environment, source), tmp_path)
    manifest = json.loads((venv / INSTALLED / "package.json").read_text("utf-8"))
    assert manifest["version"] == tfs_notebook.__version__
    assert (venv / INSTALLED / "install.json").is_file()
    (page,) = venv.glob("lib/python*/site-packages/tfs_notebook/web_page")
    assert sorted(one.name for one in page.iterdir()) == sorted(
        one.name for one in WEB_PAGE.iterdir()
    )
    listed = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "jupyterlab.labextensions", "list"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=True,
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", listed.stdout + listed.stderr)
    expected = rf"tfs-notebook v{re.escape(tfs_notebook.__version__)} enabled\s+OK"
    assert re.search(expected, text), text


def test_a_wheel_is_whole_without_the_front_end(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "jupyter-config"):
        (source / name).symlink_to(ROOT / name)
    (source / "labextension").mkdir()
    (source / "labextension" / "hatch_build.py").symlink_to(
        ROOT / "labextension/hatch_build.py"
    )
    (source / "tfs_notebook").mkdir()
    for path in (ROOT / "tfs_notebook").glob("*.py"):
        (source / "tfs_notebook" / path.name).symlink_to(path)
    environment = without_node(tmp_path) | {"SKIP_JUPYTER_BUILDER": "1"}
    assert build("wheel", tmp_path, environment, source).is_file()


def test_licences_of_what_is_bundled_are_listed() -> None:
    built_front_end()
    licences = PACKAGE / "static" / "third-party-licenses.json"
    names = {one["name"] for one in json.loads(licences.read_text("utf-8"))["packages"]}
    assert "uplot" in names
    of_the_page = (WEB_PAGE / "third-party-licenses.txt").read_text("utf-8")
    for name in ("uplot", "react", "react-dom", "@lumino/signaling"):
        assert re.search(rf"^{name} \d", of_the_page, re.MULTILINE)
