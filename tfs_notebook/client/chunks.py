"""Large inputs in parts: several under way at a time, one answer in the end."""

from __future__ import annotations

import inspect
import re
import time
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tfs_notebook.client.calls import Call, Pending, Steps, ask
from tfs_notebook.client.inputs import Inputs
from tfs_notebook.client.progress_bar import ProgressBar
from tfs_notebook.client.transport import Answer
from tfs_notebook.wire.errors import Cancelled, InvalidArgument, ServingError, error_for_code
from tfs_notebook.wire.signatures import Signature

__all__ = [
    "InterruptedPredictWarning",
    "Joined",
    "Pace",
    "Rows",
    "UnevenOutputsError",
    "common_rows",
    "has_open_rows",
    "in_chunks",
    "is_sent_at_once",
    "largest_task",
    "rows_of_a_chunk",
]

_PACKAGE: Final = "tfs_notebook.client."
_IN_FLIGHT: Final = 4
_MOST_ROWS: Final = 32768
# So many are one request.
_ROWS_AT_ONCE: Final = 8192
# Below the 4 MB that gRPC takes by default.
_MOST_BYTES: Final = 2_000_000
# A chunk that takes longer is not followed by a larger one; far longer, by a smaller one.
_SHORT_SECONDS, _LONG_SECONDS = 0.25, 2.0
_FIRST_ROWS: Final = 512
# What a server with batching says of a request with too many rows.
_TOO_LARGE: Final = re.compile(r"Task size \d+ is larger than maximum input batch size (\d+)")


class InterruptedPredictWarning(UserWarning):
    """A prediction was interrupted, and what came back is for its first rows alone."""


class UnevenOutputsError(Exception):
    """The outputs of a part are not by its rows, so the parts cannot be joined."""


def _uncut(part: slice) -> slice:
    return part


@dataclass(slots=True)
class Pace:
    """How many rows a model was last sent at a time; the next prediction goes on with it."""

    rows: int = _FIRST_ROWS


@dataclass(frozen=True, slots=True)
class Rows:
    """What is to be sent in parts.

    Attributes:
        count: how many there are.
        size: of a part; the largest there is to be, unless it is fixed.
        is_fixed: whether all parts are to have that size.
        call: makes the request for some of them.
        what: the model, for the progress bar.
        pace: where to begin, unless the size is fixed; kept up to date.
        cut: leaves of some of them the first ones that one request can hold, one at least;
            ``call`` comes next, with what it gave.
    """

    count: int
    size: int
    is_fixed: bool
    call: Callable[[slice], Call[Answer]]
    what: str
    pace: Pace = field(default_factory=Pace)
    cut: Callable[[slice], slice] = _uncut


@dataclass(frozen=True, slots=True)
class Joined:
    """The outputs of all parts.

    Attributes:
        version: the last that answered, if it said so.
        outputs: by alias.
        rows: how many of the first rows they are for; None for all.
    """

    version: int | None
    outputs: dict[str, np.ndarray]
    rows: int | None = None


def common_rows(inputs: Inputs) -> int | None:
    """The first dimension that all inputs have; None if they differ or one has none."""
    sizes = {array.shape[0] if array.ndim else None for array, _ in inputs.values()}
    return sizes.pop() if len(sizes) == 1 else None


def has_open_rows(signature: Signature) -> bool:
    """Whether the first dimension of every input and output is left open."""
    specs = (*signature.inputs.values(), *signature.outputs.values())
    return all(spec.shape and spec.shape[0] == -1 for spec in specs)


def is_sent_at_once(rows: int, size: int) -> bool:
    """Whether these rows are one request, where one may have ``size`` of them."""
    return rows <= min(size, _ROWS_AT_ONCE)


def rows_of_a_chunk(inputs: Inputs, rows: int) -> int:
    """How many rows to send at a time, by how large they are."""
    size = sum(_bytes(array) for array, _ in inputs.values()) // max(rows, 1)
    return max(1, min(_MOST_ROWS, _MOST_BYTES // max(size, 1)))


def _bytes(array: np.ndarray) -> int:
    if array.dtype == object:
        return sum(map(len, array.reshape(-1).tolist()))
    return array.nbytes


def largest_task(error: ServingError) -> int | None:
    """The rows a server takes at a time, if that is what it complains of."""
    found = _TOO_LARGE.search(error.message)
    return int(found[1]) if found and isinstance(error, InvalidArgument) else None


def in_chunks(rows: Rows) -> Steps[Joined]:
    """Send rows in parts, with a progress bar, and join the answers.

    An interrupt cancels what is under way and gives what was done, with an
    :class:`InterruptedPredictWarning`; before anything is done, it is raised. Everything
    else that ends this early cancels what is under way as well.

    Raises:
        UnevenOutputsError: the outputs are not by rows.
        ServingError: of the first part that failed; the text names its rows.
    """
    joining = _Joining(rows)
    pending: deque[_Part] = deque()
    try:
        with ProgressBar(rows.count, rows.what) as bar:
            while joining.done < rows.count:
                while joining.sent < rows.count and len(pending) < _IN_FLIGHT:
                    pending.append(joining.send())
                part = pending[0]
                version, outputs = yield from _answer(part)
                joining.take(part, version, outputs)
                pending.popleft()
                bar.advance(part.rows.stop - part.rows.start)
    except KeyboardInterrupt:
        if not joining.done:
            raise
        warnings.warn(
            f"interrupted after {joining.done} of {rows.count} rows; the answer is for those "
            "alone",
            InterruptedPredictWarning,
            stacklevel=_level_of_caller(),
        )
        return joining.joined()
    finally:
        for part in pending:
            part.answer.cancel()
    return joining.joined()


def _level_of_caller() -> int:
    """The ``stacklevel`` of a warning that is about a line outside of the client."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level


@dataclass(frozen=True, slots=True)
class _Part:
    rows: slice
    answer: Pending[Answer]
    begun: float


def _answer(part: _Part) -> Steps[Answer]:
    try:
        return (yield from ask(part.answer))
    except Cancelled:
        raise
    except ServingError as error:
        if largest_task(error) is not None:
            raise
        place = f"rows {part.rows.start} to {part.rows.stop - 1}"
        raise error_for_code(error.code, f"{place}: {error.message}") from None


class _Joining:
    """What was sent, and the outputs so far."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._size = rows.size if rows.is_fixed else min(rows.size, rows.pace.rows)
        self._outputs: dict[str, np.ndarray] = {}
        self._version: int | None = None
        self.sent = 0
        self.done = 0

    def send(self) -> _Part:
        stop = min(self.sent + self._size, self._rows.count)
        part = self._rows.cut(slice(self.sent, stop))
        answer = self._rows.call(part).start()
        self.sent = part.stop
        return _Part(part, answer, time.monotonic())

    def take(self, part: _Part, version: int | None, outputs: dict[str, np.ndarray]) -> None:
        count = part.rows.stop - part.rows.start
        if not self.done:
            self._outputs = {
                alias: np.empty((self._rows.count, *array.shape[1:]), array.dtype)
                for alias, array in outputs.items()
            }
        elif version != self._version:
            warnings.warn(
                f"version {self._version} has answered for the first {self.done} rows, and "
                f"version {version} for the next",
                stacklevel=_level_of_caller(),
            )
        for alias, array in outputs.items():
            whole = self._outputs.get(alias)
            if (
                array.shape[:1] != (count,)
                or whole is None
                or array.shape[1:] != whole.shape[1:]
                or array.dtype != whole.dtype
            ):
                raise UnevenOutputsError(
                    f"output {alias} is {list(array.shape)} for {count} rows"
                )
            whole[part.rows] = array
        self._version = version
        self.done = part.rows.stop
        self._adapt(time.monotonic() - part.begun)

    def _adapt(self, seconds: float) -> None:
        if self._rows.is_fixed:
            return
        if seconds < _SHORT_SECONDS:
            self._size = min(self._size * 4, self._rows.size)
        elif seconds > _LONG_SECONDS:
            self._size = max(self._size // 2, 1)
        self._rows.pace.rows = self._size

    def joined(self) -> Joined:
        if self.done == self._rows.count:
            return Joined(self._version, self._outputs)
        outputs = {alias: array[: self.done] for alias, array in self._outputs.items()}
        return Joined(self._version, outputs, self.done)
