"""Asks copies of requests of a second version, behind all other traffic."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

import numpy as np

from tfs_notebook.batching.run_watch import RunWatch, WrittenOff
from tfs_notebook.lifecycle import ServableHandle, ServableRequest
from tfs_notebook.serving.behalf import on_nobodys_behalf
from tfs_notebook.serving.hung_runs import DirectRun, refusal
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.routing.comparison import Answer, compare
from tfs_notebook.serving.routing.copies import Replay, bytes_of, shown_outputs
from tfs_notebook.serving.routing.figures import Difference, ShadowFigures
from tfs_notebook.serving.routing.settings import ShadowSettings
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.wire.errors import NotFound, ServingError

__all__ = ["ShadowCopy", "ShadowRunner"]

_log = logging.getLogger(__name__)

_MOST_WAITING: Final = 128
_MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ShadowCopy:
    """A request that was answered, and is to be asked once more.

    Attributes:
        model: its name.
        versions: to be asked, or those to try after it while a label moves.
        settings: how answers are compared.
        figures: where that is counted.
        replay: the request.
        true: what it was answered.
    """

    model: str
    versions: tuple[int, ...]
    settings: ShadowSettings
    figures: ShadowFigures
    replay: Replay
    true: Answer

    @property
    def size(self) -> int:
        """About how many bytes it keeps in memory."""
        outputs = (self.true.outputs or {}).values()
        return self.replay.size + sum(map(bytes_of, outputs))

    def answered(self, answer: Answer) -> None:
        """Compare an answer, and count that."""
        settings, true = self.settings, self.true
        comparison = compare(true, answer, settings.rtol, settings.atol)
        difference = None
        if comparison.difference is not None:
            asked = mine = other = ""
            if self.figures.keeps_examples:
                asked, mine, other = self.replay.shown(), _shown(true), _shown(answer)
            difference = Difference(time.time(), comparison.difference, asked, mine, other)
        failed_alone = answer.error is not None and true.error is None
        self.figures.add(
            true.seconds, None if failed_alone else answer.seconds, comparison.apart, difference
        )


class ShadowRunner:
    """Has one thread, which asks one copy after another; it starts with the first one.

    What does not find room is dropped, and counted. Any thread may call any method; none
    but :meth:`stop` blocks. A run that hangs is written off as others are, and another
    thread takes the place of the one that it keeps.

    Args:
        handle: takes hold of a version.
        watch: sees whether runs hang.
    """

    def __init__(
        self,
        handle: Callable[[ServableRequest], ServableHandle[ServedModel]],
        watch: RunWatch,
    ) -> None:
        self._handle = handle
        self._watch = watch
        self._copies: SimpleQueue[ShadowCopy | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = self._bytes = 0
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._current: ShadowCopy | None = None
        # No client's: what is written off is counted somewhere.
        self._counter = SignatureCounter()
        watch.add_pool(self.replace)

    def offer(self, copy: ShadowCopy) -> None:
        """Have a copy asked, if there is room for it."""
        size = copy.size
        with self._lock:
            has_room = self._waiting < _MOST_WAITING and self._bytes + size <= _MOST_BYTES
            if has_room and not self._stopped:
                self._waiting += 1
                self._bytes += size
                if self._thread is None:
                    self._start_thread()
                self._copies.put(copy)
                return
        copy.figures.drop()

    def stop(self, timeout: float) -> None:
        """Drop what waits and end the thread; blocks for at most ``timeout`` seconds."""
        with self._lock:
            self._stopped = True
            thread = self._thread
        self._copies.put(None)
        if thread is not None:
            thread.join(timeout)

    def replace(self, thread: int, error: ServingError) -> bool:
        """Give up a thread whose run hangs; see ``batching.run_watch.Replace``."""
        with self._lock:
            if self._thread is None or self._thread.ident != thread:
                return False
            copy, self._current = self._current, None
            if not self._stopped:
                self._start_thread()
        if copy is not None:
            copy.answered(Answer(0.0, error=error))
        return True

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._work, name="tfs-shadow", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (copy := self._copies.get()) is not None and not self._stopped:
            with self._lock:
                self._waiting -= 1
                self._bytes -= copy.size
                self._current = copy
            try:
                self._ask(copy)
            except WrittenOff:
                return
            except Exception:  # noqa: BLE001
                # Nobody waits for it, and the next one is to be asked too.
                _log.exception("a copy for model %s could not be compared", copy.model)
            self._current = None
            del copy

    def _ask(self, copy: ShadowCopy) -> None:
        handle = self._held(copy)
        if handle is None:
            copy.figures.miss()
            return
        started = time.perf_counter()
        try:
            with on_nobodys_behalf():
                outputs = copy.replay.run(
                    handle.servable, lambda run: self._watched(handle, run)
                )
        except WrittenOff:
            raise
        except Exception as error:  # noqa: BLE001 - it is the answer
            copy.answered(Answer(time.perf_counter() - started, error=error))
        else:
            copy.answered(Answer(time.perf_counter() - started, outputs))
        finally:
            handle.release()

    def _watched(
        self, handle: ServableHandle[ServedModel], run: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        if (refused := refusal(handle)) is not None:
            raise refused
        counter = self._counter
        direct = DirectRun(handle, counter, "a copy for comparison")
        return counter.timed(lambda: self._watch.run(direct, run))

    def _held(self, copy: ShadowCopy) -> ServableHandle[ServedModel] | None:
        for version in copy.versions:
            try:
                return self._handle(ServableRequest.specific(copy.model, version))
            except (NotFound, NotLoaded):
                continue
        return None


def _shown(answer: Answer) -> str:
    if answer.error is None:
        return shown_outputs(answer.outputs or {})
    text = answer.error.message if isinstance(answer.error, ServingError) else "internal error"
    return f"{answer.code.name}: {text[:200]}"
