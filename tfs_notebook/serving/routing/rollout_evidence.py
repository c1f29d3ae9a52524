"""What a rollout is judged by: what was counted, and whether its candidate is there."""

from __future__ import annotations

from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.routing.decision import Counted, Evidence, Presence, ShadowCounted
from tfs_notebook.serving.routing.rollout import Rollout
from tfs_notebook.serving.routing.router import Router

__all__ = ["RolloutEvidence"]


class RolloutEvidence:
    """Gathers it. Any thread may call it.

    Args:
        managed: knows which versions are available, and which are to be.
        router: has the routes, which count.
    """

    def __init__(self, managed: ManagedModels, router: Router) -> None:
        self._managed = managed
        self._router = router
        # Those versions were there once: should they go now, they are gone.
        self._seen: set[ServableId] = set()

    def of(self, name: str, rollout: Rollout) -> Evidence:
        """What was seen of the step that a model's rollout is at."""
        plan, route = rollout.plan, self._router.routes.get(name)
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
