"""Classify and Regress: what a signature needs for them, and what its outputs mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from google.protobuf import text_format

from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.inference_results import Classifications, InferenceResult, Regressions
from tfs_notebook.wire.messages import POOL, SignatureDef
from tfs_notebook.wire.signatures import Signature

__all__ = [
    "CLASSIFY",
    "EXAMPLE_METHODS",
    "INPUTS",
    "REGRESS",
    "ExampleMethod",
    "example_inputs",
]

INPUTS: Final = "inputs"
"""The alias of the input that takes examples."""

_CLASSES, _SCORES, _OUTPUTS = "classes", "scores", "outputs"


@dataclass(frozen=True, slots=True)
class ExampleMethod:
    """One of the two methods.

    Attributes:
        name: what a ``SignatureDef`` calls it.
        noun: what messages call it.
        outputs: the aliases of the outputs to run, after a check that the signature
            has what the method needs; raises InvalidArgument.
        result: what those outputs mean for a number of examples; raises
            InvalidArgument if they are not of the form that the method needs.
    """

    name: str
    noun: str
    outputs: Callable[[Signature, SignatureDef], Sequence[str]]
    result: Callable[[Mapping[str, np.ndarray], int], InferenceResult]

    def checked_outputs(
        self, signature: Signature, definition: SignatureDef, *, check_method: bool
    ) -> Sequence[str]:
        """The aliases of the outputs to run.

        Args:
            signature: the one asked for.
            definition: the same as the model's file has it, for messages.
            check_method: whether it has to be one that was exported for this method.

        Raises:
            InvalidArgument: it cannot be used with this method; TF Serving's texts.
        """
        if check_method and signature.method_name != self.name:
            raise InvalidArgument(
                f"Expected {self.noun} signature method_name to be {self.name}. "
                f"Was: {signature.method_name}"
            )
        if len(signature.inputs) != 1:
            raise InvalidArgument("Expected one input Tensor.")
        return self.outputs(signature, definition)


def example_inputs(examples: Sequence[bytes]) -> dict[str, tuple[np.ndarray, int]]:
    """What a model is given for serialised examples.

    Raises:
        InvalidArgument: there are none.
    """
    if not examples:
        raise InvalidArgument("Input is empty.")
    array = np.empty(len(examples), object)
    array[:] = examples
    return {INPUTS: (array, DataType.STRING)}


def _classification_outputs(signature: Signature, definition: SignatureDef) -> Sequence[str]:
    outputs = signature.outputs
    if len(outputs) not in (1, 2):
        raise InvalidArgument(f"Expected one or two output Tensors, found {len(outputs)}")
    _check_input(CLASSIFY, signature, definition)
    wanted = [alias for alias in (_CLASSES, _SCORES) if alias in outputs]
    if not wanted:
        raise InvalidArgument(
            "Expected classification signature outputs to contain at least one of "
            f'"{_CLASSES}" or "{_SCORES}". Signature was: {_shown(definition)}'
        )
    return wanted


def _regression_outputs(signature: Signature, definition: SignatureDef) -> Sequence[str]:
    if len(signature.outputs) != 1:
        raise InvalidArgument("Expected one output Tensor.")
    _check_input(REGRESS, signature, definition)
    if _OUTPUTS not in signature.outputs:
        raise InvalidArgument(
            f"No regression outputs found in SignatureDef: {_shown(definition)}"
        )
    return (_OUTPUTS,)


def _check_input(method: ExampleMethod, signature: Signature, definition: SignatureDef) -> None:
    if INPUTS not in signature.inputs:
        raise InvalidArgument(
            f"No {method.noun} inputs found in SignatureDef: {_shown(definition)}"
        )


def _classifications(outputs: Mapping[str, np.ndarray], examples: int) -> Classifications:
    classes, scores = outputs.get(_CLASSES), outputs.get(_SCORES)
    if classes is not None:
        _check_classes(_CLASSES, classes, DataType.STRING, examples)
    if scores is not None:
        _check_classes(_SCORES, scores, DataType.FLOAT, examples)
    if classes is not None and scores is not None and classes.shape[1] != scores.shape[1]:
        raise InvalidArgument(
            "Tensors class and score should match in dim_size(1). "
            f"Got {classes.shape[1]} vs. {scores.shape[1]}"
        )
    return Classifications(classes, scores)


def _check_classes(alias: str, array: np.ndarray, dtype: DataType, examples: int) -> None:
    if array.ndim != 2:
        raise InvalidArgument(
            "Expected Tensor shape: [batch_size num_classes] but got " + _shape(array)
        )
    if data_type_of(array.dtype) != dtype:
        raise InvalidArgument(
            f"Expected {alias} Tensor of DT_{dtype.name}. Got: {_type(array)}"
        )
    if len(array) != examples:
        raise InvalidArgument(
            f"Expected {alias} output batch size of {examples}. Got: {len(array)}"
        )


def _regressions(outputs: Mapping[str, np.ndarray], examples: int) -> Regressions:
    values = outputs[_OUTPUTS]
    if not (values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)):
        raise InvalidArgument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] "
            f"but got {_shape(values)}"
        )
    if len(values) != examples:
        raise InvalidArgument(
            f"Input batch size did not match output batch size: {examples} vs. {len(values)}"
        )
    if data_type_of(values.dtype) != DataType.FLOAT:
        raise InvalidArgument(f"Expected output Tensor of DT_FLOAT.  Got: {_type(values)}")
    return Regressions(values.reshape(-1))


def _shape(array: np.ndarray) -> str:
    return f"[{','.join(map(str, array.shape))}]"


def _type(array: np.ndarray) -> str:
    dtype = data_type_of(array.dtype) or DataType.INVALID
    return f"DT_{dtype.name}"


def _shown(definition: SignatureDef) -> str:
    return text_format.MessageToString(definition, descriptor_pool=POOL)


CLASSIFY: Final = ExampleMethod(
    "tensorflow/serving/classify", "classification", _classification_outputs, _classifications
)
REGRESS: Final = ExampleMethod(
    "tensorflow/serving/regress", "regression", _regression_outputs, _regressions
)
EXAMPLE_METHODS: Final = {method.name: method for method in (CLASSIFY, REGRESS)}
"""By the names a ``SignatureDef`` has for them."""
