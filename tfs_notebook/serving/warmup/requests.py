"""Recorded requests, made again on a model that is not served yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from google.protobuf.message import Message

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.rows import filled_up
from tfs_notebook.batching.task import Inputs, rows_of
from tfs_notebook.serving.example_methods import CLASSIFY, REGRESS, ExampleMethod
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.example_requests import (
    parse_examples_request,
    parse_multi_inference_request,
)
from tfs_notebook.wire.inference_results import (
    encode_inference_response,
    encode_multi_inference_response,
)
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    PredictionLog,
    RegressionRequest,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_response, parse_predict_request

__all__ = ["RecordedRequests", "Run"]

Run = Callable[[], object]
"""Makes one run and drops the answer; blocks, and raises what the request comes to."""

_Prepare = Callable[[HeldModel], Prediction[bytes]]
_PREDICT: Final = "predict_log"
_CLASSIFY: Final = "classify_log"
_REGRESS: Final = "regress_log"
_MULTI: Final = "multi_inference_log"


class RecordedRequests:
    """Makes the requests of a warm-up file. Any thread may call it.

    What a record says of the model and its version is not used. Where requests are put
    together, one is filled up as it would be if it came alone; the first of its kind is
    run in the larger allowed sizes too.

    Args:
        hold: takes hold of the model; called once a run.
        parameters: how its requests are put together, if they are.
    """

    def __init__(
        self, hold: Callable[[], HeldModel], parameters: BatchingParameters | None
    ) -> None:
        self._hold = hold
        self._parameters = parameters
        self._seen: set[tuple[str, ...]] = set()

    def runs(self, log: PredictionLog) -> list[Run]:
        """What is to be run for a record; none if nothing is recorded in it.

        Raises:
            Unimplemented: it is of a kind that cannot be made again; TF Serving's text.
            ServingError: it is no proper request.
        """
        kind = log.WhichOneof("log_type")
        if kind is None:
            return []
        if kind not in (_PREDICT, _CLASSIFY, _REGRESS, _MULTI):
            number = PredictionLog.DESCRIPTOR.fields_by_name[kind].number
            raise Unimplemented(f"Unsupported log_type for warmup: {number}")
        request: Message = getattr(log, kind).request
        data = request.SerializeToString()
        if kind == _PREDICT:
            return self._predictions(data)
        if kind == _MULTI:
            return self._multi_inferences(data)
        return self._inferences(kind, data)

    def _predictions(self, data: bytes) -> list[Run]:
        call = parse_predict_request(data)
        name = _signature(call.model)

        def prepare(inputs: Inputs, held: HeldModel) -> Prediction[bytes]:
            signature = held.signature(name)
            encode = partial(encode_predict_response, held.reference(signature.name))
            return held.prediction(signature, inputs, encode, call.output_filter)

        if self._parameters is None:
            return [self._run(partial(prepare, call.inputs))]
        rows = rows_of(call.inputs)
        sizes = self._sizes(rows, (_PREDICT, name, *call.output_filter))
        return [
            self._run(partial(prepare, _filled(call.inputs, size - rows))) for size in sizes
        ]

    def _inferences(self, kind: str, data: bytes) -> list[Run]:
        is_classify = kind == _CLASSIFY
        method: ExampleMethod = CLASSIFY if is_classify else REGRESS
        message = ClassificationRequest if is_classify else RegressionRequest
        call = parse_examples_request(data, message)
        name = _signature(call.model)

        def prepare(examples: Sequence[bytes], held: HeldModel) -> Prediction[bytes]:
            return held.inference(method, name, examples, encode_inference_response)

        return self._example_runs(prepare, call.examples, (kind, name))

    def _multi_inferences(self, data: bytes) -> list[Run]:
        call = parse_multi_inference_request(data)

        def prepare(examples: Sequence[bytes], held: HeldModel) -> Prediction[bytes]:
            return held.multi_inference(
                call.tasks, examples, encode_multi_inference_response, sent=data
            )

        key = (_MULTI, *(f"{task.method_name} {_signature(task.model)}" for task in call.tasks))
        return self._example_runs(prepare, call.examples, key)

    def _example_runs(
        self,
        prepare: Callable[[Sequence[bytes], HeldModel], Prediction[bytes]],
        examples: Sequence[bytes],
        key: tuple[str, ...],
    ) -> list[Run]:
        rows = len(examples)
        return [
            self._run(partial(prepare, [*examples, *list(examples[:1]) * (size - rows)]))
            for size in self._sizes(rows, key)
        ]

    def _run(self, prepare: _Prepare) -> Run:
        def run() -> bytes:
            held = self._hold()
            try:
                prediction = prepare(held)
            except BaseException:
                held.release()
                raise
            return prediction.run()

        return run

    def _sizes(self, rows: int, key: tuple[str, ...]) -> list[int]:
        """In how many rows a request is run, each time."""
        if self._parameters is None or not rows:
            return [rows]
        first = self._parameters.rounded(rows)
        if key in self._seen:
            return [first]
        self._seen.add(key)
        allowed = sorted(set(self._parameters.allowed_batch_sizes))
        return [first, *(size for size in allowed if size > first)]


def _signature(model: ModelReference | None) -> str:
    return model.signature if model else ""


def _filled(inputs: Inputs, rows: int) -> Inputs:
    if rows <= 0:
        return inputs
    parts = {alias: ([array], dtype) for alias, (array, dtype) in inputs.items()}
    return {
        alias: (np.concatenate(arrays), dtype)
        for alias, (arrays, dtype) in filled_up(parts, rows).items()
    }
