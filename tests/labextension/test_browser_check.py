"""JupyterLab's own check of a page with the wheel: no errors in the server or the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import playwright
import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import chromium_executable
from tests.labextension.installed_wheel import build, install, unpacked_source, without_node

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

# It fetches playwright and its browser with npm, and cannot be told of another browser: so it
# finds a module playwright that is fetched, which is Python's with the browser of these tests.
_MODULE = """\
const {{ chromium }} = require({package});
exports.chromium = {{
  launch: options => chromium.launch({{ ...options, executablePath: {executable} }})
}};
"""


def check_directory(directory: Path, driver: Path, executable: str) -> Path:
    """JupyterLab's application directory, with what the check would fetch."""
    there = Path(sys.prefix) / "share" / "jupyter" / "lab"
    lab = directory / "lab"
    module = lab / "browser_test" / "node_modules" / "playwright"
    module.mkdir(parents=True)
    for name in ("static", "schemas", "themes"):
        (lab / name).symlink_to(there / name)
    package = json.dumps(str(driver / "package"))
    text = _MODULE.format(package=package, executable=json.dumps(executable))
    (module / "index.js").write_text(text)
    return lab


def test_the_wheel_passes_it(tmp_path: Path) -> None:
    driver = Path(playwright.__file__).parent / "driver"
    with sync_playwright() as running:
        executable = chromium_executable(running)
    environment = without_node(tmp_path)
    source = unpacked_source(tmp_path)
    venv = install(build("wheel", tmp_path, environment, source), tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "node").symlink_to(driver / "node")
    (programs / "npx").write_text("#!/bin/sh\n")
    (programs / "npx").chmod(0o755)
    done = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "jupyterlab.browser_check", "--allow-root"],
        cwd=tmp_path,
        env=environment
        | {
            "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
            "JUPYTERLAB_DIR": str(check_directory(tmp_path, driver, executable)),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "tfs_notebook | extension was successfully loaded" in said
    assert "Browser test complete" in said
