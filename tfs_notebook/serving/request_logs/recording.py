"""Switches the request log of a model on and off while it is served."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.request_logs.logging_settings import (
    LoggingSettings,
    is_plain_prefix,
    logging_settings,
)
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.messages import LoggingConfig

__all__ = ["Recording", "RecordingControl", "needed_directory", "prefix_of"]

_log = logging.getLogger(__name__)

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_STEM: Final = 60
_DIGEST_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Recording:
    """What of a model's requests is logged.

    Attributes:
        sampling_rate: the share of answered requests that are; 0 for none.
        prefix: what the names of the files begin with.
        directory: where they are.
        files: that this server, and its runs before, have made; the oldest first.
        counts: requests that were to be logged, by what became of them; see
            ``LogWriter.counts``.
    """

    sampling_rate: float
    prefix: str
    directory: str
    files: tuple[Path, ...]
    counts: Mapping[str, int]


class RecordingControl:
    """What ``ModelServer`` offers on recording. Any thread may call it.

    Args:
        models: the list, which keeps what is said.
        update: changes it.
        log: writes.
    """

    def __init__(self, models: ModelList, update: ModelUpdate, log: RequestLog) -> None:
        self._models = models
        self._update = update
        self._request_log = log

    def read(self, name: str) -> Recording:
        """See ``ModelServer.recording_of``."""
        settings = self._models.settings(name)
        directory = needed_directory(self._request_log)
        prefix = prefix_of(settings)
        return Recording(
            0.0 if settings.logging is None else settings.logging.sampling_rate,
            prefix,
            directory,
            tuple(self._request_log.files(prefix)),
            {
                code: number
                for (model, code), number in self._request_log.counts.items()
                if model == name
            },
        )

    def change(self, name: str, sampling_rate: float, timeout: float) -> None:
        """See ``ModelServer.change_recording``."""

        def propose(settings: ModelSettings) -> ModelSettings:
            needed_directory(self._request_log)
            after = replace(settings, logging=_at_rate(settings, sampling_rate))
            self._request_log.check([after])
            return after

        self._update.adjust(name, propose, timeout)
        _log.info("%g %% of the requests of model %s are recorded", 100 * sampling_rate, name)


def needed_directory(log: RequestLog) -> str:
    """Where request logs go.

    Raises:
        FailedPrecondition: nowhere.
    """
    if log.directory is None:
        raise FailedPrecondition(
            "this server records no requests, because it has no directory for them; start it "
            "with --request_log_dir=DIR"
        )
    return log.directory


def prefix_of(settings: ModelSettings) -> str:
    """What the names of a model's log files begin with: as configured, or made of its name."""
    if settings.logging is not None:
        return settings.logging.prefix
    name = settings.name
    if "/" not in name and is_plain_prefix(name):
        return name
    stem = _NOT_PLAIN.sub("_", name).strip("_-")[:_LONGEST_STEM] or "model"
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
    return f"{stem}-{digest.hexdigest()}"


def _at_rate(settings: ModelSettings, rate: float) -> LoggingSettings | None:
    config = LoggingConfig()
    if settings.logging is not None:
        config = LoggingConfig.FromString(settings.logging.config)
    elif not rate:
        return None
    else:
        config.log_collector_config.type = "tfrecord"
        config.log_collector_config.filename_prefix = prefix_of(settings)
    # Rates of single tasks would go before it.
    config.ClearField("sampling_config")
    config.sampling_config.sampling_rate = rate
    return logging_settings(settings.name, config)
