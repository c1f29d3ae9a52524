"""``saved_model.pb`` read as a message, without the TensorFlow library."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import (
    DataLoss,
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ServingError,
    Unimplemented,
    Unknown,
)
from tfs_notebook.wire.messages import POOL, MetaGraphDef, SavedModel

__all__ = ["find_saved_model", "read_saved_model", "select_meta_graph", "tag_sets"]

_BINARY: Final = "saved_model.pb"
_TEXT: Final = "saved_model.pbtxt"
_CHUNKED: Final = "saved_model.cpb"
_SHOWN_NAMES: Final = 5


def find_saved_model(directory: Path) -> Path:
    """The file in a version directory that holds the model's message. Blocks.

    The binary file wins over the text file, as in TensorFlow.

    Raises:
        NotFound: no such directory, or no such file in it.
        FailedPrecondition: it is not a directory.
        PermissionDenied: the directory cannot be read.
        Unimplemented: the model is there in chunks only (``saved_model.cpb``).
        Unknown: the file system fails in another way.
    """
    names = _names_in(directory)
    for name in (_BINARY, _TEXT):
        if name in names:
            return directory / name
    if _CHUNKED in names:
        raise Unimplemented(
            f"{directory / _CHUNKED}: a SavedModel in chunks cannot be read here; "
            f"models below 2 GB are saved as {_BINARY}"
        )
    raise NotFound(
        f"{directory} holds neither {_BINARY} nor {_TEXT}, but {_some_of(sorted(names))}"
    )


def read_saved_model(path: Path) -> SavedModel:
    """Read a file that :func:`find_saved_model` found. Blocks; safe on any thread.

    Returns:
        The message, with at least one meta graph.

    Raises:
        DataLoss: what it holds is no SavedModel.
        NotFound: the file is gone.
        FailedPrecondition: it is no file.
        PermissionDenied: it cannot be read.
        Unknown: the file system fails in another way.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _access_error(error, path) from None
    try:
        if path.suffix == ".pbtxt":
            saved_model = text_format.Parse(data, SavedModel(), descriptor_pool=POOL)
        else:
            saved_model = SavedModel.FromString(data)
    except (DecodeError, text_format.ParseError, UnicodeDecodeError) as error:
        raise DataLoss(f"{path} is not a SavedModel: {error}") from None
    if not saved_model.meta_graphs:
        raise DataLoss(f"{path} is not a SavedModel: {len(data)} bytes without a MetaGraphDef")
    return saved_model


def select_meta_graph(saved_model: SavedModel, tags: Iterable[str]) -> MetaGraphDef:
    """The meta graph that has exactly these tags; their order does not matter.

    Raises:
        NotFound: there is none; the message names those there are.
    """
    wanted = set(tags)
    for meta_graph in saved_model.meta_graphs:
        if set(meta_graph.meta_info_def.tags) == wanted:
            return meta_graph
    known = "; ".join(",".join(known) or "(no tags)" for known in tag_sets(saved_model))
    raise NotFound(
        f"no MetaGraphDef has the tag-set {','.join(sorted(wanted)) or '(no tags)'}; "
        f"the model has: {known}"
    )


def tag_sets(saved_model: SavedModel) -> list[tuple[str, ...]]:
    """The tags of every meta graph, each sorted."""
    return sorted(
        tuple(sorted(meta_graph.meta_info_def.tags)) for meta_graph in saved_model.meta_graphs
    )


def _names_in(directory: Path) -> set[str]:
    try:
        return {child.name for child in directory.iterdir()}
    except OSError as error:
        raise _access_error(error, directory) from None


def _access_error(error: OSError, path: Path) -> ServingError:
    if isinstance(error, FileNotFoundError):
        return NotFound(f"{path} does not exist")
    if isinstance(error, PermissionError):
        return PermissionDenied(f"{path} cannot be read: {error.strerror}")
    if isinstance(error, NotADirectoryError):
        return FailedPrecondition(f"{path} is not a directory")
    if isinstance(error, IsADirectoryError):
        return FailedPrecondition(f"{path} is a directory, not a file")
    return Unknown(f"{path} cannot be read: {error.strerror or error}")


def _some_of(names: Collection[str]) -> str:
    if not names:
        return "nothing at all"
    shown = ", ".join(list(names)[:_SHOWN_NAMES])
    return (
        shown if len(names) <= _SHOWN_NAMES else f"{shown} and {len(names) - _SHOWN_NAMES} more"
    )
