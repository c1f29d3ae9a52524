"""What a version is to answer: one callable for each of its signatures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypedDict

import numpy as np

from tfs_notebook.exporting.frameworks import import_tensorflow
from tfs_notebook.exporting.structure import leaves
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented

__all__ = [
    "Endpoint",
    "SignatureNames",
    "Signatures",
    "checked_signature_names",
    "named_outputs",
]

Names: TypeAlias = "str | Sequence[str] | Mapping[str, Any]"


class SignatureNames(TypedDict, total=False):
    """How a signature's tensors are called by those who ask for it.

    ``inputs`` and ``outputs`` are one name, all names in the model's order, or the
    model's own names by the new ones. Of the outputs those that are named are given;
    the own name of one may also be that of a layer. For a model that does not tell its
    inputs, ``inputs`` may be specs by name: ``{"ids": tf.TensorSpec((None, None), tf.int32)}``.
    """

    inputs: Names
    outputs: Names


Signatures: TypeAlias = "Mapping[str, SignatureNames | Callable[..., object]]"
"""By name: how tensors are called, or a ``tf.function`` to answer with."""

# What Keras's archive keeps under names of its own.
_RESERVED: Final = frozenset({"variables", "trainable_variables", "non_trainable_variables"})
_SIGNATURE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One signature of a model in this process.

    Attributes:
        name: of the signature.
        function: takes the inputs as tensors, and gives the outputs by name.
        specs: ``tf.TensorSpec`` of its inputs in their order; the names are the aliases.
        arrange: finds the value of each input, by alias, in what a person gives as an
            example; raises InvalidArgument if it does not fit.
        computes_in: the types that it computes in, by NumPy's names, as far as it tells.
    """

    name: str
    function: Callable[..., Mapping[str, Any]]
    specs: Sequence[Any]
    arrange: Callable[[object], Mapping[str, object]]
    computes_in: frozenset[str] = frozenset()

    def answer(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What the model itself says to inputs by alias; blocks, and raises what it raises."""
        tf = import_tensorflow()
        outputs = self.function(*(tf.constant(inputs[spec.name]) for spec in self.specs))
        return {alias: np.asarray(output) for alias, output in outputs.items()}


def checked_signature_names(signatures: Signatures) -> Signatures:
    """The signatures themselves.

    Raises:
        InvalidArgument: one has a name that cannot be, or there is none.
    """
    if not isinstance(signatures, Mapping) or not signatures:
        raise InvalidArgument(
            "signatures is a dict by name, such as "
            '{"serving_default": {"inputs": "text", "outputs": "scores"}}, and got '
            f"{signatures!r}"
        )
    for name, value in signatures.items():
        if not isinstance(name, str) or not _SIGNATURE.fullmatch(name) or name in _RESERVED:
            raise InvalidArgument(
                f"a signature is named by letters, digits and _, but not {sorted(_RESERVED)}; "
                f"got {name!r}"
            )
        if isinstance(value, Mapping) and (unknown := set(value) - {"inputs", "outputs"}):
            raise InvalidArgument(
                f"signature {name} says how 'inputs' and 'outputs' are called, and got "
                f"{sorted(map(str, unknown))}"
            )
    return signatures


def named_outputs(outputs: object) -> dict[str, Any]:
    """What a model gave, by name: the keys of a dict, else ``output_0`` and so on.

    Raises:
        Unimplemented: an output is ragged, sparse or no tensor.
    """
    tf = import_tensorflow()
    found = {}
    for index, (path, leaf) in enumerate(leaves(outputs)):
        has_key = any(isinstance(part, str) for part in path)
        name = "/".join(map(str, path)) if has_key else f"output_{index}"
        if not isinstance(leaf, tf.Tensor):
            raise Unimplemented(
                f"the output {name} is a {type(leaf).__name__}; a server answers with dense "
                "tensors, so convert it in the model (to_tensor(), tf.sparse.to_dense)"
            )
        found[name] = leaf
    return found
