"""Which features of a ``tf.Example`` a model reads from an input of strings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tfs_notebook.wire.messages import FunctionDef, GraphDef, NodeDef, TensorShapeProto
from tfs_notebook.wire.tensor_reader import array_from_message

__all__ = ["Feature", "example_features"]

_CALLS: Final = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
_PASS_ON: Final = frozenset({"Identity", "Reshape", "ExpandDims", "Squeeze"})
_MOST_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature that is parsed.

    Attributes:
        name: its key in the Example.
        dtype: float, int64 or string, as a number of ``tensorflow.DataType``.
        size: how many values an Example must have of it; None for any number.
    """

    name: str
    dtype: int
    size: int | None


def example_features(graph: GraphDef, tensor_name: str) -> list[Feature]:
    """Find what ``tf.io.parse_example`` looks for in the strings of an input.

    Follows the tensor through calls of functions to the op that parses it.

    Args:
        graph: of the meta graph.
        tensor_name: of the signature's input (``"tf_example:0"``).

    Returns:
        The features, sorted by name; empty if the tensor is not parsed, or not in
        a way that can be told from the graph.
    """
    search = _Search({function.signature.name: function for function in graph.library.function})
    return search.features(graph.node, tensor_name.partition(":")[0])


class _Search:
    """One walk along a tensor; bounded, whatever the graph."""

    def __init__(self, functions: Mapping[str, FunctionDef]) -> None:
        self._functions = functions
        self._steps = _MOST_STEPS

    def features(self, nodes: Iterable[NodeDef], source: str) -> list[Feature]:
        body = list(nodes)
        by_name = {node.name: node for node in body}
        for node, index in _uses(body, source):
            self._steps -= 1
            if self._steps < 0:
                return []
            found = self._at(node, index, body, by_name)
            if found:
                return found
        return []

    def _at(
        self, node: NodeDef, index: int, body: list[NodeDef], by_name: Mapping[str, NodeDef]
    ) -> list[Feature]:
        if node.op in _PARSERS:
            return _PARSERS[node.op](node, by_name) if index == 0 else []
        if node.op in _PASS_ON:
            return self.features(body, node.name) if index == 0 else []
        name = node.attr["f"].func.name if node.op in _CALLS else node.op
        function = self._functions.get(name)
        if function is None or index >= len(function.signature.input_arg):
            return []
        return self.features(function.node_def, function.signature.input_arg[index].name)


def _uses(nodes: Iterable[NodeDef], source: str) -> Iterator[tuple[NodeDef, int]]:
    for node in nodes:
        for index, reference in enumerate(node.input):
            if reference.partition(":")[0] == source:
                yield node, index


def _parse_example(node: NodeDef, by_name: Mapping[str, NodeDef]) -> list[Feature]:
    sparse, dense = node.attr["Nsparse"].i, node.attr["Ndense"].i
    keys = [
        name
        for reference in node.input[2 : 2 + sparse + dense]
        for name in _strings(reference, by_name)
    ]
    return _features(node, keys[:sparse], keys[sparse:])


def _parse_example_v2(node: NodeDef, by_name: Mapping[str, NodeDef]) -> list[Feature]:
    if len(node.input) < 5:
        return []
    sparse, dense, ragged = (_strings(node.input[index], by_name) for index in (2, 3, 4))
    return _features(node, sparse, dense, ragged)


def _features(
    node: NodeDef, sparse: list[str], dense: list[str], ragged: Iterable[str] = ()
) -> list[Feature]:
    attr = node.attr
    ragged_types = attr["ragged_value_types"].list.type if ragged else ()
    sizes = map(_size, attr["dense_shapes"].list.shape)
    features = [
        *map(Feature, sparse, attr["sparse_types"].list.type, [None] * len(sparse)),
        *map(Feature, dense, attr["Tdense"].list.type, sizes),
        *(
            Feature(name, dtype, None)
            for name, dtype in zip(ragged, ragged_types, strict=False)
        ),
    ]
    return sorted(features, key=lambda feature: feature.name)


def _size(shape: TensorShapeProto) -> int | None:
    if shape.unknown_rank or any(dim.size < 0 for dim in shape.dim):
        return None
    return math.prod(dim.size for dim in shape.dim)


def _strings(reference: str, by_name: Mapping[str, NodeDef]) -> list[str]:
    node = by_name.get(reference.partition(":")[0])
    if node is None or node.op != "Const" or not node.attr["value"].HasField("tensor"):
        return []
    values = array_from_message(node.attr["value"].tensor).reshape(-1).tolist()
    return [value.decode("utf-8", "replace") for value in values if isinstance(value, bytes)]


_PARSERS: Final = {"ParseExample": _parse_example, "ParseExampleV2": _parse_example_v2}
