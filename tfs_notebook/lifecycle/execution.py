"""Carries out what was decided; the part of the manager that has effects."""

from __future__ import annotations

import logging
from bisect import insort
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Final, Generic, TypeVar

from tfs_notebook.lifecycle.adoption import plan_adoption
from tfs_notebook.lifecycle.announcer import Announcer
from tfs_notebook.lifecycle.clock import Clock
from tfs_notebook.lifecycle.decisions import ActionKind, Limits, decide
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.harness import Harness, HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.job_threads import JobRunner
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.loader_jobs import LoaderJobs
from tfs_notebook.lifecycle.manager_options import LoadRules
from tfs_notebook.lifecycle.resources import ResourceTracker, estimate_failed, shrunk
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServedEntry
from tfs_notebook.lifecycle.servable_state import ServableState
from tfs_notebook.lifecycle.serving_map import ServingMap
from tfs_notebook.lifecycle.stranded import Stranded, StrandedServables, still_in_memory
from tfs_notebook.lifecycle.turn_messages import Message, another_turn
from tfs_notebook.wire.errors import Cancelled, InvalidArgument, ServingError, Unknown

__all__ = ["Execution"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_CANCELLED: Final = "Loading of servable cancelled"


class Execution(Generic[T]):
    """The loaders under management, and the steps with them.

    Only the manager's thread calls it; the jobs it starts report back through
    ``send``, as messages to that thread.
    """

    def __init__(
        self,
        *,
        rules: LoadRules,
        limits: Limits,
        serving_map: ServingMap[T],
        bus: EventBus[ServableState],
        clock: Clock,
        jobs: JobRunner,
        send: Callable[[Message], None],
    ) -> None:
        self.harnesses: list[Harness[T]] = []
        self._rules = rules
        self._limits = limits
        self._map = serving_map
        self._announcer: Announcer[T] = Announcer(bus, clock)
        self._clock = clock
        self._jobs: LoaderJobs[T] = LoaderJobs(
            reports=self, jobs=jobs, send=send, pre_load_hook=rules.pre_load_hook
        )
        self._send = send
        self._stranded: StrandedServables[T] = StrandedServables()
        self._numbers = count(1)
        self._steps: dict[ActionKind, Callable[[Harness[T]], None]] = {
            ActionKind.FORGET: self._forget,
            ActionKind.CANCEL: self._cancel,
            ActionKind.RETIRE: self._retire,
            ActionKind.DRAINED: lambda harness: harness.advance(HarnessState.QUIESCED),
            ActionKind.START_UNLOAD: self._start_unload,
            ActionKind.REQUEST_LOAD: lambda h: h.request_load(next(self._numbers)),
            ActionKind.START_ESTIMATE: self._start_estimate,
            ActionKind.START_LOAD: self._start_load,
            ActionKind.DENY: self._deny,
        }

    def adopt(self, name: str, versions: Sequence[ServableData[Loader[T]]]) -> None:
        """Make this the list of aspired versions of a name."""
        managed = [harness for harness in self.harnesses if harness.id.name == name]
        plan = plan_adoption(managed, versions, reload_errors=self._rules.reload_errors)
        for harness in plan.unaspire:
            harness.set_aspired(aspired=False)
        for harness in plan.reaspire:
            harness.set_aspired(aspired=True)
        for item in plan.add:
            harness = self._new_harness(item)
            insort(self.harnesses, harness, key=_order)
            self._announcer.managed(harness)

    def _new_harness(self, item: ServableData[Loader[T]]) -> Harness[T]:
        if item.error is not None:
            harness: Harness[T] = Harness(item.id, None, next(self._numbers), None)
            harness.end(item.error)
            logger.error("Servable %s cannot be loaded: %s", item.id, item.error.status_text)
            return harness
        return Harness(item.id, item.data, next(self._numbers), item.data.origin)

    def unaspire_all(self) -> None:
        """Aspire nothing any more."""
        for harness in self.harnesses:
            harness.set_aspired(aspired=False)

    def set_load_limit(self, number: int) -> None:
        """Change how many loads run at once."""
        self._limits = self._limits._replace(loads=number)

    def memory(self) -> ResourceTracker:
        """The memory there is, and what of it is reserved."""
        used = self.stranded_memory + sum(harness.reserved for harness in self.harnesses)
        return ResourceTracker(self._limits.memory, used)

    @property
    def stranded_memory(self) -> int:
        """RAM in bytes that is still taken by what has ended, because runs hang in it."""
        return self._limits.stranded

    def take_steps(self, now: float) -> None:
        """Take all steps that are due, and those that they make due."""
        done: set[Harness[T]] = set()
        while True:
            due = decide(self.harnesses, self._rules.policy, self._limits, now)
            actions = [action for action in due if action.harness not in done]
            if not actions:
                return
            # A chain of unloading is followed to its end first, so that memory is
            # on its way back before more is asked for.
            for action in [a for a in actions if a.kind.gives_back] or actions:
                try:
                    self._steps[action.kind](action.harness)
                except Exception:
                    # A defect with one loader must not stop the others.
                    logger.exception("%s of %s failed", action.kind.name, action.harness.id)
                    done.add(action.harness)
                if action.kind is ActionKind.DENY:
                    done.add(action.harness)

    def snapshots(self) -> tuple[VersionSnapshot, ...]:
        """All versions, in order of name, version and age."""
        return tuple(harness.snapshot() for harness in self.harnesses)

    def abandon(self) -> tuple[ServableId, ...]:
        """Give up what is still there, and say what that is."""
        self._jobs.abandon()
        for harness in self.harnesses:
            logger.error(
                "Servable %s is left behind: it is %s%s",
                harness.id,
                harness.state,
                "" if harness.drained else " and still held by a request",
            )
        for id_ in self._stranded.ids:
            logger.error("Servable %s is left behind: a run hangs in it", id_)
        return tuple(harness.id for harness in self.harnesses)

    # -- steps ---------------------------------------------------------------

    def _forget(self, harness: Harness[T]) -> None:
        self.harnesses.remove(harness)
        self._announcer.forgotten(harness)

    def _cancel(self, harness: Harness[T]) -> None:
        self._end(harness, Cancelled(_CANCELLED))

    def _end(self, harness: Harness[T], error: ServingError | None) -> None:
        harness.end(error)
        self._announcer.ended(harness)

    def _retire(self, harness: Harness[T]) -> None:
        harness.request_unload(next(self._numbers))
        self._announcer.unload_begins(harness)
        entry = harness.entry
        harness.advance(HarnessState.QUIESCING)
        # First the map, then the mark, then (in a later step) the holders:
        # ServedEntry says why.
        self._publish_map()
        if entry is not None:
            entry.retired = True

    def _publish_map(self) -> None:
        ready = (h.entry for h in self.harnesses if h.state is HarnessState.READY)
        self._map.publish(entry for entry in ready if entry is not None)

    def _start_load(self, harness: Harness[T]) -> None:
        if (refusal := self._stranded.refusal(harness)) is not None:
            logger.error("%s", refusal.message)
            self._end(harness, refusal)
            return
        if harness.begin_load():
            self._announcer.load_begins(harness)
        else:
            logger.info("Loading servable %s: attempt %d", harness.id, harness.attempts)
        self._jobs.start_load(harness)

    def _start_estimate(self, harness: Harness[T]) -> None:
        harness.begin_estimate()
        self._jobs.start_estimate(harness)

    def _start_unload(self, harness: Harness[T]) -> None:
        harness.advance(HarnessState.UNLOADING)
        if (stranded := self._stranded.take(harness)) is not None:
            self._strand(harness, stranded)
            return
        harness.running = True
        self._jobs.start_unload(harness)

    def _strand(self, harness: Harness[T], stranded: Stranded[T]) -> None:
        self._account_for_stranded()
        error = still_in_memory(stranded.id, len(stranded.entry.lingering))
        logger.error("%s", error.message)
        self._end(harness, error)
        stranded.entry.when_freed(partial(self._jobs.start_late_unload, stranded))

    def _account_for_stranded(self) -> None:
        self._limits = self._limits._replace(stranded=self._stranded.reserved)

    def _deny(self, harness: Harness[T]) -> None:
        memory, needed = self.memory(), harness.needed or 0
        denial = memory.denial(harness.id, needed)
        if memory.can_ever_fit(needed) and not harness.short:
            # Whoever builds on the manager may make room after this turn.
            harness.short = True
            self._send(another_turn)
        elif memory.can_ever_fit(needed):
            logger.warning("%s", denial.message)
            harness.deny(denial)
            self._announcer.put_off(harness)
        else:
            logger.error("%s", denial.message)
            self._end(harness, denial)

    # -- what the jobs report ------------------------------------------------

    def estimate_ended(
        self, harness: Harness[T], needed: int, error: ServingError | None
    ) -> None:
        """See :class:`JobReports`."""
        harness.running = False
        if error is not None and harness.aspired:
            self._attempt_failed(harness, error, estimate_failed(harness.id, error))
        elif error is None:
            harness.estimated(needed)

    def load_ended(
        self,
        harness: Harness[T],
        entry: ServedEntry[T] | None,
        error: ServingError | None,
        needed: int | None = None,
    ) -> None:
        """See :class:`JobReports`."""
        harness.running = False
        if not harness.aspired:
            logger.info("Servable %s is no longer wanted; its load is dropped", harness.id)
            if entry is not None:
                harness.discard_loaded(Cancelled(_CANCELLED), next(self._numbers))
            else:
                self._end(harness, Cancelled(_CANCELLED))
        elif entry is not None:
            self._shrink(harness, needed)
            harness.serve(entry)
            self._publish_map()
            logger.info("Successfully loaded servable version %s", harness.id)
            self._announcer.available(harness)
        else:
            error = error or Unknown("The load ended without a result")
            self._attempt_failed(harness, error, error)

    def unload_ended(self, harness: Harness[T], error: ServingError | None) -> None:
        """See :class:`JobReports`."""
        harness.running = False
        # A load that came too late ends as cancelled, whatever its unload did.
        self._end(harness, harness.error or error)
        logger.info("Done unloading servable version %s", harness.id)

    def stranded_ended(self, stranded: Stranded[T], error: ServingError | None) -> None:
        """See :class:`JobReports`."""
        self._stranded.remove(stranded)
        self._account_for_stranded()
        if error is None:
            logger.info("Freed servable version %s: nothing hangs in it any more", stranded.id)
            self._announcer.freed(stranded.id)

    def _shrink(self, harness: Harness[T], needed: int | None) -> None:
        if needed is None:
            return
        try:
            harness.shrink(shrunk(harness.reserved, needed))
        except InvalidArgument as exc:
            logger.warning("Servable %s: %s", harness.id, exc.message)

    def _attempt_failed(
        self, harness: Harness[T], cause: ServingError, error: ServingError
    ) -> None:
        """An attempt to estimate or to load failed; ``error`` is what the public is told."""
        left = self._rules.max_retries + 1 - harness.attempts
        if left <= 0 or not self._rules.should_retry(cause):
            logger.error(
                "Servable %s failed to load after %d attempt(s): %s",
                harness.id,
                harness.attempts,
                error.status_text,
            )
            self._end(harness, error)
            return
        pause = self._rules.retry_interval
        logger.warning(
            "Servable %s failed to load; %d more attempt(s), the next in %g s: %s",
            harness.id,
            left,
            pause,
            error.status_text,
        )
        harness.pause(error, self._clock.monotonic() + pause, next(self._numbers))
        self._announcer.put_off(harness)


def _order(harness: Harness[T]) -> tuple[str, int, int]:
    return harness.id.name, harness.id.version, harness.serial
