"""DataFrames and Series: columns to inputs, rows to instances, answers with their index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.python_process import output_of
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.frame_results import classes_frame, frame_of
from tfs_notebook.client.frames import frame_inputs
from tfs_notebook.client.given import as_given
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import Signature, TensorSpec

FLOAT, INT, STRING = DataType.FLOAT, DataType.INT64, DataType.STRING
INDEX = pd.Index(["u", "v", "w"], name="who")


def signature(**inputs: tuple[DataType, tuple[int, ...] | None]) -> Signature:
    specs = {name: TensorSpec(name, *one) for name, one in inputs.items()}
    return Signature("serving_default", "", specs, {})


ONE = signature(x=(FLOAT, (-1, 3)))
TWO = signature(age=(INT, (-1,)), name=(STRING, (-1, 1)))


def arrays(frame: Any, wanted: Signature, **named: object) -> dict[str, np.ndarray]:
    given = as_given(frame, named, wanted)
    return {alias: array for alias, (array, _) in given.inputs.items()}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(np.arange(6.0).reshape(2, 3), columns=list("cab")),
        pd.DataFrame({"c": [0, 3], "a": [1.0, 4.0], "b": [2, 5]}),
        pd.DataFrame({2: [0, 3], 0: [1, 4], 1: [2, 5]}),
        pd.DataFrame({"c": [0, 3], "a": [1, 4], "b": [2, 5]}, dtype="Int64"),
        pd.DataFrame({"c": [0, 3], "a": [1, 4], "b": pd.Categorical([2, 5])}),
    ],
)
def test_all_columns_in_their_order_are_the_one_input(frame: pd.DataFrame) -> None:
    [matrix] = arrays(frame, ONE).values()
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_columns_are_the_inputs_of_their_names() -> None:
    frame = pd.DataFrame({"name": ["a", "ö"], "age": [30, 40]})
    found = arrays(frame, TWO)
    assert found["age"].tolist() == [30, 40]
    assert found["name"].tolist() == [[b"a"], ["ö".encode()]]
    found = arrays(frame[["age"]], TWO, name=[["x"], ["y"]])
    assert found["name"].tolist() == [[b"x"], [b"y"]]


@pytest.mark.parametrize(
    ("column", "wanted", "expected"),
    [
        (pd.Series([1, 2], dtype="Int32"), INT, [1, 2]),
        (pd.Series([1.5, 2], dtype="Float64"), FLOAT, [1.5, 2]),
        (pd.Series([True, False], dtype="boolean"), DataType.BOOL, [True, False]),
        (pd.Series(["a", "b"], dtype="string"), STRING, [b"a", b"b"]),
        (pd.Series(["a", "b"], dtype=object), STRING, [b"a", b"b"]),
        (pd.Series(["a", "b"], dtype="category"), STRING, [b"a", b"b"]),
        (pd.Series([7, 9], dtype="category"), INT, [7, 9]),
        (pd.Series([b"\xff", b"b"]), STRING, [b"\xff", b"b"]),
        (pd.Series([], dtype=float), FLOAT, []),
        (pd.Series([0.5, 2], dtype=object), FLOAT, [0.5, 2]),
        (pd.Series([0.1], dtype=object), FLOAT, [float(np.float32(0.1))]),
    ],
)
def test_types_of_columns(column: pd.Series, wanted: DataType, expected: list[Any]) -> None:
    assert arrays(column, signature(x=(wanted, (-1,))))["x"].tolist() == expected
    # As one of several inputs too.
    assert arrays(NOTHING, signature(x=(wanted, (-1,))), x=column)["x"].tolist() == expected


def test_shapes_of_a_column() -> None:
    column = pd.Series([1.0, 2.0])
    assert arrays(column, signature(x=(FLOAT, (-1, 1))))["x"].shape == (2, 1)
    assert arrays(column, signature(x=(FLOAT, (-1, -1))))["x"].shape == (2, 1)
    assert arrays(column, signature(x=(FLOAT, None)))["x"].shape == (2,)
    images = pd.Series([np.zeros((4, 5)), np.ones((4, 5))])
    assert arrays(images, signature(x=(FLOAT, (-1, 4, 5))))["x"].shape == (2, 4, 5)
    lists = pd.DataFrame({"x": [[1, 2, 3], [4, 5, 6]]})
    assert arrays(lists, ONE)["x"].tolist() == [[1, 2, 3], [4, 5, 6]]
    tuples = pd.DataFrame({"x": [(1, 2, 3), (4, 5, 6)]})
    assert arrays(tuples, ONE)["x"].tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("frame", "wanted", "text"),
    [
        (pd.DataFrame({"age": [1]}), TWO, "missing is 'name'$"),
        (pd.DataFrame({"age": [1], "nam": ["x"]}), TWO, "is 'name', and 'nam' is no input"),
        (
            pd.DataFrame({"age": [1], "name": ["x"], "target": [0]}),
            TWO,
            r"no inputs 'target'; leave those columns out: df\[\['age', 'name'\]\]",
        ),
        (pd.DataFrame(np.zeros((1, 4))), ONE, r"4 columns \('0', '1', '2', '3'\) are neither"),
        (pd.DataFrame(np.zeros((1, 2)), columns=["a", "a"]), ONE, "the same name: a"),
        (pd.Series([1.0, 2.0]), ONE, r"one number a row, and input x takes 3. .*iloc\[\[0\]\]"),
        (pd.DataFrame({"age": ["x"], "name": ["y"]}), TWO, "column 'age': input age is int64"),
        (pd.DataFrame({"age": [1.5], "name": ["y"]}), TWO, "column 'age': .*1.5 would be"),
        (
            pd.DataFrame({"a": [1.0, 2], "b": [1e300, 1.0], "c": [0.0, 0]}),
            ONE,
            r"column 'b': .*1e\+300 would become inf",
        ),
        (
            pd.Series([np.zeros(3), np.zeros(2)], name="p"),
            ONE,
            r"column 'p' holds arrays of different shapes: \(3,\) in row 0, \(2,\) in row 1",
        ),
        (pd.Series([[[1.0], [2.0, 3.0]]], name="p"), ONE, "column 'p' holds what is no array"),
        (pd.Series(pd.to_datetime(["2026-01-01"])), signature(x=(FLOAT, (-1,))), "datetime64"),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit(frame: Any, wanted: Signature, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        arrays(frame, wanted)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (
            pd.Series([1.0, None, None], name="a"),
            "'a' has 2 missing values, the first in row 1[.]",
        ),
        (pd.Series([1, pd.NA], dtype="Int64", name="a"), "'a' has a missing value in row 1[.]"),
        (
            pd.Series(["x", None], index=["u", "v"], name="a"),
            r"'a' has a missing value in row 1 \(index 'v'\)",
        ),
        (pd.Series(pd.Categorical(["x", None]), name="a"), "'a' has a missing value in row 1"),
    ],
)
def test_missing_values_are_refused_and_found(column: pd.Series, text: str) -> None:
    wanted = signature(x=(STRING if column.dtype in ("object", "str") else FLOAT, (-1,)))
    for value, named in ((column, {}), (NOTHING, {"x": column})):
        with pytest.raises(InvalidArgument, match=f"column {text}"):
            as_given(value, named, wanted)


def test_the_first_missing_value_of_a_matrix() -> None:
    frame = pd.DataFrame(np.zeros((4, 3)), columns=list("abc"))
    frame.loc[2, "b"] = np.nan
    with pytest.raises(InvalidArgument, match="column 'b' has a missing value in row 2"):
        arrays(frame, ONE)
    with pytest.raises(InvalidArgument, match="column 'b' has a missing value in row 2"):
        arrays(NOTHING, ONE, x=frame)
    assert arrays(frame.to_numpy(), ONE)["x"].shape == (4, 3)


def test_unknown_keywords_beside_columns() -> None:
    with pytest.raises(InvalidArgument, match="there is no input 'z'"):
        frame_inputs(pd.DataFrame({"age": [1]}), {"z": 1}, signature(age=(INT, (-1,))))


def test_outputs_as_columns() -> None:
    frame = frame_of(
        {
            "plain": np.array([1, 2, 3]),
            "column": np.array([[1.0], [2.0], [3.0]], np.float32),
            "wide": np.arange(6).reshape(3, 2),
            "cube": np.zeros((3, 2, 2)),
            "text": np.array([b"a", "ö".encode(), b""], object),
            "raw_bytes": np.array([b"a", b"b", b"c"], object),
            "broken": np.array([b"\xff", b"b", b"c"], object),
        },
        INDEX,
    )
    assert frame.index.equals(INDEX)
    assert frame.index.name == "who"
    assert list(frame.columns) == [
        "plain", "column", "wide_0", "wide_1", "cube", "text", "raw_bytes", "broken",
    ]  # fmt: skip
    assert frame["wide_1"].tolist() == [1, 3, 5]
    assert frame["column"].dtype == np.float32
    assert frame["cube"].iloc[0].shape == (2, 2)
    assert frame["text"].tolist() == ["a", "ö", ""]
    assert frame["raw_bytes"].tolist() == [b"a", b"b", b"c"]
    assert frame["broken"].tolist() == [b"\xff", b"b", b"c"]


def test_classes_as_columns() -> None:
    scores = np.array([[0.25, 0.75], [0.5, 0.25]], np.float32)
    labels = np.array([["ham", "spam"], ["ham", "spam"]], object)
    frame = classes_frame(labels, scores, [5, 6])
    assert frame.to_dict("list") == {
        "label": ["spam", "ham"],
        "score": [0.75, 0.5],
        "score_ham": [0.25, 0.5],
        "score_spam": [0.75, 0.25],
    }
    labels = np.array([["a", "b"], ["c", "b"]], object)
    assert list(classes_frame(labels, scores, [5, 6]).columns) == [
        "label", "score", "label_0", "score_0", "label_1", "score_1",
    ]  # fmt: skip
    empty = classes_frame(labels[:, :0], scores[:, :0], [5, 6])
    assert empty["label"].tolist() == ["", ""]


def test_the_first_rows_of_an_interrupted_prediction() -> None:
    given = as_given(pd.DataFrame(np.zeros((3, 3)), index=INDEX), {}, ONE)
    answer = given.answer({"y": np.array([1.0, 2.0])}, 2)
    assert answer["y"].to_dict() == {"u": 1.0, "v": 2.0}  # type: ignore[union-attr]


def test_against_a_server(client: Client) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 5.0]}, index=INDEX)
    answer = client["half_plus_two"].predict(frame)
    pd.testing.assert_frame_equal(
        answer,
        pd.DataFrame({"y": np.array([2.5, 3.0, 4.5], np.float32)}, index=INDEX),
    )
    assert client["half_plus_two"].predict(frame["x"]).index.equals(INDEX)  # type: ignore[union-attr]
    two = pd.DataFrame({"b": [2, 3], "a": [7, 9]}, index=[3, 4])
    answer = client["several"].predict(two, signature="divide")
    assert answer["quotient"].to_dict() == {3: 3, 4: 3}  # type: ignore[union-attr]
    # What is not by rows has no index.
    assert isinstance(client["several"].predict(frame["x"]), dict)


def test_a_large_one_keeps_its_index(client: Client) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.random(9_000)}, index=rng.permutation(9_000))
    answer = client["half_plus_two"].predict(frame)
    assert answer.index.equals(frame.index)  # type: ignore[union-attr]
    np.testing.assert_array_equal(
        answer["y"],
        frame["x"].astype(np.float32) / 2 + 2,
    )


def test_the_message_tells_what_came(client: Client) -> None:
    frame = pd.DataFrame({"a": [1], "nam": ["x"]})
    with pytest.raises(InvalidArgument) as caught:
        client["several"].predict(frame, signature="divide")
    assert str(caught.value).splitlines() == [
        "several: the inputs are columns; missing is 'b', and 'nam' is no input",
        "  divide takes  a: int32 [?]; b: int32 [?]",
        f"  it was given  a DataFrame of 1 rows: a int64, nam {frame['nam'].dtype}",
        '  this would fit  client["several"].predict({"a": [1], "b": [1]}, signature="divide")',
    ]


def test_pandas_is_not_imported_for_others(server: ServerProcess) -> None:
    script = f"""
import sys, tfs_notebook
client = tfs_notebook.connect({server.grpc_address!r}, rest_address={server.url!r})
half = client["half_plus_two"]
print(half.predict([1.0]).tolist(), half.predict(x=3).tolist())
half.stats(), client._repr_mimebundle_()
print([name for name in ("pandas", "tensorflow", "IPython", "tqdm") if name in sys.modules])
"""
    assert output_of("-c", script) == "[2.5] 3.5\n[]\n"
