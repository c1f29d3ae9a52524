"""An interrupt that comes where a library could not bear it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.interrupts import interrupts_held


@pytest.mark.timeout(30)
def test_between_grpcs_call_and_its_thread(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin: Callable[[Any], None] = pytest.importorskip("grpc._channel")._run_channel_spin_thread
    interrupts = [signal.SIGINT]

    def interrupted(state: Any) -> None:
        while interrupts:
            signal.raise_signal(interrupts.pop())
        begin(state)

    rows = np.zeros(4, np.float32)
    with Client(server.grpc_address) as client:
        client["half_plus_two"].metadata()
        monkeypatch.setattr("grpc._channel._run_channel_spin_thread", interrupted)
        with pytest.raises(KeyboardInterrupt):
            client["half_plus_two"].predict(rows, chunk_rows=1)
        assert not interrupts
        answer = client["half_plus_two"].predict(rows, chunk_rows=1)
        assert np.asarray(answer).tolist() == [2.0] * 4


def test_the_block_is_whole_and_the_handler_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    steps = []

    def work() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            steps.append("after the interrupt")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_interrupt_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_have_no_interrupts_to_hold() -> None:
    handlers = []

    def work() -> None:
        with interrupts_held():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
