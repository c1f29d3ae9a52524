"""The ensembles of a server: how they are loaded, and how they find their members."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final, Protocol

from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    LoadWait,
    ManagerState,
    ServableId,
    ServableRequest,
    ServableState,
    Subscription,
)
from tfs_notebook.serving.ensembles.description import ENSEMBLE_FILE, Step, read_ensemble
from tfs_notebook.serving.ensembles.member_graph import MemberGraph
from tfs_notebook.serving.ensembles.model import EnsembleModel
from tfs_notebook.serving.ensembles.running import EnsembleRuns
from tfs_notebook.serving.ensembles.signature import derived_definition
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.managed_models import NotLoaded, manager_options
from tfs_notebook.serving.run_pool import PoolWork, RunPool
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureStatistics
from tfs_notebook.wire.errors import (
    Cancelled,
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

__all__ = ["Ensembles", "ServesMembers"]

# A member that is being loaded, and one of which no version has been seen.
_LOADING_SECONDS: Final = 120.0
_UNSEEN_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.5

_UNDER_WAY: Final = (ManagerState.START, ManagerState.LOADING)


class ServesMembers(Protocol):
    """The server whose models are asked; see ``ModelServer``."""

    def hold(self, reference: ModelReference, key: str | None = None) -> HeldModel:
        """See ``ModelLookup``."""

    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """See ``ModelLookup``."""

    def version_states(self, reference: ModelReference) -> tuple[ServableState, ...]:
        """See ``ModelLookup``."""

    def subscribe(self, callback: Callable[[ServableState], None]) -> Subscription:
        """See ``ModelServer``."""

    def is_listed(self, name: str) -> bool:
        """See ``ModelServer``."""


class Ensembles:
    """Loads ensembles, and has the threads for those of their steps that need one.

    The threads come into being with the first ensemble; each makes the run of one member,
    and none waits for another. Any thread may call any method.

    Args:
        server: whose models are the members.
        config: the flags.
        watch: sees which runs hang.
    """

    def __init__(self, server: ServesMembers, config: ServerConfig, watch: RunWatch) -> None:
        self._server = server
        self._watch = watch
        self._threads = config.grpc_max_threads
        self._graph = MemberGraph()
        # Those that are loaded, the newest of an id last.
        self._runs: dict[object, EnsembleRuns] = {}
        self._lock = threading.Lock()
        self._pool: RunPool | None = None
        self._stopped = False
        self._changed = threading.Condition()
        # A thread that loads has to be left for the members.
        self._waits = threading.Semaphore(manager_options(config).num_load_threads - 1)

    def load(self, id_: ServableId, path: Path) -> ServedModel:
        """Load an ensemble once its members are there; blocks until they are, or are not to be.

        Raises:
            DataLoss: its file cannot be read or is not valid.
            InvalidArgument: it would ask itself, lies too deep, or its steps do not fit
                together.
            FailedPrecondition: a member is not among the server's models, or has no such
                label or signature.
            Unavailable: a member has no version that serves.
            Cancelled: the server is shutting down.
        """
        description = read_ensemble(path / ENSEMBLE_FILE)
        token = self._graph.add(id_, description.members)
        try:
            signatures = {
                name: self._signature(id_, step) for name, step in description.steps.items()
            }
            definition = derived_definition(description, signatures)
        except BaseException:
            self._graph.remove(token)
            raise
        runs = EnsembleRuns(id_, description, self)
        self._runs[token] = runs

        def forget() -> None:
            self._graph.remove(token)
            self._runs.pop(token, None)

        model = EnsembleModel(definition, runs, forget)
        return ServedModel(model, ensemble=runs, kind="ensemble")

    def steps_of(self, id_: ServableId) -> Mapping[str, SignatureStatistics]:
        """What was counted of the steps of one that is loaded, by name; else nothing."""
        runs = self._loaded(id_)
        counters = {} if runs is None else runs.counters
        return {
            name: counter.read(id_.name, id_.version, name)
            for name, counter in counters.items()
        }

    def described_steps(self, id_: ServableId) -> Sequence[Step]:
        """The steps of one that is loaded, each after those that it needs; else nothing."""
        runs = self._loaded(id_)
        return () if runs is None else tuple(runs.description.steps.values())

    def _loaded(self, id_: ServableId) -> EnsembleRuns | None:
        loaded = [runs for runs in self._runs.copy().values() if runs.id == id_]
        return loaded[-1] if loaded else None

    # -- at load -----------------------------------------------------------------

    def _signature(self, id_: ServableId, step: Step) -> Signature:
        try:
            return self._signature_now(step)
        except (NotFound, InvalidArgument, NotLoaded):
            if not self._waits.acquire(blocking=False):
                raise Unavailable(
                    f"step {step.name!r} of {id_}: model {step.member} is not loaded yet, and "
                    "no thread would be left to load it (--num_load_threads)"
                ) from None
            try:
                return self._awaited(id_, step)
            finally:
                self._waits.release()
        except ServingError as error:
            raise _of_step(id_, step, error) from error

    def _signature_now(self, step: Step) -> Signature:
        with self._server.hold(step.reference) as held:
            return held.signature(step.reference.signature)

    def _awaited(self, id_: ServableId, step: Step) -> Signature:
        started = time.monotonic()
        subscription = self._server.subscribe(lambda _: self._notify())
        stack = ExitStack()
        with subscription, stack:
            wait: LoadWait[ServedModel] | None = None
            while True:
                try:
                    if wait is not None and (handle := wait.handle()) is not None:
                        handle.release()
                    return self._signature_now(step)
                except NotLoaded as missing:
                    if wait is None:
                        server, request = self._server, missing.request
                        wait = stack.enter_context(server.waiting(request, self._notify))
                        continue
                    reason: ServingError = missing
                except (NotFound, InvalidArgument) as error:
                    reason = error
                except ServingError as error:
                    raise _of_step(id_, step, error) from error
                self._check_hope(id_, step, reason, time.monotonic() - started)
                with self._changed:
                    self._changed.wait(_LOOK_SECONDS)

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _check_hope(
        self, id_: ServableId, step: Step, reason: ServingError, waited: float
    ) -> None:
        if self._stopped:
            raise Cancelled("the server is shutting down")
        name = step.reference.name
        if not self._server.is_listed(name):
            raise FailedPrecondition(
                f"step {step.name!r} of {id_}: there is no model {name!r} among those of this "
                "server. Load it first"
            )
        try:
            states = self._server.version_states(ModelReference(name))
        except NotFound:
            states = ()
        is_coming = isinstance(reason, NotLoaded) or any(
            state.state in _UNDER_WAY for state in states
        )
        if waited >= (
            _LOADING_SECONDS if is_coming else _UNSEEN_SECONDS if not states else 0.0
        ):
            raise Unavailable(
                f"step {step.name!r} of {id_}: model {step.member} does not serve: "
                f"{reason.message}"
            )

    # -- at each request; see ``Members`` ---------------------------------------

    def hold(self, reference: ModelReference, key: str | None) -> HeldModel:
        """See ``Members``."""
        return self._server.hold(reference, key)

    def when_loaded(
        self, request: ServableRequest, then: Callable[[ServingError | None], None]
    ) -> None:
        """See ``Members``."""
        _Load(self, request, then).begin(self._server)

    def put(self, work: PoolWork) -> None:
        """See ``Members``."""
        with self._lock:
            if self._stopped:
                raise Unavailable(
                    "the server is shutting down; send the request to another one"
                )
            if self._pool is None:
                self._pool = RunPool("tfs-step", self._threads)
                self._watch.add_pool(self._pool.replace)
        self._pool.put(work)

    # -- its end -----------------------------------------------------------------

    def end(self) -> None:
        """Wait for no member any more: the server is about to stop."""
        with self._lock:
            self._stopped = True
        self._notify()

    def stop(self, timeout: float) -> None:
        """End the threads; blocks for at most ``timeout`` seconds."""
        self.end()
        if self._pool is not None:
            self._pool.stop(timeout)


class _Load:
    """Waits, on no thread, until something is loaded; then goes on on one of the pool's."""

    def __init__(
        self,
        ensembles: Ensembles,
        request: ServableRequest,
        then: Callable[[ServingError | None], None],
    ) -> None:
        self._ensembles = ensembles
        self._request = request
        self._then = then
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._wait: LoadWait[ServedModel] | None = None

    def begin(self, server: ServesMembers) -> None:
        self._wait = self._stack.enter_context(server.waiting(self._request, self._notify))
        # It may have come about meanwhile.
        self._notify()

    def _notify(self) -> None:
        self._ensembles.put(self)

    def __call__(self) -> None:
        """See ``PoolWork``."""
        error: ServingError | None = None
        with self._lock:
            if self._wait is None:
                return
            try:
                handle = self._wait.handle()
                if handle is None:
                    return
                handle.release()
            except ServingError as why:
                error = why
            except Exception as why:  # noqa: BLE001 - it belongs to whoever asked
                error = Unknown(f"{type(why).__name__}: {why}")
            self._wait = None
        # Not evicted before the request holds it.
        with self._stack:
            self._then(error)

    def give_up(self, error: ServingError) -> None:
        """See ``PoolWork``; no run of a model is made here."""


def _of_step(id_: ServableId, step: Step, error: ServingError) -> ServingError:
    return error_for_code(
        error.code, f"step {step.name!r} of {id_} (model {step.member}): {error.message}"
    )
