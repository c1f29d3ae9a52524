"""What a person is asked for, as a model's signature and pipeline have it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.transport import ModelMetadata
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.predict_sample import sample_inputs
from tfs_notebook.wire.request_snippets import leaf_count
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["Form", "FormKey", "Kind", "form_keys", "form_of"]

Kind: TypeAlias = Literal["text", "image", "numbers", "examples"]
"""Texts or images for a pipeline; tensors; or features of ``tf.Example``."""

_EXAMPLE_METHODS: Final = {
    "tensorflow/serving/classify": "classify",
    "tensorflow/serving/regress": "regress",
}
_MOST_LEAVES: Final = 400


@dataclass(frozen=True, slots=True)
class FormKey:
    """What can be asked of a model: a signature, by way of its pipeline or with tensors.

    Attributes:
        signature: its name.
        is_raw: whether the pipeline is asked.
    """

    signature: str
    is_raw: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What a person fills in.

    Attributes:
        kind: of the input.
        signature: that is asked.
        pipeline: what the model says of it; None for tensors.
        example: an input that fits, as JSON; empty for texts and images.
        method: ``predict``, ``classify`` or ``regress``.
    """

    kind: Kind
    signature: Signature
    pipeline: PipelineFacts | None = None
    example: str = ""
    method: str = "predict"


def form_keys(metadata: ModelMetadata, pipeline: PipelineFacts | None) -> list[FormKey]:
    """All that can be asked, what a person most likely wants first."""
    raw = [FormKey(pipeline.signature, is_raw=True)] if pipeline is not None else []
    names = sorted(metadata.signatures, key=lambda name: (name != DEFAULT_SIGNATURE, name))
    return [*raw, *map(FormKey, names)]


def form_of(metadata: ModelMetadata, key: FormKey, pipeline: PipelineFacts | None) -> Form:
    """The form for one of :func:`form_keys`.

    Raises:
        NotFound: another version has come, which does not offer that.
    """
    signature = metadata.signature(key.signature)
    if key.is_raw:
        if pipeline is None:
            raise NotFound(f"version {metadata.version} of {metadata.name} has no pipeline")
        return Form("text" if pipeline.kind == "text" else "image", signature, pipeline)
    method = _EXAMPLE_METHODS.get(signature.method_name)
    if method is not None:
        return Form("examples", signature, None, '[{"feature": 1.0}]', method)
    return Form("numbers", signature, None, _example(signature))


def _example(signature: Signature) -> str:
    values = sample_inputs(signature)
    if leaf_count(dict(values)) > _MOST_LEAVES:
        return ""
    if not values:
        return "{}"
    if len(signature.inputs) == 1:
        return json.dumps(next(iter(values.values())), ensure_ascii=False)
    lines = (f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in values.items())
    return "{\n" + ",\n".join(lines) + "\n}"
