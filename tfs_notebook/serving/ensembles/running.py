"""Runs of an ensemble: each step is asked when what it needs is there, on nobody's time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from tfs_notebook.batching.task import Inputs, Task, deliver
from tfs_notebook.lifecycle import ServableId, ServableRequest
from tfs_notebook.serving.behalf import Behalf, current_behalf
from tfs_notebook.serving.ensembles.description import REQUEST, EnsembleDescription, Step
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.inference import check_request
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.run_pool import PoolWork
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.wire.errors import (
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
    Unknown,
    error_for_code,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

__all__ = ["EnsembleRuns", "Members"]

_log = logging.getLogger(__name__)

_NANOSECONDS: Final = 1e9
_Prediction = Prediction[dict[str, Any]]


class Members(Protocol):
    """Where an ensemble finds its members, and threads for those that need one."""

    def hold(self, reference: ModelReference, key: str | None) -> HeldModel:
        """See ``ModelLookup.hold``."""

    def when_loaded(
        self, request: ServableRequest, then: Callable[[ServingError | None], None]
    ) -> None:
        """Have this loaded, and call ``then``, on any thread, with why it cannot be, or None.

        Does not block.
        """

    def put(self, work: PoolWork) -> None:
        """Have a thread make the run of a member that has no batches; see ``RunPool.put``."""


class EnsembleRuns:
    """Makes the runs of one loaded ensemble. Any thread may call it; nothing blocks.

    A member is looked up anew for each request, so what is served under its name then
    answers. Steps that do not need each other are under way at once. A step of a member with
    batches waits in its queue, any other for a thread of the pool; between two of them a run
    has no thread at all. The thread that brings the last answer a step needs asks it.

    Args:
        id_: of the ensemble, for errors.
        description: of its steps.
        members: where they are found.

    Attributes:
        counters: what was counted of each step, by name.
    """

    def __init__(
        self, id_: ServableId, description: EnsembleDescription, members: Members
    ) -> None:
        self.id = id_
        self.description = description
        self.members = members
        self.counters: Mapping[str, SignatureCounter] = {
            name: SignatureCounter() for name in description.steps
        }
        self.wanted = {name: description.used_outputs(name) for name in description.steps}

    def submit(self, task: Task, signature: Signature, outputs: tuple[str, ...]) -> None:  # noqa: ARG002
        """Begin a run; the task is given its answer, and handed back, when there is one.

        Args:
            task: checked, and made ready by ``Task.enqueue_for``.
            signature: there is one.
            outputs: those wanted; steps that are not needed for them are not made.
        """
        _EnsembleRun(self, task, outputs).begin()


class _EnsembleRun:
    """One request. It ends once: whoever ends it first decides how."""

    __slots__ = (
        "_begun",
        "_ended",
        "_ensemble",
        "_given",
        "_lock",
        "_needed",
        "_outputs",
        "_task",
        "behalf",
    )

    def __init__(self, ensemble: EnsembleRuns, task: Task, outputs: tuple[str, ...]) -> None:
        self._ensemble = ensemble
        self._task = task
        # Whoever waits for a run as such has a thread, which knows.
        self.behalf: Behalf = task.behalf if isinstance(task, Prediction) else current_behalf()
        self._outputs = outputs
        self._needed = ensemble.description.needed_for(frozenset(outputs))
        self._lock = threading.Lock()
        self._begun: set[str] = set()
        # With their types, by step.
        self._given: dict[str, Inputs] = {}
        self._ended = False

    def done(self) -> bool:
        """Whether nobody waits for its steps any more; see ``Task.waiter``."""
        return self._ended or self._task.is_abandoned

    def begin(self) -> None:
        self._task.start(time.perf_counter())
        self._go_on()

    def _go_on(self) -> None:
        steps = self._ensemble.description.steps
        with self._lock:
            ready = [
                steps[name]
                for name in steps
                if name in self._needed
                and name not in self._begun
                and steps[name].needs <= self._given.keys()
            ]
            self._begun.update(step.name for step in ready)
            is_over = not self._needed - self._given.keys()
        if is_over:
            self._succeed()
        for step in ready:
            _Asked(self, self._ensemble, step).begin()

    def give(self, step: Step, outputs: Inputs) -> None:
        """A step has its answer: arrays and their types."""
        with self._lock:
            self._given[step.name] = outputs
        self._go_on()

    def check_wanted(self) -> None:
        """Nothing, while there is use in going on.

        Raises:
            Cancelled: nobody waits.
            DeadlineExceeded: the time is up.
        """
        if self.done():
            raise Cancelled("nobody waits for the answer any more")
        if self._task.is_late(time.perf_counter()):
            raise DeadlineExceeded("the request's time was up before it began")

    def time_left(self) -> float | None:
        """Seconds; None for as many as it likes."""
        return self._task.time_left(time.perf_counter())

    def inputs_of(self, step: Step) -> Inputs:
        """What a step is given; the steps that it needs are done."""
        request, given = self._task.inputs, self._given
        return {
            alias: (request if source.step == REQUEST else given[source.step])[source.name]
            for alias, source in step.inputs.items()
            # What the request leaves out has a default in the member too.
            if source.step != REQUEST or source.name in request
        }

    def fail(self, step: Step, error: Exception) -> None:
        """A step cannot be made, so nor can the whole."""
        if not self._ends():
            return
        if isinstance(error, Cancelled) and self._task.is_abandoned:
            self._task.cancel()
        else:
            self._task.fail(_named(self._ensemble.id, step, error))
        deliver([self._task])

    def _succeed(self) -> None:
        if self._ends():
            sources = self._ensemble.description.outputs
            self._task.succeed(
                {
                    alias: self._given[sources[alias].step][sources[alias].name][0]
                    for alias in self._outputs
                }
            )
            deliver([self._task])

    def _ends(self) -> bool:
        with self._lock:
            ends, self._ended = not self._ended, True
        return ends


class _Asked:
    """One step of one request: a ``Receiver`` of its answer, and ``PoolWork`` if need be."""

    __slots__ = (
        "_counter",
        "_ensemble",
        "_prediction",
        "_run",
        "_signature",
        "_started",
        "_step",
    )

    _prediction: _Prediction
    _signature: Signature

    def __init__(self, run: _EnsembleRun, ensemble: EnsembleRuns, step: Step) -> None:
        self._run = run
        self._ensemble = ensemble
        self._step = step
        self._counter = (
            ensemble.counters[step.name] if run.behalf.is_clients else SignatureCounter()
        )

    def begin(self) -> None:
        """Ask; does not block, and never raises."""
        self._started = time.perf_counter()
        self._counter.begin()
        self._begin()

    def _begin(self) -> None:
        try:
            self._run.check_wanted()
            self._ask()
        except NotLoaded as missing:
            self._wait_for(missing.request)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._fail(error)

    def _ask(self) -> None:
        held = self._held()
        try:
            prediction = self._understood(held)
        except BaseException:
            held.release()
            raise
        # Whoever gives the whole up gives up what still waits in the queues of members.
        prediction.waiter = self._run
        self._prediction = prediction
        if prediction.is_batched:
            prediction.submit(self, self._run.time_left())
            return
        try:
            self._ensemble.members.put(self)
        except ServingError as error:
            prediction.refuse(error)
            raise

    def _held(self) -> HeldModel:
        try:
            held = self._ensemble.members.hold(self._step.reference, self._run.behalf.key)
        except NotFound as error:
            raise Unavailable(error.message) from error
        except InvalidArgument as error:  # of its label
            raise FailedPrecondition(error.message) from error
        if not self._run.behalf.is_clients:
            held.for_nobody()
        return held

    def _understood(self, held: HeldModel) -> _Prediction:
        signature = held.signature(self._step.reference.signature)
        inputs = self._run.inputs_of(self._step)
        wanted = self._ensemble.wanted[self._step.name]
        try:
            check_request(signature, inputs, wanted)
        except InvalidArgument as error:
            raise FailedPrecondition(
                f"version {held.version} does not fit the ensemble any more: {error.message}"
            ) from error
        self._signature = signature
        return held.prediction(signature, inputs, dict, wanted)

    def _wait_for(self, request: ServableRequest) -> None:
        def then(error: ServingError | None) -> None:
            if error is None:
                self._begin()
            else:
                self._fail(error)

        try:
            self._ensemble.members.when_loaded(request, then)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._fail(error)

    def __call__(self) -> None:
        """Run it, on a thread of the pool."""
        try:
            self._run.check_wanted()
        except ServingError as error:
            self._prediction.refuse(error)
        else:
            self._prediction.run_alone()
        self.deliver([self._prediction])

    def give_up(self, error: ServingError) -> None:
        """See ``PoolWork``."""
        self._fail(error)

    def deliver(self, tasks: Sequence[Task]) -> None:  # noqa: ARG002 - there is one
        """See ``Receiver``."""
        prediction = self._prediction
        if prediction.error is not None:
            self._fail(prediction.error)
            return
        if prediction.result is None:  # it was given up before it ran
            self._fail(Cancelled("nobody waits for the answer any more"))
            return
        outputs = self._signature.outputs
        self._count(failed=False)
        try:
            self._run.give(
                self._step,
                {
                    name: (array, outputs[name].dtype)
                    for name, array in prediction.result.items()
                },
            )
        except Exception as error:  # noqa: BLE001 - it is logged, and whoever asked is told
            _log.exception(
                "%s could not go on after step %s", self._ensemble.id, self._step.name
            )
            self._run.fail(self._step, error)

    def _fail(self, error: Exception) -> None:
        self._count(failed=True)
        self._run.fail(self._step, error)

    def _count(self, *, failed: bool) -> None:
        nanoseconds = int((time.perf_counter() - self._started) * _NANOSECONDS)
        self._counter.end(nanoseconds, failed=failed)


def _named(id_: ServableId, step: Step, error: Exception) -> ServingError:
    text = f"step {step.name!r} of {id_} (model {step.member}): "
    if isinstance(error, ServingError):
        return error_for_code(error.code, text + error.message)
    return Unknown(f"{text}{type(error).__name__}: {error}")
