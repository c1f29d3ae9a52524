"""What an ensemble takes and gives, as it follows from its members."""

from __future__ import annotations

from collections.abc import Mapping

from tfs_notebook.serving.ensembles.description import (
    REQUEST,
    EnsembleDescription,
    Source,
    Step,
)
from tfs_notebook.wire.dtypes import type_name
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SignatureDef, TensorInfo
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["derived_definition"]

_Shape = tuple[int, ...] | None


def derived_definition(
    description: EnsembleDescription, members: Mapping[str, Signature]
) -> SignatureDef:
    """The signature of an ensemble, checked against those of its members.

    An input that several steps take has the shape that suits all of them.

    Args:
        description: of the ensemble.
        members: the signature that each step asks for, by the step's name.

    Raises:
        InvalidArgument: a step lacks an input, has one too many, or is given what it does
            not take; an output is not there. The text names the step.
    """
    definition = SignatureDef(method_name="tensorflow/serving/predict")
    taken: dict[str, tuple[TensorSpec, _Shape]] = {}
    for step in description.steps.values():
        _check_inputs(step, members[step.name])
        for alias, source in step.inputs.items():
            wanted = members[step.name].inputs[alias]
            if source.step == REQUEST:
                taken[source.name] = _joined(source, step, wanted, taken.get(source.name))
            else:
                given = _output(source, description, members, f"step {step.name!r}")
                _check_fit(step, wanted, source, given.dtype, given.shape)
    for name, (spec, shape) in taken.items():
        _write(definition.inputs[name], spec, shape, f"{REQUEST}.{name}")
    for alias, source in description.outputs.items():
        spec = _output(source, description, members, f"output {alias!r}")
        _write(definition.outputs[alias], spec, spec.shape, str(source))
    return definition


def _check_inputs(step: Step, signature: Signature) -> None:
    given, known = step.inputs.keys(), signature.inputs.keys()
    if unknown := sorted(given - known):
        raise InvalidArgument(
            f"step {step.name!r}: {step.member} takes no {', '.join(unknown)} in signature "
            f"{signature.name!r}; it takes {', '.join(map(str, signature.inputs.values()))}"
        )
    if lacking := sorted(known - given - signature.defaults.keys()):
        raise InvalidArgument(
            f"step {step.name!r}: {step.member} needs {', '.join(lacking)} in signature "
            f"{signature.name!r} too; say where it comes from"
        )


def _output(
    source: Source,
    description: EnsembleDescription,
    members: Mapping[str, Signature],
    who: str,
) -> TensorSpec:
    signature = members[source.step]
    spec = signature.outputs.get(source.name)
    if spec is None:
        member = description.steps[source.step].member
        raise InvalidArgument(
            f"{who}: {source} is not there: in signature {signature.name!r} {member} has no "
            f"output {source.name!r}; it has {', '.join(map(str, signature.outputs.values()))}"
        )
    return spec


def _check_fit(
    step: Step, wanted: TensorSpec, source: Source, dtype: int, shape: _Shape
) -> None:
    if dtype != wanted.dtype:
        raise InvalidArgument(
            f"step {step.name!r}: input {wanted.alias!r} of {step.member} is "
            f"{type_name(wanted.dtype)}, and {source} is {type_name(dtype)}"
        )
    _joined_shape(step, wanted, source, shape)


def _joined(
    source: Source, step: Step, wanted: TensorSpec, before: tuple[TensorSpec, _Shape] | None
) -> tuple[TensorSpec, _Shape]:
    if before is None:
        return wanted, wanted.shape
    spec, shape = before
    _check_fit(step, wanted, source, spec.dtype, shape)
    return spec, _joined_shape(step, wanted, source, shape)


def _joined_shape(step: Step, wanted: TensorSpec, source: Source, shape: _Shape) -> _Shape:
    if shape is None or wanted.shape is None:
        return wanted.shape if shape is None else shape
    pairs = list(zip(wanted.shape, shape, strict=False))
    fits = len(wanted.shape) == len(shape) and all(
        # Of the rows signatures say less than they take.
        axis == 0 or a == b or -1 in (a, b)
        for axis, (a, b) in enumerate(pairs)
    )
    if not fits:
        raise InvalidArgument(
            f"step {step.name!r}: input {wanted.alias!r} of {step.member} has the shape "
            f"{_shown(wanted.shape)}, and {source} has {_shown(shape)}"
        )
    return tuple(-1 if axis == 0 and a != b else max(a, b) for axis, (a, b) in enumerate(pairs))


def _shown(shape: tuple[int, ...]) -> str:
    return str(list(shape)).replace("-1", "?")


def _write(info: TensorInfo, spec: TensorSpec, shape: _Shape, name: str) -> None:
    info.name, info.dtype = name, spec.dtype
    info.tensor_shape.unknown_rank = shape is None
    for size in shape or ():
        info.tensor_shape.dim.add(size=size)
