"""Raw texts and images for a held version, by way of its pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import numpy as np

from tfs_notebook.batching.task import Inputs, Outputs
from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.pipeline import Kind, Pipeline
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.serving.held_version import HeldVersion
from tfs_notebook.serving.hung_runs import DirectRun, refusal
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.raw_prediction import NotOneRun, predict_raw, raw_inputs
from tfs_notebook.serving.routing.copies import RawCopy, judged_outputs
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["HeldPipeline"]

T = TypeVar("T")

# What each kind of pipeline is for, and how a request says it.
_TAKEN: Final = {
    "text": ("raw text", '{"text": "…"}'),
    "image": ("images", 'the bytes of a file, or {"image": {"b64": "…"}}'),
}


class HeldPipeline(HeldVersion):
    """A held version that is given raw input."""

    __slots__ = ()

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
