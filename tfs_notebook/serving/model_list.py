"""The models a server is to serve, and how one list of them takes the place of another."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence

from tfs_notebook.lifecycle import (
    FileSystemSource,
    HarnessState,
    ServableToMonitor,
    VersionSnapshot,
)
from tfs_notebook.serving.labels import Labels
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    ServingError,
    Unknown,
)

__all__ = ["ModelList"]

_log = logging.getLogger(__name__)


class ModelList:
    """Holds the list, the labels, and changes them.

    A new list is checked as a whole before this sees it. It is then applied
    model by model: one that cannot come up keeps serving what it had, is tried
    again whenever its directory changes, and the answer says so; the others
    are served as the list says. Reading takes no lock. :meth:`replace` blocks;
    a second one at the same time is refused.
    """

    def __init__(
        self,
        models: Sequence[ModelSettings],
        source: FileSystemSource,
        managed: ManagedModels,
        *,
        allow_labels_for_unavailable: bool,
    ) -> None:
        self.labels = Labels()
        self._models: Mapping[str, ModelSettings] = {model.name: model for model in models}
        self._source = source
        self._managed = managed
        self._allow_unavailable = allow_labels_for_unavailable
        self._changing = threading.Lock()
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

    def replace(self, models: Sequence[ModelSettings], timeout: float) -> None:
        """Serve these models from now on, and wait until it is known how that went.

        Blocks for at most ``timeout`` seconds, and for the file system.

        Raises:
            Aborted: another change is under way.
            Unknown: models did not become available; the text names each with
                its reason. Everything else of the list is in force.
            FailedPrecondition: all came up, but a label names a version that is not
                available. One that is to be loaded gets the label when it has been;
                otherwise the model keeps the labels it had.
            InvalidArgument: a model that is there gets another platform; nothing
                has changed.
        """
        if not self._changing.acquire(blocking=False):
            raise Aborted("another reload is under way; try again when it is through")
        try:
            self._replace(models, time.monotonic() + timeout)
        finally:
            self._changing.release()

    def _replace(self, models: Sequence[ModelSettings], deadline: float) -> None:
        before = self._models
        _check_platforms(before, models)
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
        return (
            f"Request to assign label to version {next(iter(missing.values()))} of model "
            f"{model.name}, which is not currently available for inference"
        )

    def _may_name_anything(self, label: str, version: int, old: Mapping[str, int]) -> bool:
        return self._allow_unavailable and (label not in old or old[label] == version)


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
