"""A model under load in virtual time: the real queue and decisions, no clock, no threads."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass

from tests.batching.tasks import rows
from tfs_notebook.batching.batch_queue import Batch, BatchQueue
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.tuning import QueueLimits, Tuner, Window

WINDOW_SECONDS = 0.5


@dataclass(frozen=True)
class Model:
    """What its runs take, in seconds: so much each, and for each row, and at times more."""

    fixed: float
    per_row: float
    noise: float = 0.0

    def seconds(self, number: int, chance: random.Random) -> float:
        factor = 1 + self.noise * chance.random()
        return (self.fixed + self.per_row * number) * factor


class Load:
    """Requests of some rows that come by chance, so many a second, to one thread.

    Or else they come from clients who send the next one when they have their answers.
    """

    def __init__(
        self,
        model: Model,
        per_second: float,
        parameters: BatchingParameters,
        *,
        request_rows: int = 1,
        clients: int = 0,
        seed: int = 0,
    ) -> None:
        self.model, self.per_second, self.parameters = model, per_second, parameters
        self.request_rows = request_rows
        self.chance = random.Random(seed)
        self.queue = BatchQueue(parameters)
        self.now = 0.0
        self._free = 0.0
        self._clients = clients
        self._arrivals = [0.0] * clients or [self.chance.expovariate(per_second)]
        self.began = 0.0
        self.runs: list[tuple[int, int, float]] = []
        self.latencies: list[float] = []

    def pass_time(self, seconds: float) -> None:
        """Let requests come, and run batches."""
        end = self.now + seconds
        while True:
            due = self.queue.due()
            ready = None if due is None else max(due, self._free, self.now)
            coming = self._arrivals[0] if self._arrivals else math.inf
            event = coming if ready is None else min(coming, ready)
            if event > end:
                self.now = end
                return
            self.now = event
            if ready is not None and ready <= coming:
                self._run(self.queue.take())
            else:
                task = rows(self.request_rows)
                task.enqueued = self.now
                self.queue.add(task, self.now)
                heapq.heappop(self._arrivals)
                if not self._clients:
                    gap = self.chance.expovariate(self.per_second)
                    heapq.heappush(self._arrivals, self.now + gap)

    def _run(self, batch: Batch) -> None:
        padded = self.parameters.rounded(batch.rows)
        seconds = self.model.seconds(padded, self.chance)
        self._free = self.now + seconds
        self.runs.append((batch.rows, padded, seconds))
        self.latencies += [self._free - task.enqueued for task in batch.tasks]
        for _ in batch.tasks if self._clients else ():
            heapq.heappush(self._arrivals, self._free)

    def seen(self) -> Window:
        """What happened since the last window."""
        return Window(self.now - self.began, self.runs, self.latencies)

    def window(self) -> Window:
        """The same; begins another."""
        window = self.seen()
        self.began, self.runs, self.latencies = self.now, [], []
        return window


def tuned(load: Load, target: float, windows: int) -> tuple[Tuner, list[Window]]:
    """Let the tuner decide after each window."""
    tuner = Tuner(target, load.parameters)
    load.queue.change(load.parameters, tuner.limits)
    seen: list[Window] = []
    for _ in range(windows):
        load.pass_time(WINDOW_SECONDS)
        while not load.seen().is_enough:
            load.pass_time(WINDOW_SECONDS)
        window = load.window()
        seen.append(window)
        limits = tuner.decide(window)
        assert isinstance(limits, QueueLimits)
        load.queue.change(load.parameters, limits)
    return tuner, seen
