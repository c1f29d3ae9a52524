"""What Keras and TensorFlow say went wrong, in as few words as that has."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Final

__all__ = ["disk_error", "told"]

# Keras prints its messages in bold, and TensorFlow names the node of a graph first.
_NOT_MEANT_TO_BE_READ: Final = re.compile(r"\x1b\[[0-9;]*m|\{\{[^{}]*\}\} ")
_WRAPPED: Final = "Exception encountered when calling"
_ARGUMENTS: Final = "Arguments received by"
_LONGEST: Final = 600
_OF_DISKS: Final = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EACCES,
    errno.EROFS,
    errno.EIO,
)


def told(error: BaseException) -> str:
    """Its message, without colours, nodes of graphs, and the arguments of a layer."""
    text = _NOT_MEANT_TO_BE_READ.sub("", str(error)).strip() or type(error).__name__
    if text.startswith(_WRAPPED):
        _, _, inner = text.partition("\n")
        text = inner.partition(_ARGUMENTS)[0].strip() or text
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def disk_error(error: BaseException, directory: Path) -> OSError | None:
    """What the system said while TensorFlow wrote there; None if it was something else."""
    text = str(error)
    if str(directory) in text:
        for number in _OF_DISKS:
            if os.strerror(number) in text:
                return OSError(number, os.strerror(number))
    return None
