"""One model, or one of its versions, on a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from tfs_notebook.client.inputs import NOTHING, as_inputs, explained
from tfs_notebook.client.transport import ModelMetadata, Transport, VersionStatus
from tfs_notebook.wire.errors import (
    InvalidArgument,
    NotFound,
    ServingError,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["MetadataCache", "ModelHandle", "Outputs"]

Outputs: TypeAlias = "np.ndarray | dict[str, np.ndarray]"
"""One output as an array, several by name."""

_EXAMPLE_CLIENT: Final = "client"


MetadataCache: TypeAlias = "dict[ModelReference, ModelMetadata]"
"""What the server said of its models; dropped when another version answers. Single reads
and writes may come from any thread."""


class ModelHandle:
    """Runs one model; made by :class:`~tfs_notebook.client.client.Client`.

    It may be used from any thread. Its methods block until the server has answered, and
    raise the :class:`~tfs_notebook.wire.errors.ServingError` it answers with.
    """

    def __init__(
        self,
        transport: Callable[[], Transport],
        reference: ModelReference,
        cache: MetadataCache,
        *,
        timeout: float,
        shown: str = "",
    ) -> None:
        self._transport = transport
        self._reference = reference
        self._cache = cache
        self._timeout = timeout
        self._shown = shown

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._reference.name

    def predict(
        self,
        x: object = NOTHING,
        /,
        *,
        signature: str = "",
        timeout: float | None = None,
        **named: object,
    ) -> Outputs:
        """Run the model.

        ::

            half.predict([1.0, 2.0, 5.0])
            half.predict({"a": [1], "b": [2]})
            half.predict(a=[1], b=[2])

        Args:
            x: the value of the one input, as an array or as nested lists; or a dict of
                all inputs, which also takes those named ``signature`` or ``timeout``.
                Types are converted where that loses nothing.
            signature: which one to run, by default ``serving_default``.
            timeout: seconds to wait, by default the client's.
            named: the inputs by name.

        Returns:
            the array of the one output, or a dict of arrays by name. Strings are
            ``bytes`` in an object array. The arrays are the caller's own.

        Raises:
            InvalidArgument: the arguments do not fit; the text shows what would.
            NotFound: no such model, version, label or signature.
            Unavailable: no server answers.
            DeadlineExceeded: no answer in time.
            ServingError: what else the server says.
        """
        seconds = self._timeout if timeout is None else timeout
        is_fresh = self._reference not in self._cache
        try:
            return self._predict(x, named, signature, seconds)
        except (InvalidArgument, NotFound):
            # A new version may have another signature than the one that is remembered.
            if is_fresh or not self._has_changed(signature, seconds):
                raise
        return self._predict(x, named, signature, seconds)

    def _predict(
        self, x: object, named: Mapping[str, object], name: str, timeout: float
    ) -> Outputs:
        metadata = self._metadata(timeout)
        signature = metadata.signature(name)
        inputs = None
        try:
            inputs = as_inputs(x, named, signature)
            reference = replace(self._reference, signature=name)
            version, outputs = self._transport().predict(reference, inputs, metadata, timeout)
        except InvalidArgument as error:
            reason = f"{self.name}: {error.message}"
            raise InvalidArgument(
                explained(reason, signature, inputs, self._expression())
            ) from None
        if version is not None and version != metadata.version:
            self._cache.pop(self._reference, None)
        own = {alias: _own(array) for alias, array in outputs.items()}
        return next(iter(own.values())) if len(own) == 1 else own

    def _metadata(self, timeout: float) -> ModelMetadata:
        found = self._cache.get(self._reference)
        if found is None:
            found = self._transport().metadata(self._reference, timeout)
            self._cache[self._reference] = found
        return found

    def _has_changed(self, signature: str, timeout: float) -> bool:
        before = self._cache.pop(self._reference, None)
        try:
            after = self._metadata(timeout)
        except ServingError:
            return False
        name = signature or DEFAULT_SIGNATURE
        return before is None or before.signatures.get(name) != after.signatures.get(name)

    def metadata(self, *, timeout: float | None = None) -> ModelMetadata:
        """Ask the server what the model takes and gives."""
        self._cache.pop(self._reference, None)
        return self._metadata(self._timeout if timeout is None else timeout)

    def status(self, *, timeout: float | None = None) -> list[VersionStatus]:
        """Ask the server for the states of the model's versions, the newest first."""
        seconds = self._timeout if timeout is None else timeout
        return self._transport().status(self._reference, seconds)

    def __repr__(self) -> str:
        place = f" at {self._shown}" if self._shown else ""
        return f"<model {self._key()}{place}>"

    def _key(self) -> str:
        reference = self._reference
        choice = reference.label if reference.version is None else reference.version
        return repr(reference.name) + ("" if choice is None else f", {choice!r}")

    def _expression(self) -> str:
        return f"{_EXAMPLE_CLIENT}[{self._key()}]".replace("'", '"')


def _own(array: np.ndarray) -> np.ndarray:
    # What lies in the memory of a message cannot be written to.
    return array if array.flags.writeable else array.copy()
