"""Which model a serialised request asks for, at a glance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.messages import (
    ClassificationRequest,
    ModelSpec,
    PredictRequest,
    RegressionRequest,
)
from tfs_notebook.wire.model_spec import model_name_in

NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    NAMES, NAMES, st.sampled_from([PredictRequest, ClassificationRequest, RegressionRequest])
)
def test_the_name_is_that_of_the_message(
    name: str,
    signature: str,
    kind: type[PredictRequest | ClassificationRequest | RegressionRequest],
) -> None:
    spec = ModelSpec(name=name, signature_name=signature, version_label="a")
    assert model_name_in(kind(model_spec=spec).SerializeToString()) == name


def test_it_may_come_after_the_inputs() -> None:
    inputs, named = PredictRequest(), PredictRequest(model_spec=ModelSpec(name="m"))
    inputs.inputs["x"].tensor_content = b"0" * 1000
    assert model_name_in(inputs.SerializeToString() + named.SerializeToString()) == "m"


def test_none_is_said() -> None:
    assert model_name_in(b"") == ""
    assert model_name_in(PredictRequest(output_filter=["a"]).SerializeToString()) == ""
    assert model_name_in(PredictRequest(model_spec=ModelSpec()).SerializeToString()) == ""


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    model_name_in(data)
    model_name_in(b"\x0a" + data)
