"""Reads and changes where a model's requests go, and where copies of them do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from tfs_notebook.lifecycle import ServableState
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.routing.decision import decide
from tfs_notebook.serving.routing.rollout_control import MovesLabels, RolloutControl
from tfs_notebook.serving.routing.rollout_evidence import RolloutEvidence
from tfs_notebook.serving.routing.rollout_watch import RolloutWatch
from tfs_notebook.serving.routing.router import Router
from tfs_notebook.serving.routing.settings import NO_TRAFFIC, TrafficSettings
from tfs_notebook.serving.routing.split import Target
from tfs_notebook.serving.routing.status import TrafficChanges, TrafficStatus
from tfs_notebook.serving.routing.targets import Targets
from tfs_notebook.wire.errors import FailedPrecondition, NotFound

__all__ = ["TrafficControl"]

_log = logging.getLogger(__name__)


class TrafficControl:
    """What ``ModelServer`` offers on traffic. Any thread may call it.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        managed: knows which versions are available.
        router: sends requests where they are to go.
        set_labels: moves labels.
        note: takes what is to be told where versions' states are.
        allow_unavailable: see the flag ``allow_version_labels_for_unavailable_models``.
        clock: seconds since the epoch; tests put their own in place.

    Attributes:
        watch: looks at rollouts, and moves them on.
        rollouts: begins and steers them.
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
        self._router = router
        self._clock = clock
        self._targets = Targets(models, managed, allow_unavailable=allow_unavailable)
        self._evidence = RolloutEvidence(managed, router)
        self.watch = RolloutWatch(
            models, update, managed, router, self._evidence, set_labels, note, clock
        )
        self.rollouts = RolloutControl(
            models, update, self._targets, set_labels, self.watch.look, clock
        )

    def read(self, name: str) -> TrafficStatus:
        """See ``ModelServer.traffic_of``."""
        traffic, route = self._models.settings(name).traffic, self._router.routes.get(name)
        shadow = None if route is None or route.shadow is None else route.shadow.read()
        evidence = waits_for = None
        if (rollout := traffic.rollout) is not None and rollout.phase.is_active:
            evidence = self._evidence.of(name, rollout)
            waits_for = decide(rollout, evidence, self._clock()).reason
        there = self._targets.version_there
        return TrafficStatus(
            name,
            traffic,
            {target: there(name, target) for target in _targets_of(traffic)},
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
                    self._targets.check(name, [t for t, w in split.weights.items() if w > 0])
                after = after.with_split(label, split)
            if changes.ends_shadow:
                after = replace(after, shadow=None)
            elif changes.shadow is not None:
                self._targets.check(name, [changes.shadow.target])
                after = replace(after, shadow=changes.shadow)
            return replace(settings, traffic=after)

        self._update.adjust(name, propose, timeout)
        _log.info("the traffic of model %s was changed", name)


def _targets_of(traffic: TrafficSettings) -> list[Target]:
    splits = (target for split in traffic.splits.values() for target in split.weights)
    shadow = [] if traffic.shadow is None else [traffic.shadow.target]
    return list(dict.fromkeys([*splits, *shadow]))
