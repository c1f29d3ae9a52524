"""Predict: what a request must have to fit its signature, and the run itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from tfs_notebook.runtimes.model import Model
from tfs_notebook.wire.dtypes import type_name
from tfs_notebook.wire.errors import FailedPrecondition, Internal, InvalidArgument
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = [
    "SignatureNotFound",
    "check_method_name",
    "check_request",
    "find_signature",
    "run_predict",
]

_METHOD_NAMES = (
    "tensorflow/serving/predict",
    "tensorflow/serving/classify",
    "tensorflow/serving/regress",
)


class SignatureNotFound(FailedPrecondition):
    """The model has no such signature; REST says it in other words than gRPC."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        self.signature_name = name
        super().__init__(f'Serving signature key "{name}" not found.')
        self.known = sorted(known)


def find_signature(model: Model, name: str) -> Signature:
    """Return the signature a request names; an empty name is ``serving_default``.

    Raises:
        SignatureNotFound: the model does not have it.
    """
    name = name or DEFAULT_SIGNATURE
    try:
        return model.signatures[name]
    except KeyError:
        raise SignatureNotFound(name, model.signatures) from None


def check_method_name(signature: Signature) -> None:
    """Hold the signature's method against those Predict may run.

    TensorFlow Serving does so with ``--enable_signature_method_name_check`` only.

    Raises:
        Internal: it is none of predict, classify and regress.
    """
    if signature.method_name not in _METHOD_NAMES:
        raise Internal(
            "Expected prediction signature method_name to be one of "
            f"{{{', '.join(_METHOD_NAMES)}}}. Was: {signature.method_name}"
        )


def run_predict(
    model: Model,
    signature: Signature,
    inputs: Mapping[str, tuple[np.ndarray, int]],
    output_filter: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """Check a request against its signature and run it; blocks.

    Names and types are checked here; shapes are left to the runtime, because a
    signature's static shape is no promise (half_plus_two declares ``(-1, 1)``
    and its clients send ``[3]``).

    Args:
        model: the model, held by the caller for as long as this runs.
        signature: one of the model's.
        inputs: array and ``DataType`` number by alias.
        output_filter: the outputs wanted; empty for all of them.

    Returns:
        the outputs by alias, in the order of the filter or of the aliases.

    Raises:
        InvalidArgument: names or types do not fit; TensorFlow Serving's texts.
        ServingError: what the runtime says.
    """
    outputs = check_request(signature, inputs, output_filter)
    return dict(zip(outputs, model.run(signature, inputs, outputs), strict=True))


def check_request(
    signature: Signature,
    inputs: Mapping[str, tuple[np.ndarray, int]],
    output_filter: Sequence[str] = (),
) -> Sequence[str]:
    """Check a request as :func:`run_predict` does, and return the outputs it wants."""
    _check_names(signature, inputs)
    _check_types(signature, inputs)
    return _wanted(signature, output_filter)


def _check_names(signature: Signature, inputs: Mapping[str, object]) -> None:
    expected = signature.inputs
    if inputs.keys() == expected.keys():
        return
    sent, known = set(inputs), set(expected)
    if len(sent) > len(known) or (len(sent) < len(known) and not signature.defaults):
        raise InvalidArgument(
            f"input size does not match signature: {len(sent)}!={len(known)} "
            f"len({_set(sent)}) != len({_set(known)}). Sent extra: {_set(sent - known)}. "
            f"Missing but required: {_set(known - sent)}."
        )
    for alias in sorted(known - sent - signature.defaults.keys()):
        raise InvalidArgument(
            f"Signature input alias: {alias}(feed name: {expected[alias].tensor_name}) not "
            "found in request and no default value provided. Inputs expected to be in the "
            f"set {_set(known)}."
        )
    if extra := sent - known:
        raise InvalidArgument(
            f"Inputs contains invalid name. Used request inputs: {_set(sent & known)}. "
            f"Sent extra: {_set(extra)}. Inputs expected to be in the set {_set(known)}."
        )


def _check_types(signature: Signature, inputs: Mapping[str, tuple[np.ndarray, int]]) -> None:
    for index, (alias, spec) in enumerate(signature.inputs.items()):
        sent = inputs.get(alias)
        if sent is not None and sent[1] != spec.dtype:
            raise InvalidArgument(
                f"Expects arg[{index}] to be {type_name(spec.dtype)} but "
                f"{type_name(sent[1])} is provided (input '{alias}' of signature "
                f"'{signature.name}')"
            )


def _wanted(signature: Signature, output_filter: Sequence[str]) -> Sequence[str]:
    if not output_filter:
        return list(signature.outputs)
    seen: set[str] = set()
    for alias in output_filter:
        if alias not in signature.outputs:
            raise InvalidArgument(
                f"output tensor alias not found in signature: {alias} Outputs expected to be "
                f"in the set {_set(signature.outputs)}."
            )
        if alias in seen:
            raise InvalidArgument(f"duplicate output tensor alias: {alias}")
        seen.add(alias)
    return output_filter


def _set(names: Collection[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"
