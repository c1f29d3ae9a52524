"""One version of a model, held for the length of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, TypeVar

import numpy as np

from tfs_notebook.batching.run_watch import Watches
from tfs_notebook.batching.task import Inputs, Outputs
from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.pipeline import Kind, Pipeline
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.serving.behalf import CLIENT, NOBODY, Behalf
from tfs_notebook.serving.example_methods import ExampleMethod, example_inputs
from tfs_notebook.serving.hung_runs import DirectRun, refusal
from tfs_notebook.serving.inference import find_signature
from tfs_notebook.serving.multi_inference import plan_multi_inference
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.raw_prediction import NotOneRun, predict_raw, raw_inputs
from tfs_notebook.serving.request_logs.log_contents import (
    content_of_arrays,
    content_of_examples,
    content_of_message,
)
from tfs_notebook.serving.request_logs.request_log import RequestLogger
from tfs_notebook.serving.routing.copies import RawCopy, TensorCopy, judged_outputs
from tfs_notebook.serving.routing.observation import Observation
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.example_requests import InferenceTask
from tfs_notebook.wire.inference_results import InferenceResult
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.prediction_logs import LogKind
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["HeldModel"]

T = TypeVar("T")

# What each kind of pipeline is for, and how a request says it.
_TAKEN: Final = {
    "text": ("raw text", '{"text": "…"}'),
    "image": ("images", 'the bytes of a file, or {"image": {"b64": "…"}}'),
}


class HeldModel:
    """One version of a model, kept loaded for as long as this is held.

    Hold it in a ``with`` statement, on one thread, for the length of a request.

    Args:
        handle: of it.
        statistics: where its requests are counted.
        watch: sees whether they hang.
        check_method: whether signatures are held to their methods.
        logger: logs its requests, if they are logged.
        asked: what the request says of the model.

    Attributes:
        observation: sees its request end, if somebody wants to know; see ``Router``.
        behalf: on which it is asked.
    """

    __slots__ = (
        "_asked",
        "_check_method",
        "_handle",
        "_logger",
        "_model",
        "_served",
        "_statistics",
        "_watch",
        "behalf",
        "name",
        "observation",
        "version",
    )

    def __init__(
        self,
        handle: ServableHandle[ServedModel],
        statistics: Statistics,
        watch: Watches,
        *,
        check_method: bool,
        logger: RequestLogger | None = None,
        asked: ModelReference | None = None,
    ) -> None:
        self._handle = handle
        self._logger = logger
        self._asked = asked
        self._served = handle.servable
        self._model = self._served.model
        self._statistics = statistics
        self._watch = watch
        self._check_method = check_method
        self.name = handle.id.name
        self.version = handle.id.version
        self.observation: Observation | None = None
        self.behalf: Behalf = CLIENT

    def __enter__(self) -> HeldModel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._handle.release()

    @property
    def signature_defs(self) -> Mapping[str, SignatureDef]:
        """What the model offers, as clients read it."""
        return self._model.signature_defs

    @property
    def kind(self) -> str:
        """What it was loaded as; see ``ServedModel``."""
        return self._served.kind

    @property
    def signatures(self) -> Mapping[str, Signature]:
        """What the model offers, by the names of the signatures."""
        return self._model.signatures

    def signature(self, name: str) -> Signature:
        """The signature a request names; an empty name is ``serving_default``.

        Raises:
            SignatureNotFound: the model does not have it.
        """
        return find_signature(self._model, name)

    def for_nobody(self) -> None:
        """It is no client who asks: what is run is neither counted, logged nor copied."""
        self._statistics = Statistics()
        self._logger = self.observation = None
        self.behalf = NOBODY

    def release(self) -> None:
        """Let go of it where there is no ``with``: its request does not fit. Idempotent."""
        if self.observation is not None:
            self.observation.refused()
        self._handle.release()

    def prediction(
        self,
        signature: Signature,
        inputs: Inputs,
        encode: Callable[[Mapping[str, np.ndarray]], T],
        output_filter: Sequence[str] = (),
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """What is to be run; it has the hold from now on. See :class:`Prediction`.

        Args:
            signature: as there.
            inputs: as there.
            encode: as there; it makes a serialised response if the request was ``sent``.
            output_filter: as there.
            sent: the serialised request, if it came as a message.
        """
        if self._logger is not None:
            encode = self._logging(encode, signature.name, inputs, output_filter, sent)
        return self._observed(
            Prediction(
                self._handle,
                self._statistics,
                signature,
                inputs,
                self._seeing(encode, signature.name, inputs, output_filter),
                output_filter,
                check_method=self._check_method,
                watch=self._watch,
            )
        )

    def _seeing(
        self,
        encode: Callable[[Outputs], T],
        signature: str,
        inputs: Inputs,
        output_filter: Sequence[str],
    ) -> Callable[[Outputs], T]:
        observation = self.observation
        if observation is None or not observation.copies:
            return encode
        return observation.seeing(encode, TensorCopy(signature, inputs, output_filter))

    def _observed(self, prediction: Prediction[T]) -> Prediction[T]:
        prediction.observation = self.observation
        prediction.behalf = self.behalf
        return prediction

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
        return self._observed(
            Prediction(
                self._handle,
                self._statistics,
                signature,
                inputs,
                self._seeing(finish, name, inputs, wanted),
                wanted,
                watch=self._watch,
            )
        )

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
        return self._observed(
            Prediction(
                self._handle,
                self._statistics,
                plan.signature,
                example_inputs(examples),
                finish,
                plan.outputs,
                watch=self._watch,
            )
        )

    def reference(self, signature: str = "") -> ModelReference:
        """What answers name as the model that answered."""
        return ModelReference(self.name, self.version, None, signature)

    def _logging(
        self,
        encode: Callable[[Outputs], T],
        signature: str,
        inputs: Inputs,
        output_filter: Sequence[str],
        sent: bytes | None = None,
    ) -> Callable[[Outputs], T]:
        if self._logger is None:
            return encode
        asked, answering = self._asked_for(signature), self.reference(signature)
        content = content_of_arrays(asked, answering, inputs, output_filter, sent)
        return self._logger.logging(encode, answering, content)

    def _asked_for(self, signature: str) -> ModelReference:
        asked = self._asked
        if asked is None:
            return ModelReference(self.name, signature=signature)
        return ModelReference(self.name, asked.version, asked.label, signature)

    @property
    def pipeline(self) -> Pipeline | None:
        """How this version is given raw text or images, if its directory says so."""
        return self._served.pipeline

    def raw_prediction(
        self, kind: Kind, raw: Sequence[Any], answer: Callable[[list[LabelledScores]], T]
    ) -> Prediction[T]:
        """What is to be run to judge some raw texts or images; it has the hold from now on.

        Takes the time that texts take to be cut into words, and images to be decoded.

        Args:
            kind: of what is given.
            raw: texts, or encoded images.
            answer: makes the answer of a record each.

        Raises:
            FailedPrecondition: this version has no pipeline for this kind.
            InvalidArgument: something is no image.
            NotOneRun: there are none, or too many; see :meth:`predict_raw`.
        """
        pipeline = self._needed_pipeline(kind)
        most = self._most_a_run(pipeline)
        if not 0 < len(raw) <= most:
            # It is asked again in several runs, and seen then.
            self.observation = None
            raise NotOneRun(f"a run takes 1 to {most}, and there are {len(raw)}")
        signature = self.signature(pipeline.signature)
        observation = self.observation
        if observation is None or not observation.copies:
            observation = None

        def judged(outputs: Outputs) -> T:
            scores = pipeline.decode(outputs)
            if observation is not None:
                observation.saw(judged_outputs(scores))
            return answer(scores)

        prediction = self.prediction(
            signature, raw_inputs(pipeline, signature, raw), judged, (pipeline.output,)
        )
        if observation is not None:
            # Another version has words and labels of its own.
            observation.replays(RawCopy(kind, raw, most))
        return prediction

    def predict_raw(self, kind: Kind, raw: Sequence[Any]) -> list[LabelledScores]:
        """Judge raw texts or images, and count that as one request; blocks.

        See :func:`predict_raw`.

        Raises:
            FailedPrecondition: this version has no pipeline for this kind.
            InvalidArgument: something is no image.
            WrittenOff: a run took too long, and all that came of it is dropped.
            ServingError: what the runtime says.
        """
        pipeline = self._needed_pipeline(kind)
        name = pipeline.signature or DEFAULT_SIGNATURE
        counter = self._statistics.counter(self.name, self.version, name)

        def watched(
            inputs: Inputs, run: Callable[[], dict[str, np.ndarray]]
        ) -> dict[str, np.ndarray]:
            if (refused := refusal(self._handle)) is not None:
                raise refused
            outputs = self._watch.run(DirectRun(self._handle, counter, name), run)
            return self._logging(dict, name, inputs, tuple(outputs))(outputs)

        most = self._most_a_run(pipeline)

        def judge() -> list[LabelledScores]:
            return counter.timed(lambda: predict_raw(self._model, pipeline, raw, most, watched))

        if (observation := self.observation) is None:
            return judge()

        def seen() -> list[LabelledScores]:
            judged = judge()
            if observation.copies:
                observation.saw(judged_outputs(judged))
            return judged

        observation.replays(RawCopy(kind, raw, most))
        return observation.timed(seen)

    def _most_a_run(self, pipeline: Pipeline) -> int:
        # Who sends texts does not know of batches, and how large they may be.
        batching = self._served.batching
        most = pipeline.most_a_run
        return most if batching is None else min(most, batching.most_rows)

    def _needed_pipeline(self, kind: Kind) -> Pipeline:
        pipeline = self.pipeline
        if pipeline is not None and pipeline.kind == kind:
            return pipeline
        version, wanted = f"Version {self.version} of model {self.name}", _TAKEN[kind][0]
        if pipeline is None:
            raise FailedPrecondition(
                f"{version} does not take {wanted}: it has no {DIRECTORY}/{FILE_NAME}. Send it "
                "tensors with Predict"
            )
        taken, example = _TAKEN[pipeline.kind]
        raise FailedPrecondition(
            f"{version} takes {taken}, not {wanted}: send it {example} with POST /predict"
        )
