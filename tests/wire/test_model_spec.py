"""Which model a serialised request asks for, at a glance."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.messages import (
    ClassificationRequest,
    ModelSpec,
    PredictRequest,
    RegressionRequest,
)
from tfs_notebook.wire.model_spec import model_name_in, reference_of_wire

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


def test_no_more_than_a_glance_is_taken() -> None:
    # Otherwise one request of some megabytes would hold up the loop, and so all others.
    named = PredictRequest(model_spec=ModelSpec(name="m")).SerializeToString()
    empty = b"\x1a\x00"
    assert model_name_in(empty * 50 + named) == "m"
    assert model_name_in(empty * 1000 + named) == ""


def test_large_specs_are_not_remembered() -> None:
    # A thousand of them would be kept for good.
    specs = [ModelSpec(name=f"{n}" * 100_000).SerializeToString() for n in range(1, 9)]
    tracemalloc.start()
    try:
        for spec in specs:
            reference_of_wire(bytes(spec))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    model_name_in(data)
    model_name_in(b"\x0a" + data)
