"""What kernels leave behind when they end, and how they live side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.notebook.kernel import Kernel
from tests.polling import poll_until
from tfs_notebook.client import Client
from tfs_notebook.wire.errors import ServingError

pytestmark = pytest.mark.timeout(240)


def serve(kernel: Kernel, base_path: Path) -> str:
    """Serve half_plus_two from the kernel's own server; returns its gRPC address."""
    kernel.ok("import numpy as np, tfs_notebook\n%load_ext tfs_notebook")
    shown = kernel.ok(f"%tfs serve {base_path} --name half")
    match = re.search(r"at (unix:\S+)>", shown)
    assert match
    return match[1]


def directories(places: Path) -> list[Path]:
    return list((places / "t").glob("tfs-*"))


def test_it_answers_while_a_cell_runs(
    kernel: Kernel, half_plus_two: Path, tmp_path: Path
) -> None:
    address = serve(kernel, half_plus_two.parent)
    flag = tmp_path / "enough"
    kernel.begin(f"import pathlib\nwhile not pathlib.Path({str(flag)!r}).exists(): pass")
    with Client(address) as client:
        assert np.all(client["half"].predict([1]) == 2.5)
    flag.touch()
    assert kernel.ok("'the next cell'") == "'the next cell'"


def test_a_restart_leaves_nothing(kernel: Kernel, half_plus_two: Path, places: Path) -> None:
    address = serve(kernel, half_plus_two.parent)
    before = kernel.process
    assert len(directories(places)) == 1
    mark = places / "asked nicely"
    kernel.ok(f"import atexit, pathlib; atexit.register(pathlib.Path({str(mark)!r}).touch)")
    kernel.restart()
    # Else the kernel did not end by itself, and was killed after some seconds.
    assert mark.exists()
    assert not before.is_running()
    assert not directories(places)
    with Client(address, timeout=5) as client, pytest.raises(ServingError):
        client["half"].predict([1])
    assert "There is no model server yet" in kernel.ok("%load_ext tfs_notebook\n%tfs status")


@pytest.mark.parametrize("how", [pytest.param("restart now", marks=pytest.mark.long), "kill"])
def test_a_kill_leaves_nothing_that_lives(
    start_kernel: Callable[[], Kernel], half_plus_two: Path, places: Path, how: str
) -> None:
    killed = start_kernel()
    serve(killed, half_plus_two.parent)
    children = killed.process.children(recursive=True)
    if how == "kill":
        killed.kill()
    else:
        killed.restart(now=True)
    assert not [child for child in children if child.is_running()]
    [left] = directories(places)
    serve(start_kernel(), half_plus_two.parent)
    assert left not in directories(places)


def test_two_kernels_at_once(
    start_kernel: Callable[[], Kernel], half_plus_two: Path, half_plus_three: Path, places: Path
) -> None:
    one, other = start_kernel(), start_kernel()
    serve(one, half_plus_two.parent)
    serve(other, half_plus_three.parent)
    assert len(directories(places)) == 2
    code = 'tfs_notebook.connect()["half"].predict([1.0])'
    assert one.ok(code) == "array([2.5], dtype=float32)"
    assert other.ok(code) == "array([3.5], dtype=float32)"
    one.ok("%tfs stop")
    assert other.ok(code) == "array([3.5], dtype=float32)"


def test_the_official_client(kernel: Kernel, half_plus_two: Path) -> None:
    from tests.frontends.official import Client as Official

    with Official(serve(kernel, half_plus_two.parent)) as client:
        outputs = client.predict("half", {"x": np.array([1, 2, 5], np.float32)})
    assert outputs["y"].tolist() == [2.5, 3.0, 4.5]


def test_shell_commands_and_processes(kernel: Kernel, half_plus_two: Path) -> None:
    serve(kernel, half_plus_two.parent)
    kernel.ok('tfs_notebook.connect()["half"].predict([1.0])')
    lines = kernel.run(
        "!echo from the shell\n"
        "import subprocess, sys, os\n"
        "subprocess.run([sys.executable, '-c', 'pass'], check=True)\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    tfs_notebook.stop()\n"
        "    os._exit(0)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
    )
    assert lines.status == "ok", lines.traceback
    assert "from the shell" in lines.streams["stdout"]
    assert not lines.stderr
    assert kernel.ok('tfs_notebook.connect()["half"].predict([1.0])')


def test_unload_ext(kernel: Kernel, half_plus_two: Path, places: Path) -> None:
    serve(kernel, half_plus_two.parent)
    threads = "sorted(t.name for t in __import__('threading').enumerate() if 'tfs' in t.name)"
    assert "tfs-kernel" in kernel.ok(threads)
    kernel.ok("%unload_ext tfs_notebook")
    assert not directories(places)
    poll_until(lambda: kernel.ok(threads) == "[]", "its threads have ended")
    gone = kernel.run("%tfs status")
    assert "not found" in gone.stderr + "".join(gone.traceback)
    gone = kernel.run("%%tfs predict half\n[1.0]")
    assert "not found" in gone.stderr + "".join(gone.traceback)
    assert kernel.complete("%tfs ") == [] or "serve" not in kernel.complete("%tfs ")


def test_reload_ext_leaves_nothing_twice(kernel: Kernel, half_plus_two: Path) -> None:
    for _ in range(3):
        kernel.ok("%reload_ext tfs_notebook")
    count = (
        "[sum('TfsMagics' in repr(type(one)) for one in get_ipython().configurables),"
        " sum('tfs' in getattr(one, 'matcher_identifier', '')"
        "     for one in get_ipython().Completer.custom_matchers),"
        " sum('TfsMagics' in name for name in get_ipython().magics_manager.registry)]"
    )
    assert kernel.ok(count) == "[1, 1, 1]"
    assert kernel.complete("%tfs st") == ["status", "stats", "stop"]
    serve(kernel, half_plus_two.parent)


@pytest.mark.long
def test_a_kernel_that_has_imported_tensorflow(kernel: Kernel, half_plus_two: Path) -> None:
    assert kernel.run("import tensorflow as tf", seconds=120).status == "ok"
    serve(kernel, half_plus_two.parent)
    code = 'tfs_notebook.connect()["half"].predict(tf.constant([1.0, 2.0]))'
    assert kernel.ok(code) == "array([2.5, 3. ], dtype=float32)"


def test_an_interrupt_ends_a_predict(kernel: Kernel, models: Path, tmp_path: Path) -> None:
    kernel.ok(f"model = %tfs serve {models / 'slow'}")
    kernel.ok("model.predict([0.0])")
    # In one cell: between two of them a kernel does not listen to interrupts.
    outcome = kernel.run(
        "import os, threading\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), 2)).start()\n"
        "model.predict([50_000_000.0])"
    )
    assert "KeyboardInterrupt" in outcome.traceback[-1]
    assert kernel.ok("model.predict([0.0])") == "array([0.], dtype=float32)"
    kernel.kill()  # the run goes on, which nobody can end
