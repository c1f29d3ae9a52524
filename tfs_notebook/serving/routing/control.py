"""Reads and changes a model's traffic, and moves its rollout on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final, Protocol

from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.routing.decision import (
    Counted,
    Evidence,
    Presence,
    ShadowCounted,
    decide,
)
from tfs_notebook.serving.routing.documents import RolloutRequest
from tfs_notebook.serving.routing.rollout import (
    Decision,
    Order,
    Phase,
    Plan,
    Rollout,
    begun,
    moved,
    ordered,
)
from tfs_notebook.serving.routing.router import Route, Router
from tfs_notebook.serving.routing.settings import (
    NO_TRAFFIC,
    TrafficSettings,
)
from tfs_notebook.serving.routing.split import Target
from tfs_notebook.serving.routing.status import TrafficChanges, TrafficStatus
from tfs_notebook.wire.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
)

__all__ = ["TrafficControl"]

_log = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.2
# A decision that cannot be written down now is made again with the next tick.
_DECISION_SECONDS: Final = 1.0


class MovesLabels(Protocol):
    """What a rollout of a label ends with."""

    def __call__(self, name: str, changes: Mapping[str, int | None], timeout: float) -> None:
        """See ``ModelServer.set_labels``."""


class TrafficControl:
    """What ``ModelServer`` offers on traffic. Any thread may call it.

    A thread of its own, which the first rollout starts, looks at rollouts five times a
    second while there are any, and sleeps otherwise. What it decides holds at once, and is
    written down then.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        managed: knows which versions are available.
        router: sends requests where they are to go.
        set_labels: moves labels.
        note: takes what is to be told where versions' states are.
        allow_unavailable: see the flag ``allow_version_labels_for_unavailable_models``.
        clock: seconds since the epoch; tests put their own in place.
    """

    def __init__(
        self,
        models: ModelList,
        update: ModelUpdate,
        managed: ManagedModels,
        router: Router,
        set_labels: MovesLabels,
        note: Callable[[ServableState], None],
        *,
        allow_unavailable: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._models = models
        self._update = update
        self._managed = managed
        self._router = router
        self._set_labels = set_labels
        self._note = note
        self._allow_unavailable = allow_unavailable
        self._clock = clock
        self._starting = threading.Lock()
        self._may_decide = False
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        # Those versions were there once: should they go now, they are gone.
        self._seen: set[ServableId] = set()

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

    # -- what there is -----------------------------------------------------------

    def read(self, name: str) -> TrafficStatus:
        """See ``ModelServer.traffic_of``."""
        settings = self._present(name)
        traffic, route = settings.traffic, self._router.routes.get(name)
        shadow = None if route is None or route.shadow is None else route.shadow.read()
        evidence = waits_for = None
        if (rollout := traffic.rollout) is not None and rollout.phase.is_active:
            evidence = self._evidence(name, rollout, route)
            waits_for = decide(rollout, evidence, self._clock()).reason
        return TrafficStatus(
            name,
            traffic,
            {target: self._version_there(name, target) for target in _targets(traffic)},
            {} if route is None else route.counted(),
            shadow,
            evidence,
            waits_for,
        )

    def all(self) -> list[TrafficStatus]:
        """Of all models about which something is said."""
        names = [
            name for name, model in self._models.models.items() if model.traffic != NO_TRAFFIC
        ]
        found = []
        for name in names:
            try:
                found.append(self.read(name))
            except NotFound:
                continue  # It has gone meanwhile.
        return found

    def _present(self, name: str) -> ModelSettings:
        if (settings := self._models.models.get(name)) is None:
            raise NotFound(f"there is no model {name!r}; {self._models.described()}")
        return settings

    def _version_there(self, name: str, target: Target) -> int | None:
        try:
            versions = self._versions(name, target)
        except InvalidArgument:
            return None
        usable = self._managed.usable(name)
        return next((version for version in versions if version in usable), None)

    def _versions(self, name: str, target: Target) -> tuple[int, ...]:
        if isinstance(target, int):
            return (target,)
        return self._models.labels.resolve(name, target)

    # -- weights and copies ------------------------------------------------------

    def change(self, name: str, changes: TrafficChanges, timeout: float) -> None:
        """See ``ModelServer.change_traffic``."""

        def propose(settings: ModelSettings) -> ModelSettings:
            traffic = settings.traffic
            if traffic.is_rolling_out:
                raise FailedPrecondition(
                    f"a rollout of model {name} is under way, which decides where its requests "
                    "go; abort or promote it first"
                )
            after = NO_TRAFFIC if changes.reset else traffic
            for label, split in changes.splits.items():
                if split is not None:
                    self._check_targets(name, [t for t, w in split.weights.items() if w > 0])
                after = after.with_split(label, split)
            if changes.ends_shadow:
                after = replace(after, shadow=None)
            elif changes.shadow is not None:
                self._check_targets(name, [changes.shadow.target])
                after = replace(after, shadow=changes.shadow)
            return replace(settings, traffic=after)

        self._update.adjust(name, propose, timeout)
        _log.info("the traffic of model %s was changed", name)

    def _check_targets(self, name: str, targets: Collection[Target]) -> None:
        if self._allow_unavailable:
            return
        for target in targets:
            try:
                version = self._versions(name, target)[0]
            except InvalidArgument:
                labels = ", ".join(self._models.labels.wanted(name)) or "none"
                raise FailedPrecondition(
                    f"model {name} has no label {target!r} that requests could be sent to; its "
                    f"labels are: {labels}"
                ) from None
            self._check_version(name, version)

    def _check_version(self, name: str, version: int) -> None:
        usable = sorted(self._managed.usable(name))
        if version not in usable:
            there = ", ".join(map(str, usable)) or "none"
            raise FailedPrecondition(
                f"version {version} of model {name} is not currently available for inference, "
                f"so no request can be sent to it (available versions: {there}). Have it "
                "loaded by a version_policy that includes it"
            )

    # -- rollouts ----------------------------------------------------------------

    def begin(self, name: str, request: RolloutRequest, timeout: float) -> None:
        """See ``ModelServer.start_rollout``."""

        def propose(settings: ModelSettings) -> ModelSettings:
            if settings.traffic.is_rolling_out:
                raise FailedPrecondition(
                    f"a rollout of model {name} is under way already; abort or promote it first"
                )
            plan = self._plan(name, request)
            shadow = request.shadow
            if shadow is not None:
                shadow = replace(shadow, target=plan.candidate)
            before = replace(settings.traffic, shadow=None)
            after = before.with_rollout(begun(plan, self._clock()), shadow)
            return replace(settings, traffic=after)

        self._update.adjust(name, propose, timeout)
        self.look()
        _log.info("a rollout of model %s has begun", name)

    def _plan(self, name: str, request: RolloutRequest) -> Plan:
        targets = [one for one in (request.candidate, request.stable) if one is not None]
        self._check_targets(name, targets)
        candidate = self._versions(name, request.candidate)[0]
        label = request.label
        if label is not None and label not in self._models.labels.wanted(name):
            raise FailedPrecondition(
                f"model {name} has no label {label!r}; give one to the version that it is to "
                "stand for until the rollout ends"
            )
        stable = self._stable(name, request, candidate)
        self._check_version(name, stable)
        if stable == candidate:
            raise FailedPrecondition(
                f"version {candidate} of model {name} answers already; a rollout takes a "
                '"stable" version and another "candidate"'
            )
        return Plan(candidate, stable, label, request.steps, request.bounds)

    def _stable(self, name: str, request: RolloutRequest, candidate: int) -> int:
        if request.stable is not None:
            return self._versions(name, request.stable)[0]
        if request.label is not None:
            return self._versions(name, request.label)[0]
        others = sorted(set(self._managed.usable(name)) - {candidate})
        if not others:
            raise FailedPrecondition(
                f"model {name} serves no version beside {candidate} that a rollout could fall "
                'back to; load both, with "version_policy": "all" or [1, 2]'
            )
        older = [version for version in others if version < candidate]
        return older[-1] if older else others[0]

    def order(self, name: str, order: Order, timeout: float) -> None:
        """See ``ModelServer.steer_rollout``."""
        rollout = self._active(name)
        if order == "promote":
            self._check_version(name, rollout.plan.candidate)
            self._move_label(name, rollout, timeout)

        def propose(settings: ModelSettings) -> ModelSettings:
            now = settings.traffic.rollout
            after = None if now is None else ordered(now, order, self._clock())
            if after is None:
                phase = "there is none" if now is None else f"it is {now.phase.value}"
                raise FailedPrecondition(
                    f"the rollout of model {name} cannot be told to {order}: {phase}"
                )
            return replace(settings, traffic=settings.traffic.with_rollout(after))

        self._update.adjust(name, propose, timeout)
        self.look()
        _log.info("the rollout of model %s: %s", name, order)

    def _active(self, name: str) -> Rollout:
        rollout = self._present(name).traffic.rollout
        if rollout is None or not rollout.phase.is_active:
            last = "" if rollout is None else f"; the last one is {rollout.phase.value}"
            raise FailedPrecondition(f"no rollout of model {name} is under way{last}")
        return rollout

    def _move_label(self, name: str, rollout: Rollout, timeout: float) -> None:
        if (label := rollout.plan.label) is not None:
            self._set_labels(name, {label: rollout.plan.candidate}, timeout)

    def tick(self) -> bool:
        """Look at every rollout, and move on those that are to be.

        Returns:
            whether any is under way.
        """
        is_any = False
        for name, model in self._models.models.items():
            rollout = model.traffic.rollout
            if rollout is None or not rollout.phase.is_active:
                continue
            is_any = True
            route = self._router.routes.get(name)
            now = self._clock()
            decision = decide(rollout, self._evidence(name, rollout, route), now)
            if decision.what != "hold":
                try:
                    self._carry_out(model, rollout, decision, now)
                except Aborted:
                    continue  # Another change is under way; the next tick decides anew.
                except ServingError as error:
                    _log.warning("the rollout of model %s: %s", name, error.message)
                except Exception:  # noqa: BLE001
                    # The rollouts of other models go on.
                    _log.exception("the rollout of model %s could not be moved on", name)
        return is_any

    def _carry_out(
        self, model: ModelSettings, rollout: Rollout, decision: Decision, now: float
    ) -> None:
        name, after = model.name, moved(rollout, decision, now)
        if after.phase is Phase.FALLEN_BACK:
            # A change that is under way, a load say, may keep the list for minutes.
            self._router.apply(name, model.traffic.with_rollout(after))
        elif after.phase is Phase.PROMOTED:
            self._move_label(name, rollout, _DECISION_SECONDS)
        told: list[Rollout] = []

        def propose(settings: ModelSettings) -> ModelSettings:
            if settings.traffic.rollout != rollout:
                return settings  # Somebody else has moved it meanwhile.
            told.append(after)
            return replace(settings, traffic=settings.traffic.with_rollout(after))

        self._update.adjust(name, propose, _DECISION_SECONDS)
        for one in told:
            self._tell(name, one)

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

    def _evidence(self, name: str, rollout: Rollout, route: Route | None) -> Evidence:
        plan = rollout.plan
        presence = self._presence(ServableId(name, plan.candidate))
        if route is None:
            return Evidence(candidate_is=presence)
        return Evidence(
            route.counted_in_step(plan.candidate),
            route.counted().get(plan.stable, Counted()),
            ShadowCounted() if route.shadow is None else route.shadow.window(),
            presence,
        )

    def _presence(self, id_: ServableId) -> Presence:
        if id_.version in self._managed.usable(id_.name):
            self._seen.add(id_)
            return "there"
        if id_.version in self._managed.expected(id_.name) or id_ not in self._seen:
            return "coming"
        return "gone"


def _targets(traffic: TrafficSettings) -> list[Target]:
    splits = (target for split in traffic.splits.values() for target in split.weights)
    shadow = [] if traffic.shadow is None else [traffic.shadow.target]
    return list(dict.fromkeys([*splits, *shadow]))
