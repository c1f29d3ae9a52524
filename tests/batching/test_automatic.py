"""What the automatic mode collects between two decisions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.batching.tasks import Answers, task_of
from tfs_notebook.batching.automatic import AutomaticMode
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.task import Task


def mode() -> AutomaticMode:
    """One whose window is over."""
    made = AutomaticMode(10_000, BatchingParameters(), lambda _mode: None)
    made._began -= 3600
    return made


def test_what_is_taken_away_while_requests_are_counted_does_not_come_back() -> None:
    automatic = mode()
    task = task_of((1.0,), Answers())
    for _ in range(20):
        automatic.add_run(10, 10, 0.001)
    automatic._began = time.perf_counter()
    automatic.add_requests([task] * 200)

    class Overtaken(list[Any]):
        def __iter__(self) -> Iterator[Task]:
            # Another thread decides just now.
            automatic._decide(time.perf_counter() + 3600)
            return super().__iter__()

    automatic.add_requests(Overtaken([task]))
    assert automatic.tuner.windows == 1
    assert len(automatic._latencies) <= 1


def test_requests_are_not_kept_for_ever_where_every_run_fails() -> None:
    automatic = mode()
    tasks = [task_of((1.0,), Answers())] * 1000
    for _ in range(250):
        automatic.add_requests(tasks)
    assert automatic.tuner.windows == 0
    assert len(automatic._latencies) < 200_000
