"""Predictions of this process itself: arrays in, arrays out, no wire between."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tfs_notebook.batching.task import Inputs, Task
from tfs_notebook.lifecycle import ServableRequest
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.model_lookup import ModelLookup
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.wire.dtypes import DataType, numpy_type, type_name
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["InProcessPredictions"]

_FOR_EVER: Final = -1.0


class InProcessPredictions(ModelLookup):
    """The part of ``ModelServer`` that runs models without a door between."""

    def predict(
        self,
        name: str,
        inputs: Mapping[str, Any] | Any,  # noqa: ANN401 - whatever NumPy takes
        *,
        version: int | None = None,
        label: str | None = None,
        signature: str = "",
        outputs: Sequence[str] = (),
        batched: bool = True,
        timeout: float | None = None,
        key: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Run a model in this process, without a wire between; blocks.

        Args:
            name: of the model.
            inputs: arrays by alias, with equal numbers of rows; of a signature with one
                input the array alone will do. They are converted where that loses no
                more than precision. Strings are ``str`` or ``bytes``.
            version: by default the newest that is loaded.
            label: in place of a version.
            signature: by default ``serving_default``.
            outputs: those wanted, by default all.
            batched: share runs with the requests of others, where the model has batches;
                otherwise it runs on the calling thread.
            timeout: seconds to wait for a batch, or for the model to be loaded; None
                waits for ever. A run on the calling thread is not broken off.
            key: what the choice of a version sticks to, where that goes by weights.

        Returns:
            the outputs by alias. They may be views of what a whole batch has given, and
            cannot be written to.

        Raises:
            InvalidArgument: the inputs do not fit the signature.
            NotFound: there is no such model or version.
            FailedPrecondition: the model has no such signature.
            DeadlineExceeded: the time is up.
            Unavailable: too many requests wait for a batch.
            ServingError: what the runtime says.
        """
        reference = ModelReference(name, version, label, signature)
        end = None if timeout is None else time.monotonic() + timeout
        model = _held(self, reference, end, key)
        if model.observation is not None:
            # The arrays are the caller's, who may change them before they are compared.
            model.observation.keeps_arrays = True
        try:
            asked = model.signature(reference.signature)
            arrays = _arrays(asked, inputs)
        except BaseException:
            model.release()
            raise
        prediction: Prediction[dict[str, np.ndarray]] = model.prediction(
            asked, arrays, dict, outputs
        )
        if batched and prediction.is_batched:
            return _in_batch(prediction, end)
        return prediction.run()


def _held(
    server: ModelLookup, reference: ModelReference, end: float | None, key: str | None
) -> HeldModel:
    while True:
        try:
            return server.hold(reference, key)
        except NotLoaded as missing:
            _wait_until_loaded(server, missing.request, end)


def _wait_until_loaded(
    server: ModelLookup, request: ServableRequest, end: float | None
) -> None:
    news = threading.Event()
    seconds = server.load_timeout
    if end is not None:
        seconds = min(seconds, max(0.0, end - time.monotonic()))
    deadline = time.monotonic() + seconds
    with server.waiting(request, news.set) as wait:
        while True:
            news.clear()
            if (handle := wait.handle()) is not None:
                handle.release()
                return
            if not news.wait(max(0.0, deadline - time.monotonic())):
                raise wait.too_late(seconds)


class _Waiter:
    """Waits for one answer on the thread that asks."""

    __slots__ = ("_answered",)

    def __init__(self) -> None:
        self._answered = threading.Lock()
        self._answered.acquire()

    def deliver(self, tasks: Sequence[Task]) -> None:  # noqa: ARG002 - there is one
        """See ``Receiver``."""
        self._answered.release()

    def wait(self, seconds: float) -> bool:
        return self._answered.acquire(timeout=seconds)


def _in_batch(
    prediction: Prediction[dict[str, np.ndarray]], end: float | None
) -> dict[str, np.ndarray]:
    left = None if end is None else max(0.0, end - time.monotonic())
    waiter = _Waiter()
    prediction.submit(waiter, left)
    try:
        answered = waiter.wait(_FOR_EVER if left is None else left)
    except BaseException:
        # A cell was interrupted.
        prediction.abandon()
        raise
    if not answered:
        prediction.abandon()
        raise DeadlineExceeded(f"the prediction took longer than the {left:g} s it may")
    if prediction.error is not None:
        raise prediction.error
    answer: dict[str, np.ndarray] = prediction.result
    return answer


def _arrays(signature: Signature, inputs: Mapping[str, Any] | Any) -> Inputs:  # noqa: ANN401
    if not isinstance(inputs, Mapping):
        if len(signature.inputs) != 1:
            known = ", ".join(map(str, signature.inputs.values()))
            raise InvalidArgument(
                f"signature {signature.name!r} has {len(signature.inputs)} inputs ({known}); "
                "give a dictionary with an array for each"
            )
        (alias,) = signature.inputs
        inputs = {alias: inputs}
    arrays: dict[str, tuple[np.ndarray, int]] = {}
    for alias, value in inputs.items():
        spec = signature.inputs.get(alias)
        if spec is None:
            # What else is wrong with the names is said where all doors are told.
            arrays[alias] = np.asarray(value), DataType.INVALID
        else:
            arrays[alias] = _converted(spec, value), spec.dtype
    return arrays


def _converted(spec: TensorSpec, value: Any) -> np.ndarray:  # noqa: ANN401
    array = np.asarray(value)
    wanted = numpy_type(spec.dtype)
    if wanted is None or array.dtype == wanted:
        return array
    if wanted.hasobject:
        return _strings(array)
    if not np.can_cast(array.dtype, wanted, "same_kind"):
        raise InvalidArgument(
            f"input {spec.alias!r} is {type_name(spec.dtype)}, and got an array of "
            f"{array.dtype}; convert it with .astype({wanted.name!r})"
        )
    return array.astype(wanted)


def _strings(array: np.ndarray) -> np.ndarray:
    encoded = np.empty(array.size, object)
    encoded[:] = [
        text.encode() if isinstance(text, str) else text for text in array.reshape(-1).tolist()
    ]
    return encoded.reshape(array.shape)
