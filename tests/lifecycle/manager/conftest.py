"""A manager on a manual clock and with manual jobs, on the test's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tfs_notebook.lifecycle.testing import ManagerBench


@pytest.fixture
def bench() -> ManagerBench:
    """A manager with the options it has when none are given."""
    return ManagerBench()


@pytest.fixture
def no_thread(
    bench: ManagerBench, monkeypatch: pytest.MonkeyPatch
) -> AbstractContextManager[None]:
    """While it is entered, no job of ``bench`` gets a thread."""

    def refuse(name: str, job: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    @contextmanager
    def refusing() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(bench.jobs, "start", refuse)
            yield

    return refusing()
