"""Which ops a graph runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tfs_notebook.wire.messages import AttrValue, GraphDef, NodeDef

__all__ = ["called_functions", "ops_of"]


def ops_of(graph: GraphDef) -> list[str]:
    """The ops of a graph and of every function that it calls, sorted.

    Bodies of loops and branches are followed as well, which
    ``saved_model_cli`` does not do; functions that nothing calls are left out.
    """
    functions = {function.signature.name: function for function in graph.library.function}
    ops: set[str] = set()
    seen: set[str] = set()
    waiting: list[Iterable[NodeDef]] = [graph.node]
    while waiting:
        for node in waiting.pop():
            ops.add(node.op)
            for name in {node.op, *called_functions(node)} - seen:
                if name in functions:
                    seen.add(name)
                    waiting.append(functions[name].node_def)
    return sorted(ops - functions.keys())


def called_functions(node: NodeDef) -> Iterator[str]:
    """The functions that a node names in its attributes: bodies, branches, calls."""
    for attribute in node.attr.values():
        yield from _named_functions(attribute)


def _named_functions(attribute: AttrValue) -> Iterator[str]:
    if attribute.HasField("func"):
        yield attribute.func.name
    elif attribute.HasField("list"):
        for function in attribute.list.func:
            yield function.name
