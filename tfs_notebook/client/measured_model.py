"""What one learns of a model by asking it often: how versions differ, how much it bears."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tfs_notebook.client.inputs import NOTHING, Nothing, as_inputs, sent
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import sample_inputs
from tfs_notebook.wire.signatures import Signature

if TYPE_CHECKING:
    from tfs_notebook.client.comparing import Question
    from tfs_notebook.client.load_record import LoadRecord
    from tfs_notebook.client.model_handle import ModelHandle
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
            server["spam"].compare(None, 1, 2, log="requests.0.tfrecord")

        An interrupt returns what was compared until then.

        Args:
            x: an input, as ``predict`` takes it; None with a log.
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
        from tfs_notebook.client.comparing import (  # noqa: PLC0415 - predictions need none of it
            compare_answers,
        )

        choices = _two(first, second)
        is_nothing = x is None or isinstance(x, Nothing)
        if is_nothing == (log is None):
            raise InvalidArgument(
                "an input is compared, or a log: compare(x, 1, 2), or "
                "compare(None, 1, 2, log=FILE)"
            )
        left_out: Counter[str] = Counter()
        if log is None:
            questions = self._same_input(x, choices, signature, runs, timeout)
        else:
            questions = self._recorded(choices, log, timeout, left_out)
        name = self._reference.name
        compared = compare_answers(
            name, choices, questions, rtol=rtol, atol=atol, left_out=left_out
        )
        if not compared.requests:
            others = "".join(f"; {count} {what}" for what, count in left_out.items())
            raise InvalidArgument(f"the log has no request to {name!r} in it{others}")
        return compared

    def bench(
        self,
        x: object = NOTHING,
        *,
        concurrency: Sequence[int] = _LEVELS,
        seconds: float = 3.0,
        signature: str = "",
        timeout: float | None = None,
    ) -> LoadRecord:
        """Ask the model as fast as it answers, so many requests at a time; blocks.

        ::

            server["half"].bench(x).plot()

        An interrupt returns what was measured until then.

        Args:
            x: the input of each request, as ``predict`` takes it; by default a made-up row.
            concurrency: how many requests at a time, one number after the other.
            seconds: for each of them.
            signature: which one to run, by default ``serving_default``.
            timeout: seconds to wait for each answer; by default the client's.

        Returns:
            requests a second and latencies for each number; shown as a table.

        Raises:
            InvalidArgument: ``x`` does not fit, or nothing that fits can be made up.
            ServingError: what the server says to the first request.
        """
        from tfs_notebook.client.load_test import (  # noqa: PLC0415 - predictions need none of it
            check_load,
            run_load,
        )

        check_load(concurrency, seconds)
        handle = self._handle(self._reference)
        metadata = handle.metadata()
        chosen = metadata.signature(signature)
        if isinstance(x, Nothing):
            x = {alias: _array(value) for alias, value in sample_inputs(chosen).items()}
        from tfs_notebook.client.comparison_sources import prepared  # noqa: PLC0415

        # Whatever is wrong with it is told here, and told well.
        handle.predict(x, signature=signature, timeout=timeout, chunk_rows=None)
        inputs = as_inputs(prepared(x, chosen)[0], {}, chosen)
        call = partial(
            self._access.transport().predict,
            replace(self._reference, signature=signature),
            inputs,
            metadata,
            self._access.timeout if timeout is None else timeout,
        )
        return run_load(_title(self._reference), sent(inputs), call, concurrency, seconds)

    def _same_input(
        self,
        x: object,
        choices: tuple[Choice, Choice],
        signature: str,
        runs: int,
        timeout: float | None,
    ) -> Iterator[Question]:
        from tfs_notebook.client.comparing import Question  # noqa: PLC0415
        from tfs_notebook.client.comparison_sources import as_outputs, prepared  # noqa: PLC0415

        asks: list[Callable[[], dict[str, np.ndarray]]] = []
        index = None
        for choice in choices:
            handle = self._handle(_reference(self._reference.name, choice))
            chosen = handle.metadata(timeout=timeout).signature(signature)
            same, index = prepared(x, chosen)

            def ask(
                handle: ModelHandle = handle, same: object = same, chosen: Signature = chosen
            ) -> dict[str, np.ndarray]:
                answer = handle.predict(same, signature=signature, timeout=timeout)
                return as_outputs(answer, chosen)

            # What does not answer at all is no difference, but an error.
            ask()
            asks.append(ask)
        yield Question("", index, (asks[0], asks[1]), runs)

    def _recorded(
        self,
        choices: tuple[Choice, Choice],
        log: LogFiles,
        timeout: float | None,
        left_out: Counter[str],
    ) -> Iterator[Question]:
        from tfs_notebook.client.comparison_sources import (  # noqa: PLC0415 - brings gRPC
            recorded_questions,
        )

        return recorded_questions(
            self._reference.name,
            choices,
            [log] if isinstance(log, str | os.PathLike) else list(log),
            self._access.transport(),
            self._access.timeout if timeout is None else timeout,
            left_out,
        )

    def _handle(self, reference: ModelReference) -> ModelHandle:
        from tfs_notebook.client.model_handle import (  # noqa: PLC0415 - which is made of this
            ModelHandle,
        )

        return ModelHandle(self._access, reference)


def _two(first: object, second: object) -> tuple[Choice, Choice]:
    for one in (first, second):
        if isinstance(one, bool) or not isinstance(one, int | str):
            raise InvalidArgument(
                f"a version number or a label is expected, not {one!r}: compare(x, 1, 2)"
            )
    if first == second:
        raise InvalidArgument(f"{first!r} is the same as itself; name two")
    assert isinstance(first, int | str)  # noqa: S101 - as was checked
    assert isinstance(second, int | str)  # noqa: S101
    return first, second


def _reference(name: str, choice: Choice) -> ModelReference:
    if isinstance(choice, str):
        return ModelReference(name, label=choice)
    return ModelReference(name, choice)


def _array(value: object) -> object:
    return np.asarray(value) if isinstance(value, list) else value


def _title(model: ModelReference) -> str:
    if model.version is not None:
        return f"{model.name}, version {model.version}"
    return model.name if model.label is None else f"{model.name}, label {model.label}"
