"""``serve`` of a dict of whatever can be served: all of it or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, environment_in

pytestmark = pytest.mark.timeout(180)

MAKE = """
import numpy as np, tfs_notebook
def add(amount):
    return lambda x: x + amount
def answers():
    client = tfs_notebook.connect()
    return {name: client[name].predict([2.0]).tolist() for name in sorted(client.models())}
"""


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel without Jupyter."""
    places = tmp_path_factory.mktemp("d")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok(MAKE)
        yield kernel


@pytest.fixture
def broken(half_plus_two: Path, tmp_path: Path) -> Path:
    """The base path of a model that cannot be loaded."""
    version = tmp_path / "broken" / "1"
    shutil.copytree(half_plus_two, version)
    (version / "saved_model.pb").write_bytes(b"\x08\x01\x12nothing of the kind")
    return version.parent


def test_functions_and_paths(own: Kernel, half_plus_two: Path) -> None:
    several = (
        f"{{'one': add(1.0), 'half': {str(half_plus_two.parent)!r}, 'two': add(2.0)}}, "
        "example={'one': [0.0]}, inputs={'two': 'float32'}, outputs={'two': 'float32'}"
    )
    assert own.ok(f"list(tfs_notebook.serve({several}))") == "['half', 'one', 'two']"
    assert own.ok("answers()") == "{'half': [3.0], 'one': [3.0], 'two': [4.0]}"


def test_nothing_is_half_served(own: Kernel, half_plus_two: Path, broken: Path) -> None:
    failing = "tfs_notebook.serve({{'one': add(1.0), 'b': {}}}, example={{'one': [0.0]}})"
    for b, text in (
        (repr(str(broken)), "model b could not be loaded"),
        ("'/nowhere'", "'b': there is no /nowhere"),
        ("add('a')", "'b': what <lambda>() takes and gives is learnt"),
        ("3", "'b': serve() takes a path"),
    ):
        raised = "".join(own.run(failing.format(b)).traceback)
        assert text in raised, raised
    assert own.ok("tfs_notebook.connect('kernel').models()") == "[]"
    own.ok("from tfs_notebook.notebook.session import SESSION")
    assert own.ok("list(SESSION.served.values())") == "[set()]"
    # What was there before is there again.
    own.ok(
        f"tfs_notebook.serve({{'one': add(10.0), 'half': {str(half_plus_two.parent)!r}, "
        "'two': add(20.0)}, example={'one': [0.0], 'two': [0.0]})\n"
        "tfs_notebook.serve(add(21.0), name='two', example=[0.0])\n"
        "%load_ext tfs_notebook\n"
        "%tfs rollback two"
    )
    before = own.ok("answers()")
    assert before == "{'half': [3.0], 'one': [12.0], 'two': [22.0]}"
    raised = own.run(
        "tfs_notebook.serve({'one': add(1.0), 'half': add(5.0), "
        f"'two': {str(half_plus_two.parent)!r}, 'b': {str(broken)!r}}}, "
        "example={'one': [0.0], 'half': [0.0]}, replace=True)"
    ).traceback[-1]
    assert "model b could not be loaded" in raised
    assert "Nothing of the dict is served by this call" in raised
    assert "not back" not in raised
    assert own.ok("answers()") == before
    own.ok("tfs_notebook.serve(add(30.0), name='one', example=[0.0])")
    assert own.ok("answers()['one']") == "[32.0]"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("{'a': add(1.0)}, example=[1.0]", "example= is a dict too, by the same names"),
        ("{'a': add(1.0)}, example={'b': [1.0]}", "the names of what is served, a, and has b"),
        ("{'a': add(1.0)}, inputs='float32', outputs='float32'", "inputs= is a dict too"),
        ("{'a': add(1.0)}, 'b'", "leave out name="),
        ("{}", "nothing in the dict"),
        ("{1: add(1.0)}", "the names in a dict are texts"),
        ("HALF, batched=True", "batched: that is for functions"),
        ("{'a': HALF}, example={'a': [1.0]}", "a: an example is for a live model or a func"),
        ("add(1.0), 'a', example=[1.0], labels={'stable': 1}", "come after it is served"),
    ],
)
def test_wrong_input(shared: Kernel, arguments: str, text: str) -> None:
    raised = "".join(shared.run(f"tfs_notebook.serve({arguments})").traceback)
    assert text in raised


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Kernel]:
    """As above, for what changes nothing."""
    places = tmp_path_factory.mktemp("d")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok(MAKE)
        kernel.ok(f"HALF = {str(half_plus_two.parent)!r}")
        yield kernel
