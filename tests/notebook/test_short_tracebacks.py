"""What goes wrong at a server is told in a cell without this package's own frames."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from tests.notebook.kernel import Kernel, environment_in

pytestmark = pytest.mark.timeout(180)

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CALL = "def ask():\n    return tfs_notebook.connect('127.0.0.1:1')['half'].predict([1.0])\n\n"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    places = tmp_path_factory.mktemp("t")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import asyncio, sys, tfs_notebook\n%load_ext tfs_notebook")
        yield kernel


def shown(kernel: Kernel, cell: str) -> str:
    outcome = kernel.run(cell)
    assert outcome.status == "error"
    return COLOURS.sub("", "\n".join(outcome.traceback))


@pytest.mark.parametrize(
    "cell",
    [f"{CALL}ask()", "await tfs_notebook.connect('127.0.0.1:1')['half'].predict_async([1.0])"],
    ids=["blocks", "awaits"],
)
def test_the_persons_own_lines(kernel: Kernel, cell: str) -> None:
    text = shown(kernel, cell)
    assert "no model server answers" in text
    assert "connect" in text
    assert ("in ask()" in text) == ("ask()" in cell)
    assert "model_handle.py" not in text
    kernel.ok(
        "import traceback\n"
        "whole = ''.join(traceback.format_tb(sys.last_traceback))\n"
        "assert 'model_handle.py' in whole, whole"
    )


def test_other_errors_are_shown_as_ever(kernel: Kernel) -> None:
    text = shown(kernel, "tfs_notebook.connect('127.0.0.1:1')[3.5]")
    assert "expected" in text
    assert "client.py" in text


def test_what_others_have_arranged_stays(kernel: Kernel) -> None:
    kernel.ok("%unload_ext tfs_notebook")
    assert "model_handle.py" in shown(kernel, f"{CALL}ask()")
    kernel.ok(
        "shell = get_ipython()\n"
        "shell.set_custom_exc((ZeroDivisionError,), lambda *_, **__: None)\n"
        "%load_ext tfs_notebook\n%unload_ext tfs_notebook"
    )
    assert kernel.ok("shell.custom_exceptions") == "(ZeroDivisionError,)"
    kernel.ok(
        "shell.set_custom_exc((), None)\n%load_ext tfs_notebook\n%reload_ext tfs_notebook"
    )
    assert "model_handle.py" not in shown(kernel, f"{CALL}ask()")
