"""Each kind of model is exported as it answers in inference, one row and many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tfs_notebook
from tests.exporting import keras_models
from tests.exporting.keras_models import Gated, Scaled, keras, mlp, tf
from tests.exporting.served import answers, left_in
from tests.models.inputs import strings
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

# The first import of Keras takes its time.
pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore")]

NUMBERS = np.random.default_rng(1)


def flat(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(one) for one in keras.tree.flatten(outputs)]


@pytest.mark.parametrize(
    ("make", "inputs", "names"),
    [
        (mlp, {"input_0": NUMBERS.random((5, 4), np.float32)}, ["output_0"]),
        (keras_models.lstm, {"tokens": NUMBERS.integers(0, 20, (6, 9))}, ["output_0"]),
        (keras_models.text, {"text": strings(b"free", "你好".encode(), b"x")}, ["output_0"]),
        (
            keras_models.image,
            {"image": NUMBERS.integers(0, 255, (2, 32, 20, 3), np.uint8)},
            ["output_0"],
        ),
        (
            keras_models.mixed_precision,
            {"input_0": NUMBERS.random((9, 8), np.float32)},
            ["output_0"],
        ),
    ],
)
def test_what_is_served_is_what_the_model_says(
    make: Callable[[], Any], inputs: Mapping[str, np.ndarray], names: list[str], tmp_path: Path
) -> None:
    model = make()
    ((alias, given),) = inputs.items()
    record = tfs_notebook.export(model, tmp_path / "m", example=given)
    assert (record.check.with_inputs, record.check.compared) == ("example", True)
    assert record.check.rows == len(given)
    assert list(record.signatures) == ["serving_default"]
    assert list(record.signatures["serving_default"].inputs) == [alias]
    assert list(record.signatures["serving_default"].outputs) == names
    if given.dtype == object:
        given = given.reshape(-1, 1)
    for rows in (given, given[:1]):
        [expected] = flat(model(tf.constant(rows), training=False))
        [served] = answers(record.path, **{alias: rows}).values()
        np.testing.assert_allclose(served, expected, rtol=1e-2, atol=1e-3)
    again = tfs_notebook.export(model, tmp_path / "m")
    assert again.check.with_inputs == "made up", again.check
    assert again.version == 2


@pytest.mark.parametrize("kind", [list, dict])
def test_several_inputs(kind: type, tmp_path: Path) -> None:
    model = keras_models.two_inputs(kind)
    parts = {"age": np.ones((3, 1), np.float32), "words": np.arange(12).reshape(3, 4) % 10}
    own = parts if kind is dict else list(parts.values())
    record = tfs_notebook.export(model, tmp_path / "own", example=own)
    by_name = tfs_notebook.export(model, tmp_path / "names", example=parts)
    served = answers(record.path, **parts)
    assert sorted(served) == (["high", "low"] if kind is dict else ["output_0", "output_1"])
    outputs = model(own, training=False)
    pairs = outputs if kind is dict else {f"output_{i}": one for i, one in enumerate(outputs)}
    for path in (record.path, by_name.path):
        found = answers(path, **parts)
        for name, expected in pairs.items():
            np.testing.assert_allclose(found[name], expected, rtol=1e-4)


def test_a_class_of_ones_own_that_nobody_has_called(tmp_path: Path) -> None:
    model = Gated()
    example = {"ids": [[3, 4, 5], [0, 1, 2]], "weight": [[2.0], [1.0]]}
    record = tfs_notebook.export(model, tmp_path / "m", example=example)
    ids = record.signatures["serving_default"].inputs["ids"]
    assert (ids.dtype, ids.shape) == (DataType.INT64, (-1, 3))
    inputs = {name: np.asarray(one) for name, one in example.items()}
    expected = model(inputs, training=False)["scores"]
    np.testing.assert_allclose(answers(record.path, **example)["scores"], expected, rtol=1e-5)
    # Which its own default, training=True, would not give.
    assert np.all(np.asarray(expected) != 0)
    specs = {"ids": tf.TensorSpec((None, None), tf.int32), "weight": tf.TensorSpec((None, 1))}
    free = tfs_notebook.export(
        model, tmp_path / "m", signatures={"serving_default": {"inputs": specs}}
    )
    found = answers(free.path, ids=[[3, 4, 5, 0, 0]], weight=[[1.0]])
    assert found["scores"].shape == (1, 2)


def test_unbuilt_models(tmp_path: Path) -> None:
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(InvalidArgument, match=r"is not built.*Call it once.*or give.*example="):
        tfs_notebook.export(model, tmp_path / "m")
    other = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(InvalidArgument, match="does not take the example"):
        tfs_notebook.export(other, tmp_path / "m", example=["text"])
    assert left_in(tmp_path) == []
    record = tfs_notebook.export(model, tmp_path / "m", example=np.ones((3, 4), np.float32))
    assert record.signatures["serving_default"].inputs["input_0"].shape == (-1, 4)
    model(np.ones((3, 4)))
    assert tfs_notebook.export(model, tmp_path / "m").version == 2


def test_a_module(tmp_path: Path) -> None:
    module = Scaled()
    record = tfs_notebook.export(module, tmp_path / "m", example=[1.0, 2.0])
    assert answers(record.path, x=[3.0])["y"].tolist() == [6.0]
    chosen = tfs_notebook.export(
        module, tmp_path / "m", signatures={"inverse": module.inverse}, example=[4.0]
    )
    assert answers(chosen.path, "inverse", x=[4.0])["output_0"].tolist() == [2.0]
    # Who names no signature means the first one.
    assert answers(chosen.path, x=[4.0])["output_0"].tolist() == [2.0]
    with pytest.raises(InvalidArgument, match="does not tell what it takes"):
        tfs_notebook.export(module, tmp_path / "m", signatures={"vague": module.vague})
    with pytest.raises(InvalidArgument, match=r"has no __call__ that is a tf\.function"):
        tfs_notebook.export(tf.Module(), tmp_path / "m")


def test_names_of_inputs_and_outputs(tmp_path: Path) -> None:
    model = mlp()
    hidden = model.layers[0].name
    record = tfs_notebook.export(
        model,
        tmp_path / "m",
        signatures={
            "serving_default": {"inputs": "features", "outputs": "scores"},
            "embed": {"inputs": ["features"], "outputs": {"vector": hidden}},
        },
        example=np.ones((2, 4)),
    )
    served = answers(record.path, features=np.ones((2, 4)))
    assert list(served) == ["scores"]
    vector = answers(record.path, "embed", features=np.ones((2, 4)))["vector"]
    np.testing.assert_allclose(vector, model.layers[0](np.ones((2, 4))), rtol=1e-5)
    assert record.check.signatures == ("serving_default", "embed")
    both = keras_models.two_inputs(dict)
    chosen = tfs_notebook.export(
        both,
        tmp_path / "both",
        signatures={
            "serving_default": {
                "inputs": {"years": "age", "ids": "words"},
                "outputs": {"only": "high"},
            }
        },
    )
    found = answers(chosen.path, years=[[1.0]], ids=[[1, 2]])
    assert {name: one.shape for name, one in found.items()} == {"only": (1, 2)}


def test_a_function_as_a_signature_of_a_keras_model(tmp_path: Path) -> None:
    model = mlp()

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])  # type: ignore[untyped-decorator]
    def best(x: Any) -> Any:
        return {"class": tf.argmax(model(x, training=False), axis=-1)}

    record = tfs_notebook.export(
        model, tmp_path / "m", signatures={"serving_default": {}, "best": best}
    )
    x = NUMBERS.random((3, 4), np.float32)
    expected = np.argmax(model(x, training=False), axis=-1)
    assert answers(record.path, "best", x=x)["class"].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("signatures", "text"),
    [
        ({}, "signatures is a dict by name"),
        ({"variables": {}}, "a signature is named by letters"),
        ({"a b": {}}, "a signature is named by letters"),
        ({"s": {"input": "x"}}, r"and got \['input'\]"),
        ({"s": 5}, "or a tf.function, and got 5"),
        ({"s": {"inputs": ["a", "b"]}}, "name each of them, in this order"),
        ({"s": {"inputs": {"a": "b"}}}, "name each of them once"),
        ({"s": {"inputs": "a b"}}, "an input is named by letters"),
        ({"s": {"outputs": ["a", "b"]}}, "name each of them, in this order"),
        ({"s": {"outputs": {"a": "no such layer"}}}, "no output no such layer"),
    ],
)
def test_signatures_that_do_not_fit(signatures: Any, text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=text):
        tfs_notebook.export(mlp(), tmp_path / "m", signatures=signatures)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("example", "text"),
    [
        (np.ones(4), r"has the shape \[4\]; it is a batch"),
        (np.ones((2, 5)), r"takes input_0: float \[\?, 4\], and .* the shape \[2, 5\]"),
        (["a"], "input input_0 is float"),
    ],
)
def test_examples_that_do_not_fit(example: Any, text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=text):
        tfs_notebook.export(mlp(), tmp_path / "m", example=example)
    assert left_in(tmp_path) == []


def test_examples_of_several_inputs_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="a list of 2 inputs is due, and got a list of 1"):
        tfs_notebook.export(keras_models.two_inputs(list), tmp_path / "m", example=[[[1.0]]])
    with pytest.raises(InvalidArgument, match=r"a dict of \['age', 'words'\] is due"):
        tfs_notebook.export(keras_models.two_inputs(dict), tmp_path / "m", example={"age": 1})


def test_examples_as_tables(tmp_path: Path) -> None:
    rows = NUMBERS.random((3, 4), np.float32)
    named = {name: keras.Input((1,), name=name) for name in ("age", "income")}
    added = keras.layers.Add()(list(named.values()))
    table = pd.DataFrame({"income": [1.0, 2.0], "age": [3.0, 4.0]})
    record = tfs_notebook.export(keras.Model(named, added), tmp_path / "m", example=table)
    assert record.warmup_rows == 2
    assert record.check.with_inputs == "example"
    record = tfs_notebook.export(mlp(), tmp_path / "m", example=pd.DataFrame(rows))
    copied = tfs_notebook.export(record.path, tmp_path / "m", example=pd.DataFrame(rows))
    assert copied.warmup_rows == record.warmup_rows == 3
    with pytest.raises(InvalidArgument, match="income"):
        tfs_notebook.export(keras.Model(named, added), tmp_path / "m", example=table[["age"]])


def test_examples_by_name(tmp_path: Path) -> None:
    example = {mlp().inputs[0].name: np.ones((2, 4))}
    assert tfs_notebook.export(mlp(), tmp_path / "m", example=example).warmup_rows == 2
    with pytest.raises(
        InvalidArgument, match=r"takes \['input_0'\], and the example is a dict of \['x'\]"
    ):
        tfs_notebook.export(mlp(), tmp_path / "m", example={"x": np.ones((2, 4))})


def test_arguments_that_are_several(tmp_path: Path) -> None:
    class Added(keras.Model):  # type: ignore[misc]
        def call(self, one: Any, other: Any) -> Any:
            return one + other

    model = Added()
    model(np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(InvalidArgument, match=r"call\(\) has several arguments.*tf\.function"):
        tfs_notebook.export(model, tmp_path / "m")


def test_a_model_that_takes_nothing_made_up(tmp_path: Path) -> None:
    two_rows = keras.Input(batch_shape=(2, 3, 1))
    model = keras.Model(two_rows, keras.layers.GRU(2, stateful=True)(two_rows))
    record = tfs_notebook.export(model, tmp_path / "m")
    assert record.check.with_inputs == "none"
    assert "takes no made-up inputs" in repr(record)
    assert "\x1b" not in repr(record)
    one = keras.Input((2,), name="one")
    listed = keras.Model([one], one * 2.0)
    assert tfs_notebook.export(listed, tmp_path / "m", example=np.ones((2, 2))).version == 2


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = mlp()
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    with pytest.raises(FailedPrecondition, match=rf"runs on {backend}.*KERAS_BACKEND"):
        tfs_notebook.export(model, tmp_path / "m")


@pytest.mark.parametrize("what", [3, None, [1], object(), keras.layers.Dense])
def test_what_is_no_model(what: object, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"takes a Keras 3 model, a tf\.Module"):
        tfs_notebook.export(what, tmp_path / "m")


def test_a_model_that_cannot_be_a_graph(tmp_path: Path) -> None:
    class Printing(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return inputs * float(np.asarray(inputs).sum())

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = keras_models.of_layer(keras.layers.Dense(2))
    model.add(Printing())
    with pytest.raises(InvalidArgument, match="cannot be made a graph"):
        tfs_notebook.export(model, tmp_path / "m")
    assert left_in(tmp_path) == []
