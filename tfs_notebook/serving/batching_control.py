"""Reads and changes how the requests of models are put together, while they are served."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace

from tfs_notebook.batching.override import BatchingOverride, check_batch_threads
from tfs_notebook.serving.batching_status import BatchingStatus
from tfs_notebook.serving.journal import Journal
from tfs_notebook.serving.model_batching import ServerBatching
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.wire.errors import FailedPrecondition, ServingError

__all__ = ["BatchingControl"]

_log = logging.getLogger(__name__)


class BatchingControl:
    """What ``ModelServer`` offers on batching. Any thread may call it.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        batching: what is changed; None if the server has none.
        journal: keeps what is said of the threads, and says it at the start.
    """

    def __init__(
        self,
        models: ModelList,
        update: ModelUpdate,
        batching: ServerBatching | None,
        journal: Journal | None,
    ) -> None:
        self._models = models
        self._update = update
        self._batching = batching
        self._journal = journal
        self._changing_threads = threading.Lock()
        if batching is not None and journal is not None and journal.batch_threads:
            batching.threads = journal.batch_threads

    def read(self, name: str) -> BatchingStatus:
        """See ``ModelServer.batching_of``."""
        settings = self._models.settings(name)
        return self._needed().status(name, settings.batching)

    def change(
        self, name: str, changes: Mapping[str, object], timeout: float, *, reset: bool
    ) -> None:
        """See ``ModelServer.change_batching``."""

        def propose(settings: ModelSettings) -> ModelSettings:
            before = BatchingOverride() if reset else settings.batching
            after = before.changed(changes)
            self._needed().check(name, after)
            return replace(settings, batching=after)

        self._update.adjust(name, propose, timeout)
        _log.info("the batching of model %s was changed: %s", name, dict(changes) or "reset")

    @property
    def threads(self) -> int:
        """See ``ModelServer.num_batch_threads``."""
        return self._needed().threads

    def change_threads(self, number: int | None) -> None:
        """See ``ModelServer.change_batch_threads``."""
        batching = self._needed()
        wanted = batching.configured_threads if number is None else check_batch_threads(number)
        with self._changing_threads:
            self._keep_threads(number)
            batching.threads = wanted
        _log.info("%d batches may run at once from now on", wanted)

    def _keep_threads(self, number: int | None) -> None:
        if self._journal is None:
            return
        before, self._journal.batch_threads = self._journal.batch_threads, number
        try:
            self._models.accept_again()
        except ServingError:
            self._journal.batch_threads = before
            raise

    def _needed(self) -> ServerBatching:
        if self._batching is None:
            raise FailedPrecondition(
                "this server puts no requests together; start it with --enable_batching, and "
                "--batching_parameters_file=FILE if the defaults will not do"
            )
        return self._batching
