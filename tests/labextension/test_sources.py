"""The front end's own tests and checks, its version, and what its sources may not have."""

from __future__ import annotations

import json
import re

import pytest

import tfs_notebook
from tests.labextension.front_end import SOURCE, run_script, with_packages

# The first waits for packages that are fetched.
pytestmark = pytest.mark.timeout(300)

LONGEST = 300
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(")


def test_the_version_is_that_of_the_package() -> None:
    manifest = json.loads((SOURCE / "package.json").read_text("utf-8"))
    assert manifest["version"] == tfs_notebook.__version__


def test_the_locale_is_of_this_version() -> None:
    path = "tfs_notebook/locale/zh_CN/LC_MESSAGES/tfs_notebook.json"
    catalogue = json.loads((SOURCE.parent / path).read_text("utf-8"))
    assert catalogue[""]["version"] == tfs_notebook.__version__


def test_colours_are_those_of_the_theme() -> None:
    styles = {path.name: path.read_text("utf-8") for path in SOURCE.glob("style/*.css")}
    sources = {path.name: path.read_text("utf-8") for path in SOURCE.glob("src/**/*.ts*")}
    assert styles
    assert not [name for name, text in (styles | sources).items() if COLOUR.search(text)]


def test_files_are_short() -> None:
    long = [
        path.name
        for path in SOURCE.glob("src/**/*.ts*")
        if len(path.read_text("utf-8").splitlines()) > LONGEST and path.name != "answers.ts"
    ]
    assert not long


def test_logic() -> None:
    with_packages()
    run_script("test")


def test_types_and_style() -> None:
    with_packages()
    run_script("lint")
