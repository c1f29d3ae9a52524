"""``serve(function)``: in the kernel that has it, with Jupyter's model server or without."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, environment_in
from tests.server_process import ServerProcess

pytestmark = pytest.mark.timeout(180)

MAKE = """
import numpy as np, tfs_notebook
%load_ext tfs_notebook
def plus(amount):
    def add(x):
        if x.min() < 0:
            raise ValueError("less than nothing")
        return x + amount
    return add
def asked(name="plus"):
    return tfs_notebook.connect("kernel")[name].predict([1.0, 2.0]).tolist()
"""
SERVE = "tfs_notebook.serve(plus({}), name='plus', example=[0.0])"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel without Jupyter."""
    places = tmp_path_factory.mktemp("f")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok(MAKE)
        yield kernel


def test_versions_of_a_function(own: Kernel) -> None:
    first = own.run(SERVE.format(1.0))
    assert first.status == "ok", first.traceback
    assert first.text.startswith("<model 'plus' at unix:")
    assert own.ok("asked()") == "[2.0, 3.0]"
    own.ok(SERVE.format(2.0))
    assert own.ok("asked()") == "[3.0, 4.0]"
    own.ok("%tfs rollback plus")
    assert own.ok("asked()") == "[2.0, 3.0]"
    own.ok(SERVE.format(3.0))
    assert own.ok("asked()") == "[4.0, 5.0]"
    rest = (
        "from tfs_notebook.notebook.session import SESSION\n"
        "from tfs_notebook.client import Client\n"
        "Client(SESSION.own().rest_address)['plus'].predict([1.0]).tolist()"
    )
    assert own.ok(rest) == "[4.0]"
    own.ok("%tfs unload plus")
    assert "no version of model 'plus' answers" in "".join(own.run("asked()").traceback)
    own.ok(SERVE.format(4.0))
    assert own.ok("asked()") == "[5.0, 6.0]"


def test_what_is_refused(own: Kernel, half_plus_two: Path) -> None:
    own.ok(SERVE.format(1.0))
    raised = "".join(
        own.run("tfs_notebook.connect('kernel')['plus'].predict([-1.0])").traceback
    )
    assert "add() raised ValueError in its line 3: less than nothing" in raised
    missing = "".join(own.run("tfs_notebook.serve(plus(1.0))").traceback)
    assert "serve(add, example=…)" in missing
    unnamed = "".join(own.run("tfs_notebook.serve(lambda x: x, example=[1])").traceback)
    assert "needs one: serve(function, name=…)" in unnamed
    own.ok(f"%tfs serve {half_plus_two.parent} --name half")
    taken = "tfs_notebook.serve(plus(5.0), name='half', example=[0.0]{})"
    assert "take this one with replace=True" in "".join(own.run(taken.format("")).traceback)
    assert own.ok("asked('half')") == "[2.5, 3.0]"
    own.ok(taken.format(", replace=True"))
    assert own.ok("asked('half')") == "[6.0, 7.0]"
    own.ok(f"%tfs serve {half_plus_two.parent} --name half")
    assert own.ok("asked('half')") == "[2.5, 3.0]"


def test_beside_jupyters_server(
    jupyters: ServerProcess, places: Path, half_plus_two: Path
) -> None:
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok(MAKE)
        kernel.ok(f"import os; os.environ['JPY_PARENT_PID'] = '{os.getpid()}'")
        kernel.ok(f"%tfs serve {half_plus_two.parent} --name everyones")
        kernel.ok(SERVE.format(1.0))
        assert kernel.ok("asked()") == "[2.0, 3.0]"
        assert jupyters.states("everyones") == {1: "AVAILABLE"}
        names = "sorted(one.name for one in tfs_notebook.status().models)"
        assert kernel.ok(names) == "['everyones', 'plus']"
        kernel.ok(SERVE.format(2.0))
        kernel.ok("%tfs rollback plus")
        assert kernel.ok("asked()") == "[2.0, 3.0]"
        kernel.ok("%tfs unload plus")
        assert kernel.ok(names) == "['everyones']"
        kernel.ok("tfs_notebook.stop()")
        gone = "".join(kernel.run("asked()").traceback)
        assert "this kernel has no model server of its own" in gone
