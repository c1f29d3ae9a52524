"""Every text of the widgets is there in Chinese, with the same things to fill in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages import mofile, pofile

from tests.server_process import ROOT
from tfs_notebook.client.observing.observer import UNTOLD
from tfs_notebook.notebook.dashboard.plots import OF_VERSIONS, PLOTS
from tfs_notebook.notebook.dashboard.rows import HEADS
from tfs_notebook.notebook.dashboard.sight import PANES
from tfs_notebook.notebook.dashboard.targets import TITLES
from tfs_notebook.notebook.widgets.translation import (
    DOMAIN,
    LOCALE_DIRECTORY,
    chosen_language,
    translator,
)

NOTEBOOK = ROOT / "tfs_notebook" / "notebook"
CATALOGUE = LOCALE_DIRECTORY / "zh_CN" / "LC_MESSAGES"
CALLS = ("translate", "_translate", "words", "_words")
# The same in all languages.
SAME = {"p50", "p95", "p99"}
FIELDS = re.compile(r"{\w+}|%tfs|\[[^\]]*\]")


def texts() -> Iterator[str]:
    """What is translated in the sources."""
    for path in sorted(NOTEBOOK.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in CALLS and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
    # The dashboard's tables, whose texts are translated where they are shown.
    for plot in (*PLOTS, OF_VERSIONS):
        yield from (plot.title, *plot.lines)
    yield from (*HEADS, *PANES, *TITLES.values(), *UNTOLD)


def test_every_text_is_translated() -> None:
    chinese = translator("zh_CN")
    found = set(texts()) - SAME
    assert len(found) > 200
    assert not [text for text in found if chinese(text) == text]
    assert not [
        text for text in found if set(FIELDS.findall(text)) ^ set(FIELDS.findall(chinese(text)))
    ]


def test_the_catalogue_is_compiled_and_has_nothing_else() -> None:
    with (CATALOGUE / f"{DOMAIN}.po").open("rb") as file:
        catalogue = pofile.read_po(file)
    compiled = BytesIO()
    mofile.write_mo(compiled, catalogue)
    assert compiled.getvalue() == (CATALOGUE / f"{DOMAIN}.mo").read_bytes()
    assert {message.id for message in catalogue if message.id} == set(texts()) - SAME


@pytest.mark.parametrize(
    ("said", "environment", "language"),
    [
        ("zh-Hans", {}, "zh_CN"),
        ("zh_CN", {}, "zh_CN"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("de", {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANGUAGE": "zh_CN:en", "LC_ALL": "en_US.UTF-8"}, "zh_CN"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_what_was_said_or_the_environments(
    monkeypatch: pytest.MonkeyPatch,
    said: str | None,
    environment: dict[str, str],
    language: str,
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen_language(said) == language
    assert (translator(said)("Send") == "发送") == (language == "zh_CN")
