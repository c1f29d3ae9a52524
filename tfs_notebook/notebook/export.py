"""``tfs_notebook.export``: a model becomes a version that can be served, with its pipeline."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfs_notebook.exporting.endpoint import Signatures
from tfs_notebook.exporting.extras import PipelineSource, checked_labels, write_pipeline
from tfs_notebook.exporting.record import ExportedVersion
from tfs_notebook.exporting.version import ExportOptions, export_version
from tfs_notebook.notebook.progress import StepLine
from tfs_notebook.pipelines.pipeline import Pipeline

__all__ = ["export", "pipeline"]


def export(
    model: Any,  # noqa: ANN401 - of Keras or TensorFlow, which have no types
    base_path: str | os.PathLike[str],
    *,
    version: int | None = None,
    signatures: Signatures | None = None,
    labels: Sequence[str] | None = None,
    example: object | None = None,
    pipeline: PipelineSource | None = None,
    custom_objects: Mapping[str, object] | None = None,
    overwrite: bool = False,
    tolerance: float | None = None,
) -> ExportedVersion:
    """Write a model as the next version below a base path, once it answers as it should.

    ::

        tfs_notebook.export(model, "models/spam", example=x_test[:8])

    It is exported in inference mode, written under a name that no server takes for a
    version, loaded by the runtime that serves, and its answers are compared with
    ``model(example, training=False)``. Then it is renamed. Whatever goes wrong, an
    interrupt too, leaves nothing behind. Blocks, on the thread that calls it, with a
    line that tells of it.

    Args:
        model: a Keras 3 model; a ``.keras``, ``.h5`` or ``.hdf5`` file; the directory of
            a SavedModel, which is copied as it is; or a ``tf.Module``.
        base_path: the directory that holds the versions; made if it is not there.
        version: its number; by default one more than the highest there is.
        signatures: by name, how inputs and outputs are called, or a ``tf.function``:
            ``{"serving_default": {"inputs": "text", "outputs": "scores"}}``; see
            :class:`~tfs_notebook.exporting.endpoint.SignatureNames`. By default
            ``serving_default`` with the model's own names; those that Keras made up
            become ``input_0``, ``output_0`` …
        labels: names of the classes in the order of the scores: for the pipeline, else in
            ``assets.extra/labels.txt``.
        example: a batch of inputs, as the model takes it; a DataFrame; or texts or images,
            with a pipeline for these. A server runs it before the version serves, 64 rows of
            it at most. Without one, the comparison is made with inputs made up.
        pipeline: what makes the inputs of raw ones, for ``assets.extra``: the document, its
            file, or the directory that has it.
        custom_objects: for a file, as ``keras.models.load_model`` takes them.
        overwrite: take the place of ``version``, if it is there.
        tolerance: how far numbers may be from the model's own, relative to these; by
            default according to the types it computes in; ``math.inf`` for a model whose
            answers are random.

    Returns:
        what is there now; shown with the lines that serve it.

    Raises:
        InvalidArgument: the model, the example or another argument is not what it has to be.
        FailedPrecondition: the answers differ, Keras is not there, or has another backend.
        AlreadyExists: there is such a version.
        ServingError: it cannot be loaded, or written.
    """
    options = ExportOptions(
        version, signatures, labels, example, pipeline, custom_objects, overwrite, tolerance
    )
    with StepLine(f"exporting to {base_path}") as line:
        return export_version(model, base_path, options, line.step)


def pipeline(source: PipelineSource, *, labels: Sequence[str] | None = None) -> Pipeline:
    """A pipeline as a server will run it, to train a model on what it will be given.

    ::

        x = tfs_notebook.pipeline(document).encode(texts)["words"]
        model.fit(x, y)
        tfs_notebook.export(model, "models/spam", pipeline=document, labels=["spam", "pass"])

    Blocks on the disk, and for a second while jieba's dictionary is loaded.

    Args:
        source: as ``export`` takes it.
        labels: of the scores, if the pipeline does not name them itself.

    Raises:
        InvalidArgument: it is no valid pipeline.
        NotFound: there is no such file.
    """
    with tempfile.TemporaryDirectory() as directory:
        return write_pipeline(Path(directory), source, checked_labels(labels))
