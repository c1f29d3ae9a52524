"""One version of a model, held for the length of a request that is given tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tfs_notebook.batching.run_watch import Watches
from tfs_notebook.batching.task import Inputs, Outputs
from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.serving.behalf import CLIENT, NOBODY, Behalf
from tfs_notebook.serving.inference import find_signature
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_logs.log_contents import content_of_arrays
from tfs_notebook.serving.request_logs.request_log import RequestLogger
from tfs_notebook.serving.routing.copies import TensorCopy
from tfs_notebook.serving.routing.observation import Observation
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["HeldVersion"]

T = TypeVar("T")


class HeldVersion:
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

    def __enter__(self) -> Self:
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
            signature, inputs, encode, output_filter, check_method=self._check_method
        )

    def _observed(
        self,
        signature: Signature,
        inputs: Inputs,
        encode: Callable[[Outputs], T],
        outputs: Sequence[str],
        *,
        check_method: bool = False,
        is_copied: bool = True,
    ) -> Prediction[T]:
        """What is to be run, and seen to end by whoever wants to know."""
        observation = self.observation
        if observation is not None and observation.copies and is_copied:
            replay = TensorCopy(signature.name, inputs, outputs)
            encode = observation.seeing(encode, replay)
        prediction = Prediction(
            self._handle,
            self._statistics,
            signature,
            inputs,
            encode,
            outputs,
            check_method=check_method,
            watch=self._watch,
        )
        prediction.observation, prediction.behalf = observation, self.behalf
        return prediction
