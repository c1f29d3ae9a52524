"""What is said of one model's batching while it is served, over what files and flags say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from tfs_notebook.batching.parameters import BatchingParameters, check_parameters
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = ["BatchingOverride", "check_batch_threads"]

_TARGET: Final = "latency_target_micros"
# What a message of TF Serving can hold.
_MOST: Final = 2**63 - 1
_MOST_SIZES: Final = 1000
_MOST_THREADS: Final = 1024
_LONGEST_TARGET_MICROS: Final = 3_600_000_000
_LONGEST_FIELD: Final = 60
_OF_THE_POOL: Final = ("num_batch_threads", "thread_pool_name")


@dataclass(frozen=True, slots=True)
class BatchingOverride:
    """Parameters of one model; None leaves one as files and flags say it.

    Attributes:
        latency_target_micros: what the automatic mode is to hold; 0 for no such mode.

    For the others see ``BatchingParameters``.
    """

    max_batch_size: int | None = None
    batch_timeout_micros: int | None = None
    max_enqueued_batches: int | None = None
    allowed_batch_sizes: tuple[int, ...] | None = None
    pad_variable_length_inputs: bool | None = None
    enable_large_batch_splitting: bool | None = None
    max_execution_batch_size: int | None = None
    latency_target_micros: int | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What is said, by the names of the fields."""
        values = ((name, getattr(self, name)) for name in _NAMES)
        return {name: value for name, value in values if value is not None}

    def changed(self, changes: Mapping[str, object]) -> BatchingOverride:
        """This, with some of it said anew; None takes back what was said.

        Raises:
            InvalidArgument: an unknown field, or a value that it cannot have.
        """
        checked: dict[str, Any] = {
            name: _checked(name, value) for name, value in changes.items()
        }
        return replace(self, **checked)

    def over(self, parameters: BatchingParameters) -> BatchingParameters:
        """What holds: what is said here, and for the rest these parameters.

        Raises:
            InvalidArgument: both together cannot work.
        """
        said = self.given
        said.pop(_TARGET, None)
        if not said:
            return parameters
        merged = replace(parameters, **said)
        check_parameters(merged)
        return merged


_NAMES: Final = tuple(field.name for field in fields(BatchingOverride))


def _checked(name: str, value: object) -> object:
    if name in _OF_THE_POOL:
        raise InvalidArgument(
            f'"{name}" is not of one model: all models share one pool of threads. Set it in '
            "--batching_parameters_file"
            + (", or live at /v2/repository/batching" if name == "num_batch_threads" else "")
        )
    if name not in _NAMES:
        raise InvalidArgument(
            f"the batching of a model has {', '.join(_NAMES)}; got the unknown field "
            f"{name[:_LONGEST_FIELD]!r}"
        )
    if value is None:
        return None
    if name == "allowed_batch_sizes":
        return _sizes(value)
    if name in ("pad_variable_length_inputs", "enable_large_batch_splitting"):
        if not isinstance(value, bool):
            raise InvalidArgument(f'"{name}" is true or false; got {shown(value)}')
        return value
    if name == _TARGET:
        return _whole(f'"{name}"', value, 0, _LONGEST_TARGET_MICROS)
    # What they may be is said where all of them are looked at together.
    return _whole(f'"{name}"', value, -_MOST, _MOST)


def check_batch_threads(value: object) -> int:
    """How many batches are to run at once, of all models together.

    Raises:
        InvalidArgument: it is no such number.
    """
    return _whole('"num_batch_threads"', value, 1, _MOST_THREADS)


def _sizes(value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MOST_SIZES:
        raise InvalidArgument(
            f'"allowed_batch_sizes" is a list of at most {_MOST_SIZES} sizes, the largest '
            f"last; got {shown(value)}"
        )
    return tuple(_whole('an entry of "allowed_batch_sizes"', size, 1, _MOST) for size in value)


def _whole(what: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) and least <= value <= most):
        raise InvalidArgument(
            f"{what} is a whole number from {least} to {most}; got {shown(value)}"
        )
    return value
