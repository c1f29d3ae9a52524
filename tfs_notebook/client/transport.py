"""What a client asks of a server, however it gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np

from tfs_notebook.client.calls import Call
from tfs_notebook.client.text_tables import preformatted
from tfs_notebook.wire.errors import Code, NotFound
from tfs_notebook.wire.messages import (
    GetModelStatusResponse,
    ModelVersionStatus,
    SignatureDefMap,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, signature_of

__all__ = [
    "Answer",
    "ModelMetadata",
    "Transport",
    "UnknownSignature",
    "VersionStatus",
    "signatures_of",
    "statuses_of",
]

Answer: TypeAlias = "tuple[int | None, dict[str, np.ndarray]]"
"""The version that answered, if it says so, and its outputs by name."""

# TensorFlow's own, for its checkpoints: nobody calls it.
_INIT_OP: Final = "__saved_model_init_op"


class UnknownSignature(NotFound):
    """The model is there, and has no such signature."""


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What a version of a model offers.

    Attributes:
        name: of the model.
        version: which one the server described.
        signatures: by name.
    """

    name: str
    version: int
    signatures: Mapping[str, Signature]

    def signature(self, name: str = "") -> Signature:
        """One of the signatures; an empty name is ``serving_default``.

        Raises:
            UnknownSignature: the model does not have it; the text names those it has.
        """
        wanted = name or DEFAULT_SIGNATURE
        if wanted in self.signatures:
            return self.signatures[wanted]
        known = ", ".join(map(repr, self.signatures)) or "none"
        raise UnknownSignature(
            f"model {self.name!r} (version {self.version}) has no signature {wanted!r}; it has "
            f"{known}. Choose one with predict(…, signature=NAME)"
        )

    def misuse(self, name: str, method: str) -> str | None:
        """Why a signature cannot be asked to classify or regress, if that is so.

        Args:
            name: of the signature; empty for ``serving_default``.
            method: ``classify`` or ``regress``.
        """
        wanted = f"tensorflow/serving/{method}"
        found = self.signatures.get(name or DEFAULT_SIGNATURE)
        if found is not None and found.method_name == wanted:
            return None
        others = [
            repr(key) for key, one in self.signatures.items() if one.method_name == wanted
        ]
        instead = (
            f"choose {' or '.join(others)} with {method}(…, signature=NAME)"
            if others
            else "the model has none for that; predict(…) runs the others"
        )
        return f"signature {name or DEFAULT_SIGNATURE!r} cannot {method}; {instead}"

    def __repr__(self) -> str:
        lines = [f"{self.name}, version {self.version}"]
        for name, signature in self.signatures.items():
            lines.append(f"  {name}:")
            for kind, specs in (("input", signature.inputs), ("output", signature.outputs)):
                lines += [f"    {kind:<6}  {spec}" for spec in specs.values()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return preformatted(repr(self))


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """The state of one version of a model.

    Attributes:
        version: its number.
        state: ``START``, ``LOADING``, ``AVAILABLE``, ``UNLOADING`` or ``END``.
        code: the canonical code of the error, 0 for none.
        error: why it does not serve; empty for no error.
    """

    version: int
    state: str
    code: int = 0
    error: str = ""

    def __str__(self) -> str:
        reason = f" ({Code(self.code).name}: {self.error})" if self.code else ""
        return f"version {self.version} {self.state}{reason}"


class Transport(Protocol):
    """One way to a server. Its methods may be called from any thread, and do not block.

    They return what is to be sent: sent and waited for, it raises the
    :class:`~tfs_notebook.wire.errors.ServingError` that the server answers with;
    Unavailable if there is no server, DeadlineExceeded if there is no answer within
    ``timeout`` seconds.
    """

    def predict(
        self,
        model: ModelReference,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        metadata: ModelMetadata,
        timeout: float,
    ) -> Call[Answer]:
        """Run a signature."""

    def classify(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> Call[Answer]:
        """Classify serialised ``tf.Example``: ``labels`` and ``scores``."""

    def regress(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> Call[Answer]:
        """Give each serialised ``tf.Example`` a number: ``values``."""

    def metadata(self, model: ModelReference, timeout: float) -> Call[ModelMetadata]:
        """Ask what a model offers."""

    def status(self, model: ModelReference, timeout: float) -> Call[list[VersionStatus]]:
        """Ask for the states of a model's versions, the newest first."""

    def keyed(self, request_id: str | None) -> Transport:
        """The same way, on which requests carry this id; see ``request_id.py``."""

    def close(self) -> None:
        """Hang up; idempotent."""


def signatures_of(definitions: SignatureDefMap) -> dict[str, Signature]:
    """The signatures that people call, by name."""
    return {
        name: signature_of(name, definition)
        for name, definition in sorted(definitions.signature_def.items())
        if name != _INIT_OP
    }


def statuses_of(response: GetModelStatusResponse) -> list[VersionStatus]:
    """The states in a status response, the newest version first."""
    statuses: Sequence[ModelVersionStatus] = response.model_version_status
    found = [
        VersionStatus(
            one.version,
            ModelVersionStatus.State.Name(one.state),
            one.status.error_code,
            one.status.error_message,
        )
        for one in statuses
    ]
    return sorted(found, key=lambda status: status.version, reverse=True)
