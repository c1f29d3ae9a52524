"""Looks at rollouts, and moves them on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.routing.decision import decide
from tfs_notebook.serving.routing.retries import Retry, failed_again
from tfs_notebook.serving.routing.rollout import Phase, Rollout, moved
from tfs_notebook.serving.routing.rollout_control import MovesLabels
from tfs_notebook.serving.routing.rollout_evidence import RolloutEvidence
from tfs_notebook.serving.routing.router import Router
from tfs_notebook.wire.errors import Aborted, FailedPrecondition, ServingError

__all__ = ["RolloutWatch"]

_log = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.2
# A decision that cannot be written down now is made again later.
_DECISION_SECONDS: Final = 1.0


class RolloutWatch:
    """Has a thread of its own, which the first rollout starts.

    It looks at rollouts five times a second while there are any, and sleeps otherwise. A
    fallback holds at once, and is written down then; where that fails it holds all the same,
    and writing is tried again, less and less often. Any thread may call any method but
    :meth:`tick`; only :meth:`stop` blocks.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        managed: knows which versions are available.
        router: sends requests where they are to go.
        evidence: says what was seen.
        set_labels: moves labels.
        note: takes what is to be told where versions' states are.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        models: ModelList,
        update: ModelUpdate,
        managed: ManagedModels,
        router: Router,
        evidence: RolloutEvidence,
        set_labels: MovesLabels,
        note: Callable[[ServableState], None],
        clock: Callable[[], float],
    ) -> None:
        self._models = models
        self._update = update
        self._managed = managed
        self._router = router
        self._evidence = evidence
        self._set_labels = set_labels
        self._note = note
        self._clock = clock
        self._starting = threading.Lock()
        self._may_decide = False
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        # What could not be carried out, by the names of the models.
        self._retries: dict[str, Retry] = {}

    # -- its life ----------------------------------------------------------------

    def start(self) -> None:
        """Look at rollouts from now on."""
        self._may_decide = True
        if any(model.traffic.is_rolling_out for model in self._models.models.values()):
            self.look()

    def stop(self, timeout: float) -> None:
        """Decide nothing more; blocks for at most ``timeout`` seconds. Idempotent."""
        with self._starting:
            self._stopped.set()
            thread = self._thread
        self._news.set()
        if thread is not None:
            thread.join(timeout)

    def look(self) -> None:
        """There may be a rollout to look at."""
        self._news.set()
        with self._starting:
            if self._thread is None and self._may_decide and not self._stopped.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="tfs-rollouts", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self.tick():
                self._stopped.wait(_TICK_SECONDS)
            else:
                self._news.wait()
                self._news.clear()

    # -- its work ----------------------------------------------------------------

    def tick(self) -> bool:
        """Look at every rollout, and move on those that are to be. One thread at a time.

        Returns:
            whether any is under way.
        """
        active: set[str] = set()
        for name, model in self._models.models.items():
            rollout = model.traffic.rollout
            if rollout is not None and rollout.phase.is_active:
                active.add(name)
                self._look_at(model, rollout)
        for name in self._retries.keys() - active:
            del self._retries[name]
        return bool(active)

    def _look_at(self, model: ModelSettings, rollout: Rollout) -> None:
        name, now = model.name, self._clock()
        retry = self._retries.get(name)
        if retry is not None and retry.rollout != rollout:
            del self._retries[name]  # Somebody has moved it meanwhile.
            retry = None
        after = self._after(name, rollout, retry, now)
        if after == rollout:
            return
        if after.phase is Phase.FALLEN_BACK:
            # A change that is under way, a load say, may keep the list for minutes.
            self._router.apply(name, model.traffic, model.traffic.with_rollout(after))
        if retry is None or retry.is_due(now) or retry.after.phase is not after.phase:
            self._try(name, rollout, after, retry)

    def _after(self, name: str, rollout: Rollout, retry: Retry | None, now: float) -> Rollout:
        """What is to become of a rollout; a fallback is not thought over again."""
        if retry is not None and retry.after.phase is Phase.FALLEN_BACK:
            return retry.after
        return moved(rollout, decide(rollout, self._evidence.of(name, rollout), now), now)

    def _try(self, name: str, rollout: Rollout, after: Rollout, before: Retry | None) -> None:
        try:
            is_written = self._write(name, rollout, after)
        except Aborted:
            # Another change is under way: the next tick is early enough, and not too early.
            reason = "" if before is None else before.reason
            self._retries[name] = Retry(rollout, after, reason, self._clock())
            return
        except ServingError as error:
            self._failed(before, name, rollout, after, error.message)
            return
        except Exception as error:  # noqa: BLE001
            # The rollouts of other models go on.
            self._failed(before, name, rollout, after, repr(error), is_unforeseen=True)
            return
        self._retries.pop(name, None)
        if not is_written:
            return
        if before is not None and before.reason:
            _log.info("the rollout of model %s is written down now", name)
        if not _was_told(before, after):
            self._tell(name, after)

    def _write(self, name: str, rollout: Rollout, after: Rollout) -> bool:
        label = rollout.plan.label
        if after.phase is Phase.PROMOTED and label is not None:
            self._set_labels(name, {label: rollout.plan.candidate}, _DECISION_SECONDS)
        written: list[Rollout] = []

        def propose(settings: ModelSettings) -> ModelSettings:
            if settings.traffic.rollout != rollout:
                return settings  # Somebody else has moved it meanwhile.
            written.append(after)
            return replace(settings, traffic=settings.traffic.with_rollout(after))

        self._update.adjust(name, propose, _DECISION_SECONDS)
        return bool(written)

    def _failed(
        self,
        before: Retry | None,
        name: str,
        rollout: Rollout,
        after: Rollout,
        reason: str,
        *,
        is_unforeseen: bool = False,
    ) -> None:
        if after.phase is Phase.FALLEN_BACK and not _was_told(before, after):
            # It holds, whether it is written down or not.
            self._tell(name, after)
        if before is None or before.reason != reason:
            holds = after.phase is Phase.FALLEN_BACK
            _log.warning(
                "what was decided on the rollout of model %s (%s, %g %%) %s, and is tried "
                "again: %s",
                name,
                after.phase.value,
                after.weight,
                "holds, but is not written down" if holds else "was not carried out",
                reason,
                exc_info=is_unforeseen,
            )
        self._retries[name] = failed_again(before, rollout, after, reason, self._clock())

    def _tell(self, name: str, rollout: Rollout) -> None:
        plan = rollout.plan
        if rollout.phase is not Phase.FALLEN_BACK:
            _log.info(
                "the rollout of model %s to version %d is at %g %%: %s",
                name,
                plan.candidate,
                rollout.weight,
                rollout.reason,
            )
            return
        text = (
            f"the rollout of version {plan.candidate} fell back to version {plan.stable}: "
            f"{rollout.reason}"
        )
        _log.warning("model %s: %s", name, text)
        if plan.candidate in self._managed.usable(name):
            id_ = ServableId(name, plan.candidate)
            error = FailedPrecondition(text)
            self._note(ServableState(id_, ManagerState.AVAILABLE, error, self._clock()))


def _was_told(before: Retry | None, after: Rollout) -> bool:
    """Whether a fallback was told when it could not be written down."""
    return before is not None and bool(before.reason) and before.after == after
