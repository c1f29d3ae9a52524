"""Raw texts through a model and the pipeline beside it, in batches of a bounded size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from tfs_notebook.batching.task import Inputs
from tfs_notebook.pipelines.text import LabelledScores, TextPipeline
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.inference import find_signature, run_predict
from tfs_notebook.wire.signatures import Signature

__all__ = ["TEXTS_A_RUN", "predict_texts", "text_inputs"]

# Of 20 words with 200 values each: 4 MB, whatever number of texts there is.
TEXTS_A_RUN: Final = 256


def predict_texts(
    model: Model,
    pipeline: TextPipeline,
    texts: Sequence[str],
    watched: Callable[[Inputs, Callable[[], dict[str, np.ndarray]]], dict[str, np.ndarray]],
) -> list[LabelledScores]:
    """Judge some texts, one record a text; blocks.

    Any text is judged, the empty one and those without a known word too.

    Args:
        model: held by the caller for as long as this runs.
        pipeline: loaded with the model, and checked against it.
        texts: of any number; they run in batches.
        watched: does what it is given, a run with these inputs, and sees whether that
            hangs.

    Raises:
        ServingError: what the runtime says.
    """
    signature = find_signature(model, pipeline.description.signature)
    outputs = (pipeline.description.output_name,)
    judged: list[LabelledScores] = []
    for start in range(0, len(texts), TEXTS_A_RUN):
        inputs = text_inputs(pipeline, signature, texts[start : start + TEXTS_A_RUN])
        run = partial(run_predict, model, signature, inputs, outputs)
        judged += pipeline.decode(watched(inputs, run))
    return judged


def text_inputs(
    pipeline: TextPipeline, signature: Signature, texts: Sequence[str]
) -> dict[str, tuple[np.ndarray, int]]:
    """What a model is given for these texts: array and ``DataType`` number by alias."""
    arrays = pipeline.encode(texts)
    return {alias: (array, signature.inputs[alias].dtype) for alias, array in arrays.items()}
