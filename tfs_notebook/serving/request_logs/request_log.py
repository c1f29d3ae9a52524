"""Request logging: which requests of which models are logged.

``logging_config`` comes with the configuration of the models, which whoever reaches the
gRPC port may replace. So it never says where files are written: all of them lie in one
directory that the operator names (``--request_log_dir``), under plain names, in files
that the server makes itself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import random
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from tfs_notebook.batching.task import Outputs
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.request_logs.log_contents import ContentOf
from tfs_notebook.serving.request_logs.log_files import LogFiles, LogLimits
from tfs_notebook.serving.request_logs.log_writer import LogEntry, LogWriter
from tfs_notebook.serving.request_logs.logging_settings import LoggingSettings
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["RequestLog", "RequestLogger"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

_OWNER_ONLY: Final = 0o700
_SERVER_BYTES: Final = 4


class RequestLogger:
    """Logs the requests of all models that have one ``LoggingConfig``.

    Any thread may call any method; none blocks, and none fails.
    """

    __slots__ = ("_files", "_random", "_rate", "_sampling", "_writer")

    def __init__(
        self,
        settings: LoggingSettings,
        files: LogFiles,
        writer: LogWriter,
        chance: Callable[[], float],
    ) -> None:
        """Prepare; no file is made before there is something to write.

        Args:
            settings: what it logs.
            files: where to.
            writer: of them.
            chance: numbers from 0 to below 1, all as likely.
        """
        self._rate = settings.sampling_rate
        self._sampling = settings.sampling
        self._files = files
        self._writer = writer
        self._random = chance

    def logging(
        self,
        finish: Callable[[Outputs], T],
        answering: ModelReference,
        content: ContentOf,
    ) -> Callable[[Outputs], T]:
        """``finish``, and then log what it has made, if that is chosen.

        A request that fails has no response, and is not logged.

        Args:
            finish: makes the answer of the outputs.
            answering: the model, the version and the signature.
            content: what to log, of the outputs and the answer.
        """

        def finish_and_log(outputs: Outputs) -> T:
            answer = finish(outputs)
            if self._random() < self._rate:
                try:
                    entry = LogEntry(
                        self._files,
                        self._sampling,
                        answering,
                        int(time.time()),
                        content(outputs, answer),
                    )
                    self._writer.put(entry)
                except Exception as error:  # noqa: BLE001 - the answer is what counts
                    self._writer.fail(answering.name, error)
            return answer

        return finish_and_log


class RequestLog:
    """The loggers of a server, by model.

    Any thread may read; who changes the list of models calls the rest.

    Args:
        config: where to, when the next file begins, and how many are kept.
        chance: as for :class:`RequestLogger`.

    Attributes:
        loggers: that of each model that has one; replaced when there are others.

    Raises:
        InvalidArgument: the directory cannot be used.
    """

    def __init__(
        self, config: ServerConfig, chance: Callable[[], float] = random.random
    ) -> None:
        self._directory = _directory(config.request_log_dir)
        self._limits = LogLimits(
            config.request_log_max_bytes,
            config.request_log_max_seconds,
            config.request_log_max_files,
        )
        self._server = _server_name(config)
        self._chance = chance
        self._writer = LogWriter(tag for tag in config.saved_model_tags.split(",") if tag)
        self._files: dict[str, LogFiles] = {}
        self._by_settings: dict[LoggingSettings, RequestLogger] = {}
        self.loggers: Mapping[str, RequestLogger] = {}

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """See :attr:`LogWriter.counts`."""
        return self._writer.counts

    @property
    def directory(self) -> str | None:
        """Where the files are; None if nothing is logged."""
        return None if self._directory is None else str(self._directory.path)

    def files(self, prefix: str) -> list[Path]:
        """Those of a prefix that this server has made, the oldest first. Blocks.

        They may be read at any time; the last one is a second behind at most.
        """
        if self._directory is None:
            return []
        try:
            return self._files_of(self._directory, prefix).paths()
        except OSError:
            return []

    def check(self, models: Iterable[ModelSettings]) -> None:
        """Refuse what cannot be logged to. Changes nothing.

        Raises:
            InvalidArgument: there is no directory for logs, or another one is named.
        """
        for model in models:
            if (settings := model.logging) is None:
                continue
            if self._directory is None:
                raise InvalidArgument(
                    "No request-logger-creator provided. Model "
                    f"{model.name} has a logging_config, and the server no directory for it: "
                    "start it with --request_log_dir=DIR, where all its request logs go, or "
                    "leave the logging_config out"
                )
            named = settings.directory
            if named and named not in (self._directory.given, str(self._directory.path)):
                raise InvalidArgument(
                    f"model {model.name}: filename_prefix is in {named}, and request logs are "
                    f"written to {self._directory.given} alone (--request_log_dir); give the "
                    f'name alone: "{settings.prefix}"'
                )

    def configure(self, models: Mapping[str, ModelSettings]) -> None:
        """Log the requests of these models from now on; does not block.

        They have been checked. A logger whose settings stay is kept; requests under way
        are logged by the one they have begun with.
        """
        before = self._by_settings
        wanted = {
            name: settings
            for name, model in models.items()
            # None of a model that was switched off, so that its file ends.
            if (settings := model.logging) is not None and settings.sampling_rate
        }
        now: dict[LoggingSettings, RequestLogger] = {}
        for name, settings in wanted.items():
            if settings in now:
                continue
            now[settings] = before.get(settings) or self._logger(name, settings)
        prefixes = {settings.prefix for settings in now}
        self._files = {
            prefix: files for prefix, files in self._files.items() if prefix in prefixes
        }
        self._writer.keep(prefixes)
        self._by_settings = now
        self.loggers = {name: now[settings] for name, settings in wanted.items()}

    def _logger(self, name: str, settings: LoggingSettings) -> RequestLogger:
        if self._directory is None:
            raise InvalidArgument(f"model {name} is to be logged, and was not checked")
        # Loggers that differ in what they choose may well share files.
        files = self._files.setdefault(
            settings.prefix,
            self._files_of(self._directory, settings.prefix),
        )
        _log.info(
            "%g %% of the answered requests of model %s are logged to %s",
            100 * settings.sampling_rate,
            name,
            files.place,
        )
        return RequestLogger(settings, files, self._writer, self._chance)

    def _files_of(self, directory: _Directory, prefix: str) -> LogFiles:
        return LogFiles(directory.path, prefix, self._server, self._limits)

    def close(self, timeout: float) -> None:
        """Write what waits and end the files; blocks for ``timeout`` seconds at most."""
        self._writer.close(timeout)


class _Directory:
    """Where logs go: as it was given, and what that stood for at the start."""

    def __init__(self, given: str) -> None:
        self.given = str(Path(given).absolute())
        self.path = Path(os.path.realpath(given))


def _directory(given: str) -> _Directory | None:
    if not given:
        return None
    directory = _Directory(given)
    try:
        directory.path.mkdir(_OWNER_ONLY, exist_ok=True)
    except OSError as error:
        raise InvalidArgument(
            f"--request_log_dir: {given} is no directory, and cannot be made: {error.strerror}"
        ) from None
    if not os.access(directory.path, os.W_OK | os.X_OK):
        raise InvalidArgument(
            f"--request_log_dir: files cannot be made in {given}; let this user write there, "
            "or name another directory"
        )
    return directory


def _server_name(config: ServerConfig) -> str:
    """What is the same when this server is started again, and is no other server's."""
    places = (
        config.port,
        config.rest_api_port,
        config.grpc_socket_path,
        config.rest_api_socket_path,
    )
    text = repr((socket.gethostname(), *places))
    return hashlib.blake2b(text.encode(), digest_size=_SERVER_BYTES).hexdigest()
