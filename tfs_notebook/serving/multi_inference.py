"""MultiInference: several signatures over the same examples, in one run of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfs_notebook.serving.example_methods import EXAMPLE_METHODS, INPUTS, ExampleMethod
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.example_requests import InferenceTask
from tfs_notebook.wire.inference_results import InferenceResult
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = ["MultiInference", "TaskRun", "joint_signatures", "plan_multi_inference"]


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task, understood.

    Attributes:
        signature: the one asked for.
        method: what is made of its outputs.
        outputs: the graph's tensor behind each output that the method needs, by alias.
    """

    signature: Signature
    method: ExampleMethod
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MultiInference:
    """What is to be run for all tasks at once.

    Attributes:
        tasks: in the order of the request.
        signature: has the input that all of them share, and their outputs under the
            names of the graph's tensors.
    """

    tasks: Sequence[TaskRun]
    signature: Signature

    @property
    def outputs(self) -> list[str]:
        """The tensors to fetch, each once."""
        return sorted({name for task in self.tasks for name in task.outputs.values()})

    def results(
        self, tensors: Mapping[str, np.ndarray], examples: int
    ) -> list[tuple[Signature, InferenceResult]]:
        """What each task gives.

        Args:
            tensors: by the names of :attr:`outputs`.
            examples: how many the run had.

        Raises:
            InvalidArgument: an output does not have the form its method needs.
        """
        return [
            (
                task.signature,
                task.method.result(
                    {alias: tensors[name] for alias, name in task.outputs.items()}, examples
                ),
            )
            for task in self.tasks
        ]


def plan_multi_inference(
    tasks: Iterable[InferenceTask],
    signatures: Mapping[str, Signature],
    definitions: Mapping[str, SignatureDef],
    joint: Mapping[str, Signature],
    *,
    check_method: bool,
) -> MultiInference:
    """Understand the tasks of a request. Pure.

    Args:
        tasks: at least one.
        signatures: of the model that the first one names.
        definitions: the same as the model's file has them.
        joint: what :func:`joint_signatures` gives for them.
        check_method: as in :meth:`ExampleMethod.checked_outputs`.

    Raises:
        InvalidArgument: they do not fit the model, or one another; TF Serving's texts.
        Unimplemented: a method other than classify and regress, or a model that is no
            graph, so that a run has one signature.
    """
    runs: list[TaskRun] = []
    model = ""
    for task in tasks:
        name = "" if task.model is None else task.model.name
        if not name:
            raise InvalidArgument("Found ModelSpec with an empty model name.")
        if name != (model := model or name):
            raise InvalidArgument(
                "All ModelSpecs in a MultiInferenceRequest must access the same model name."
            )
        signature = _signature(task, signatures)
        if any(run.signature is signature for run in runs):
            raise InvalidArgument(f"Duplicate evaluation of signature: {signature.name}")
        method = EXAMPLE_METHODS.get(task.method_name)
        if method is None:
            raise Unimplemented(f"Unsupported signature method_name: {task.method_name}")
        outputs = method.checked_outputs(
            signature, definitions[signature.name], check_method=check_method
        )
        if runs and _fed(signature) != _fed(runs[0].signature):
            raise InvalidArgument("Input tensor must be the same for all Signatures.")
        tensors = {alias: signature.outputs[alias].tensor_name for alias in outputs}
        runs.append(TaskRun(signature, method, tensors))
    fed = _fed(runs[0].signature)
    if not fed:
        raise Unimplemented(
            f"the model {model} is no graph, so one run cannot answer several tasks; send "
            "them one by one with Classify and Regress"
        )
    return MultiInference(runs, joint[_joint_name(fed)])


def _signature(task: InferenceTask, signatures: Mapping[str, Signature]) -> Signature:
    name = (task.model.signature if task.model else "") or DEFAULT_SIGNATURE
    try:
        return signatures[name]
    except KeyError:
        raise InvalidArgument(f"Requested signature not found in model graph: {name}") from None


def _fed(signature: Signature) -> str:
    return signature.inputs[INPUTS].tensor_name


def joint_signatures(signatures: Mapping[str, Signature]) -> dict[str, Signature]:
    """What a MultiInference may run of a model: a signature for each tensor of examples."""
    inputs = {
        _fed(signature): signature.inputs[INPUTS]
        for signature in signatures.values()
        if signature.inputs.keys() == {INPUTS} and _fed(signature)
    }
    joint = [_joint_signature(signatures.values(), fed) for fed in inputs.values()]
    return {signature.name: signature for signature in joint}


def _joint_signature(signatures: Iterable[Signature], fed: TensorSpec) -> Signature:
    """All outputs of the signatures that have this one input.

    It depends on the model alone, and so do what is kept and counted by its name,
    whatever tasks clients put together.
    """
    outputs = {
        spec.tensor_name: spec
        for signature in signatures
        if signature.inputs.keys() == {INPUTS} and _fed(signature) == fed.tensor_name
        for spec in signature.outputs.values()
    }
    name = _joint_name(fed.tensor_name)
    return Signature(name, "", {INPUTS: fed}, dict(sorted(outputs.items())))


def _joint_name(tensor: str) -> str:
    return f"MultiInference({tensor})"
