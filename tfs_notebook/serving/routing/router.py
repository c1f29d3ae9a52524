"""What the look-up of models asks: where a request goes, and what is to be seen of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping

from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.routing.decision import (
    Counted,
)
from tfs_notebook.serving.routing.figures import ShadowFigures, VersionFigures
from tfs_notebook.serving.routing.observation import Observation
from tfs_notebook.serving.routing.settings import NO_LABEL, ShadowSettings, TrafficSettings
from tfs_notebook.serving.routing.shadow import ShadowRunner
from tfs_notebook.serving.routing.split import Split, Target
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Route", "Router"]

VersionsOf = Callable[[str, Target], tuple[int, ...]]
"""The versions a model's target stands for: see ``Labels.resolve``."""


class Route:
    """What holds for the requests of one model. Any thread may call any method.

    Args:
        name: of the model.
        traffic: what is said of it.
        before: the route in whose place this one comes; what that has counted goes on.
    """

    def __init__(self, name: str, traffic: TrafficSettings, before: Route | None) -> None:
        self.name = name
        self.traffic = traffic
        self.versions: dict[int, VersionFigures] = {}
        self.window: dict[int, VersionFigures] = {}
        self.shadow: ShadowFigures | None = None
        if (shadow := traffic.shadow) is not None:
            self.shadow = ShadowFigures(shadow.examples)
        if before is not None:
            self._go_on(before)

    def _go_on(self, before: Route) -> None:
        rollout, old = self.traffic.rollout, before.traffic.rollout
        same = rollout is None or (old is not None and old.began == rollout.began)
        if same:
            self.versions = before.versions
        if same and (rollout is None or (old is not None and old.step == rollout.step)):
            self.window = before.window
        shadow, copied = self.traffic.shadow, before.traffic.shadow
        if shadow is None:
            # What was found is still to be looked at when the copies have ended.
            self.shadow = before.shadow
        elif shadow == copied and same:
            self.shadow = before.shadow
        if self.shadow is not None and self.window is not before.window:
            self.shadow.begin_window()

    def split_for(self, asked: ModelReference) -> Split | None:
        """The weights that say who answers; None where the request itself does."""
        if asked.version is not None:
            return None
        return self.traffic.splits.get(asked.label or NO_LABEL)

    def count(self, version: int, seconds: float, *, failed: bool) -> None:
        """A request has ended."""
        for figures in (self.versions, self.window):
            one = figures.get(version)
            if one is None:
                one = figures.setdefault(version, VersionFigures())
            one.add(seconds, failed=failed)

    def counted(self) -> dict[int, Counted]:
        """What was counted of each version, the lowest first."""
        return {version: one.read() for version, one in sorted(self.versions.copy().items())}

    def counted_in_step(self, version: int) -> Counted:
        """What was counted of a version since the rollout's step began."""
        figures = self.window.get(version)
        return Counted() if figures is None else figures.read()


class Router:
    """Knows the routes of all models. Any thread may call any method; none blocks.

    Attributes:
        routes: by the names of those models that have any; looked at with every request.
    """

    def __init__(self, runner: ShadowRunner, versions_of: VersionsOf) -> None:
        """Know none yet.

        Args:
            runner: asks copies.
            versions_of: says which versions are meant.
        """
        self.routes: Mapping[str, Route] = {}
        self._runner = runner
        self._versions_of = versions_of
        self._changing = threading.Lock()
        # What is written down of a model, and what holds in its place.
        self._ahead: dict[str, tuple[TrafficSettings, TrafficSettings]] = {}

    def configure(self, models: Mapping[str, ModelSettings]) -> None:
        """Route as these say from now on, but for what :meth:`apply` holds ahead of it."""
        with self._changing:
            said = {name: model.traffic for name, model in models.items()}
            self._ahead = {
                name: ahead for name, ahead in self._ahead.items() if said.get(name) == ahead[0]
            }
            holds = said | {name: ahead[1] for name, ahead in self._ahead.items()}
            before = self.routes
            self.routes = {
                name: self._route(name, traffic, before.get(name))
                for name, traffic in holds.items()
                if traffic.routes
            }

    def apply(self, name: str, said: TrafficSettings, traffic: TrafficSettings) -> None:
        """Route one model so at once, until something else is written down than was said."""
        with self._changing:
            self._ahead[name] = (said, traffic)
            others = {key: route for key, route in self.routes.items() if key != name}
            if traffic.routes:
                others[name] = self._route(name, traffic, self.routes.get(name))
            self.routes = others

    def _route(self, name: str, traffic: TrafficSettings, before: Route | None) -> Route:
        if before is not None and before.traffic == traffic:
            return before
        return Route(name, traffic, before)

    def observe(self, route: Route, asked: ModelReference, version: int) -> Observation | None:
        """What is to be seen of a request that this version answers; None for nothing."""
        if asked.version is not None:
            return None
        copied: ShadowSettings | None = route.traffic.shadow
        versions: tuple[int, ...] = ()
        if copied is not None:
            try:
                versions = self._versions_of(route.name, copied.target)
            except InvalidArgument:
                versions = ()
            if version in versions[:1] or (
                copied.share < 1 and random.random() >= copied.share  # noqa: S311 - no secret
            ):
                copied = None
        return Observation(self._runner, route, version, copied, versions)
