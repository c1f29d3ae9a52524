"""Graphs that keep strings past the run that brought them.

A view's element borrows its bytes from the request. An op that copies elements
into a table, a queue or a variable would keep pointers to memory that is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import AttrValue, GraphDef, NodeDef

__all__ = ["keeps_strings"]

_KEEPERS: Final = (
    "LookupTableInsert",
    "LookupTableImport",
    "InitializeTable",
    "QueueEnqueue",
    "StackPush",
    "TensorArrayWrite",
    "TensorArrayScatter",
    "Assign",
    "ResourceScatter",
    "ScatterUpdate",
    "Stage",
    "MapStage",
    "OrderedMapStage",
    "BarrierInsertMany",
    "ConditionalAccumulator",
    "AccumulatorApplyGradient",
    "TensorMapInsert",
)
_NOT_KEEPERS: Final = ("InitializeTableFromTextFile",)


def keeps_strings(graph: GraphDef) -> bool:
    """Whether any op of the graph, or of its functions, may keep a string it is given."""
    nodes: Iterable[NodeDef] = chain(
        graph.node, *(function.node_def for function in graph.library.function)
    )
    return any(_keeps(node) for node in nodes)


def _keeps(node: NodeDef) -> bool:
    op = node.op
    if not op.startswith(_KEEPERS) and not op.startswith(("Assign", "Resource")):
        return False
    return not op.startswith(_NOT_KEEPERS) and any(map(_is_string, node.attr.values()))


def _is_string(attribute: AttrValue) -> bool:
    return attribute.type == DataType.STRING or DataType.STRING in attribute.list.type
