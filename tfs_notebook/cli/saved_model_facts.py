"""What a SavedModel on disk offers, gathered without running any of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tfs_notebook.cli.model_directory import ModelDirectory, locate_model
from tfs_notebook.cli.sample_requests import SampleRequest, sample_request
from tfs_notebook.runtimes.tensorflow.graph_ops import ops_of
from tfs_notebook.runtimes.tensorflow.saved_functions import SavedFunction, saved_functions
from tfs_notebook.runtimes.tensorflow.saved_model_file import (
    read_saved_model,
    select_meta_graph,
    tag_sets,
)
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.messages import MetaGraphDef
from tfs_notebook.wire.signatures import Signature, signature_of

__all__ = [
    "INTERNAL_SIGNATURES",
    "MetaGraphFacts",
    "SavedModelFacts",
    "SignatureFacts",
    "gather_facts",
]

INTERNAL_SIGNATURES: Final = {
    "__saved_model_init_op": "run once when the model is loaded",
    "__saved_model_train_op": "for training",
}
"""Signatures that TensorFlow keeps for itself, not for requests, and what for."""


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature, and how to call it (None if requests cannot)."""

    signature: Signature
    request: SampleRequest | None


@dataclass(frozen=True, slots=True)
class MetaGraphFacts:
    """One graph of the model, with the tags that select it.

    Attributes:
        tags: sorted.
        tensorflow_version: what wrote it; empty if it does not say.
        git_version: its exact source.
        signatures: sorted by name.
        functions: of the Python object behind it, as ``tf.saved_model.load`` has them.
        ops: that it runs, sorted.
    """

    tags: tuple[str, ...]
    tensorflow_version: str
    git_version: str
    signatures: tuple[SignatureFacts, ...]
    functions: tuple[SavedFunction, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedModelFacts:
    """A model on disk: where, how large, and its graphs in the order of their tags."""

    directory: ModelDirectory
    size_bytes: int
    file_count: int
    meta_graphs: tuple[MetaGraphFacts, ...]


def gather_facts(
    directory: Path, tags: Sequence[str] | None = None, signature: str | None = None
) -> SavedModelFacts:
    """Read a model. Blocks; loads no TensorFlow.

    Args:
        directory: a version directory, or a base path that holds some.
        tags: only the graph with exactly these tags.
        signature: only this one.

    Raises:
        NotFound: no such directory, model, tag-set or signature.
        DataLoss: what is there is no SavedModel.
        ServingError: it cannot be read for another reason.
    """
    located = locate_model(directory)
    saved_model = read_saved_model(located.file)
    selected = tag_sets(saved_model) if tags is None else [tuple(tags)]
    graphs = [select_meta_graph(saved_model, tag_set) for tag_set in selected]
    facts = [_meta_graph_facts(graph, located.model_name, signature) for graph in graphs]
    if signature is not None:
        facts = [graph for graph in facts if graph.signatures]
        if not facts:
            raise NotFound(_no_such_signature(signature, graphs))
    return SavedModelFacts(located, *_size_on_disk(located.path), tuple(facts))


def _meta_graph_facts(
    graph: MetaGraphDef, model_name: str, wanted: str | None
) -> MetaGraphFacts:
    info = graph.meta_info_def
    names = [name for name in sorted(graph.signature_def) if wanted in (None, name)]
    return MetaGraphFacts(
        tuple(sorted(info.tags)),
        info.tensorflow_version,
        info.tensorflow_git_version,
        tuple(_signature_facts(graph, name, model_name) for name in names),
        tuple(saved_functions(graph.object_graph_def)),
        tuple(ops_of(graph.graph_def)),
    )


def _signature_facts(graph: MetaGraphDef, name: str, model_name: str) -> SignatureFacts:
    signature = signature_of(name, graph.signature_def[name])
    if name in INTERNAL_SIGNATURES:
        return SignatureFacts(signature, None)
    return SignatureFacts(signature, sample_request(signature, graph.graph_def, model_name))


def _no_such_signature(name: str, graphs: Sequence[MetaGraphDef]) -> str:
    known = sorted({known for graph in graphs for known in graph.signature_def})
    return f"no signature {name!r}; the model has: {', '.join(known) or 'none'}"


def _size_on_disk(directory: Path) -> tuple[int, int]:
    sizes = []
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):  # a file that went away meanwhile
                sizes.append(Path(folder, name).lstat().st_size)
    return sum(sizes), len(sizes)
