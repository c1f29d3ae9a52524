"""What of a SavedModel's graph can be run: from its signatures, at its load, at its restore."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tfs_notebook.wire.messages import (
    AttrValue,
    FunctionDef,
    MetaGraphDef,
    NodeDef,
    TensorInfo,
)

__all__ = ["INITIALISATION", "RESTORE", "Place", "ReachableGraph", "Start"]

INITIALISATION: Final = "the model's initialisation"
RESTORE: Final = "the model's restore op"

_INIT_SIGNATURE: Final = "__saved_model_init_op"
_INIT_COLLECTIONS: Final = ("saved_model_main_op", "legacy_init_op")
# Functions of the same name here may be put in each other's place by TensorFlow.
_STAND_INS: Final = "api_implements"


@dataclass(frozen=True, slots=True)
class Start:
    """From where nodes are reached.

    Attributes:
        name: of the signature, or what it is.
        wanted: the tensors and nodes of the graph that are run.
        fed: the tensors that are given, so that what would make them is not run.
    """

    name: str
    wanted: tuple[str, ...]
    fed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A node that can be run.

    Attributes:
        node: itself.
        function: that it is in; empty for the graph.
    """

    node: NodeDef
    function: str


class ReachableGraph:
    """Finds the nodes that a run can come to. Immutable; any thread may use it.

    A branch that may never be taken counts. A function counts wherever a node names it,
    in whatever attribute, and so do those that TensorFlow may put in its place.
    """

    def __init__(self, meta_graph: MetaGraphDef) -> None:
        graph = meta_graph.graph_def
        self._meta_graph = meta_graph
        self.nodes: Mapping[str, NodeDef] = {node.name: node for node in graph.node}
        self.functions: Mapping[str, FunctionDef] = {
            function.signature.name: function for function in graph.library.function
        }
        self._gradients = {
            one.function_name: one.gradient_func for one in graph.library.gradient
        }
        self._stand_ins: dict[bytes, list[str]] = {}
        for name, function in self.functions.items():
            if interface := _text(function, _STAND_INS):
                self._stand_ins.setdefault(interface, []).append(name)

    def starts(self) -> Iterator[Start]:
        """Where runs begin: what TensorFlow runs at the load, then every signature."""
        saver = self._meta_graph.saver_def
        if saver.restore_op_name:
            yield Start(RESTORE, (saver.restore_op_name,))
        yield Start(INITIALISATION, tuple(self._initialisation()))
        for name, signature in sorted(self._meta_graph.signature_def.items()):
            if name != _INIT_SIGNATURE:
                wanted = [one for info in signature.outputs.values() for one in _tensors(info)]
                fed = [one for info in signature.inputs.values() for one in _tensors(info)]
                yield Start(f"signature {name!r}", tuple(wanted), frozenset(fed))

    def _initialisation(self) -> Iterator[str]:
        for collection in _INIT_COLLECTIONS:
            # Looked for first: reading a map's entry makes it.
            if collection in self._meta_graph.collection_def:
                yield from self._meta_graph.collection_def[collection].node_list.value
        if _INIT_SIGNATURE in self._meta_graph.signature_def:
            for info in self._meta_graph.signature_def[_INIT_SIGNATURE].outputs.values():
                yield from _tensors(info)

    def places(self, start: Start) -> Iterator[Place]:
        """Every node that a run from there can come to, once."""
        functions = _Once(self.functions)
        nodes = _Once(self.nodes)
        nodes.add(_node(tensor) for tensor in start.wanted if tensor not in start.fed)
        for name in nodes:
            node = self.nodes[name]
            yield Place(node, "")
            functions.add(self.named(node))
            nodes.add(_node(one) for one in node.input if _whole_name(one) not in start.fed)
        for name in functions:
            for node in self.functions[name].node_def:
                yield Place(node, name)
                functions.add(self.named(node))

    def named(self, node: NodeDef) -> Iterator[str]:
        """The functions that a run of the node may come to."""
        for name in (node.op, *_names(node.attr)):
            function = self.functions.get(name)
            if function is None:
                continue
            yield name
            if name in self._gradients:
                yield self._gradients[name]
            yield from _names(function.attr)
            if interface := _text(function, _STAND_INS):
                yield from self._stand_ins[interface]


class _Once:
    """Gives each name once, also those that are added meanwhile, if it is among the known."""

    def __init__(self, known: Container[str]) -> None:
        self._known = known
        self._seen: set[str] = set()
        self._waiting: list[str] = []

    def add(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._seen and name in self._known:
                self._seen.add(name)
                self._waiting.append(name)

    def __iter__(self) -> Iterator[str]:
        while self._waiting:
            yield self._waiting.pop()


def _tensors(info: TensorInfo) -> Iterator[str]:
    """The names in a ``TensorInfo``, which may be of several parts."""
    if info.HasField("coo_sparse"):
        sparse = info.coo_sparse
        yield sparse.values_tensor_name
        yield sparse.indices_tensor_name
        yield sparse.dense_shape_tensor_name
    elif info.HasField("composite_tensor"):
        for part in info.composite_tensor.components:
            yield from _tensors(part)
    else:
        yield info.name


def _node(tensor: str) -> str:
    return tensor.lstrip("^").partition(":")[0]


def _whole_name(text: str) -> str:
    return text if ":" in text or text.startswith("^") else f"{text}:0"


def _names(attributes: Mapping[str, AttrValue]) -> Iterator[str]:
    """What may be the names of functions: those so called, and every text."""
    for attribute in attributes.values():
        kind = attribute.WhichOneof("value")
        if kind == "s":
            yield attribute.s.decode("utf-8", "replace")
        elif kind == "func":
            yield attribute.func.name
            yield from _names(attribute.func.attr)
        elif kind == "list":
            for function in attribute.list.func:
                yield function.name
                yield from _names(function.attr)
            for text in attribute.list.s:
                yield text.decode("utf-8", "replace")


def _text(function: FunctionDef, attribute: str) -> bytes:
    return function.attr[attribute].s if attribute in function.attr else b""
