"""Raw texts and images through a model and its pipeline, in batches of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tfs_notebook.batching.task import Inputs
from tfs_notebook.pipelines.pipeline import Pipeline
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.inference import find_signature, run_predict
from tfs_notebook.wire.errors import ResourceExhausted, ServingError, error_for_code
from tfs_notebook.wire.signatures import Signature

__all__ = ["NotOneRun", "predict_raw", "raw_inputs"]


class NotOneRun(ResourceExhausted):
    """No raw inputs, or more than are put into one tensor; see :func:`predict_raw`."""


def predict_raw(
    model: Model,
    pipeline: Pipeline,
    raw: Sequence[Any],
    most: int,
    watched: Callable[[Inputs, Callable[[], dict[str, np.ndarray]]], dict[str, np.ndarray]],
) -> list[LabelledScores]:
    """Judge some texts or images, one record each; blocks.

    Args:
        model: held by the caller for as long as this runs.
        pipeline: loaded with the model, and checked against it.
        raw: of any number.
        most: how many of them run at once.
        watched: does what it is given, a run with these inputs, and sees whether that
            hangs.

    Raises:
        InvalidArgument: one of them is not of the pipeline's kind.
        ServingError: what the runtime says.
    """
    signature = find_signature(model, pipeline.signature)
    judged: list[LabelledScores] = []
    for start in range(0, len(raw), most):
        try:
            inputs = raw_inputs(pipeline, signature, raw[start : start + most])
        except ServingError as error:
            if not start:
                raise
            where = f"from number {start + 1} on, "
            raise error_for_code(error.code, where + error.message) from None
        run = partial(run_predict, model, signature, inputs, (pipeline.output,))
        judged += pipeline.decode(watched(inputs, run))
    return judged


def raw_inputs(
    pipeline: Pipeline, signature: Signature, raw: Sequence[Any]
) -> dict[str, tuple[np.ndarray, int]]:
    """What a model is given for these: array and ``DataType`` number by alias.

    Raises:
        InvalidArgument: one of them is not of the pipeline's kind.
    """
    arrays = pipeline.encode(raw)
    return {alias: (array, signature.inputs[alias].dtype) for alias, array in arrays.items()}
