"""Whose a name is, and what is left when a kernel that serves functions restarts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.notebook.kernel import Kernel
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.wire.errors import ServingError

pytestmark = pytest.mark.timeout(240)

MAKE = """
import tfs_notebook, numpy as np
%load_ext tfs_notebook
def plus(amount):
    return lambda x: x + amount
async def later(x):
    return x + 1
def asked(name, kind=None):
    return tfs_notebook.connect(kind)[name].predict([2.0]).tolist()
"""
SERVE = "tfs_notebook.serve(plus({}), name={!r}, example=[0.0]{})"


@pytest.fixture
def ready(start_kernel: Callable[[], Kernel]) -> Callable[[], Kernel]:
    """Starts kernels that have the code above."""

    def start() -> Kernel:
        kernel = start_kernel()
        kernel.ok(MAKE)
        return kernel

    return start


def left_by(process: psutil.Process, places: Path) -> list[str]:
    """Directories, sockets and processes of a kernel's model server."""
    found = [str(path) for path in (places / "t").glob("tfs-*")]
    found += [
        str(path) for path in (places / "r").glob("tfs*") if str(process.pid) in path.name
    ]
    return found + ([f"process {process.pid}"] if process.is_running() else [])


def test_a_restart_leaves_nothing(ready: Callable[[], Kernel], places: Path) -> None:
    kernel = ready()
    shown = kernel.ok(SERVE.format(1.0, "plus", "")).strip()
    kernel.ok("tfs_notebook.serve(later, example=[0.0])")
    address = re.search(r"at (unix:\S+)>", shown)
    assert address
    before = kernel.process
    children = before.children(recursive=True)
    assert left_by(before, places) != [f"process {before.pid}"]
    kernel.restart()
    assert left_by(before, places) == []
    assert not any(child.is_running() for child in children)
    with Client(address[1], timeout=5) as client, pytest.raises(ServingError):
        client["plus"].predict([1.0])
    kernel.ok(MAKE)
    assert "There is no model server yet" in kernel.ok("%tfs status")
    kernel.ok(SERVE.format(2.0, "plus", ""))
    assert kernel.ok("asked('plus')") == "[4.0]"
    # Versions of the one before are gone with it.
    assert "version 1" in kernel.ok("str(tfs_notebook.connect()['plus'].metadata())")


def test_a_restart_beside_jupyters_server(
    jupyters: ServerProcess, ready: Callable[[], Kernel], places: Path, half_plus_two: Path
) -> None:
    kernel = ready()
    kernel.ok(f"%tfs serve {half_plus_two.parent} --name half")
    kernel.ok(SERVE.format(1.0, "plus", ""))
    assert kernel.ok("asked('half'), asked('plus')") == "([3.0], [3.0])"
    connection = sorted(path.name for path in (places / "r").glob("tfs*"))
    before = kernel.process
    kernel.restart()
    assert left_by(before, places) == []
    assert sorted(path.name for path in (places / "r").glob("tfs*")) == connection
    assert jupyters.process.poll() is None
    assert jupyters.states("half") == {1: "AVAILABLE"}
    kernel.ok(MAKE)
    assert kernel.ok("asked('half')") == "[3.0]"
    kernel.ok(SERVE.format(2.0, "plus", ""))
    assert kernel.ok("asked('half'), asked('plus')") == "([3.0], [4.0])"


@pytest.fixture
def control(jupyters: ServerProcess, places: Path) -> Iterator[ModelControl]:
    """Of the model server that Jupyter has."""
    control = ModelControl(f"http+unix:{places}/r.sock")
    yield control
    control.close()


def names_of(control: ModelControl) -> list[str]:
    return [model.name for model in control.models()]


def test_a_name_means_one_model(
    control: ModelControl, ready: Callable[[], Kernel], half_plus_two: Path
) -> None:
    one, other = ready(), ready()
    one.ok(f"%tfs serve {half_plus_two.parent} --name half")
    for kernel in (one, other):
        raised = kernel.run(SERVE.format(5.0, "half", "")).traceback[-1]
        assert "Jupyter's model server" in raised
        assert "connect()['half'] is to mean one model" in raised
        assert "replace=True, which unloads it there" in raised
        assert kernel.ok("asked('half')") == "[3.0]"
    assert names_of(control) == ["half"]
    one.ok(SERVE.format(5.0, "half", ", replace=True"))
    assert names_of(control) == []
    assert one.ok("asked('half'), asked('half', 'kernel')") == "([7.0], [7.0])"
    # To the other one it is free, and each has its own.
    other.ok(SERVE.format(6.0, "half", ""))
    assert one.ok("asked('half')") == "[7.0]"
    assert other.ok("asked('half')") == "[8.0]"
    # The way back takes no replace=True: the function is this kernel's own.
    one.ok(f"%tfs serve {half_plus_two.parent} --name half")
    assert names_of(control) == ["half"]
    assert one.ok("asked('half')") == "[3.0]"
    assert one.ok("tfs_notebook.connect('kernel').models()") == "[]"
    # Who had it before goes on to mean its own, and may say which.
    assert other.ok("asked('half'), asked('half', 'jupyter')") == "([8.0], [3.0])"
    assert other.ok("%tfs predict half [2.0]") == "array([8.])"
    other.ok("%tfs unload half")
    assert names_of(control) == ["half"]
    assert other.ok("asked('half')") == "[3.0]"


@pytest.mark.long
def test_a_dict_on_both_servers(
    control: ModelControl, ready: Callable[[], Kernel], half_plus_two: Path, tmp_path: Path
) -> None:
    kernel = ready()
    several = "tfs_notebook.serve({{'f': plus(1.0), 'half': {!r}}}, example={{'f': [0.0]}})"
    (tmp_path / "broken" / "1").mkdir(parents=True)
    (tmp_path / "broken" / "1" / "saved_model.pb").write_bytes(b"nothing of the kind")
    raised = kernel.run(several.format(str(tmp_path / "broken"))).traceback[-1]
    assert "model half could not be loaded" in raised
    assert names_of(control) == []
    assert kernel.ok("tfs_notebook.connect('kernel').models()") == "[]"
    kernel.ok(several.format(str(half_plus_two.parent)))
    assert names_of(control) == ["half"]
    assert kernel.ok("asked('f'), asked('half')") == "([3.0], [3.0])"
    assert kernel.ok("asked('f', 'kernel'), asked('half', 'jupyter')") == "([3.0], [3.0])"
    kernel.ok("tfs_notebook.stop()")
    assert names_of(control) == []
