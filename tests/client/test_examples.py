"""Classify, regress and statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.client.other_server import other_grpc_server, other_http_server
from tests.example_features import fill
from tests.server_process import ServerProcess
from tfs_notebook.client import Client, LabelledScores
from tfs_notebook.client.feature_rows import serialized_examples
from tfs_notebook.client.statistics import model_statistics
from tfs_notebook.wire.errors import Internal, InvalidArgument, NotFound, Unimplemented
from tfs_notebook.wire.messages import Example

ROWS = [{"name": "one", "x": 1.5, "count": 3}, {"name": b"two", "x": -2.0, "count": 0}]


@pytest.mark.parametrize(
    "examples",
    [
        ROWS,
        tuple(ROWS),
        [fill(Example(), {"name": b"one", "x": 1.5, "count": 3}), ROWS[1]],
        [fill(Example(), {"name": b"one", "x": 1.5, "count": 3}).SerializeToString(), ROWS[1]],
        [{"name": ["one"], "x": np.array([1.5]), "count": np.int32(3)}, ROWS[1]],
    ],
)
def test_classify(client: Client, examples: Any) -> None:
    answer = client["examples"].classify(examples)
    assert isinstance(answer, LabelledScores)
    assert answer[0] == [("one", 1.5), ("other", 3.0)]
    assert list(answer) == [answer[0], [("two", -2.0), ("other", 0.0)]]
    assert answer.best == ["other", "other"]
    assert answer.top(0, 5) == [("other", 3.0), ("one", 1.5)]
    assert answer[1:][0] == answer[1]


def test_one_example(client: Client) -> None:
    assert client["examples"].classify(iter(ROWS[:1]))[0] == [("one", 1.5), ("other", 3.0)]
    assert client["examples"].classify(ROWS[0])[0] == [("one", 1.5), ("other", 3.0)]
    values = client["examples"].regress(ROWS[0], signature="values")
    assert isinstance(values, np.ndarray)
    assert (values.dtype, values.tolist()) == (np.float32, [1.5])


def test_models_without_labels_or_scores(client: Client) -> None:
    assert client["examples"].classify(ROWS, signature="labels")[0] == [
        ("one", 0),
        ("other", 0),
    ]
    assert client["examples"].classify(ROWS, signature="scores")[0] == [("", 1.5), ("", 3.0)]


def test_frames(client: Client) -> None:
    frame = pd.DataFrame({"x": [1.5, 2.5], "name": ["u", "v"], "count": [0, 7]}, index=[8, 9])
    answer = client["examples"].classify(frame)
    assert answer["label"].to_dict() == {8: "u", 9: "other"}  # type: ignore[call-overload]
    assert answer["score"].to_dict() == {8: 1.5, 9: 7.0}  # type: ignore[call-overload]
    answer = client["examples"].regress(frame, signature="values")
    assert answer["values"].to_dict() == {8: 1.5, 9: 2.5}  # type: ignore[union-attr]


def test_many_examples_go_in_parts(server: ServerProcess) -> None:
    rows = [{"x": float(number)} for number in range(5_000)]
    with Client(server.grpc_address) as client:
        values = client["examples"].regress(rows, signature="values")
        assert values.tolist() == list(range(5_000))
        classes = client["examples"].classify(rows, chunk_rows=2_000)
        assert [row[0][1] for row in classes] == list(range(5_000))


@pytest.mark.parametrize(
    ("examples", "text"),
    [
        ("text", "examples come as a list of dicts, .*; got a str"),
        (3, "got a int"),
        (np.array(3), "got a int"),
        ([b"\xff"], "example 0 is no serialised tf.Example"),
        ([], "got none"),
        (pd.DataFrame({"a": []}), "without rows"),
        ([ROWS[0], 3], "example 1 is a int"),
        ([{"x": object()}], "example 0: feature 'x' is to be numbers, or text or bytes"),
        ([{"x": ["a", 3]}], "feature 'x' .*got 3"),
        (pd.DataFrame({"x": [1.0, None]}), "column 'x' has a missing value in row 1"),
    ],
)
def test_what_is_no_example(client: Client, examples: object, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        client["examples"].classify(examples)


def test_kinds_of_features() -> None:
    [data] = serialized_examples(
        {"i": 1, "b": True, "f": 1.0, "t": "ö", "several": [1.5, 2], "none": []}
    )
    features = Example.FromString(data).features.feature
    assert {name: one.WhichOneof("kind") for name, one in features.items()} == {
        "i": "int64_list", "b": "int64_list", "f": "float_list", "t": "bytes_list",
        "several": "float_list", "none": "float_list",
    }  # fmt: skip
    assert features["t"].bytes_list.value == ["ö".encode()]


def test_signatures_that_are_for_something_else(client: Client) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client["half_plus_two"].classify(ROWS)
    assert str(caught.value) == (
        "half_plus_two: signature 'serving_default' cannot classify; choose 'classify_x_to_y' "
        "with classify(…, signature=NAME)"
    )
    with pytest.raises(InvalidArgument, match="cannot regress; the model has none for that"):
        client["several"].regress(ROWS)
    with pytest.raises(NotFound, match="has no model 'nobody'"):
        client["nobody"].classify(ROWS)


def test_features_the_model_does_not_want(client: Client) -> None:
    with pytest.raises(InvalidArgument, match=r"(?s)x.*\n  examples come as a list of dicts"):
        client["examples"].classify([{"x": 1}])


def test_statistics(server: ServerProcess) -> None:
    with Client(server.grpc_address, rest_address=server.url) as client:
        half = client["half_plus_two", 1]
        half.predict([1.0])

        def requests() -> int:
            [version] = half.stats().versions
            return {one.name: one.requests for one in version.signatures}["serving_default"]

        before = requests()
        half.predict([1.0])
        assert requests() == before + 1
        stats = half.stats()
        assert stats.versions[0].version == 1
        assert "serving_default" in repr(stats)
        assert "<table>" in stats._repr_html_()
        with pytest.raises(NotFound, match="nobody"):
            client["nobody"].stats()
    with (
        Client(server.grpc_address) as client,
        pytest.raises(Unimplemented, match=r"no call for statistics; .* rest_address="),
    ):
        client["half_plus_two"].stats()


def test_servers_without_statistics() -> None:
    with other_http_server() as rest, other_grpc_server() as grpc:
        with (
            Client(rest.address) as client,
            pytest.raises(Unimplemented, match=r"tells no statistics .*Malformed request"),
        ):
            client["half_plus_two"].stats()
        with Client(grpc.address) as client, pytest.raises(Unimplemented):
            client["half_plus_two"].stats()


def test_statistics_of_others() -> None:
    stats = {
        "version": "3",
        "inference_count": 5,
        "execution_count": 2,
        "inference_stats": {
            "success": {"count": 2, "ns": 8_000_000},
            "fail": {"count": 1, "ns": 5},
        },
    }
    [version] = model_statistics("m", {"model_stats": [stats]}).versions
    [signature] = version.signatures
    assert (signature.requests, signature.errors, signature.p50_ms) == (3, 1, 4.0)
    with pytest.raises(Internal, match="these are no statistics"):
        model_statistics("m", ["what"])
