"""What takes long shows a line; what does not, does not."""

from __future__ import annotations

import pytest

from tests.notebook.kernel import Kernel
from tests.python_process import run_python
from tfs_notebook.notebook.progress import run_with_progress
from tfs_notebook.wire.errors import InvalidArgument, NotFound

LONG = """
import threading
from tfs_notebook.notebook.progress import run_with_progress
never = threading.Event()
calls = {"m": lambda: never.wait(1.6) or None}
"""


def fail(error: Exception) -> None:
    raise error


def test_a_line_that_is_replaced(kernel: Kernel) -> None:
    outcome = kernel.run(f"{LONG}run_with_progress('loading', calls, ' ({{}})'.format)")
    shown = [bundle["text/plain"] for bundle in outcome.displays]
    assert shown[0] == "loading m (m) … 1 s"
    assert shown[-1].startswith("loading m: done after 1.")
    assert outcome.streams == {}


def test_an_interrupt_ends_the_wait(kernel: Kernel) -> None:
    kernel.ok(LONG)
    kernel.ok(
        "threading.Timer(1.0, __import__('os').kill, (__import__('os').getpid(), 2)).start()"
    )
    outcome = kernel.run(
        "run_with_progress('loading', {'m': never.wait}, lambda name: '')", seconds=20
    )
    assert outcome.status == "error"
    assert "KeyboardInterrupt" in outcome.traceback[-1]


def test_nothing_is_written_where_nobody_sees_it_change() -> None:
    done = run_python("-c", f"{LONG}run_with_progress('loading', calls, str)")
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
