"""Refuses a SavedModel whose graph can reach beyond it, before TensorFlow is given it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tfs_notebook.runtimes.tensorflow.asset_names import AssetNames, assets_of
from tfs_notebook.runtimes.tensorflow.op_safety import (
    CHECKPOINT_READERS,
    TABLES_OF_FILES,
    UNSAFE_OPS,
    unsafe_deed,
)
from tfs_notebook.runtimes.tensorflow.reachable_nodes import (
    INITIALISATION,
    RESTORE,
    Place,
    ReachableGraph,
)
from tfs_notebook.runtimes.tensorflow.saved_model_file import (
    find_saved_model,
    read_saved_model,
    select_meta_graph,
)
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from tfs_notebook.wire.messages import MetaGraphDef

__all__ = ["OpRules", "UnsafeOp", "unsafe_ops_of"]

_MOST_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class UnsafeOp:
    """An op that a model can run and that does more than compute.

    Attributes:
        op: its name.
        node: the node's.
        function: that the node is in; empty for the graph.
        start: from where it is reached: ``signature 'serving_default'``, say.
        deed: what it does.
    """

    op: str
    node: str
    function: str
    start: str
    deed: str

    def __str__(self) -> str:
        where = f"function {self.function!r}" if self.function else "the graph"
        return f"{self.op} {self.deed} (node {self.node!r} of {where}, by {self.start})"


@dataclass(frozen=True)
class OpRules:
    """Which models are refused for their ops. Immutable; any thread may use it.

    Attributes:
        refuses: whether any are.
        allowed: ops that models may have all the same.
    """

    refuses: bool = True
    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, refuses: bool, allowed: str) -> OpRules:
        """What the flags say.

        Args:
            refuses: ``--refuse_unsafe_ops``.
            allowed: ``--allowed_unsafe_ops``, separated by commas.

        Raises:
            InvalidArgument: an allowed op is none of those that are refused.
        """
        names = frozenset(filter(None, (name.strip() for name in allowed.split(","))))
        for name in sorted(names - UNSAFE_OPS.keys()):
            near = difflib.get_close_matches(name, UNSAFE_OPS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InvalidArgument(
                f"--allowed_unsafe_ops has {name!r}, which is no op that is refused{hint}"
            )
        return cls(refuses, names)

    def check(self, path: Path, tags: Iterable[str]) -> None:
        """Read a version's graph, and do nothing if it may be loaded. Blocks.

        Args:
            path: the version's directory.
            tags: of the meta graph that is to be loaded.

        Raises:
            PermissionDenied: it can run such an op; the text names it, where it is, what
                reaches it, and the flags that would let it pass.
            DataLoss: what is there is no SavedModel, or cannot be read as one.
            Unimplemented: the model is there in chunks only, which cannot be judged.
        """
        if not self.refuses:
            return
        try:
            file = find_saved_model(path)
            meta_graph = select_meta_graph(read_saved_model(file), tags)
        except (NotFound, FailedPrecondition):
            # There is nothing to load, which TensorFlow says in words that clients know.
            return
        found = [one for one in unsafe_ops_of(meta_graph) if one.op not in self.allowed]
        if found:
            raise PermissionDenied(_refusal(path, found))


def unsafe_ops_of(meta_graph: MetaGraphDef) -> list[UnsafeOp]:
    """The ops that the model can run and that do more than compute, each place once.

    What no signature, initialisation or restore comes to is left out: nobody can run it.
    A SavedModel's own restore may read its checkpoint, and its initialisation fill tables
    from files of its ``assets/``.

    Raises:
        DataLoss: what it says of its assets cannot be read.
    """
    graph = ReachableGraph(meta_graph)
    found: dict[tuple[str, str], UnsafeOp] = {}
    for start in graph.starts():
        places = _Places(graph, tuple(graph.places(start)), meta_graph)
        for place, deed in places.unsafe():
            if not places.is_own_business(place, start.name):
                key = (place.function, place.node.name)
                op = UnsafeOp(place.node.op, place.node.name, place.function, start.name, deed)
                found.setdefault(key, op)
    return list(found.values())


class _Places:
    """What is reached from one start, and which of it is the loading of the model itself."""

    def __init__(
        self, graph: ReachableGraph, places: Sequence[Place], meta_graph: MetaGraphDef
    ) -> None:
        self._graph = graph
        self._places = places
        self._meta_graph = meta_graph

    def unsafe(self) -> Iterator[tuple[Place, str]]:
        for place in self._places:
            deed = unsafe_deed(place.node)
            if deed is not None:
                yield place, deed

    def is_own_business(self, place: Place, start: str) -> bool:
        op = place.node.op
        if op in CHECKPOINT_READERS:
            return start == RESTORE
        # Only when it loads the model does TensorFlow put the names of assets in.
        if op in TABLES_OF_FILES and start in (INITIALISATION, RESTORE):
            file = [one for one in place.node.input if not one.startswith("^")][1:2]
            return bool(file) and self._assets.is_asset(file[0], place.function)
        return False

    @cached_property
    def _assets(self) -> AssetNames:
        return AssetNames(self._graph, self._places, assets_of(self._meta_graph))


def _refusal(path: Path, found: Sequence[UnsafeOp]) -> str:
    shown = "; ".join(map(str, found[:_MOST_SHOWN]))
    more = len(found) - _MOST_SHOWN
    ops = ",".join(sorted({one.op for one in found}))
    return (
        f"{path} is refused, because it does more than compute: {shown}"
        f"{f'; and {more} more' if more > 0 else ''}. If you trust whoever made this model, "
        f"start the server with --allowed_unsafe_ops={ops}, or with --refuse_unsafe_ops=false "
        "to load any model"
    )
