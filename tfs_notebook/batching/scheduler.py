"""The threads that run batches, shared by the queues of all models."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from tfs_notebook.batching.batch_queue import Batch, BatchQueue
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.batching.scheduled_queue import Process, ScheduledQueue
from tfs_notebook.batching.task import Task, deliver
from tfs_notebook.wire.errors import ServingError, Unavailable

__all__ = ["BatchScheduler"]

_log = logging.getLogger(__name__)

_FOR_EVER: Final = -1.0
_LONGEST_WAIT_SECONDS: Final = 3600.0


class _Worker:
    """A thread of the pool, the gate it waits at, and what it runs."""

    __slots__ = ("gate", "running", "thread")

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.thread: threading.Thread | None = None
        self.running: tuple[ScheduledQueue, Batch] | None = None


class BatchScheduler:
    """A pool of threads over queues that take turns.

    A thread that finds nothing to run waits at a gate of its own; who puts a task
    in a queue opens at most one gate, and a thread that leaves work behind opens
    the next. One of those that wait, the timekeeper, wakes when the next batch is
    due. While nothing waits in any queue nobody wakes. Threads are started when
    they are first needed, and are daemons.

    Any thread may call any method; only :meth:`stop` blocks.
    """

    def __init__(
        self, threads: int, name: str = "tfs-batch", watch: RunWatch | None = None
    ) -> None:
        """Prepare a pool; its threads are started as they are needed.

        Args:
            threads: how many batches may run at once.
            name: of the threads.
            watch: sees which of them hang; without one, they may.
        """
        self.watch = watch or RunWatch(0)
        self.watch.add_pool(self.replace)
        self._name = name
        self._lock = threading.Lock()
        self._pending: deque[ScheduledQueue] = deque()
        self._most = threads
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._timekeeper: _Worker | None = None
        self._waking_at = 0.0
        # Threads that have been woken, and have not looked yet what there is.
        self._woken = 0
        self._held = 0
        self._started = 0
        self._stopped = False

    def add(
        self,
        queue: BatchQueue,
        process: Process,
        is_quick: Callable[[], bool] = lambda: False,
        *,
        one_at_a_time: bool = False,
    ) -> ScheduledQueue:
        """A queue whose batches ``process`` is called with, on a thread of the pool.

        Args:
            queue: nobody else touches it.
            process: runs its batches.
            is_quick: whether that takes so little that one at a time will do.
            one_at_a_time: whether no more than one of its batches is to run, so that it
                takes no thread from other queues while it would have to wait.
        """
        return ScheduledQueue(queue, process, is_quick, one_at_a_time=one_at_a_time)

    def submit(self, scheduled: ScheduledQueue, task: Task) -> None:
        """Put a task in a queue; it is delivered when it has its answer.

        Raises:
            InvalidArgument: it is too large for the queue.
            Unavailable: the queue is full, or the scheduler has stopped.
        """
        try:
            self._put(scheduled, task)
        finally:
            if scheduled.queue.dropped:
                self._cancel_dropped(scheduled)

    def _cancel_dropped(self, scheduled: ScheduledQueue) -> None:
        with self._lock:
            dropped, scheduled.queue.dropped = scheduled.queue.dropped, []
        for task in dropped:
            task.cancel()
        deliver(dropped)

    def _put(self, scheduled: ScheduledQueue, task: Task) -> None:
        with self._lock:
            if self._stopped:
                raise Unavailable(
                    "the server is shutting down; send the request to another one"
                )
            scheduled.queue.add(task, task.enqueued)
            if not scheduled.is_pending:
                scheduled.is_pending = True
                self._pending.append(scheduled)
            if self._woken:
                # Somebody will look, and see this too.
                return
            if not self._held or scheduled.queue.has_full_batch:
                self._look_after(scheduled.due(task.enqueued))

    def hold_back(self) -> None:
        """More is about to come: until :meth:`go_on` wake nobody but for a full batch."""
        with self._lock:
            self._held += 1

    def look_again(self) -> None:
        """Something may be due earlier than it was."""
        self.hold_back()
        self.go_on()

    def go_on(self) -> None:
        """Look after what was submitted since :meth:`hold_back`."""
        with self._lock:
            self._held -= 1
            self._look_after_all()

    def _look_after_all(self) -> None:
        """Have a thread awake when the first batch of all is due; the lock is held."""
        if self._held or self._woken:
            return
        now = time.perf_counter()
        dues = [due for one in self._pending if (due := one.due(now)) is not None]
        self._look_after(min(dues, default=None))

    def _look_after(self, due: float | None) -> None:
        """Have a thread awake when a batch is due; the lock is held."""
        if due is None:
            return
        if due and self._timekeeper is not None and due > time.perf_counter():
            if due < self._waking_at:
                self._idle.remove(self._timekeeper)
                self._wake(self._timekeeper)
            return
        if self._idle:
            self._wake(self._idle.pop())
        elif len(self._workers) < self._most:
            self._start_worker()

    def _wake(self, worker: _Worker) -> None:
        if worker is self._timekeeper:
            self._timekeeper = None
        self._woken += 1
        worker.gate.release()

    def _start_worker(self) -> None:
        worker = _Worker()
        worker.thread = threading.Thread(
            target=self._work, args=(worker,), name=f"{self._name}-{self._started}", daemon=True
        )
        try:
            worker.thread.start()
        except RuntimeError:
            # What waits does so until somebody looks again, when the next task comes say.
            _log.exception("there is no thread to be had for a batch")
            return
        self._started += 1
        self._woken += 1
        self._workers.add(worker)

    # -- on the threads of the pool ---------------------------------------------

    def _work(self, worker: _Worker) -> None:
        woken = True
        while True:
            with self._lock:
                if woken:
                    self._woken -= 1
                found, due = self._next()
                if found is None:
                    if self._stopped or len(self._workers) > self._most:
                        self._workers.discard(worker)
                        self._look_after(due)
                        return
                    wait = self._rest(worker, due)
                elif not self._woken:
                    self._look_after(due)
            if found is not None:
                woken = False
                if not self._run(worker, *found):
                    return
                # A batch may be large; it is not kept until the next one comes.
                del found
            else:
                woken = worker.gate.acquire(timeout=wait) if wait else False
                if not woken:
                    woken = self._got_up(worker)

    def _next(self) -> tuple[tuple[ScheduledQueue, Batch] | None, float | None]:
        """The next batch in turn, and when the one after it is due; the lock is held."""
        found = None
        earliest: float | None = None
        now = time.perf_counter()
        for _ in range(len(self._pending)):
            scheduled = self._pending[0]
            due = scheduled.due(now)
            if due is None:
                self._pending.popleft()
                scheduled.is_pending = False
                continue
            ready = due <= now or self._stopped
            if ready and found is None:
                found = scheduled, scheduled.queue.take()
                if not scheduled.running:
                    scheduled.since = now
                scheduled.running += 1
                due = scheduled.due(now)
                if due is None:
                    self._pending.popleft()
                    scheduled.is_pending = False
                    continue
            elif ready:
                # Its turn is next: it stays where it is.
                return found, due
            self._pending.rotate(-1)
            earliest = due if earliest is None else min(earliest, due)
        return found, earliest

    def _rest(self, worker: _Worker, due: float | None) -> float:
        """Lie down; how long to wait at the gate. The lock is held."""
        wait = _FOR_EVER
        if due is not None and (self._timekeeper is None or due < self._waking_at):
            self._timekeeper = worker
            self._waking_at = due
            wait = min(max(0.0, due - time.perf_counter()), _LONGEST_WAIT_SECONDS)
        self._idle.append(worker)
        return wait

    def _got_up(self, worker: _Worker) -> bool:
        """The time was up; whether somebody woke this thread at the same moment."""
        with self._lock:
            if worker in self._idle:
                self._idle.remove(worker)
                if self._timekeeper is worker:
                    self._timekeeper = None
                return False
        # The gate has been opened, or is about to be.
        return worker.gate.acquire()

    def _run(self, worker: _Worker, scheduled: ScheduledQueue, batch: Batch) -> bool:
        """Run a batch; whether the thread still belongs to the pool after that."""
        worker.running = scheduled, batch
        try:
            scheduled.process(batch)
        except Exception:  # noqa: BLE001
            # The thread is needed for the batches of others.
            _log.exception("a batch could not be run")
        with self._lock:
            if worker not in self._workers:
                # Its run was written off, and another thread has its place.
                return False
            worker.running = None
            scheduled.running -= 1
        return True

    def replace(self, thread: int, _error: ServingError) -> bool:
        """Give up a thread whose run hangs; see ``Replace``.

        What is left in its batch goes to the front of the queue.
        """
        with self._lock:
            for worker in self._workers:
                if worker.thread is not None and worker.thread.ident == thread:
                    break
            else:
                return False
            if worker.running is None:
                return False
            (scheduled, batch), worker.running = worker.running, None
            self._workers.discard(worker)
            scheduled.running -= 1
            if batch.tasks:
                scheduled.queue.put_back(batch)
                if not scheduled.is_pending:
                    scheduled.is_pending = True
                    self._pending.append(scheduled)
            # Its queue may have waited for it, and all queues for a thread.
            self._look_after_all()
        return True

    # -- its size and its end ---------------------------------------------------

    @property
    def threads(self) -> int:
        """How many batches may run at once."""
        return self._most

    @threads.setter
    def threads(self, most: int) -> None:
        with self._lock:
            self._most = most
            # Those that are too many go when they find nothing to do.
            for _ in range(min(len(self._idle), len(self._workers) - most)):
                self._wake(self._idle.pop())
            # There may be more now than before.
            self._look_after_all()

    def stop(self, timeout: float) -> bool:
        """Take no more tasks, run those that wait, and end the threads. Idempotent.

        Blocks for at most ``timeout`` seconds.

        Returns:
            whether every thread has ended.
        """
        with self._lock:
            self._stopped = True
            while self._idle:
                self._wake(self._idle.pop())
            if self._pending and not self._workers:
                # It was held back, and nobody has begun.
                self._start_worker()
            threads = [worker.thread for worker in self._workers]
        deadline = time.monotonic() + timeout
        for thread in threads:
            if thread is not None and thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads if thread is not None)
