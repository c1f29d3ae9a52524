"""Finds what a request asks for among what is loaded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Final

from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.lifecycle import LoadWait, ServableRequest, ServableState
from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.pipeline import Kind
from tfs_notebook.serving.behalf import Behalf
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.managed_models import ManagedModels, NotLoaded
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.serving.routing.router import Route, Router
from tfs_notebook.serving.routing.split import Split, Target
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import InvalidArgument, NotFound, Unavailable
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["ModelLookup"]

_KINDS: Final = {"text": "raw text", "image": "images"}


class ModelLookup:
    """The part of ``ModelServer`` that finds models for requests.

    Any thread may call any method; none of them blocks.
    """

    _list: ModelList
    _managed: ManagedModels
    _request_log: RequestLog
    _statistics: Statistics
    run_watch: RunWatch
    _router: Router
    _model_kind: Callable[..., HeldModel] = HeldModel

    def __init__(self, *, check_method: bool) -> None:
        """Take note of whether signatures are held to their methods (a flag)."""
        self._check_method = check_method

    @property
    def routes_requests(self) -> bool:
        """Whether anything is said of any model's traffic: if so, keys are of use."""
        return bool(self._router.routes)

    def hold(self, reference: ModelReference | None, key: str | None = None) -> HeldModel:
        """Return the version a request asks for, kept loaded until it is released.

        Args:
            reference: what the request says of the model.
            key: what the choice sticks to where it goes by weights; None for another
                choice each time.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such model or version is there.
            NotLoaded: it is loaded on request, and now has to be; see :meth:`waiting`.
        """
        if self._router.routes and reference is not None:
            route = self._router.routes.get(reference.name)
            if route is not None:
                return self._on_behalf(self._routed(route, reference, key), key)
        return self._on_behalf(self._asked_for(reference), key)

    def _on_behalf(self, held: HeldModel, key: str | None) -> HeldModel:
        if key is not None:
            # An ensemble's members may have weights, whether it has some or not.
            held.behalf = Behalf(key)
        return held

    def _routed(self, route: Route, asked: ModelReference, key: str | None) -> HeldModel:
        split = route.split_for(asked)
        held = None if split is None else self._by_weight(split, asked, key)
        if held is None:
            held = self._instead(split, asked)
        held.observation = self._router.observe(route, asked, held.version)
        return held

    def _by_weight(
        self, split: Split, asked: ModelReference, key: str | None
    ) -> HeldModel | None:
        for target in split.ranked(asked.name, key):
            # What was there when the weights were set may have gone since.
            with suppress(NotFound, InvalidArgument):
                return self._first_there(
                    asked.name, self._versions_of(asked.name, target), asked
                )
        return None

    def _instead(self, split: Split | None, asked: ModelReference) -> HeldModel:
        """As if no weights had been given; but nobody meets what has the weight 0."""
        held = self._asked_for(asked)
        for target in () if split is None else split.without_weight:
            with suppress(InvalidArgument):
                if held.version in self._versions_of(asked.name, target):
                    held.release()
                    raise Unavailable(
                        f"no version of model {asked.name} that its requests go to is there, "
                        f"and version {held.version} has the weight 0; load one of those, or "
                        "change the weights"
                    )
        return held

    def _versions_of(self, name: str, target: Target) -> tuple[int, ...]:
        if isinstance(target, int):
            return (target,)
        return self._list.labels.resolve(name, target)

    def _asked_for(self, reference: ModelReference | None) -> HeldModel:
        name, versions = self._resolve(reference)
        while True:
            try:
                return self._first_there(name, versions, reference)
            except NotFound:
                # A label may have moved since it was looked up, and its version be gone.
                before = versions
                name, versions = self._resolve(reference)
                if versions == before:
                    raise

    def _first_there(
        self, name: str, versions: tuple[int, ...], asked: ModelReference | None
    ) -> HeldModel:
        if not versions:
            return self._held(ServableRequest.latest(name), asked)
        for version in versions[:-1]:
            # A label that moves stands for its old version until the new one serves.
            with suppress(NotFound):
                return self._held(ServableRequest.specific(name, version), asked)
        return self._held(ServableRequest.specific(name, versions[-1]), asked)

    def _held(self, request: ServableRequest, asked: ModelReference | None = None) -> HeldModel:
        return self._model_kind(
            self._managed.handle(request),
            self._statistics,
            self.run_watch,
            check_method=self._check_method,
            logger=self._request_log.loggers.get(request.name),
            asked=asked,
        )

    def _resolve(self, reference: ModelReference | None) -> tuple[str, tuple[int, ...]]:
        """The name, and the versions to try in turn; none of them means the newest."""
        if reference is None:
            raise InvalidArgument("Missing ModelSpec")
        if not reference.name:
            raise InvalidArgument("ModelSpec has no name specified.")
        if reference.label is not None:
            labels = self._list.labels
            return reference.name, labels.resolve(reference.name, reference.label)
        return reference.name, () if reference.version is None else (reference.version,)

    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """Have loaded what :meth:`hold` said is not; see ``CachingManager.waiting``."""
        return self._managed.waiting(request, notify)

    @property
    def load_timeout(self) -> float:
        """Seconds that a request waits for its model to be loaded."""
        return self._managed.load_timeout

    def only_model_for(self, kind: Kind) -> str:
        """The name of the one model that takes this, for requests that name none.

        Raises:
            NotFound: none of those that are loaded does.
            InvalidArgument: several do.
        """
        names = list(self._list.models)
        if len(names) > 1:
            names = [name for name in names if self._takes(name, kind)]
        if len(names) == 1:
            return names[0]
        if names:
            raise InvalidArgument(
                f"Several models take {_KINDS[kind]}: {', '.join(names)}; say which with "
                '"model"'
            )
        raise NotFound(
            f"No model that is loaded takes {_KINDS[kind]} (has a {DIRECTORY}/{FILE_NAME} for "
            'it); say with "model" which one is to be asked'
        )

    def _takes(self, name: str, kind: Kind) -> bool:
        try:
            with self._held(ServableRequest.latest(name)) as model:
                return model.pipeline is not None and model.pipeline.kind == kind
        except (NotFound, NotLoaded):
            return False

    def version_states(self, reference: ModelReference | None) -> tuple[ServableState, ...]:
        """The states of a model's versions, the newest first, or of the one asked for.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such version, or none at all.
        """
        if reference is not None and (weighted := self._weighted(reference)):
            return weighted
        name, versions = self._resolve(reference)
        states = self._managed.states(name)
        if versions:
            version = versions[0]
            states = tuple(state for state in states if state.id.version == version)
            if not states:
                raise NotFound(f"Could not find version {version} of model {name}")
        if not states:
            raise NotFound(f"Could not find any versions of model {name}")
        return states

    def _weighted(self, asked: ModelReference) -> tuple[ServableState, ...]:
        """The states of all versions that answer for a label with weights."""
        route = self._router.routes.get(asked.name)
        split = None if route is None or asked.label is None else route.split_for(asked)
        versions: set[int] = set()
        for target in () if split is None else split.ranked(asked.name, None):
            with suppress(InvalidArgument):
                versions.update(self._versions_of(asked.name, target))
        return tuple(
            state for state in self._managed.states(asked.name) if state.id.version in versions
        )
