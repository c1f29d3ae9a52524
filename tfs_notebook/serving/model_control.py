"""Models that come, change and go one by one while the server runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.lifecycle import (
    FileSystem,
    Latest,
    ManagerState,
    ServableId,
    ServableRequest,
    ServableStateMonitor,
    Specific,
    VersionPolicy,
    is_url,
)
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import PLATFORM, ModelSettings, check_settings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import Change, ModelUpdate
from tfs_notebook.serving.models_root import ModelsRoot
from tfs_notebook.serving.pin import Pin
from tfs_notebook.serving.quarantine import Quarantine
from tfs_notebook.serving.routing.settings import NO_TRAFFIC
from tfs_notebook.serving.version_policies import check_version
from tfs_notebook.serving.versions_on_disk import described, versions_to_serve, versions_under
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)

__all__ = ["LoadRequest", "ModelControl", "Rollback"]

_log = logging.getLogger(__name__)

_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to serve a model as; None leaves things as they are, or at their defaults.

    Attributes:
        base_path: absolute, or a URL. A new model without one is looked for by its
            name in the models root.
        policy: which versions; by default the latest one.
        labels: versions by label, to add to those there are; None removes a label.
        platform: ``tensorflow``, or the name of a plug-in; cannot be changed.
        only_these_labels: ``labels`` are all labels of the model from now on, and what was
            said of its batching is taken back.
    """

    base_path: str | None = None
    policy: VersionPolicy | None = None
    labels: Mapping[str, int | None] | None = None
    platform: str | None = None
    only_these_labels: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback did.

    Attributes:
        version: what is served from now on.
        moved: the labels that stand for it now, and the versions they stood for.
    """

    version: int
    moved: Mapping[str, int]


class ModelControl:
    """Changes single models. Any thread may call it; every method blocks.

    Args:
        models: the list to change.
        update: changes it.
        managed: loads what is in the list.
        monitor: of the states.
        file_system: to look for versions with.
        root: where models are found by name.
        quarantine: of versions that ended the process.
        try_again: called with each version whose load failed and is asked for anew.
    """

    def __init__(
        self,
        models: ModelList,
        update: ModelUpdate,
        managed: ManagedModels,
        monitor: ServableStateMonitor,
        file_system: FileSystem,
        root: ModelsRoot,
        quarantine: Quarantine,
        *,
        try_again: Callable[[ServableId], None],
    ) -> None:
        self._models = models
        self._update = update
        self._managed = managed
        self._monitor = monitor
        self._file_system = file_system
        self._root = root
        self._quarantine = quarantine
        self._try_again = try_again

    def load(self, name: str, request: LoadRequest, timeout: float) -> None:
        """See ``ModelServer.load``."""
        _check_text("model", name)

        def propose(before: ModelSettings | None) -> Change:
            settings = self._loaded(name, before, request)
            check_settings(settings)
            change = self._change(before, settings)
            self._quarantine.forgive(name)
            for state in self._managed.states(name):
                if state.error is not None:
                    self._try_again(state.id)
            return change

        self._update.put(name, propose, timeout)

    def _loaded(
        self, name: str, before: ModelSettings | None, request: LoadRequest
    ) -> ModelSettings:
        if before is not None:
            base_path = before.base_path if request.base_path is None else request.base_path
        elif request.base_path is not None:
            base_path = request.base_path
        else:
            base_path = self._root.base_path(name)
        if not is_url(base_path):
            # The path tells one origin from another.
            base_path = base_path.rstrip("/") or "/"
        labels = {} if request.only_these_labels else self._models.labels.wanted(name)
        # Whoever says which versions takes the pin out.
        pin = before.pin if before and request.policy is None else None
        return ModelSettings(
            name,
            base_path,
            request.policy or (before.policy if before else Latest()),
            _merged(labels, request.labels or {}),
            request.platform or (before.platform if before else PLATFORM),
            before.batching if before and not request.only_these_labels else BatchingOverride(),
            before.logging if before else None,
            pin,
            before.traffic if before else NO_TRAFFIC,
        )

    def unload(self, name: str, timeout: float) -> None:
        """See ``ModelServer.unload``."""
        end = time.monotonic() + timeout
        self._update.remove(name, timeout)
        self._quarantine.forget(name)
        there = [
            ServableRequest.for_id(state.id)
            for state in self._monitor.states(name)
            if state.state is not ManagerState.END
        ]
        left = max(0.0, end - time.monotonic())
        reached = self._monitor.wait_until_reached(there, ManagerState.END, left)
        if busy := [request.version for request in there if request not in reached.states]:
            raise DeadlineExceeded(
                f"model {name} takes no more requests, but version(s) "
                f"{', '.join(map(str, busy))} are still in memory after {timeout:g} s: they "
                "are being loaded, or requests hold them. They go when that ends"
            )

    def set_labels(self, name: str, changes: Mapping[str, int | None], timeout: float) -> None:
        """See ``ModelServer.set_labels``."""

        def propose(before: ModelSettings | None) -> Change:
            settings = _present(name, before)
            labels = _merged(self._models.labels.wanted(name), changes)
            after = replace(settings, version_labels=labels)
            usable = self._managed.usable(name)
            return Change(
                after,
                frozenset(self._managed.expected(name)),
                is_there=all(version in usable for version in labels.values()),
            )

        self._update.put(name, propose, timeout)

    def rollback(self, name: str, version: int | None, timeout: float) -> Rollback:
        """See ``ModelServer.rollback``."""
        done: list[Rollback] = []

        def propose(before: ModelSettings | None) -> Change:
            settings = _present(name, before)
            target = self._target(settings, version)
            before_it = self._models.labels.wanted(name)
            labels = {label: min(labelled, target) for label, labelled in before_it.items()}
            moved = {label: old for label, old in before_it.items() if old > target}
            done.append(Rollback(target, moved))
            usable = self._managed.usable(name)
            kept = {labelled for labelled in labels.values() if labelled in usable}
            policy = Specific(tuple(sorted(kept | {target})))
            # One that is held is held to this version then.
            pin = replace(settings.pin, versions=(target,)) if settings.pin else None
            after = replace(settings, policy=policy, version_labels=labels, pin=pin)
            return self._change(before, after)

        self._update.put(name, propose, timeout)
        _log.info("model %s was rolled back to version %d", name, done[0].version)
        return done[0]

    def pin(self, name: str, versions: Collection[int] | None, timeout: float) -> None:
        """See ``ModelServer.pin``."""

        def propose(before: ModelSettings | None) -> Change:
            settings = _present(name, before)
            usable = self._managed.usable(name)
            chosen = set(usable) if versions is None else set(versions)
            if not chosen:
                raise FailedPrecondition(
                    f"model {name} serves no version that it could be held to; say which one "
                    'with "versions"'
                )
            labels = self._models.labels.wanted(name)
            kept = {labelled for labelled in labels.values() if labelled in usable}
            after = replace(
                settings,
                policy=Specific(tuple(sorted(chosen | kept))),
                version_labels=labels,
                pin=Pin(
                    tuple(sorted(chosen)),
                    settings.pin.follows if settings.pin else settings.policy,
                ),
            )
            return self._change(before, after)

        self._update.put(name, propose, timeout)
        _log.info("model %s is pinned", name)

    def unpin(self, name: str, timeout: float) -> None:
        """See ``ModelServer.unpin``."""

        def propose(before: ModelSettings | None) -> Change:
            settings = _present(name, before)
            if settings.pin is None:
                raise FailedPrecondition(f"model {name} is not pinned")
            labels = self._models.labels.wanted(name)
            after = replace(
                settings, policy=settings.pin.follows, version_labels=labels, pin=None
            )
            return self._change(before, after)

        self._update.put(name, propose, timeout)
        _log.info("model %s is pinned no longer", name)

    def _target(self, settings: ModelSettings, version: int | None) -> int:
        there = versions_under(self._file_system, settings.base_path)
        shown = described(there)
        if version is not None:
            if version not in there:
                raise NotFound(
                    f"there is no version {version} of model {settings.name} under "
                    f"{settings.base_path}; the versions there are {shown}"
                )
            return version
        usable = self._managed.usable(settings.name)
        if not usable:
            raise FailedPrecondition(
                f"model {settings.name} serves no version, so there is none before it; say "
                f'which one to serve with "version" (under its base path are {shown})'
            )
        newest = max(usable)
        before = [
            number
            for number in there
            if number < newest
            and not self._quarantine.is_barred(ServableId(settings.name, number))
        ]
        if not before:
            raise NotFound(
                f"there is no version of model {settings.name} before {newest} under "
                f"{settings.base_path}; the versions there are {shown}"
            )
        return before[-1]

    # -- what there is -----------------------------------------------------------

    def _change(self, before: ModelSettings | None, after: ModelSettings) -> Change:
        """Refuse what cannot come up, before anything has been changed."""
        wanted = versions_to_serve(self._file_system, after)
        return Change(after, wanted, self._bridge(before, after, wanted))

    def _bridge(
        self, before: ModelSettings | None, after: ModelSettings, wanted: frozenset[int]
    ) -> ModelSettings | None:
        """What to serve until all that is to be served is there.

        The manager keeps one of the versions that go, until one of those that come is
        there; but labels may stand for any of them.
        """
        if before is None or before.base_path != after.base_path:
            return None
        usable = set(self._managed.usable(after.name))
        going, coming = usable - wanted, wanted - usable
        if not going or not coming:
            return None
        if len(going) == len(coming) == 1 and not usable & wanted:
            # This one the manager keeps.
            return None
        return replace(before, policy=Specific(tuple(sorted(usable | wanted))))


def _check_text(what: str, text: str) -> None:
    # They stand in logs and in paths of URLs.
    if not (text and text.isprintable() and len(text) <= _LONGEST_NAME):
        raise InvalidArgument(
            f"the name of a {what} has 1 to {_LONGEST_NAME} printable characters; got "
            f"{text[:_LONGEST_NAME]!r}"
        )


def _present(name: str, settings: ModelSettings | None) -> ModelSettings:
    if settings is None:
        raise NotFound(f"there is no model {name!r}; load it first")
    return settings


def _merged(labels: Mapping[str, int], changes: Mapping[str, int | None]) -> dict[str, int]:
    for label in changes:
        _check_text("label", label)
    merged = {**labels, **changes}
    return {
        label: check_version(version)
        for label, version in merged.items()
        if version is not None
    }
