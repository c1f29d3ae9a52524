"""Which runs of a graph take the same work whatever values they are given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from tfs_notebook.wire.messages import GraphDef, NodeDef

__all__ = ["SteadyGraph"]

# They do not repeat, branch, wait, or reach beyond the run, and what they make is as large
# as the shapes of their inputs say. Strings are not among them: no shape tells their lengths.
_BY_SHAPES: Final = frozenset(
    """
    Abs Acos Acosh Add AddN AddV2 Asin Asinh Atan Atan2 Atanh AvgPool AvgPool3D BatchMatMul
    BatchMatMulV2 BatchMatMulV3 BiasAdd BiasAddV1 Cast Ceil ClipByValue Const Conv2D Conv3D
    Cos Cosh DepthToSpace DepthwiseConv2dNative Div DivNoNan Einsum Elu Equal Erf Erfc Exp
    Expm1 Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather
    GatherNd Greater GreaterEqual Identity IdentityN InTopK InTopKV2 Inv InvertPermutation
    IsFinite IsInf IsNan L2Loss LRN LeakyRelu Less LessEqual Log Log1p LogSoftmax LogicalAnd
    LogicalNot LogicalOr MatMul MatrixDiag MatrixDiagPart MaxPool MaxPool3D Maximum Minimum
    Mod Mul MulNoNan Neg NoOp NotEqual OnesLike Pack Placeholder PlaceholderWithDefault Pow
    PreventGradient Rank ReadVariableOp RealDiv Reciprocal Relu Relu6 ResourceGather
    ResourceGatherNd Rint Round Rsqrt Select SelectV2 Selu Shape ShapeN Sigmoid Sign Sin Sinh
    Size Snapshot Softmax Softplus Softsign SpaceToDepth Sqrt Square SquaredDifference Squeeze
    StopGradient Sub Tan Tanh TopK TruncateDiv TruncateMod Unpack VarHandleOp Variable
    VariableV2 Xdivy Xlog1py Xlogy ZerosLike
    """.split()  # noqa: SIM905 - a hundred and more
)
# So are these where the inputs at these places follow from shapes and constants.
_BY_INPUTS: Final[Mapping[str, tuple[int, ...]]] = {
    "All": (1,), "Any": (1,), "ArgMax": (1,), "ArgMin": (1,), "BroadcastArgs": (0, 1),
    "BroadcastTo": (1,), "Concat": (0,), "ConcatV2": (-1,), "Cumprod": (1,), "Cumsum": (1,),
    "ExpandDims": (1,), "Fill": (0,), "GatherV2": (2,), "Max": (1,), "MaxPoolV2": (1, 2),
    "Mean": (1,), "Min": (1,), "MirrorPad": (1,), "OneHot": (1,), "Pad": (1,), "PadV2": (1,),
    "Prod": (1,), "Range": (0, 1, 2), "Reshape": (1,), "ResizeBicubic": (1,),
    "ResizeBilinear": (1,), "ResizeNearestNeighbor": (1,), "ReverseV2": (1,), "Slice": (1, 2),
    "Split": (0,), "SplitV": (1, 2), "StridedSlice": (1, 2, 3), "Sum": (1,), "Tile": (1,),
    "TopKV2": (1,), "Transpose": (1,),
}  # fmt: skip
_CALLS: Final = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
# What they give is the same for all inputs of the same shapes.
_SHAPES: Final = frozenset({"Const", "Rank", "Shape", "ShapeN", "Size"})
_VALUES: Final = frozenset(
    {
        "Placeholder", "PlaceholderWithDefault", "ReadVariableOp", "ResourceGather",
        "ResourceGatherNd", "VarHandleOp", "Variable", "VariableV2",
    }
)  # fmt: skip
_COMPUTED: Final = (_BY_SHAPES | _BY_INPUTS.keys()) - _VALUES


class SteadyGraph:
    """Tells of tensors whether making them takes work that shapes alone decide.

    One run with inputs of some shapes then shows what every other one with the same
    shapes will take. What is not known to be so is taken not to be: loops, branches,
    ops of one's own. Not for use by several threads at once.
    """

    def __init__(self, graph: GraphDef) -> None:
        self._nodes = {node.name: node for node in graph.node}
        self._functions = {one.signature.name: one.node_def for one in graph.library.function}
        # False while it is being looked at: one that calls itself is not steady.
        self._known: dict[str, bool] = {}

    def makes(self, tensor_names: Iterable[str], given: Iterable[str] = ()) -> bool:
        """Whether a run that fetches these (``"x:0"``) takes such work, and no other.

        Args:
            tensor_names: of what is fetched.
            given: the names of what is fed.
        """
        fed = set(given)
        fed_nodes = set(map(_source, fed))
        waiting = [_source(name) for name in tensor_names if name not in fed]
        seen = set(waiting)
        while waiting:
            node = self._nodes.get(waiting.pop())
            if node is None or not self._is_steady(node, self._nodes, fed_nodes):
                return False
            for tensor in node.input:
                name = _source(tensor)
                if name not in seen and _whole_name(tensor) not in fed:
                    seen.add(name)
                    waiting.append(name)
        return True

    def _is_steady(
        self, node: NodeDef, nodes: Mapping[str, NodeDef], fed_nodes: Collection[str] = ()
    ) -> bool:
        if node.op in _BY_SHAPES:
            return True
        if node.op in _CALLS:
            return self._is_steady_function(node.attr["f"].func.name)
        places = _BY_INPUTS.get(node.op)
        if places is None:
            return False
        inputs = [name for name in node.input if not name.startswith("^")]
        # TensorFlow looks at the bodies of functions only when they are first run.
        return len(inputs) > max(places) and all(
            _follows_from_shapes(inputs[place], nodes, fed_nodes) for place in places
        )

    def _is_steady_function(self, name: str) -> bool:
        body: Sequence[NodeDef] | None = self._functions.get(name)
        if body is None:
            return False
        if name not in self._known:
            self._known[name] = False
            nodes = {node.name: node for node in body}
            self._known[name] = all(self._is_steady(node, nodes) for node in body)
        return self._known[name]


def _follows_from_shapes(
    tensor_name: str, nodes: Mapping[str, NodeDef], fed_nodes: Collection[str]
) -> bool:
    """Whether a tensor has the same value for all inputs of the same shapes."""
    waiting = [_source(tensor_name)]
    seen = set(waiting)
    while waiting:
        node = nodes.get(waiting.pop())
        # An argument of a function is no node, and even a constant may be fed.
        if node is None or node.op not in _COMPUTED or node.name in fed_nodes:
            return False
        if node.op in _SHAPES:
            continue
        for name in map(_source, node.input):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return True


def _source(text: str) -> str:
    """The node that an input comes from."""
    return text.lstrip("^").partition(":")[0]


def _whole_name(text: str) -> str:
    """An input as signatures name it."""
    return text if ":" in text or text.startswith("^") else f"{text}:0"
