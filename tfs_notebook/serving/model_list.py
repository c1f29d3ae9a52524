"""The models a server is to serve, and how one list of them takes the place of another."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tfs_notebook.lifecycle import (
    FileSystemSource,
    HarnessState,
    ServableToMonitor,
    Specific,
    VersionSnapshot,
)
from tfs_notebook.serving.change_turns import ChangeTurns
from tfs_notebook.serving.labels import Labels
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    ServingError,
    Unknown,
    error_for_code,
)

__all__ = ["Change", "ModelList", "Propose"]

_log = logging.getLogger(__name__)

_NAMES_SHOWN: Final = 10


class _StillLoading(DeadlineExceeded):
    """The time is up, and the load goes on."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a model is to become.

    Attributes:
        settings: what it is to be served as in the end.
        versions: those that are to be there then.
        bridge: what to serve on the way there, if that is not to leave a gap.
    """

    settings: ModelSettings
    versions: frozenset[int]
    bridge: ModelSettings | None = None


Propose = Callable[[ModelSettings | None], Change]
"""Says what becomes of a model, from what it is; raises if that cannot be."""


class ModelList:
    """Holds the list, the labels, and changes them.

    A new list is checked as a whole before this sees it. It is then applied
    model by model: one that cannot come up keeps serving what it had, is tried
    again whenever its directory changes, and the answer says so; the others
    are served as the list says. A change of one model that cannot be carried out
    changes nothing. Reading takes no lock. What changes something blocks, and
    waits for its turn, as :class:`ChangeTurns` says.
    """

    def __init__(
        self,
        models: Sequence[ModelSettings],
        source: FileSystemSource,
        managed: ManagedModels,
        *,
        allow_labels_for_unavailable: bool,
        accepted: Callable[[Sequence[ModelSettings]], None] | None = None,
    ) -> None:
        """Serve these models.

        Args:
            models: the first list.
            source: finds their versions.
            managed: loads them.
            allow_labels_for_unavailable: see the flag
                ``allow_version_labels_for_unavailable_models``.
            accepted: hears of each list before it takes effect; if it raises,
                nothing changes.
        """
        self.labels = Labels()
        self._models: Mapping[str, ModelSettings] = {model.name: model for model in models}
        self._source = source
        self._managed = managed
        self._allow_unavailable = allow_labels_for_unavailable
        self._accepted = accepted
        self._turns = ChangeTurns()
        # Held for a moment, by those whose turn it is.
        self._listing = threading.Lock()
        self._watch()
        # At the start a label waits for its version, which is yet to be loaded.
        for model in models:
            self.labels.assign(model.name, model.version_labels)

    @property
    def models(self) -> Mapping[str, ModelSettings]:
        """The models by name, in the order of the list."""
        return self._models

    def _watch(self) -> None:
        self._source.set_servables(
            ServableToMonitor(model.name, model.base_path, model.policy)
            for model in self._models.values()
        )

    # -- one model -------------------------------------------------------------

    def put(self, name: str, propose: Propose, timeout: float) -> None:
        """Add or change one model, and wait until it is known how that went.

        Blocks for at most ``timeout`` seconds, and for the file system.

        Args:
            name: of the model.
            propose: says what becomes of it; called once it is this change's turn.
            timeout: seconds, with the wait for the turn.

        Raises:
            DeadlineExceeded: it is still loading. It goes on with that, unless the text
                says that the model keeps what it had.
            Aborted: it was not this change's turn in time; nothing has changed.
            InvalidArgument: it gets another platform; nothing has changed.
            ServingError: what ``propose`` raises, or why it cannot be served so. A new
                model is not in the list then, and one that was there is what it was.
        """
        end = time.monotonic() + timeout
        with self._turns.one_model(name, timeout):
            before = self._models.get(name)
            change = propose(before)
            labels = self.labels.of(name)
            if before is not None:
                _check_platforms({name: before}, [change.settings])
            try:
                self._check_labels(change, labels)
                every = isinstance(change.settings.policy, Specific)
                if change.bridge is not None:
                    self._cross(change.bridge, end, every=every)
                self.labels.begin_move(name, change.settings.version_labels)
                self._record(change.settings)
                self._apply(change.settings, end, every=every)
                self._require_labels(change.settings, labels)
            except _StillLoading:
                wanted = change.settings.version_labels
                self.labels.keep_only(name, wanted, moving=set(wanted))
                raise
            except ServingError as error:
                self._take_back(name, before, labels)
                raise self._refusal(name, before, error) from error

    def remove(self, name: str, timeout: float) -> None:
        """Take one model off the list; it is unloaded when no request holds it any more.

        Blocks for its turn, for at most ``timeout`` seconds.

        Raises:
            NotFound: it is not in the list.
            Aborted: it was not this change's turn in time; nothing has changed.
        """
        with self._turns.one_model(name, timeout):
            if name not in self._models:
                raise NotFound(f"there is no model {name!r} to unload; {self._known()}")
            self._record(None, name)
            with self._listing:
                self._models = {
                    key: value for key, value in self._models.items() if key != name
                }
                self._watch()
            self.labels.assign(name, {})

    def _known(self) -> str:
        names = sorted(self._models)
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        return f"the models are {shown}{more}" if names else "no model is configured"

    def _record(self, settings: ModelSettings | None, name: str = "") -> None:
        with self._listing:
            models = dict(self._models)
            if settings is None:
                models.pop(name, None)
            else:
                models[settings.name] = settings
            self._keep(list(models.values()))

    def _keep(self, models: Sequence[ModelSettings]) -> None:
        if self._accepted is not None:
            self._accepted(models)

    def _apply(self, settings: ModelSettings, end: float, *, every: bool) -> None:
        with self._listing:
            self._models = {**self._models, settings.name: settings}
            self._watch()
        self._source.poll(settings.name)
        self._require_load(settings.name, end, every=every)

    def _cross(self, bridge: ModelSettings, end: float, *, every: bool) -> None:
        try:
            self._apply(bridge, end, every=every)
        except ResourceExhausted:
            pass  # It may fit without what goes.
        except _StillLoading:
            # To go on would take away what labels stand for, before the new is there.
            raise DeadlineExceeded(
                "its new versions were not loaded within the time this may take "
                "(--reload_timeout_seconds)"
            ) from None

    def _require_load(self, name: str, end: float, *, every: bool) -> None:
        versions = self._managed.wait_until_settled([name], max(0.0, end - time.monotonic()))
        if (reason := self._source.waiting().get(name)) is not None:
            raise NotFound(reason)
        if name not in versions:
            raise _StillLoading(
                f"model {name} is still loading after the time this may take "
                "(--reload_timeout_seconds). It goes on; its state tells how that ends"
            )
        aspired = [version for version in versions[name] if version.aspired]
        serving = any(v.state is HarnessState.READY and v.error is None for v in aspired)
        for version in reversed(aspired):
            if version.error is not None and (every or not serving):
                error = version.error
                raise error_for_code(error.code, f"{version.id} due to error: {error.message}")

    def _check_labels(self, change: Change, old: Mapping[str, int]) -> None:
        """Refuse labels of what goes, before it has gone."""
        for label, version in change.settings.version_labels.items():
            if version not in change.versions and not self._may_name_anything(
                label, version, old
            ):
                raise FailedPrecondition(
                    f"{_not_available(change.settings.name, version)} as {label!r}. Have it "
                    "loaded by a version_policy that includes it, or let the label stand for "
                    "another version"
                )

    def _require_labels(self, settings: ModelSettings, old: Mapping[str, int]) -> None:
        if (problem := self._settle_labels(settings, old)) is not None:
            raise FailedPrecondition(problem)

    def _take_back(
        self, name: str, before: ModelSettings | None, labels: Mapping[str, int]
    ) -> None:
        with self._listing:
            models = {key: value for key, value in self._models.items() if key != name}
            self._models = models if before is None else {**self._models, name: before}
            self._watch()
        with suppress(ServingError):
            # The change has failed, and why is told; this must not take its place.
            self._record(before, name)
        if before is not None:
            self._source.poll(name)
        self.labels.assign(name, labels)

    def _refusal(
        self, name: str, before: ModelSettings | None, error: ServingError
    ) -> ServingError:
        if before is None:
            text = f"model {name} could not be loaded, and is not configured"
        else:
            serving = ", ".join(map(str, sorted(self._managed.usable(name)))) or "none"
            text = (
                f"model {name} could not be changed, and keeps what it had "
                f"(available versions: {serving})"
            )
        return error_for_code(error.code, f"{text}: {error.message}")

    # -- the whole list --------------------------------------------------------

    def replace(self, models: Sequence[ModelSettings], timeout: float) -> None:
        """Serve these models from now on, and wait until it is known how that went.

        Blocks for at most ``timeout`` seconds, and for the file system.

        Raises:
            Aborted: another such change is under way, or one of a single model that
                was not through in time.
            Unknown: models did not become available; the text names each with
                its reason. Everything else of the list is in force.
            FailedPrecondition: all came up, but a label names a version that is not
                available. One that is to be loaded gets the label when it has been;
                otherwise the model keeps the labels it had.
            InvalidArgument: a model that is there gets another platform; nothing
                has changed.
        """
        end = time.monotonic() + timeout
        with self._turns.whole_list(timeout):
            self._replace(models, end)

    def _replace(self, models: Sequence[ModelSettings], deadline: float) -> None:
        before = self._models
        _check_platforms(before, models)
        self._keep(models)
        old_labels = {name: self.labels.of(name) for name in before}
        for model in models:
            self.labels.begin_move(model.name, model.version_labels)
        self._models = {model.name: model for model in models}
        self._watch()
        self._source.poll()
        failed = self._failures(models, deadline)
        refused = [
            problem
            for model in models
            if (problem := self._settle_labels(model, old_labels.get(model.name, {})))
        ]
        for name in before.keys() - self._models.keys():
            self.labels.assign(name, {})
        _raise_problems(failed, refused)

    def _failures(self, models: Sequence[ModelSettings], deadline: float) -> dict[str, str]:
        names = [model.name for model in models]
        settled = self._managed.wait_until_settled(names, max(0.0, deadline - time.monotonic()))
        waiting = self._source.waiting()
        failed: dict[str, str] = {}
        for name in names:
            reason = waiting.get(name) or _failure(settled.get(name))
            if reason is not None:
                failed[name] = reason
        return failed

    def _settle_labels(self, model: ModelSettings, old: Mapping[str, int]) -> str | None:
        usable = self._managed.usable(model.name)
        expected = self._managed.expected(model.name)
        missing = {
            label: version
            for label, version in model.version_labels.items()
            if version not in usable and not self._may_name_anything(label, version, old)
        }
        if all(version in expected for version in missing.values()):
            # What is yet to come up gets its labels then; until then they stay where they are.
            self.labels.keep_only(model.name, model.version_labels, set(missing))
        else:
            self.labels.assign(model.name, old)
        if not missing:
            return None
        return _not_available(model.name, next(iter(missing.values())))

    def _may_name_anything(self, label: str, version: int, old: Mapping[str, int]) -> bool:
        return self._allow_unavailable and (label not in old or old[label] == version)


def _not_available(name: str, version: int) -> str:
    return (
        f"Request to assign label to version {version} of model {name}, "
        "which is not currently available for inference"
    )


def _check_platforms(
    before: Mapping[str, ModelSettings], models: Sequence[ModelSettings]
) -> None:
    for model in models:
        old = before.get(model.name)
        if old is not None and old.platform != model.platform:
            raise InvalidArgument(
                f"Illegal to change a model's platform. For model {model.name} platform was "
                f"{old.platform} and new platform requested is {model.platform}"
            )


def _failure(versions: Sequence[VersionSnapshot] | None) -> str | None:
    if versions is None:
        return "it is still loading; the time for the reload is up"
    aspired = [version for version in versions if version.aspired]
    if any(v.state is HarnessState.READY and v.error is None for v in aspired):
        return None
    for version in reversed(aspired):
        if version.error is not None:
            return f"{version.id} due to error: {version.error.status_text}"
    return None


def _raise_problems(failed: Mapping[str, str], refused: Sequence[str]) -> None:
    error: ServingError | None = None
    if failed:
        reasons = ", ".join(f"{{{reason}}}" for reason in failed.values())
        text = f"{len(failed)} model(s) did not become available: {{{reasons}}}"
        error = Unknown("; ".join([text, *refused]))
    elif refused:
        error = FailedPrecondition("; ".join(refused))
    if error is not None:
        _log.warning("The new configuration is in force, but: %s", error.message)
        raise error
