"""Raw texts through a model and the pipeline beside it, in batches of a bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfs_notebook.pipelines.text import LabelledScores, TextPipeline
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.inference import find_signature, run_predict

__all__ = ["predict_texts"]

# Of 20 words with 200 values each: 4 MB, whatever number of texts there is.
_TEXTS_A_RUN: Final = 256


def predict_texts(
    model: Model, pipeline: TextPipeline, texts: Sequence[str]
) -> list[LabelledScores]:
    """Judge some texts, one record a text; blocks.

    Any text is judged, the empty one and those without a known word too.

    Args:
        model: held by the caller for as long as this runs.
        pipeline: loaded with the model, and checked against it.
        texts: of any number; they run in batches.

    Raises:
        ServingError: what the runtime says.
    """
    signature = find_signature(model, pipeline.description.signature)
    outputs = (pipeline.description.output_name,)
    judged: list[LabelledScores] = []
    for start in range(0, len(texts), _TEXTS_A_RUN):
        arrays = pipeline.encode(texts[start : start + _TEXTS_A_RUN])
        inputs = {
            alias: (array, signature.inputs[alias].dtype) for alias, array in arrays.items()
        }
        judged += pipeline.decode(run_predict(model, signature, inputs, outputs))
    return judged
