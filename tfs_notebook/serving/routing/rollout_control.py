"""Rollouts as people begin and steer them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.routing.rollout import Order, Plan, Rollout, begun, ordered
from tfs_notebook.serving.routing.rollout_documents import RolloutRequest
from tfs_notebook.serving.routing.targets import Targets
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["MovesLabels", "RolloutControl"]

_log = logging.getLogger(__name__)


class MovesLabels(Protocol):
    """What a rollout of a label ends with."""

    def __call__(self, name: str, changes: Mapping[str, int | None], timeout: float) -> None:
        """See ``ModelServer.set_labels``."""


class RolloutControl:
    """Begins rollouts, and follows orders. Any thread may call any method.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        targets: says what is there.
        set_labels: moves labels.
        look: is told that there may be a rollout to look at.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        models: ModelList,
        update: ModelUpdate,
        targets: Targets,
        set_labels: MovesLabels,
        look: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._models = models
        self._update = update
        self._targets = targets
        self._set_labels = set_labels
        self._look = look
        self._clock = clock

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
        self._look()
        _log.info("a rollout of model %s has begun", name)

    def _plan(self, name: str, request: RolloutRequest) -> Plan:
        named = [one for one in (request.candidate, request.stable) if one is not None]
        self._targets.check(name, named)
        candidate = self._targets.versions(name, request.candidate)[0]
        label = request.label
        if label is not None and label not in self._targets.labels(name):
            raise FailedPrecondition(
                f"model {name} has no label {label!r}; give one to the version that it is to "
                "stand for until the rollout ends"
            )
        stable = self._stable(name, request, candidate)
        self._targets.check_version(name, stable)
        if stable == candidate:
            raise FailedPrecondition(
                f"version {candidate} of model {name} answers already; a rollout takes a "
                '"stable" version and another "candidate"'
            )
        return Plan(candidate, stable, label, request.steps, request.bounds)

    def _stable(self, name: str, request: RolloutRequest, candidate: int) -> int:
        if request.stable is not None:
            return self._targets.versions(name, request.stable)[0]
        if request.label is not None:
            return self._targets.versions(name, request.label)[0]
        others = [version for version in self._targets.usable(name) if version != candidate]
        if not others:
            raise FailedPrecondition(
                f"model {name} serves no version beside {candidate} that a rollout could fall "
                'back to; load both, with "version_policy": "all" or [1, 2]'
            )
        older = [version for version in others if version < candidate]
        return older[-1] if older else others[0]

    def order(self, name: str, order: Order, timeout: float) -> None:
        """See ``ModelServer.steer_rollout``."""
        plan = self._active(name).plan
        if order == "promote":
            self._targets.check_version(name, plan.candidate)
            if plan.label is not None:
                self._set_labels(name, {plan.label: plan.candidate}, timeout)

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
        self._look()
        _log.info("the rollout of model %s: %s", name, order)

    def _active(self, name: str) -> Rollout:
        rollout = self._models.settings(name).traffic.rollout
        if rollout is None or not rollout.phase.is_active:
            last = "" if rollout is None else f"; the last one is {rollout.phase.value}"
            raise FailedPrecondition(f"no rollout of model {name} is under way{last}")
        return rollout
