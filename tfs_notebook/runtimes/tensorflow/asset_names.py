"""Whether the name of a file, in a graph, is that of one of the model's own assets."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from itertools import chain
from typing import Final

from google.protobuf.message import DecodeError

from tfs_notebook.runtimes.tensorflow.reachable_nodes import Place, ReachableGraph
from tfs_notebook.wire.errors import DataLoss
from tfs_notebook.wire.messages import AssetFileDef, MetaGraphDef, NodeDef

__all__ = ["AssetNames", "assets_of"]

# Where TensorFlow 1 has them.
_COLLECTION: Final = "saved_model_assets"

_CALLS: Final = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
_SAME: Final = frozenset({"Identity"})
# TensorFlow 2 keeps the name in a variable between the load and the initialisation.
_READ: Final = "ReadVariableOp"
_ASSIGN: Final = "AssignVariableOp"
_USES: Final = frozenset({_READ, _ASSIGN, "VarIsInitializedOp"})
_VARIABLE: Final = "VarHandleOp"
_VARIABLES: Final = frozenset({_VARIABLE, "_VarHandlesOp", "_XlaAotOnlyVarHandleOp"})


def assets_of(meta_graph: MetaGraphDef) -> list[AssetFileDef]:
    """The files that TensorFlow puts into tensors when it loads the model, as it finds them.

    Raises:
        DataLoss: what should be one of them is none.
    """
    if meta_graph.asset_file_def or _COLLECTION not in meta_graph.collection_def:
        return list(meta_graph.asset_file_def)
    packed = meta_graph.collection_def[_COLLECTION].any_list.value
    try:
        return [AssetFileDef.FromString(one.value) for one in packed]
    except DecodeError as error:
        raise DataLoss(f"an entry of {_COLLECTION} is no AssetFileDef: {error}") from None


class AssetNames:
    """Follows the tensors of one start back to where they come from, through calls too.

    Args:
        graph: that they are in.
        places: all that is reached from the start.
        assets: as :func:`assets_of` gives them.
    """

    def __init__(
        self,
        graph: ReachableGraph,
        places: Collection[Place],
        assets: Collection[AssetFileDef],
    ) -> None:
        self._graph = graph
        self._files = {
            asset.tensor_info.name.partition(":")[0]: asset.filename for asset in assets
        }
        self._bodies: dict[str, Mapping[str, NodeDef]] = {}
        self._callers: dict[str, list[Place]] = {}
        for place in places:
            for name in set(graph.named(place.node)):
                self._callers.setdefault(name, []).append(place)

    def is_asset(self, tensor: str, function: str) -> bool:
        """Whether the tensor, of a function or the graph, is the name of such a file only.

        A file that is said to lie outside of the model's ``assets/`` is none.
        """
        return self._is_asset(tensor, function, frozenset())

    def _is_asset(self, tensor: str, function: str, on_the_way: frozenset[str]) -> bool:
        name = tensor.partition(":")[0]
        node = self._node(name, function)
        if node is None:
            return self._is_given(name, function, on_the_way)
        key = f"{function}/{name}"
        if key in on_the_way:
            # A graph may have a circle, through a loop.
            return False
        further = on_the_way | {key}
        if node.op in _SAME and node.input:
            return self._is_asset(node.input[0], function, further)
        if function:
            return False
        if node.op == _READ and node.input:
            return self._is_kept(node.input[0], further)
        return _is_within(self._files.get(name))

    def _is_kept(self, handle: str, on_the_way: frozenset[str]) -> bool:
        """Whether a variable of the graph is never given anything but such names."""
        variable = self._graph.nodes.get(handle)
        if variable is None or variable.op != _VARIABLE or self._has_namesakes(variable):
            return False
        given = []
        for node in self._graph.nodes.values():
            if not {handle, f"{handle}:0"}.isdisjoint(node.input):
                if node.op not in _USES:
                    return False
                if node.op == _ASSIGN:
                    given += node.input[1:2]
        return bool(given) and all(self._is_asset(one, "", on_the_way) for one in given)

    def _has_namesakes(self, variable: NodeDef) -> bool:
        graph = self._graph
        bodies = (function.node_def for function in graph.functions.values())
        nodes = chain(graph.nodes.values(), chain.from_iterable(bodies))
        name = variable.attr["shared_name"].s
        others = (
            node
            for node in nodes
            if node.op in _VARIABLES and node is not variable and node.name != variable.name
        )
        return not name or any(node.attr["shared_name"].s == name for node in others)

    def _node(self, name: str, function: str) -> NodeDef | None:
        if not function:
            return self._graph.nodes.get(name)
        if function not in self._bodies:
            nodes = self._graph.functions[function].node_def
            self._bodies[function] = {node.name: node for node in nodes}
        return self._bodies[function].get(name)

    def _is_given(self, name: str, function: str, on_the_way: frozenset[str]) -> bool:
        """Whether an argument of a function is such a name wherever the function is called."""
        if not function or function in on_the_way:
            return False
        arguments = self._graph.functions[function].signature.input_arg
        places = [place for place, argument in enumerate(arguments) if argument.name == name]
        callers = self._callers.get(function)
        if not places or not callers:
            return False
        for caller in callers:
            given = [one for one in caller.node.input if not one.startswith("^")]
            plain = caller.node.op == function or caller.node.op in _CALLS
            if not plain or len(given) != len(arguments):
                return False
            if not self._is_asset(given[places[0]], caller.function, on_the_way | {function}):
                return False
        return True


def _is_within(file_name: str | None) -> bool:
    if not file_name or file_name.startswith("/"):
        return False
    return not posixpath.normpath(file_name).startswith("..")
