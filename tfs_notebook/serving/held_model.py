"""One version of a model, held for the length of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np

from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.inference import check_method_name, find_signature, run_predict
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

__all__ = ["HeldModel"]

Inputs = Mapping[str, tuple[np.ndarray, int]]


class HeldModel:
    """One version of a model, kept loaded for as long as this is held.

    Hold it in a ``with`` statement, on one thread, for the length of a request.
    """

    __slots__ = ("_check_method", "_handle", "_model", "name", "version")

    def __init__(self, handle: ServableHandle[Model], *, check_method: bool) -> None:
        self._handle = handle
        self._model = handle.servable
        self._check_method = check_method
        self.name = handle.id.name
        self.version = handle.id.version

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

    def signature(self, name: str) -> Signature:
        """The signature a request names; an empty name is ``serving_default``.

        Raises:
            SignatureNotFound: the model does not have it.
        """
        return find_signature(self._model, name)

    def reference(self, signature: str = "") -> ModelReference:
        """What answers name as the model that answered."""
        return ModelReference(self.name, self.version, None, signature)

    def predict(
        self, signature: Signature, inputs: Inputs, output_filter: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        """Check a request and run it; blocks. See :func:`run_predict`."""
        if self._check_method:
            check_method_name(signature)
        return run_predict(self._model, signature, inputs, output_filter)
