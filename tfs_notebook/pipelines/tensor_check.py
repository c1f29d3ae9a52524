"""Whether a model has the tensors that a pipeline is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tfs_notebook.wire.dtypes import type_name
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["check_input", "check_output", "chosen_signature"]


def chosen_signature(signatures: Mapping[str, Signature], name: str) -> Signature:
    """Return the signature that a pipeline names.

    Raises:
        FailedPrecondition: the model has no such signature.
    """
    signature = signatures.get(name)
    if signature is None:
        raise FailedPrecondition(
            f"The pipeline is for the signature {name!r}; the model has {sorted(signatures)}"
        )
    return signature


def check_input(
    signature: Signature, alias: str, dtype: int, shape: tuple[int | None, ...]
) -> None:
    """See that a signature takes this tensor and needs no other.

    Args:
        signature: of the model.
        alias: of the tensor.
        dtype: number of its ``DataType``.
        shape: None where it may be anything.

    Raises:
        FailedPrecondition: it does not.
    """
    spec = _spec(signature, "input", alias)
    _check(spec, "input", dtype, [shape])
    others = sorted(set(signature.inputs) - {alias} - set(signature.defaults))
    if others:
        raise FailedPrecondition(f"The model also needs {others}, which the pipeline lacks")


def check_output(
    signature: Signature, alias: str, dtype: int, shapes: list[tuple[int | None, ...]]
) -> None:
    """See that a signature gives this tensor, in one of the shapes.

    Raises:
        FailedPrecondition: it does not.
    """
    _check(_spec(signature, "output", alias), "output", dtype, shapes)


def _spec(signature: Signature, kind: Literal["input", "output"], alias: str) -> TensorSpec:
    specs = signature.inputs if kind == "input" else signature.outputs
    spec = specs.get(alias)
    if spec is None:
        raise FailedPrecondition(
            f"The pipeline names the {kind} {alias!r}; the signature {signature.name!r} has "
            f"{sorted(specs)}"
        )
    return spec


def _check(
    spec: TensorSpec, kind: str, dtype: int, shapes: list[tuple[int | None, ...]]
) -> None:
    if spec.dtype == dtype and any(_fits(spec, shape) for shape in shapes):
        return
    wanted = " or ".join(str(list(shape)).replace("None", "?") for shape in shapes)
    raise FailedPrecondition(
        f"The pipeline's {kind} is {type_name(dtype)} {wanted}; the model has {spec}"
    )


def _fits(spec: TensorSpec, shape: tuple[int | None, ...]) -> bool:
    return spec.shape is None or (
        len(spec.shape) == len(shape)
        and all(
            wanted is None or had in (-1, wanted)
            for had, wanted in zip(spec.shape, shape, strict=True)
        )
    )
