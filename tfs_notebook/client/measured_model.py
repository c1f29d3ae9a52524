"""What one learns of a model by asking it often: how versions differ, how much it bears."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.calls import Steps, run_steps
from tfs_notebook.client.inputs import NOTHING, Nothing
from tfs_notebook.client.model_keys import checked_choice
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.client.load_record import LoadRecord
    from tfs_notebook.client.version_comparison import VersionComparison

__all__ = ["Choice", "LogFiles", "MeasuredModel"]

Choice: TypeAlias = "int | str"
"""A version number or a label."""

LogFiles: TypeAlias = "str | os.PathLike[str] | Sequence[str | os.PathLike[str]]"
"""One file or several."""

_LEVELS: Final = (1, 2, 4, 8, 16)


class MeasuredModel:
    """The part of a :class:`~tfs_notebook.client.model_handle.ModelHandle` that measures."""

    _access: ServerAccess
    _reference: ModelReference

    def compare(
        self,
        x: object,
        first: Choice,
        second: Choice,
        /,
        *,
        log: LogFiles | None = None,
        signature: str = "",
        rtol: float = 1e-5,
        atol: float = 1e-8,
        runs: int = 10,
        timeout: float | None = None,
    ) -> VersionComparison:
        """Have two versions or labels answer the same, and see how far they agree; blocks.

        ::

            server["spam"].compare(x, 1, 2)
            server["spam"].compare(x, "stable", "gray").frame
            server["spam"].compare(["win a prize", "see you"], 1, 2)
            server["spam"].compare(None, 1, 2, log="requests.0.tfrecord")

        An interrupt returns what was compared until then.

        Args:
            x: an input, as ``predict`` takes it; None with a log. Of texts and images the
                likeliest labels are compared and their scores, and those of all labels
                where there are ten at most.
            first: a version number or a label.
            second: the other one.
            log: TFRecord files of ``PredictionLog``: a request log, or a warm-up file.
                Records of other models are left out, and told.
            signature: which one to run on ``x``; records say their own.
            rtol: numbers agree if ``|a - b| <= atol + rtol * |b|``.
            atol: likewise.
            runs: how often ``x`` is sent to each for its latency, some seconds at most.
            timeout: seconds to wait for each answer; by default the client's.

        Returns:
            shown as tables; ``.frame`` has both answers, ``.plot()`` draws them.

        Raises:
            InvalidArgument: ``x`` does not fit, or the log cannot be read, or has none of
                this model's requests.
            Unimplemented: a log needs a client with a gRPC address.
            ServingError: what the server says to ``x``.
        """
        return run_steps(
            self._compared(x, first, second, log, signature, rtol, atol, runs, timeout)
        )

    async def compare_async(
        self,
        x: object,
        first: Choice,
        second: Choice,
        /,
        *,
        log: LogFiles | None = None,
        signature: str = "",
        rtol: float = 1e-5,
        atol: float = 1e-8,
        runs: int = 10,
        timeout: float | None = None,
    ) -> VersionComparison:
        """As :meth:`compare`, awaited; cancelling the task cancels what is under way.

        Latencies are those that the loop sees: what else it does is in them.
        """
        return await run_steps_async(
            self._compared(x, first, second, log, signature, rtol, atol, runs, timeout)
        )

    def _compared(
        self,
        x: object,
        first: object,
        second: object,
        log: LogFiles | None,
        signature: str,
        rtol: float,
        atol: float,
        runs: int,
        timeout: float | None,
    ) -> Steps[VersionComparison]:
        from tfs_notebook.client.measuring import (  # noqa: PLC0415 - predictions need none of it
            Comparing,
            compared_input,
            compared_log,
        )

        is_nothing = x is None or isinstance(x, Nothing)
        if is_nothing == (log is None):
            raise InvalidArgument(
                "an input is compared, or a log: compare(x, 1, 2), or "
                "compare(None, 1, 2, log=FILE)"
            )
        seconds = self._access.seconds(timeout)
        choices = _two(first, second)
        how = Comparing(self._access, self._reference.name, choices, rtol, atol, seconds)
        if log is None:
            return compared_input(how, x, signature, runs)
        return compared_log(how, [log] if isinstance(log, str | os.PathLike) else list(log))

    def bench(
        self,
        x: object = NOTHING,
        *,
        concurrency: int | Sequence[int] = _LEVELS,
        seconds: float = 3.0,
        signature: str = "",
        title: str = "",
        timeout: float | None = None,
    ) -> LoadRecord:
        """Ask the model as fast as it answers, so many requests at a time; blocks.

        ::

            server["half"].bench(x).plot()
            server["spam"].bench("win a prize")
            before.plot(server["half"].bench(x, title="after"))

        An interrupt returns what was measured until then.

        Args:
            x: the input of each request, as ``predict`` takes it; by default a made-up row.
            concurrency: how many requests at a time, one number after the other.
            seconds: for each of them.
            signature: which one to run, by default ``serving_default``.
            title: what to call it in the table and in plots; by default the model's name.
            timeout: seconds to wait for each answer; by default the client's.

        Returns:
            requests a second and latencies for each number; shown as a table.

        Raises:
            InvalidArgument: ``x`` does not fit, or nothing that fits can be made up.
            ServingError: what the server says to the first request.
        """
        return run_steps(self._measured(x, concurrency, seconds, signature, title, timeout))

    async def bench_async(
        self,
        x: object = NOTHING,
        *,
        concurrency: int | Sequence[int] = _LEVELS,
        seconds: float = 3.0,
        signature: str = "",
        title: str = "",
        timeout: float | None = None,
    ) -> LoadRecord:
        """As :meth:`bench`, awaited; the threads that ask are the same.

        Cancelling the task ends it; requests under way are answered first, and measured
        by nobody.
        """
        return await run_steps_async(
            self._measured(x, concurrency, seconds, signature, title, timeout)
        )

    def _measured(
        self,
        x: object,
        concurrency: int | Sequence[int],
        seconds: float,
        signature: str,
        title: str,
        timeout: float | None,
    ) -> Steps[LoadRecord]:
        from tfs_notebook.client.measuring import (  # noqa: PLC0415 - predictions need none of it
            LoadPlan,
            measured_load,
        )

        limit = self._access.seconds(timeout)
        plan = LoadPlan(concurrency, seconds, signature, title, limit)
        return measured_load(self._access, self._reference, x, plan)


def _two(first: object, second: object) -> tuple[Choice, Choice]:
    try:
        choices = checked_choice(first), checked_choice(second)
    except TypeError as error:
        raise InvalidArgument(f"{error}: compare(x, 1, 2)") from None
    if choices[0] == choices[1]:
        raise InvalidArgument(f"{choices[0]!r} is the same as itself; name two")
    return choices
