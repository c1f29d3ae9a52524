"""What takes long shows a line; what does not, does not."""

from __future__ import annotations

import re

import pytest

from tests.notebook.kernel import Kernel
from tests.python_process import run_python
from tfs_notebook.notebook.progress import run_with_progress
from tfs_notebook.wire.errors import InvalidArgument, NotFound

LONG = """
import threading
from tfs_notebook.notebook.progress import run_with_progress
never, looked = threading.Event(), threading.Event()
calls = {"m": lambda: None if looked.wait(60) else 1 / 0}
def state(name, looks=[]):
    looks.append(name)
    if len(looks) == 4:
        looked.set()
    return f" ({name})"
"""


def fail(error: Exception) -> None:
    raise error


def test_a_line_that_is_replaced(kernel: Kernel) -> None:
    outcome = kernel.run(f"{LONG}run_with_progress('loading', calls, state)")
    assert outcome.status == "ok", outcome.traceback
    shown = [bundle["text/plain"] for bundle in outcome.displays]
    assert re.fullmatch(r"loading m \(m\) … \d+ s", shown[0])
    assert re.fullmatch(r"loading m: done after \d+\.\d s", shown[-1])
    assert outcome.streams == {}


def test_an_interrupt_ends_the_wait(kernel: Kernel) -> None:
    # In one cell: between two of them a kernel does not listen to interrupts.
    outcome = kernel.run(
        f"{LONG}import os\n"
        "threading.Timer(1.0, os.kill, (os.getpid(), 2)).start()\n"
        "run_with_progress('loading', {'m': never.wait}, lambda name: '')"
    )
    assert outcome.status == "error"
    assert "KeyboardInterrupt" in outcome.traceback[-1]


def test_nothing_is_written_where_nobody_sees_it_change() -> None:
    done = run_python("-c", f"{LONG}run_with_progress('loading', calls, state)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_errors_are_the_calls_own() -> None:
    error = NotFound("no such thing")
    with pytest.raises(NotFound) as caught:
        run_with_progress("loading", {"a": lambda: None, "b": lambda: fail(error)}, str)
    assert caught.value is error


def test_several_errors_are_told_together() -> None:
    calls = {
        "a": lambda: fail(NotFound("one")),
        "b": lambda: fail(InvalidArgument("two")),
    }
    with pytest.raises(NotFound, match=r"a: one\nb: two"):
        run_with_progress("loading", calls, str)
