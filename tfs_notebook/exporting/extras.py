"""What lies beside a model in ``assets.extra``: its pipeline, labels and warm-up requests."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeAlias

from tfs_notebook.exporting.example import Inputs
from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.pipeline import Pipeline
from tfs_notebook.pipelines.text_description import TableFiles
from tfs_notebook.pipelines.vector_table import VectorTable, write_table
from tfs_notebook.pipelines.vocabulary import write_entries
from tfs_notebook.serving.warmup.file import warmup_file_of
from tfs_notebook.wire.errors import DataLoss, InvalidArgument, NotFound
from tfs_notebook.wire.messages import PredictionLog, PredictLog, PredictRequest
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request
from tfs_notebook.wire.tfrecord import encode_record

__all__ = [
    "PipelineSource",
    "checked_labels",
    "copied_pipeline",
    "write_labels",
    "write_pipeline",
    "write_warmup",
]

PipelineSource: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"
"""A pipeline's file, or the directory it is in; or the document, in which there may be a
:class:`~tfs_notebook.pipelines.vector_table.VectorTable` instead of the names of its files,
and the words themselves instead of the file of a vocabulary."""

_LABELS_FILE: Final = "labels.txt"
_VOCABULARY_FILE: Final = "vocabulary.txt"
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
# As the schemas have it; a label may be of any length, which the system takes for no name.
_FILE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def checked_labels(labels: Sequence[str] | None) -> tuple[str, ...]:
    """The names of classes, in the order of the scores.

    Raises:
        InvalidArgument: they are no such names.
    """
    if labels is None:
        return ()
    # Sets have no order.
    if isinstance(labels, Iterable) and not isinstance(labels, str | Mapping | AbstractSet):
        labels = list(labels)
    if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise InvalidArgument(
            'labels are the names of the classes in the order of the scores, ["ham", "spam"], '
            f"and got {labels!r}; labels of versions, such as stable, are the server's: "
            'serve(…, labels={"stable": 1})'
        )
    if not all(map(_is_line, labels)) or len(set(labels)) < len(labels):
        raise InvalidArgument(f"each label is a line of its own, and got {labels!r}")
    return tuple(map(str, labels))


def _is_line(label: str) -> bool:
    try:
        return bool(label.encode()) and "\n" not in label
    except UnicodeEncodeError:  # half a pair of surrogates
        return False


def write_pipeline(version: Path, pipeline: PipelineSource, labels: Sequence[str]) -> Pipeline:
    """Put a pipeline beside a model, and read it as a server would. Blocks.

    Args:
        version: the directory of the model.
        pipeline: what to put there.
        labels: of its scores, if it does not name them itself.

    Raises:
        InvalidArgument: it is no valid pipeline, or has other labels.
        NotFound: there is no such file.
    """
    directory = version / DIRECTORY
    directory.mkdir(exist_ok=True)
    if isinstance(pipeline, Mapping):
        document: Any = _with_files(pipeline, directory)
    elif not isinstance(pipeline, str | os.PathLike):
        raise InvalidArgument(
            "a pipeline is a dict, as in JSON, or its file, or the directory it is in, and got "
            f"a {type(pipeline).__name__}"
        )
    else:
        document = _copied(Path(os.path.expanduser(pipeline)), directory)  # noqa: PTH111
    if not isinstance(document, dict):
        raise InvalidArgument(f"a pipeline is a JSON object, and got {type(document).__name__}")
    if labels:
        document = _with_labels(document, labels)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    (directory / FILE_NAME).write_text(f"{text}\n", "utf-8")
    loaded = _loaded(version)
    assert loaded is not None  # noqa: S101 - it has just been written
    return loaded


def copied_pipeline(version: Path, labels: Sequence[str]) -> Pipeline | None:
    """The pipeline that a SavedModel has brought with it; None if it has none. Blocks.

    Args:
        version: the directory that it was copied to.
        labels: which the pipeline is not told, but may have.

    Raises:
        InvalidArgument: it is no valid pipeline, or has not these labels.
    """
    loaded = _loaded(version)
    if loaded is not None and labels and loaded.labels != tuple(labels):
        raise InvalidArgument(
            f"the SavedModel has a pipeline, and the labels belong there; leave out "
            f"labels={list(labels)!r}, or give pipeline= another one"
        )
    return loaded


def _loaded(version: Path) -> Pipeline | None:
    try:
        return load_pipeline(version)
    except DataLoss as error:
        # The directory has a name that nobody will find later.
        raise InvalidArgument(error.message.replace(f"{version / DIRECTORY}/", "")) from None


def write_labels(version: Path, labels: Sequence[str]) -> None:
    """Put the names of classes beside a model, a line each."""
    directory = version / DIRECTORY
    directory.mkdir(exist_ok=True)
    (directory / _LABELS_FILE).write_text("".join(f"{one}\n" for one in labels), "utf-8")


def write_warmup(version: Path, name: str, requests: Mapping[str, Inputs]) -> None:
    """Write requests that a server makes before the version serves.

    Args:
        version: the directory of the model.
        name: of the model; servers do not use it.
        requests: by signature.
    """
    file = warmup_file_of(version)
    file.parent.mkdir(exist_ok=True)
    with file.open("wb") as written:
        for signature, inputs in requests.items():
            data = encode_predict_request(ModelReference(name, signature=signature), inputs)
            request = PredictRequest.FromString(data)
            log = PredictionLog(predict_log=PredictLog(request=request))
            written.write(encode_record(log.SerializeToString()))


def _with_files(value: Any, directory: Path, key: str = "") -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, VectorTable):
        if not _KEY.fullmatch(key):
            raise InvalidArgument(f"a table of vectors cannot be named {key!r}")
        names = TableFiles(f"{key}.txt", f"{key}.npy")
        try:
            write_table(directory, names, value)
        except ValueError as error:
            raise InvalidArgument(f"the vectors of {key!r}: {error}") from None
        return asdict(names)
    if isinstance(value, Mapping):
        return {
            str(one): _with_files(child, directory, str(one)) for one, child in value.items()
        }
    if isinstance(value, list | tuple):
        if key == "vocabulary":
            return _vocabulary(value, directory)
        return [_with_files(child, directory) for child in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidArgument(
        f"a pipeline is data, as in JSON, and has a {type(value).__name__} at {key!r}"
    )


def _vocabulary(words: Sequence[Any], directory: Path) -> str:
    if not all(isinstance(one, str) for one in words):
        raise InvalidArgument("a vocabulary is a list of words, or the name of a file of them")
    try:
        write_entries(directory / _VOCABULARY_FILE, words)
    except ValueError as error:
        raise InvalidArgument(f"the vocabulary: {error}") from None
    return _VOCABULARY_FILE


def _copied(source: Path, directory: Path) -> Any:  # noqa: ANN401 - JSON
    file = source
    if source.is_dir():
        inner = source / DIRECTORY
        file = (inner if inner.is_dir() else source) / FILE_NAME
    try:
        document = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"there is no pipeline {file}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidArgument(f"{file} cannot be read as JSON: {error}") from None
    for name in set(_file_names(document)) - {FILE_NAME}:
        beside = file.parent / name
        if beside.is_file() and not beside.is_symlink():
            shutil.copyfile(beside, directory / name)
    return document


def _file_names(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The texts in a document that may be names of files beside it."""
    if isinstance(value, str):
        if _FILE.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _file_names(child)
    elif isinstance(value, list):
        for child in value:
            yield from _file_names(child)


def _with_labels(document: dict[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    output = document.get("output")
    if not isinstance(output, dict):
        output = {}
    named = output.get("labels", output.get("labels_file"))
    if named is not None and named != list(labels):
        raise InvalidArgument(
            f"the pipeline has labels of its own, {named!r}; leave out labels={list(labels)!r}"
        )
    return {**document, "output": {**output, "labels": list(labels)}}
