"""One version of a model, held for the length of a request, whatever that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tfs_notebook.batching.task import Outputs
from tfs_notebook.serving.example_methods import ExampleMethod, example_inputs
from tfs_notebook.serving.held_pipeline import HeldPipeline
from tfs_notebook.serving.multi_inference import plan_multi_inference
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_logs.log_contents import (
    content_of_examples,
    content_of_message,
)
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.example_requests import InferenceTask
from tfs_notebook.wire.inference_results import InferenceResult
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.prediction_logs import LogKind
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["HeldModel"]

T = TypeVar("T")


class HeldModel(HeldPipeline):
    """A held version that is given tensors, raw input or examples."""

    __slots__ = ()

    def inference(
        self,
        method: ExampleMethod,
        signature_name: str,
        examples: Sequence[bytes],
        encode: Callable[[ModelReference, InferenceResult], T],
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """A Classify or Regress that is to be run; it has the hold from now on.

        Args:
            method: one of the two.
            signature_name: empty for ``serving_default``.
            examples: serialised.
            encode: makes the answer, on the thread that ran it.
            sent: as in :meth:`prediction`.

        Raises:
            InvalidArgument: the signature does not fit, or there are no examples; TF
                Serving's texts.
        """
        name = signature_name or DEFAULT_SIGNATURE
        signature = self._model.signatures.get(name)
        if signature is None:
            raise InvalidArgument(f"No signature was found with the name: {name}")
        definition = self._model.signature_defs[name]
        wanted = method.checked_outputs(signature, definition, check_method=self._check_method)
        answering = self.reference(name)

        def encoded(outputs: Outputs) -> T:
            return encode(answering, method.result(outputs, len(examples)))

        finish: Callable[[Outputs], T] = encoded
        if self._logger is not None:
            asked = self._asked_for(name)
            content = content_of_examples(method, asked, answering, examples, sent)
            finish = self._logger.logging(finish, answering, content)
        inputs = example_inputs(examples)
        return self._observed(signature, inputs, finish, wanted)

    def multi_inference(
        self,
        tasks: Sequence[InferenceTask],
        examples: Sequence[bytes],
        encode: Callable[[Sequence[tuple[ModelReference, InferenceResult]]], T],
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """Several tasks that are to be run at once; it has the hold from now on.

        Args:
            tasks: at least one.
            examples: serialised.
            encode: makes the answer of what each task gave, in their order, on the
                thread that ran it.
            sent: as in :meth:`prediction`; without it the request is not logged.

        Raises:
            InvalidArgument: as :func:`plan_multi_inference`, or there are no examples.
            Unimplemented: as :func:`plan_multi_inference`.
        """
        model = self._model
        plan = plan_multi_inference(
            tasks,
            model.signatures,
            model.signature_defs,
            self._served.joint_signatures,
            check_method=self._check_method,
        )

        def encoded(tensors: Outputs) -> T:
            results = plan.results(tensors, len(examples))
            return encode([(self.reference(one.name), result) for one, result in results])

        finish: Callable[[Outputs], T] = encoded
        if self._logger is not None and sent is not None:
            content = content_of_message(LogKind.MULTI_INFERENCE, sent)
            finish = self._logger.logging(finish, self.reference(), content)
        inputs = example_inputs(examples)
        return self._observed(plan.signature, inputs, finish, plan.outputs, is_copied=False)
