"""``BatchingParameters``: what may be said of batching, checked, with TF Serving's defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final, Literal

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import BatchingParameters as BatchingParametersProto

__all__ = ["BatchingParameters", "check_parameters", "parameters_of", "parameters_to_message"]

_DEFAULT_MAX_BATCH_SIZE: Final = 1000
_DEFAULT_MAX_ENQUEUED_BATCHES: Final = 10
# The names of TF Serving, with a file of parameters and without.
_POOL_OF_A_FILE: Final = "batch_threads"
_POOL: Final = "model_server_batch_threads"

_Wrapped = Literal[
    "max_batch_size",
    "batch_timeout_micros",
    "max_enqueued_batches",
    "num_batch_threads",
    "thread_pool_name",
    "enable_large_batch_splitting",
    "max_execution_batch_size",
]


def _cpus() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class BatchingParameters:
    """How requests are put together; see ``session_bundle_config.proto`` of TF Serving.

    Attributes:
        max_batch_size: the most rows of a batch, and of a request unless it may be split.
        batch_timeout_micros: how long the first request of a batch waits for others.
        max_enqueued_batches: how many batches wait in a queue before requests are refused.
        num_batch_threads: how many batches run at once, of all models together.
        thread_pool_name: what the metrics call these threads.
        allowed_batch_sizes: a batch is filled up to the first of them that holds it.
        pad_variable_length_inputs: whether requests with different shapes may share a
            batch, the shorter filled up with their first element.
        enable_large_batch_splitting: whether a request may be spread over batches.
        max_execution_batch_size: the most rows of a run, where requests may be split.
    """

    max_batch_size: int = _DEFAULT_MAX_BATCH_SIZE
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = _DEFAULT_MAX_ENQUEUED_BATCHES
    num_batch_threads: int = _cpus()
    thread_pool_name: str = _POOL
    allowed_batch_sizes: tuple[int, ...] = ()
    pad_variable_length_inputs: bool = False
    enable_large_batch_splitting: bool = False
    max_execution_batch_size: int = 0

    @property
    def rows_of_a_run(self) -> int:
        """The most rows that run at once."""
        if self.enable_large_batch_splitting and self.max_execution_batch_size:
            return self.max_execution_batch_size
        return self.max_batch_size

    def rounded(self, rows: int) -> int:
        """To how many rows a batch is filled up; as many as it has if none are allowed."""
        for size in self.allowed_batch_sizes:
            if size >= rows:
                return size
        return rows


def parameters_of(message: BatchingParametersProto) -> BatchingParameters:
    """The parameters of a file; what it leaves out has TF Serving's default.

    Raises:
        InvalidArgument: as :func:`check_parameters`.
    """

    def value(name: _Wrapped, default: Any) -> Any:  # noqa: ANN401 - of the field's type
        return getattr(message, name).value if message.HasField(name) else default

    parameters = BatchingParameters(
        max_batch_size=value("max_batch_size", _DEFAULT_MAX_BATCH_SIZE),
        batch_timeout_micros=value("batch_timeout_micros", 0),
        max_enqueued_batches=value("max_enqueued_batches", _DEFAULT_MAX_ENQUEUED_BATCHES),
        num_batch_threads=value("num_batch_threads", _cpus()),
        thread_pool_name=value("thread_pool_name", _POOL_OF_A_FILE),
        allowed_batch_sizes=tuple(message.allowed_batch_sizes),
        pad_variable_length_inputs=message.pad_variable_length_inputs,
        enable_large_batch_splitting=value("enable_large_batch_splitting", False),
        max_execution_batch_size=value("max_execution_batch_size", 0),
    )
    check_parameters(parameters)
    return parameters


def parameters_to_message(parameters: BatchingParameters) -> BatchingParametersProto:
    """The message that says all of this."""
    message = BatchingParametersProto()
    message.max_batch_size.value = parameters.max_batch_size
    message.batch_timeout_micros.value = parameters.batch_timeout_micros
    message.max_enqueued_batches.value = parameters.max_enqueued_batches
    message.num_batch_threads.value = parameters.num_batch_threads
    message.thread_pool_name.value = parameters.thread_pool_name
    message.allowed_batch_sizes.extend(parameters.allowed_batch_sizes)
    message.pad_variable_length_inputs = parameters.pad_variable_length_inputs
    message.enable_large_batch_splitting.value = parameters.enable_large_batch_splitting
    if parameters.max_execution_batch_size:
        message.max_execution_batch_size.value = parameters.max_execution_batch_size
    return message


def check_parameters(parameters: BatchingParameters) -> None:
    """Refuse what cannot work, in TF Serving's words where it has some.

    Raises:
        InvalidArgument: the text names the field, what it is and what it may be.
    """
    _check_numbers(parameters)
    _check_allowed_sizes(parameters)
    if parameters.max_execution_batch_size > parameters.max_batch_size:
        raise InvalidArgument(
            "max_execution_batch_size must be at most max_batch_size; was "
            f"{parameters.max_execution_batch_size}, max_batch_size is "
            f"{parameters.max_batch_size}"
        )


def _check_numbers(parameters: BatchingParameters) -> None:
    for name, least in (
        ("max_batch_size", 1),
        ("num_batch_threads", 1),
        ("batch_timeout_micros", 0),
        ("max_enqueued_batches", 0),
        ("max_execution_batch_size", 0),
    ):
        number = getattr(parameters, name)
        if number < least:
            kind = "positive" if least else "non-negative"
            raise InvalidArgument(f"{name} must be {kind}; was {number}")


def _check_allowed_sizes(parameters: BatchingParameters) -> None:
    # Their order is not checked there either; the first that is large enough is taken.
    sizes = parameters.allowed_batch_sizes
    if sizes and sizes[-1] != parameters.max_batch_size:
        raise InvalidArgument(
            "Last entry in allowed_batch_sizes must match max_batch_size; last entry was "
            f"{sizes[-1]}; expected {parameters.max_batch_size}"
        )
