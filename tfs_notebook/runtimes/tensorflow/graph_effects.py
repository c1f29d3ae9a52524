"""Which runs of a graph leave something behind them: in its variables, queues, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tfs_notebook.runtimes.tensorflow.graph_ops import called_functions
from tfs_notebook.wire.messages import GraphDef, NodeDef

__all__ = ["GraphEffects"]

# Beginnings of the names of ops. Those that make a table or read a variable are not
# among them, though TensorFlow calls them stateful too.
_EFFECTS: Final = (
    "Accumulator",
    "Apply",
    "Assign",
    "Barrier",
    "Collective",
    "ConditionalAccumulator",
    "CountUpTo",
    "DestroyResourceOp",
    "EagerPyFunc",
    "InitializeTable",
    "Iterator",
    "LookupTableImport",
    "LookupTableInsert",
    "LookupTableRemove",
    "MapStage",
    "MapUnstage",
    "MatchingFiles",
    "MergeV2Checkpoints",
    "OrderedMapStage",
    "OrderedMapUnstage",
    "Print",
    "PyFunc",
    "Queue",
    "ReadFile",
    "Reader",
    "Recv",
    "ResourceAccumulator",
    "ResourceApply",
    "ResourceConditionalAccumulator",
    "ResourceCountUpTo",
    "ResourceScatter",
    "ResourceSparseApply",
    "ResourceStridedSliceAssign",
    "RngReadAndSkip",
    "RngSkip",
    "Save",
    "ScatterAdd",
    "ScatterDiv",
    "ScatterMax",
    "ScatterMin",
    "ScatterMul",
    "ScatterNdAdd",
    "ScatterNdMax",
    "ScatterNdMin",
    "ScatterNdSub",
    "ScatterNdUpdate",
    "ScatterSub",
    "ScatterUpdate",
    "Send",
    "ShardedFile",
    "SparseApply",
    "Stack",
    "Stage",
    "StatefulRandomBinomial",
    "StatefulStandardNormal",
    "StatefulTruncatedNormal",
    "StatefulUniform",
    "StridedSliceAssign",
    "Unstage",
    "WholeFileReader",
    "WriteFile",
    "WriteSummary",
    "_Recv",
    "_Send",
)


class GraphEffects:
    """Tells of tensors whether making them changes what lies beyond the run, or waits for it.

    An op counts whether or not the branch that it is in would be taken. Ops of one's own
    are taken to change nothing. Immutable.
    """

    def __init__(self, graph: GraphDef) -> None:
        self._nodes = {node.name: node for node in graph.node}
        self._functions = _functions_with_effects(graph)

    def of(self, tensor_names: Iterable[str]) -> bool:
        """Whether a run that fetches these (``"x:0"``) may leave something behind."""
        waiting = [name.partition(":")[0] for name in tensor_names]
        seen = set(waiting)
        while waiting:
            node = self._nodes.get(waiting.pop())
            if node is None:
                continue
            if _is_effect(node) or not self._functions.isdisjoint(_called(node)):
                return True
            for name in (text.lstrip("^").partition(":")[0] for text in node.input):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return False


def _functions_with_effects(graph: GraphDef) -> set[str]:
    found: set[str] = set()
    callers: dict[str, list[str]] = {}
    for function in graph.library.function:
        name = function.signature.name
        for node in function.node_def:
            if _is_effect(node):
                found.add(name)
            for called in _called(node):
                callers.setdefault(called, []).append(name)
    waiting = list(found)
    while waiting:
        for caller in callers.get(waiting.pop(), ()):
            if caller not in found:
                found.add(caller)
                waiting.append(caller)
    return found


def _is_effect(node: NodeDef) -> bool:
    return node.op.startswith(_EFFECTS)


def _called(node: NodeDef) -> Iterator[str]:
    yield node.op
    yield from called_functions(node)
