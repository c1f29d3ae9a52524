"""What is read off a graph: its ops, and the features of Examples it parses."""

from __future__ import annotations

import pytest
from google.protobuf import text_format

from tfs_notebook.runtimes.tensorflow.example_features import Feature, example_features
from tfs_notebook.runtimes.tensorflow.graph_ops import ops_of
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import POOL, GraphDef


def graph(text: str) -> GraphDef:
    parsed: GraphDef = text_format.Parse(text, GraphDef(), descriptor_pool=POOL)
    return parsed


FUNCTIONS = """
node { name: "x" op: "Placeholder" }
node { name: "call" op: "PartitionedCall" input: "x"
       attr { key: "f" value { func { name: "outer" } } } }
library {
  function {
    signature { name: "outer" input_arg { name: "a" } }
    node_def { name: "direct" op: "inner" input: "a" }
    node_def { name: "case" op: "Case" input: "a"
               attr { key: "branches" value { list { func { name: "branch" } } } } }
    node_def { name: "again" op: "PartitionedCall" input: "a"
               attr { key: "f" value { func { name: "outer" } } } }
  }
  function { signature { name: "inner" } node_def { name: "n" op: "Sin" } }
  function { signature { name: "branch" } node_def { name: "n" op: "Cos" } }
  function { signature { name: "unused" } node_def { name: "n" op: "Tan" } }
}
"""


def test_ops_of_all_functions_that_are_called() -> None:
    assert ops_of(graph(FUNCTIONS)) == ["Case", "Cos", "PartitionedCall", "Placeholder", "Sin"]


def test_a_graph_that_goes_round_in_circles_has_no_features() -> None:
    assert example_features(graph(FUNCTIONS), "x:0") == []
    circle = """
    node { name: "a" op: "Identity" input: "b" }
    node { name: "b" op: "Identity" input: "a" }
    """
    assert example_features(graph(circle), "a:0") == []


def keys(name: str, *values: str) -> str:
    strings = " ".join(f'string_val: "{value}"' for value in values)
    return (
        f'{{ name: "{name}" op: "Const" attr {{ key: "value" value {{ tensor {{'
        f" dtype: DT_STRING tensor_shape {{ dim {{ size: {len(values)} }} }} {strings}"
        " } } } }"
    )


SHAPES = """
attr { key: "dense_shapes" value { list {
  shape { dim { size: 2 } dim { size: 3 } } shape { } shape { dim { size: -1 } } } } }
attr { key: "Tdense" value { list { type: DT_FLOAT type: DT_INT64 type: DT_STRING } } }
attr { key: "sparse_types" value { list { type: DT_INT64 } } }
"""
V1 = f"""
node {{ name: "in" op: "Placeholder" }}
node {{ name: "same" op: "Identity" input: "in" }}
node {keys("s", "sparse")} node {keys("d0", "matrix")} node {keys("d1", "one")}
node {keys("d2", "open")}
node {{ name: "parse" op: "ParseExample" input: "same:0" input: "names"
  input: "s" input: "d0" input: "d1" input: "d2" input: "default"
  attr {{ key: "Nsparse" value {{ i: 1 }} }} attr {{ key: "Ndense" value {{ i: 3 }} }}
  {SHAPES} }}
"""
V2 = f"""
node {{ name: "in" op: "Placeholder" }}
node {{ name: "call" op: "StatefulPartitionedCall" input: "other" input: "in"
  attr {{ key: "f" value {{ func {{ name: "f" }} }} }} }}
library {{ function {{
  signature {{ name: "f" input_arg {{ name: "first" }} input_arg {{ name: "second" }} }}
  node_def {keys("s", "sparse")} node_def {keys("d", "matrix", "one", "open")}
  node_def {keys("r")}
  node_def {{ name: "parse" op: "ParseExampleV2" input: "second" input: "names:output:0"
    input: "s:output:0" input: "d:output:0" input: "r:output:0" {SHAPES} }}
}} }}
"""


@pytest.mark.parametrize("text", [V1, V2], ids=["ParseExample", "ParseExampleV2"])
def test_features_that_the_graph_parses(text: str) -> None:
    assert example_features(graph(text), "in:0") == [
        Feature("matrix", DataType.FLOAT, 6),
        Feature("one", DataType.INT64, 1),
        Feature("open", DataType.STRING, None),
        Feature("sparse", DataType.INT64, None),
    ]


def test_no_features_where_the_keys_are_not_in_the_graph() -> None:
    assert example_features(graph(V2.replace('op: "Const"', 'op: "Placeholder"')), "in:0") == []
    assert example_features(graph(V1), "names:0") == []
    assert example_features(GraphDef(), "in:0") == []
