"""What the documentation names is there: files, headings, flags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.server_process import ROOT
from tfs_notebook.cli.flags import NO_EFFECT, REFUSED
from tfs_notebook.config import ServerConfig
from tfs_notebook.notebook.verbs import VERBS

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "deploy" / "README.md",
    ROOT / "benchmarks" / "README.md",
]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
FLAG = re.compile(r"`--([a-z0-9_]+)(?==|`| )")
# Of `tfs-notebook log`.
OTHERS = {"atol", "json", "label", "model", "rtol"}
MAGICS = {option.lstrip("-") for verb in VERBS.values() for option in verb.options()}


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    heads = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for file, anchor in LINK.findall(page.read_text("utf-8")):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{file} is not there"
        if anchor:
            assert anchor in anchors(target), f"{file} has no heading #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_flags_exist(page: Path) -> None:
    known = {*ServerConfig.class_traits(config=True), *NO_EFFECT, *REFUSED, "help", "version"}
    named = set(FLAG.findall(page.read_text("utf-8")))
    assert named - known - OTHERS - MAGICS == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_merge_was_left_half_done(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    assert not [line for line in lines if re.match(r"<{7} |={7}$|>{7} ", line)]
