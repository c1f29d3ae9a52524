"""The clock of the machine: waits that are over before they begin, and very long ones."""

from __future__ import annotations

import queue

from tfs_notebook.lifecycle.clock import SystemClock


def test_what_is_past_is_not_waited_for() -> None:
    # A thread may lose the processor between its look at the clock and its wait.
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    for timeout in (0.0, -0.001, -1e9):
        assert SystemClock().receive(inbox, timeout) is None
        inbox.put("message")
        assert SystemClock().receive(inbox, timeout) == "message"


def test_centuries_are_no_error() -> None:
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    inbox.put("message")
    assert SystemClock().receive(inbox, 1e12) == "message"
