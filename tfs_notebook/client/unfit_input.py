"""The error for an input that a model does not take."""

from __future__ import annotations

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import Signature

__all__ = ["UnfitInput", "taken_by"]


class UnfitInput(InvalidArgument):
    """The text shows what would fit, in several lines.

    Attributes:
        line: the same in one line, without a call.
        signature: what was asked for.
        raw_kind: ``text`` or ``image`` if the model takes these as well, else None.
    """

    def __init__(
        self, message: str, line: str, signature: Signature, raw_kind: str | None = None
    ) -> None:
        super().__init__(message)
        self.line = line
        self.signature = signature
        self.raw_kind = raw_kind


def taken_by(signature: Signature) -> str:
    """The inputs of a signature, in a line."""
    return "; ".join(map(str, signature.inputs.values())) or "nothing"
