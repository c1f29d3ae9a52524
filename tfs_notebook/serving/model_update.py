"""Changes one model while the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from tfs_notebook.lifecycle import FileSystemSource, HarnessState, Specific
from tfs_notebook.serving.change_turns import ChangeTurns
from tfs_notebook.serving.label_rules import LabelRules
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    NotFound,
    ResourceExhausted,
    ServingError,
    error_for_code,
)

__all__ = ["Change", "ModelUpdate", "Propose"]


class _StillLoading(DeadlineExceeded):
    """The time is up, and the load goes on."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a model is to become.

    Attributes:
        settings: what it is to be served as in the end.
        versions: those that are to be there then.
        bridge: what to serve on the way there, if that is not to leave a gap.
        is_there: whether all of it is loaded, and only labels move.
    """

    settings: ModelSettings
    versions: frozenset[int]
    bridge: ModelSettings | None = None
    is_there: bool = False


Propose = Callable[[ModelSettings | None], Change]
"""Says what becomes of a model, from what it is; raises if that cannot be."""


class ModelUpdate:
    """Puts one model on the list, or takes it off.

    A change that cannot be carried out changes nothing, nor does one of a model that is
    there and ends the process: it is written down when it has been made. Any thread
    may call it; every method blocks, and waits for its turn, as :class:`ChangeTurns`
    says.

    Args:
        models: the list.
        source: finds versions.
        managed: loads them.
        labels: says what labels may stand for.
        turns: of all who change the list.
    """

    def __init__(
        self,
        models: ModelList,
        source: FileSystemSource,
        managed: ManagedModels,
        labels: LabelRules,
        turns: ChangeTurns,
    ) -> None:
        self._list = models
        self._labels = models.labels
        self._source = source
        self._managed = managed
        self._rules = labels
        self._turns = turns

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
            before = self._list.models.get(name)
            change = propose(before)
            labels = self._labels.of(name)
            self._list.check_platforms([change.settings])
            try:
                self._rules.check(change.settings, change.versions, labels)
                every = isinstance(change.settings.policy, Specific)
                # What cannot be written down must not begin; and should the process end
                # while it loads this, a model that is there is to come back as it was.
                self._list.accept(change.settings if before is None else before)
                if change.bridge is not None:
                    self._cross(change.bridge, end, every=every)
                self._labels.begin_move(name, change.settings.version_labels)
                late = self._carry_out(change, labels, end, every=every)
                self._list.accept(change.settings)
            except ServingError as error:
                self._take_back(name, before, labels)
                raise self._refusal(name, before, error) from error
            if late is not None:
                raise late

    def _carry_out(
        self, change: Change, labels: Mapping[str, int], end: float, *, every: bool
    ) -> _StillLoading | None:
        settings = change.settings
        try:
            if change.is_there:
                self._list.put(settings)
            else:
                self._apply(settings, end, every=every)
        except _StillLoading as late:
            wanted = settings.version_labels
            self._labels.keep_only(settings.name, wanted, moving=set(wanted))
            return late
        self._require_labels(settings, labels)
        return None

    def adjust(
        self, name: str, propose: Callable[[ModelSettings], ModelSettings], timeout: float
    ) -> None:
        """Change of one model what neither versions nor labels have to do with.

        Blocks for its turn, for at most ``timeout`` seconds, and on the disk.

        Args:
            name: of the model.
            propose: says what becomes of it; called once it is this change's turn.
            timeout: seconds.

        Raises:
            NotFound: it is not in the list.
            Aborted: it was not this change's turn in time; nothing has changed.
            Unavailable: it cannot be written down; nothing has changed.
            ServingError: what ``propose`` raises; nothing has changed.
        """
        with self._turns.one_model(name, timeout):
            if (before := self._list.models.get(name)) is None:
                raise NotFound(f"there is no model {name!r}; load it first")
            # Those in force, which are not those that were asked for if they were refused.
            labels = self._labels.wanted(name)
            after = propose(replace(before, version_labels=labels))
            self._list.accept(after)
            self._list.put(after)

    def remove(self, name: str, timeout: float) -> None:
        """Take one model off the list; it is unloaded when no request holds it any more.

        Blocks for its turn, for at most ``timeout`` seconds.

        Raises:
            NotFound: it is not in the list.
            Aborted: it was not this change's turn in time; nothing has changed.
        """
        with self._turns.one_model(name, timeout):
            if name not in self._list.models:
                raise NotFound(
                    f"there is no model {name!r} to unload; {self._list.described()}"
                )
            self._list.accept_without(name)
            self._list.drop(name)
            self._labels.assign(name, {})

    def _apply(self, settings: ModelSettings, end: float, *, every: bool) -> None:
        self._list.put(settings)
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
                '("timeout", or --reload_timeout_seconds)'
            ) from None

    def _require_load(self, name: str, end: float, *, every: bool) -> None:
        versions = self._managed.wait_until_settled([name], max(0.0, end - time.monotonic()))
        if (reason := self._source.waiting().get(name)) is not None:
            raise NotFound(reason)
        if name not in versions:
            raise _StillLoading(
                f"model {name} is still loading after the time this may take "
                '("timeout", or --reload_timeout_seconds). It goes on; its state tells how '
                "that ends"
            )
        aspired = [version for version in versions[name] if version.aspired]
        serving = any(v.state is HarnessState.READY and v.error is None for v in aspired)
        for version in reversed(aspired):
            if version.error is not None and (every or not serving):
                error = version.error
                raise error_for_code(error.code, f"{version.id} due to error: {error.message}")

    def _require_labels(self, settings: ModelSettings, old: Mapping[str, int]) -> None:
        if (problem := self._rules.settle(settings, old)) is not None:
            raise FailedPrecondition(problem)

    def _take_back(
        self, name: str, before: ModelSettings | None, labels: Mapping[str, int]
    ) -> None:
        # A journal that cannot be written must not hide why the change has failed.
        if before is None:
            self._list.drop(name)
            with suppress(ServingError):
                self._list.accept_without(name)
        else:
            self._list.put(before)
            with suppress(ServingError):
                self._list.accept(before)
            self._source.poll(name)
        self._labels.assign(name, labels)

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
