"""``logging_config`` of a model: what of its requests is logged, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf import json_format

from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.messages import POOL, LoggingConfig, SamplingConfig

__all__ = [
    "LoggingSettings",
    "is_plain_prefix",
    "logging_settings",
    "read_logging",
    "write_logging",
]

_COLLECTORS: Final = frozenset({"", "tfrecord"})
"""The collectors there are; who names none gets the only one."""
_LONGEST_PREFIX: Final = 100


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """A checked ``LoggingConfig``. Equal ones are one logger.

    Attributes:
        config: the message, serialised.
        directory: the one that its prefix names, absolute; empty if it is a mere name.
        prefix: what the names of its files begin with; no path.
        sampling_rate: the share of requests that are logged, from 0 to 1.
        sampling: its ``SamplingConfig``, serialised, as records repeat it.
    """

    config: bytes
    directory: str
    prefix: str
    sampling_rate: float
    sampling: bytes


def logging_settings(name: str, config: LoggingConfig) -> LoggingSettings:
    """Check the ``logging_config`` of a model.

    Args:
        name: of the model, for messages.
        config: as somebody has written it.

    Raises:
        NotFound: there is no such collector; TensorFlow Serving's text.
        InvalidArgument: a rate that is none, or a name of files that is none.
    """
    collector, sampling = config.log_collector_config, config.sampling_config
    if collector.type not in _COLLECTORS:
        raise NotFound(
            f"Cannot find LogCollector::Factory for type: {collector.type} (model {name}; the "
            'type there is "tfrecord")'
        )
    if config.HasField("custom_logging_config"):
        raise InvalidArgument(
            f"model {name}: custom_logging_config is for loggers of other servers; leave it "
            "out, and say what to log with log_collector_config and sampling_config"
        )
    directory, slash, prefix = collector.filename_prefix.rpartition("/")
    if slash and not directory.startswith("/"):
        raise _no_prefix(name, collector.filename_prefix)
    if not is_plain_prefix(prefix):
        raise _no_prefix(name, collector.filename_prefix)
    for rate in (
        sampling.sampling_rate,
        *(one.sampling_rate for one in sampling.per_task_sampling_configs),
    ):
        if not 0 <= rate <= 1:
            raise InvalidArgument(
                f"model {name}: sampling_rate is the share of requests to log, from 0 to 1; "
                f"got {rate:g}"
            )
    return LoggingSettings(
        config.SerializeToString(deterministic=True),
        directory,
        prefix,
        _rate_here(sampling),
        sampling.SerializeToString(deterministic=True),
    )


def _rate_here(sampling: SamplingConfig) -> float:
    """The first rate that is for any task, for this server is no task of a data centre."""
    for one in sampling.per_task_sampling_configs:
        if not one.dc and not one.HasField("task_index"):
            return one.sampling_rate
    return sampling.sampling_rate


def is_plain_prefix(prefix: str) -> bool:
    """Whether the names of files may begin so; it has no slash."""
    return (
        0 < len(prefix.encode("utf-8", "replace")) <= _LONGEST_PREFIX
        and prefix.isprintable()
        and not prefix.startswith((".", "-"))
    )


def _no_prefix(name: str, got: str) -> InvalidArgument:
    return InvalidArgument(
        f"model {name}: filename_prefix is what the names of the log files in "
        f"--request_log_dir begin with: 1 to {_LONGEST_PREFIX} printable characters, no path "
        f"below that directory, no dot or dash in front; got {got[: 2 * _LONGEST_PREFIX]!r}"
    )


def write_logging(settings: LoggingSettings | None) -> dict[str, object] | None:
    """What JSON can say of it, for :func:`read_logging`."""
    if settings is None:
        return None
    message = LoggingConfig.FromString(settings.config)
    return json_format.MessageToDict(message, descriptor_pool=POOL)


def read_logging(name: str, document: object) -> LoggingSettings | None:
    """Read what :func:`write_logging` has written of a model.

    Raises:
        ValueError: it is nothing of the kind.
        TypeError: likewise.
        ServingError: as :func:`logging_settings`.
    """
    if document is None:
        return None
    if not isinstance(document, dict):
        raise TypeError("logging is a LoggingConfig, or null")
    message = LoggingConfig()
    try:
        json_format.ParseDict(document, message, descriptor_pool=POOL)
    except json_format.ParseError as error:
        raise ValueError(f"logging is no LoggingConfig: {error}") from None
    return logging_settings(name, message)
