"""What a request must have to fit its signature, without a runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tests.models.inputs import floats, strings
from tfs_notebook.serving.inference import (
    SignatureNotFound,
    check_method_name,
    find_signature,
    run_predict,
)
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import Signature, TensorSpec

FLOAT, STRING = int(DataType.FLOAT), int(DataType.STRING)


def specs(**dtypes: int) -> dict[str, TensorSpec]:
    return {name: TensorSpec(name, dtype, None, f"{name}:0") for name, dtype in dtypes.items()}


PLAIN = Signature(
    "serving_default",
    "tensorflow/serving/predict",
    specs(a=FLOAT, b=STRING),
    specs(y=FLOAT, z=FLOAT),
)
WITH_DEFAULTS = Signature(
    "defaults", "", specs(a=FLOAT, b=STRING, c=FLOAT), specs(y=FLOAT),
    {"b": strings(b"d"), "c": floats(1.0)},
)  # fmt: skip
NO_INPUTS = Signature("constant", "", {}, specs(y=FLOAT))


class RecordingModel:
    """Remembers its runs, and answers with the number of the output."""

    def __init__(self) -> None:
        self.signatures = {s.name: s for s in (PLAIN, WITH_DEFAULTS, NO_INPUTS)}
        self.signature_defs: Mapping[str, SignatureDef] = {}
        self.runs: list[tuple[str, list[str], list[str]]] = []

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        self.runs.append((signature.name, sorted(inputs), list(outputs)))
        return [floats(float(number)) for number, _ in enumerate(outputs)]

    def close(self) -> None:
        pass


A = floats(1.0), FLOAT
B = strings(b"text"), STRING


def test_signatures_are_found_by_name() -> None:
    model = RecordingModel()
    assert find_signature(model, "") is PLAIN
    assert find_signature(model, "constant") is NO_INPUTS
    with pytest.raises(SignatureNotFound) as caught:
        find_signature(model, "x")
    assert caught.value.message == 'Serving signature key "x" not found.'
    assert caught.value.signature_name == "x"
    assert caught.value.known == ["constant", "defaults", "serving_default"]


def test_all_outputs_unless_some_are_asked_for() -> None:
    model = RecordingModel()
    assert list(run_predict(model, PLAIN, {"a": A, "b": B})) == ["y", "z"]
    got = run_predict(model, PLAIN, {"b": B, "a": A}, ["z"])
    assert {alias: array.tolist() for alias, array in got.items()} == {"z": [0.0]}
    assert model.runs == [
        ("serving_default", ["a", "b"], ["y", "z"]),
        ("serving_default", ["a", "b"], ["z"]),
    ]


def test_the_order_of_the_filter_is_that_of_the_answer() -> None:
    assert list(run_predict(RecordingModel(), PLAIN, {"a": A, "b": B}, ["z", "y"])) == [
        "z",
        "y",
    ]


def test_inputs_with_defaults_may_be_left_out() -> None:
    model = RecordingModel()
    for inputs in ({"a": A}, {"a": A, "b": B}, {"a": A, "c": A}, {"a": A, "b": B, "c": A}):
        run_predict(model, WITH_DEFAULTS, inputs)
    assert len(model.runs) == 4


def test_no_inputs_at_all() -> None:
    assert list(run_predict(RecordingModel(), NO_INPUTS, {})) == ["y"]


@pytest.mark.parametrize(
    ("signature", "inputs", "text"),
    [
        (PLAIN, {}, "input size does not match signature: 0!=2 len({}) != len({a,b})."),
        (PLAIN, {"a": A}, "Missing but required: {b}."),
        (PLAIN, {"a": A, "b": B, "x": A}, "3!=2 len({a,b,x}) != len({a,b}). Sent extra: {x}."),
        (
            PLAIN,
            {"a": A, "x": A},
            "Signature input alias: b(feed name: b:0) not found in request",
        ),
        (WITH_DEFAULTS, {"b": B}, "Signature input alias: a(feed name: a:0) not found"),
        (WITH_DEFAULTS, {}, "Signature input alias: a(feed name: a:0) not found"),
        (
            WITH_DEFAULTS,
            {"a": A, "x": A},
            "Inputs contains invalid name. Used request inputs: {a}.",
        ),
        (WITH_DEFAULTS, {"a": A, "b": B, "x": A}, "Sent extra: {x}."),
        (WITH_DEFAULTS, {"a": A, "b": B, "c": A, "x": A}, "4!=3"),
        (NO_INPUTS, {"x": A}, "1!=0 len({x}) != len({}). Sent extra: {x}."),
        (PLAIN, {"a": B, "b": B}, "Expects arg[0] to be float but string is provided"),
        (PLAIN, {"a": A, "b": A}, "Expects arg[1] to be string but float is provided"),
        (WITH_DEFAULTS, {"a": A, "c": B}, "Expects arg[2] to be float but string is provided"),
    ],
)
def test_names_and_types_that_do_not_fit(
    signature: Signature, inputs: dict[str, tuple[np.ndarray, int]], text: str
) -> None:
    model = RecordingModel()
    with pytest.raises(InvalidArgument) as caught:
        run_predict(model, signature, inputs)
    assert text in caught.value.message
    assert not model.runs


@pytest.mark.parametrize(
    ("filtered", "text"),
    [
        (
            ["x"],
            "output tensor alias not found in signature: x Outputs expected",
        ),
        (["y", "y"], "duplicate output tensor alias: y"),
    ],
)
def test_filters_that_do_not_fit(filtered: list[str], text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        run_predict(RecordingModel(), PLAIN, {"a": A, "b": B}, filtered)


def test_method_names() -> None:
    for method in ("predict", "classify", "regress"):
        check_method_name(Signature("s", f"tensorflow/serving/{method}", {}, {}))
    for method in ("", "somebody/elses"):
        with pytest.raises(Internal, match=rf"Was: {method}$"):
            check_method_name(Signature("s", method, {}, {}))
