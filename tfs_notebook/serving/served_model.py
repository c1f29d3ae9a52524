"""What the manager loads: a model, and what stands beside it in its directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from tfs_notebook.batching.task import Task
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.pipeline import Pipeline
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.tensorflow.graph_safety import OpRules
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.serving.brief_runs import BriefRuns
from tfs_notebook.serving.model_batching import ModelBatching
from tfs_notebook.serving.multi_inference import joint_signatures
from tfs_notebook.wire.errors import ServingError, error_for_code
from tfs_notebook.wire.signatures import Signature

__all__ = ["ServedModel", "TakesTasks", "load_served_model"]


class TakesTasks(Protocol):
    """What requests are handed to, instead of a thread."""

    def submit(self, task: Task, signature: Signature, outputs: tuple[str, ...]) -> None:
        """Take a request that has been checked; does not block.

        Raises:
            ServingError: why it is not taken.
        """


_REFUSING: Final = OpRules()


@dataclass(frozen=True)
class ServedModel:
    """One loaded version of a model.

    Attributes:
        model: what runs.
        pipeline: how raw input becomes its tensor and its scores labels, if its
            directory says so. It comes and goes with the model, so a version is
            never asked with another one's words.
        batching: how its requests are put together, if they are.
        ensemble: makes its runs, if they are requests to others.
        kind: what it was loaded as, a value of ``VersionKind``; of a plug-in its name.
    """

    model: Model
    pipeline: Pipeline | None = None
    batching: ModelBatching | None = None
    ensemble: TakesTasks | None = None
    kind: str = "saved_model"

    @property
    def tasks(self) -> TakesTasks | None:
        """What takes its requests; None if each is run by itself, on a thread."""
        return self.ensemble if self.batching is None else self.batching

    def with_pipeline(self, pipeline: Pipeline | None) -> ServedModel:
        """The same with this beside it."""
        return replace(self, pipeline=pipeline)

    @cached_property
    def brief_runs(self) -> BriefRuns:
        """Which of its predictions an event loop may make."""
        return BriefRuns(self.model)

    @cached_property
    def joint_signatures(self) -> Mapping[str, Signature]:
        """What a MultiInference may run, by name; see :func:`joint_signatures`."""
        return joint_signatures(self.model.signatures)

    def close(self) -> None:
        """Free the model; blocks. Called once, after the last run."""
        self.model.close()


def load_served_model(
    directory: str,
    tags: Sequence[str],
    session_config: bytes,
    rules: OpRules = _REFUSING,
) -> ServedModel:
    """Load a version directory with all that it holds. Blocks.

    A pipeline that is not valid, or not for this model, fails the load: the
    version before it goes on serving. TensorFlow is given no model that the rules refuse.

    Raises:
        PermissionDenied: the rules refuse it.
        ServingError: why it cannot be loaded.
    """
    path = Path(directory)
    pipeline = load_pipeline(path)
    try:
        rules.check(path, tags)
        model = load_saved_model(path, tags, session_config)
    except ServingError as error:
        if directory in error.message:
            raise
        # Of a damaged file TensorFlow may say no more than "Read less bytes than requested".
        raise error_for_code(error.code, f"{error.message} ({directory})") from None
    try:
        if pipeline is not None:
            pipeline.check(model.signatures)
    except BaseException:
        model.close()
        raise
    return ServedModel(model, pipeline)
