"""A prediction that has been understood: held model, signature, inputs, and what to answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar, cast

import numpy as np

from tfs_notebook.batching.run_watch import RunWatch, Watches
from tfs_notebook.batching.task import Inputs, Outputs, Receiver, Task
from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.serving.behalf import CLIENT, Behalf
from tfs_notebook.serving.hung_runs import DirectRun, refusal, strand
from tfs_notebook.serving.inference import check_method_name, check_request, run_predict
from tfs_notebook.serving.routing.observation import Observation
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import FailedPrecondition, ServingError
from tfs_notebook.wire.signatures import Signature

__all__ = ["Prediction"]

T = TypeVar("T")

_NANOSECONDS = 1e9
_UNWATCHED: Final = RunWatch(0)


class Prediction(Task, Generic[T]):
    """Runs once, by itself or with others, is counted, and lets go of its model then.

    Args:
        handle: of the model; whoever makes a prediction gives the hold away.
        statistics: where it is counted.
        signature: one of the model's.
        inputs: array and ``DataType`` number by alias.
        encode: makes the answer of the outputs, on the thread that ran them.
        output_filter: the outputs wanted; empty for all of them.
        check_method: whether the signature has to be one that Predict may run.
        watch: sees whether it hangs where it runs by itself.

    Attributes:
        observation: sees it end, if somebody wants to know.
        behalf: on which an ensemble asks its members.
    """

    __slots__ = (
        "_check_method",
        "_counter",
        "_handle",
        "_kind",
        "_output_filter",
        "_signature",
        "_statistics",
        "_waits",
        "_watch",
        "behalf",
        "observation",
    )

    _counter: SignatureCounter

    def __init__(
        self,
        handle: ServableHandle[ServedModel],
        statistics: Statistics,
        signature: Signature,
        inputs: Inputs,
        encode: Callable[[Mapping[str, np.ndarray]], T],
        output_filter: Sequence[str] = (),
        *,
        check_method: bool = False,
        watch: Watches = _UNWATCHED,
    ) -> None:
        super().__init__(inputs, encode)
        self._handle = handle
        self._statistics = statistics
        self._signature = signature
        self._output_filter = output_filter
        self._check_method = check_method
        self._watch = watch
        self.observation: Observation | None = None
        self.behalf: Behalf = CLIENT
        self._kind = handle.servable.brief_runs.kind(signature, inputs, tuple(output_filter))

    @property
    def is_batched(self) -> bool:
        """Whether it is submitted: to share a run with others, or as it is an ensemble's."""
        return self._handle.servable.tasks is not None

    @property
    def is_quick(self) -> bool:
        """Whether it is expected to take so little that a thread of its own is too much."""
        id_ = self._handle.id
        return self._statistics.counter(id_.name, id_.version, self._signature.name).is_quick

    @property
    def is_brief(self) -> bool:
        """Whether it is known to take so little that the loop's own thread may make it."""
        kind = self._kind
        return kind is not None and self._handle.servable.brief_runs.expects(kind)

    @property
    def target(self) -> tuple[str, int, str]:
        """Model, version and signature."""
        id_ = self._handle.id
        return id_.name, id_.version, self._signature.name

    def watched_by(self, watch: Callable[[Watches], Watches]) -> None:
        """Put another watch around the one of its run by itself; before it is run."""
        self._watch = watch(self._watch)

    def before_answer(self, call: Callable[[], None]) -> None:
        """Have this called with its outputs there and no answer made yet; before it is run."""
        finish = self._finish

        def answered(outputs: Outputs) -> object:
            call()
            return finish(outputs)

        self._finish = answered

    def run_alone(self) -> None:
        """Run it by itself, for its ``result`` or ``error``; blocks.

        If nobody waits for it any more, it lets go of its model and does not run.
        """
        if self.is_abandoned:
            self._handle.release()
            return
        try:
            self.result = self.run()
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self.error = error

    def refuse(self, error: ServingError) -> None:
        """It is not run at all: let go of its model."""
        self.error = error
        self._handle.release()

    def run(self) -> T:
        """Check it, run it by itself, and count it; blocks.

        Raises:
            WrittenOff: it took too long, and all that came of it is dropped.
            ServingError: what is wrong with it, or why it failed.
        """
        if (observation := self.observation) is not None:
            return observation.timed(self._run_counted)
        return self._run_counted()

    def _run_counted(self) -> T:
        id_, name = self._handle.id, self._signature.name
        self._counter = self._statistics.counter(id_.name, id_.version, name)
        with self._handle:
            kind = self._kind
            if kind is None:
                return self._counter.timed(self._run)
            started = time.perf_counter()
            result = self._counter.timed(self._run)
            self._handle.servable.brief_runs.record(kind, time.perf_counter() - started)
            return result

    def _run(self) -> T:
        signature, model = self._signature, self._handle.servable.model
        self._check()
        outputs = self._watch.run(
            DirectRun(self._handle, self._counter, signature.name),
            lambda: run_predict(model, signature, self.inputs, self._output_filter),
        )
        return cast("T", self._finish(outputs))

    def _check(self) -> None:
        if self._check_method:
            check_method_name(self._signature)
        if (refused := self.refusal()) is not None:
            raise refused

    def submit(self, receiver: Receiver, timeout: float | None = None) -> None:
        """Check it and put it in a queue; does not block.

        Args:
            receiver: takes the answer back.
            timeout: seconds after which it need not run any more.

        Raises:
            InvalidArgument: it does not fit its signature, or no batch.
            FailedPrecondition: its model does not put requests together.
            Unavailable: the queue is full, the server is shutting down, or too many runs
                hang in its model.
        """
        served = self._handle.servable
        tasks = served.tasks
        if tasks is None:
            raise FailedPrecondition(f"{self._handle.id} has no batching")
        id_ = self._handle.id
        counter = self._statistics.counter(id_.name, id_.version, self._signature.name)
        self._counter = counter
        counter.begin()
        try:
            self._check()
            wanted = check_request(self._signature, self.inputs, self._output_filter)
            self.enqueue_for(receiver, timeout, by_rows=served.batching is not None)
            if self._output_filter:
                # In whatever order they are wanted, it is one run.
                wanted = [alias for alias in self._signature.outputs if alias in wanted]
            self._waits = True
            counter.begin_waiting()
            try:
                tasks.submit(self, self._signature, tuple(wanted))
            except BaseException:
                counter.end_waiting(0.0)
                raise
        except BaseException as error:
            self._counter.end(0, failed=True)
            self._handle.release()
            if self.observation is not None and isinstance(error, Exception):
                self.observation.ended(0.0, error)
            raise

    def refusal(self) -> ServingError | None:
        """See ``Task``."""
        return refusal(self._handle)

    def describe(self) -> str:
        """See ``Task``."""
        return f"{self._handle.id}, signature {self._signature.name!r}"

    def strand(self) -> Callable[[], None]:
        """See ``Task``."""
        return strand(self._handle, self._counter)

    def start(self, now: float) -> None:
        """See ``Task``."""
        super().start(now)
        self._end_waiting(now)

    def _end_waiting(self, now: float) -> None:
        if self._waits:
            self._waits = False
            self._counter.end_waiting(now - self.enqueued)

    def succeed(self, outputs: Outputs) -> None:
        """See ``Task``."""
        if self._output_filter:
            outputs = {alias: outputs[alias] for alias in self._output_filter}
        super().succeed(outputs)
        self._end()

    def fail(self, error: Exception) -> None:
        """See ``Task``."""
        super().fail(error)
        self._end()

    def _end(self) -> None:
        counter = self._counter
        # Of one that never began it is all it did.
        self._end_waiting(self.ended)
        if self.is_abandoned and self.started == self.enqueued:
            # It never ran.
            counter.drop()
        else:
            nanoseconds = int((self.ended - self.enqueued) * _NANOSECONDS)
            counter.end(nanoseconds, failed=self.error is not None)
            if self.observation is not None:
                self.observation.ended(self.ended - self.enqueued, self.error)
        self._handle.release()
