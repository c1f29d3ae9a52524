"""``ModelSpec``: which model, which of its versions, which signature."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from tfs_notebook.wire.messages import ModelSpec
from tfs_notebook.wire.usual_fields import UnusualError, length_delimited
from tfs_notebook.wire.varints import VarintTooLongError

__all__ = [
    "ModelReference",
    "model_name_in",
    "model_spec_of",
    "model_spec_to_wire",
    "reference_of",
    "reference_of_wire",
]

# The tag of field 1 in Predict, Classify and Regress requests.
_MODEL_SPEC = 0x0A
# A glance takes some tens of microseconds, whatever a client has put in front.
_MOST_FIELDS_SEEN = 100
# What is remembered for each of a thousand clients' choices.
_LONGEST_KNOWN = 512


@dataclass(frozen=True, slots=True)
class ModelReference:
    """What a request says of the model it wants, or a response of what answered.

    Attributes:
        name: the model's name; empty if the request has none.
        version: a version number, or None for the newest (or for the label's).
        label: a version label, or None; never set together with ``version``.
        signature: the signature's name; empty for the default one.
    """

    name: str
    version: int | None = None
    label: str | None = None
    signature: str = ""


def reference_of(spec: ModelSpec) -> ModelReference:
    """Return the reference a ``ModelSpec`` message makes."""
    choice = spec.WhichOneof("version_choice")
    return ModelReference(
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
        spec.signature_name,
    )


def reference_of_wire(data: bytes) -> ModelReference:
    """Return the reference a serialised ``ModelSpec`` makes; remembered, for requests.

    Raises:
        UnusualError: it is none.
    """
    return _known_reference(data) if len(data) <= _LONGEST_KNOWN else _parse_reference(data)


@functools.lru_cache(maxsize=1024)
def _known_reference(data: bytes) -> ModelReference:
    # A client sends the same few model specs again and again.
    return _parse_reference(data)


def _parse_reference(data: bytes) -> ModelReference:
    try:
        return reference_of(ModelSpec.FromString(data))
    except DecodeError:
        raise UnusualError from None


def model_name_in(request: bytes) -> str:
    """The model that a serialised Predict, Classify or Regress asks for, at a glance.

    Empty if it says none, or not where messages are written: as one of its first fields.
    """
    position, end = 0, len(request)
    try:
        for _ in range(_MOST_FIELDS_SEEN):
            if position >= end:
                break
            start, stop = length_delimited(request, position + 1, end)
            if request[position] == _MODEL_SPEC:
                return reference_of_wire(request[start:stop]).name
            position = stop
    except (UnusualError, IndexError, VarintTooLongError):
        pass
    return ""


def model_spec_of(model: ModelReference) -> ModelSpec:
    """Return the ``ModelSpec`` message of a reference."""
    spec = ModelSpec(name=model.name, signature_name=model.signature)
    if model.version is not None:
        spec.version.value = model.version
    elif model.label is not None:
        spec.version_label = model.label
    return spec


@functools.lru_cache(maxsize=1024)
def model_spec_to_wire(model: ModelReference) -> bytes:
    """Return the serialised ``ModelSpec`` of a reference; remembered, for responses."""
    return model_spec_of(model).SerializeToString()
