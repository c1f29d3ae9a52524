"""From a model to a version that a watching server may load: all of ``export()``."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, SupportsFloat, TypeAlias

from tfs_notebook.exporting.base_path import checked_base_path, checked_version, versions_in
from tfs_notebook.exporting.endpoint import Endpoint, Signatures, checked_signature_names
from tfs_notebook.exporting.extras import (
    PipelineSource,
    checked_labels,
    copied_pipeline,
    write_labels,
    write_pipeline,
    write_warmup,
)
from tfs_notebook.exporting.frameworks import is_keras_model, is_module
from tfs_notebook.exporting.raw_example import encoded_example, is_raw
from tfs_notebook.exporting.record import ExportedVersion
from tfs_notebook.exporting.saved_model_copy import copy_saved_model, is_saved_model
from tfs_notebook.exporting.trial import Trial, Tried
from tfs_notebook.exporting.unfinished import UnfinishedVersion
from tfs_notebook.pipelines.pipeline import Pipeline
from tfs_notebook.wire.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServingError,
    Unknown,
)
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["ExportOptions", "Progress", "export_version"]

Progress: TypeAlias = "Callable[[str], None]"
"""Is told what is being done now, in a few words."""

_PAIR: Final = 2
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What ``tfs_notebook.export`` is told beside the model and where it goes; see there."""

    version: int | None = None
    signatures: Signatures | None = None
    labels: Sequence[str] | None = None
    example: object | None = None
    pipeline: PipelineSource | None = None
    custom_objects: Mapping[str, object] | None = None
    overwrite: bool = False
    tolerance: float | None = None


def export_version(
    model: object,
    base_path: str | os.PathLike[str],
    options: ExportOptions,
    progress: Progress,
) -> ExportedVersion:
    """Export a model; see ``tfs_notebook.export``. Blocks on the thread that Keras knows.

    Raises:
        ServingError: what is wrong; then nothing has changed on the disk.
    """
    started = time.perf_counter()
    version = checked_version(options.version)
    _check_tolerance(options.tolerance)
    if options.overwrite and version is None:
        raise InvalidArgument("overwrite=True is for a version that is named: version=3")
    labels = checked_labels(options.labels)
    base = _base_of(base_path, version, options)
    source = _source(model, options, progress)
    try:
        with UnfinishedVersion(base) as unfinished:
            progress("writing the SavedModel")
            source.write(unfinished.path)
            tried, pipeline = _complete(
                unfinished.path, base.name, source, options, labels, progress
            )
            size = _size(unfinished.path)
            progress("waiting for the disk")
            number, path = unfinished.publish(version, overwrite=options.overwrite)
    except OSError as error:
        raise _file_error(error, base) from error
    return ExportedVersion(
        path,
        number,
        tried.signatures,
        size,
        time.perf_counter() - started,
        tried.check,
        labels if pipeline is None else pipeline.labels or (),
        "" if pipeline is None else pipeline.kind,
        max((_rows(inputs) for inputs in tried.warmup.values()), default=0),
    )


def _base_of(
    base_path: str | os.PathLike[str], version: int | None, options: ExportOptions
) -> Path:
    try:
        base = checked_base_path(base_path)
        is_there = version in versions_in(base)
    except OSError as error:
        raise _file_error(error, Path(base_path)) from error
    if is_there and not options.overwrite:
        raise AlreadyExists(
            f"{base} has version {version} already; leave out version= for the next one, or "
            "say overwrite=True"
        )
    return base


def _check_tolerance(tolerance: object) -> None:
    if tolerance is None:
        return
    # False for what is not a number, too.
    if not (isinstance(tolerance, SupportsFloat) and float(tolerance) >= 0):
        raise InvalidArgument(
            "tolerance is how far numbers may be from the model's own, relative to these, such "
            f"as 0.01, or math.inf; got {tolerance!r}"
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """A model as it can be written, and what it is to answer; nothing if nobody can say."""

    write: Callable[[Path], None]
    endpoints: Sequence[Endpoint] = ()


def _source(model: object, options: ExportOptions, progress: Progress) -> _Source:
    if options.signatures is not None:
        checked_signature_names(options.signatures)
    if isinstance(model, str | os.PathLike):
        return _source_of_path(model, options, progress)
    if options.custom_objects is not None:
        raise InvalidArgument("custom_objects are for a model that is loaded from a file")
    if is_keras_model(model):
        return _source_of_keras(model, options, progress)
    if is_module(model):
        from tfs_notebook.exporting.module import (  # noqa: PLC0415 - with TensorFlow only
            module_endpoints,
            write_module,
        )

        endpoints = module_endpoints(model, options.signatures)
        return _Source(lambda directory: write_module(model, endpoints, directory), endpoints)
    raise InvalidArgument(_no_model(model))


def _source_of_path(
    path: str | os.PathLike[str], options: ExportOptions, progress: Progress
) -> _Source:
    from tfs_notebook.exporting.keras_file import KERAS_SUFFIXES, load_keras_file  # noqa: PLC0415

    # Path.expanduser raises where there is no such user.
    file = Path(os.path.expanduser(path)).absolute()  # noqa: PTH111
    if not file.exists():
        raise NotFound(f"there is no {file}")
    if file.is_dir() and is_saved_model(file):
        if options.signatures is not None or options.custom_objects is not None:
            raise InvalidArgument(
                f"{file} is a SavedModel, which is copied as it is: signatures and "
                "custom_objects are for models that are made one"
            )
        return _Source(lambda directory: copy_saved_model(file, directory))
    if file.suffix not in KERAS_SUFFIXES:
        raise InvalidArgument(
            f"{file} is neither a file of Keras ({', '.join(KERAS_SUFFIXES)}) nor the "
            "directory of a SavedModel, with saved_model.pb in it"
        )
    progress(f"loading {file.name}")
    model = load_keras_file(file, options.custom_objects)
    return _source_of_keras(model, options, progress)


def _source_of_keras(
    model: Any,  # noqa: ANN401 - Keras has no types
    options: ExportOptions,
    progress: Progress,
) -> _Source:
    from tfs_notebook.exporting.keras_model import (  # noqa: PLC0415 - with Keras only
        keras_endpoints,
        write_keras_model,
    )

    progress("loading Keras")
    # What the pipeline makes of it is known when that is written.
    example = options.example
    example = None if options.pipeline is not None and is_raw(example) else example
    endpoints = keras_endpoints(model, options.signatures, example)
    return _Source(lambda directory: write_keras_model(model, endpoints, directory), endpoints)


def _complete(
    directory: Path,
    name: str,
    source: _Source,
    options: ExportOptions,
    labels: tuple[str, ...],
    progress: Progress,
) -> tuple[Tried, Pipeline | None]:
    """Add what lies beside the model, and see that it answers."""
    pipeline: Pipeline | None
    if options.pipeline is not None:
        pipeline = write_pipeline(directory, options.pipeline, labels)
    else:
        pipeline = copied_pipeline(directory, labels)
    if pipeline is None and labels:
        write_labels(directory, labels)
    progress("comparing answers")
    with Trial(directory) as trial:
        if pipeline is not None:
            pipeline.check(trial.signatures)
        elif labels:
            _check_labels(labels, trial.signatures)
        example = options.example
        if pipeline is not None and (encoded := encoded_example(example, pipeline)) is not None:
            example = encoded
        tried = trial.run(source.endpoints, example, options.tolerance)
    if tried.warmup:
        write_warmup(directory, name or "default", tried.warmup)
    return tried, pipeline


def _check_labels(labels: Sequence[str], signatures: Mapping[str, Signature]) -> None:
    signature = signatures.get(DEFAULT_SIGNATURE) or next(iter(signatures.values()), None)
    outputs = () if signature is None else tuple(signature.outputs.values())
    # For two, one score is that of the second, as pipelines have it.
    last = {-1, len(labels), *([1] if len(labels) == _PAIR else [])}
    if not any(spec.shape is None or last & {*spec.shape[-1:]} for spec in outputs):
        raise InvalidArgument(
            f"there are {len(labels)} labels, and no output has as many scores a row: "
            f"{'; '.join(map(str, outputs))}"
        )


def _no_model(model: object) -> str:
    kind = type(model)
    text = (
        "export() takes a Keras 3 model, a tf.Module, a .keras, .h5 or .hdf5 file, or the "
        f"directory of a SavedModel, and got {kind.__module__}.{kind.__qualname__}"
    )
    if any(one.__module__.split(".")[0] == "tf_keras" for one in kind.__mro__):
        return f"{text}. A model of tf_keras: model.export(DIR), and export DIR"
    return text


def _rows(inputs: Mapping[str, tuple[Any, int]]) -> int:
    return max((len(array) if array.ndim else 1 for array, _ in inputs.values()), default=0)


def _size(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


def _file_error(error: OSError, base: Path) -> ServingError:
    text = f"cannot export to {base}: {error.strerror or error}"
    if error.filename is not None:
        text += f" ({error.filename})"
    if isinstance(error, PermissionError):
        return PermissionDenied(text)
    if error.errno in _NO_ROOM:
        return ResourceExhausted(text)
    return Unknown(text)
