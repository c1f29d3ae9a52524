"""What two versions are asked: one input several times, or recorded requests."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from tfs_notebook.client.agreement import LABEL
from tfs_notebook.client.calls import Steps, ask
from tfs_notebook.client.columns import as_frame, is_table
from tfs_notebook.client.comparing import Question
from tfs_notebook.client.example_calls import parse_classify_response
from tfs_notebook.client.frames import frame_inputs
from tfs_notebook.client.given import Outputs
from tfs_notebook.client.grpc_transport import GrpcTransport
from tfs_notebook.client.output_comparison import outputs_of
from tfs_notebook.client.raw_calls import RawInput
from tfs_notebook.client.request_target import Target, addressed
from tfs_notebook.client.scored_labels import ScoredLabel, ScoredLabels
from tfs_notebook.client.transport import Transport
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.recorded_requests import Recorded, read_logs
from tfs_notebook.wire.signatures import Signature

__all__ = ["MOST_LABELS", "as_outputs", "prepared", "recorded_questions"]

MOST_LABELS: Final = 11
"""How many are asked for; if there are fewer, their scores are compared one by one."""


def prepared(x: object, signature: Signature, raw: RawInput | None) -> tuple[object, Any]:
    """An input to be sent several times, and the index of its rows if it has one.

    Args:
        x: what was passed.
        signature: of the model.
        raw: what of it goes through the pipeline, if it does.
    """
    if raw is not None:
        items = raw.value.items
        return (items if raw.value.is_list else items[0]), raw.value.index
    if not is_table(x):
        return x, None
    frame = as_frame(x)
    try:
        inputs = frame_inputs(frame, {}, signature)
    except InvalidArgument:
        return x, frame.index  # predict says what is wrong
    return {alias: array for alias, (array, _) in inputs.items()}, frame.index


def as_outputs(answer: Outputs, signature: Signature) -> dict[str, np.ndarray]:
    """What ``predict`` gives for a prepared input, by the names of the outputs."""
    if isinstance(answer, ScoredLabel):
        return _scored([answer])
    if isinstance(answer, ScoredLabels):
        return _scored(answer)
    if isinstance(answer, Mapping):
        return dict(answer)
    if isinstance(answer, np.ndarray):
        name = next(iter(signature.outputs), "output")
        return {name: answer}
    return {str(column): _encoded(answer[column].to_numpy()) for column in answer.columns}


def _scored(answer: Sequence[ScoredLabel]) -> dict[str, np.ndarray]:
    labels = np.array([one.label for one in answer], object)
    scores = np.array([one.score for one in answer], np.float32)
    outputs = {LABEL: _encoded(labels), "score": scores}
    rows = [dict(one.top) for one in answer]
    names = sorted(rows[0]) if rows else []
    is_all = 1 < len(names) < MOST_LABELS and all(row.keys() == rows[0].keys() for row in rows)
    if is_all and all(len(one.top) == len(names) for one in answer):
        for name in names:
            outputs[f"score_{name}"] = np.array([row[name] for row in rows], np.float32)
    return outputs


def _encoded(array: np.ndarray) -> np.ndarray:
    # Strings are bytes in tensors, and these are compared and shown as such.
    if array.dtype.kind not in "OU":
        return array
    encoded = np.empty(array.shape, object)
    encoded[:] = [str(one).encode() for one in array]
    return encoded


def recorded_questions(
    name: str,
    choices: tuple[int | str, int | str],
    files: Sequence[str | os.PathLike[str]],
    transport: Transport,
    timeout: float,
    left_out: Counter[str],
) -> Iterator[Question]:
    """The recorded requests to a model, for two of its versions; blocks on the files.

    Args:
        name: of the model; records of others are left out.
        choices: the versions or labels.
        files: of request logs, or warm-up files.
        transport: to the server.
        timeout: seconds for each answer.
        left_out: counts what is not asked, by the reason.

    Raises:
        InvalidArgument: a file cannot be read.
        Unimplemented: it is no way over gRPC.
    """
    if not isinstance(transport, GrpcTransport):
        raise Unimplemented(
            "recorded requests are sent over gRPC, and this client has a REST address: "
            'connect("localhost:8500")'
        )
    call = partial(_answer, transport, timeout)
    first, second = (
        Target(name, choice) if isinstance(choice, int) else Target(name, label=choice)
        for choice in choices
    )
    for recorded in read_logs([os.fspath(file) for file in files]):
        if recorded.method is None:
            left_out[f"of {recorded.field or 'nothing'}"] += 1
        elif recorded.spec.name != name:
            left_out[f"for {recorded.spec.name or 'no model'}"] += 1
        else:
            asks = partial(call, recorded, first), partial(call, recorded, second)
            yield Question(recorded.place, None, asks)


def _answer(
    transport: GrpcTransport, timeout: float, recorded: Recorded, target: Target
) -> Steps[dict[str, np.ndarray]]:
    method = recorded.method or ""
    request = addressed(recorded, target)
    response = yield from ask(transport.exchange(method, request, timeout))
    if method == "Classify":
        return parse_classify_response(response)[1]
    return outputs_of(method, response)
