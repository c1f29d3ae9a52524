"""Replaces the whole list of models by another."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tfs_notebook.lifecycle import FileSystemSource, HarnessState, VersionSnapshot
from tfs_notebook.serving.change_turns import ChangeTurns
from tfs_notebook.serving.label_rules import LabelRules
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.quarantine import Quarantine
from tfs_notebook.wire.errors import FailedPrecondition, ServingError, Unknown

__all__ = ["ListUpdate"]

_log = logging.getLogger(__name__)


class ListUpdate:
    """Replaces the list, model by model.

    A new list is checked as a whole before this sees it. One of its models that
    cannot come up keeps serving what it had, is tried again whenever its directory
    changes, and the answer says so; the others are served as the list says.

    Args:
        models: the list.
        source: finds versions.
        managed: loads them.
        labels: says what labels may stand for.
        turns: of all who change the list.
        quarantine: holds versions back, for as long as they are on the list.
    """

    def __init__(
        self,
        models: ModelList,
        source: FileSystemSource,
        managed: ManagedModels,
        labels: LabelRules,
        turns: ChangeTurns,
        quarantine: Quarantine,
    ) -> None:
        self._list = models
        self._labels = models.labels
        self._source = source
        self._managed = managed
        self._rules = labels
        self._turns = turns
        self._quarantine = quarantine

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
        before = self._list.models
        # A list says nothing of traffic, and may be about another model altogether.
        models = [
            replace(model, traffic=before[model.name].traffic)
            if model.name in before
            else model
            for model in models
        ]
        self._list.check_platforms(models)
        self._list.accept_all(models)
        old_labels = {name: self._labels.of(name) for name in before}
        for model in models:
            self._labels.begin_move(model.name, model.version_labels)
        self._list.replace(models)
        self._source.poll()
        failed = self._failures(models, deadline)
        refused = [
            problem
            for model in models
            if (problem := self._rules.settle(model, old_labels.get(model.name, {})))
        ]
        for name in before.keys() - self._list.models.keys():
            self._labels.assign(name, {})
            self._quarantine.forget(name)
        if refused:
            self._accept_in_force(models)
        _raise_problems(failed, refused)

    def _accept_in_force(self, models: Sequence[ModelSettings]) -> None:
        # Labels that were refused must not be in force after a restart.
        in_force = [
            replace(model, version_labels=self._labels.wanted(model.name)) for model in models
        ]
        try:
            self._list.accept_all(in_force)
        except ServingError as error:
            _log.warning("the labels in force could not be written down: %s", error.message)

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
