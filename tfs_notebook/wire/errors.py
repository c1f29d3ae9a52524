"""One tree of errors, each with the canonical code that every transport maps.

::

    ServingError                 a code and a message; the base of all of them
    ├── Cancelled                1   the caller, or the lifecycle, gave it up
    ├── Unknown                  2
    ├── InvalidArgument          3   the request is wrong, whatever the state
    ├── DeadlineExceeded         4
    ├── NotFound                 5   no such model, version, signature …
    ├── AlreadyExists            6
    ├── PermissionDenied         7
    ├── ResourceExhausted        8   memory, a full queue, a body too large
    ├── FailedPrecondition       9   the state is wrong for this request
    ├── Aborted                 10
    ├── OutOfRange              11
    ├── Unimplemented           12
    ├── Internal                13   a defect here or in the runtime
    ├── Unavailable             14   try again later
    ├── DataLoss                15   what is stored cannot be read
    └── Unauthenticated         16

The numbers are those of ``google.rpc.Code``, which gRPC, TensorFlow and
TensorFlow Serving share. A message says what was expected, what came, and
what to do; where TensorFlow Serving has a text for the case, it is that text,
because clients match on it.
"""

from __future__ import annotations

import enum
from typing import ClassVar

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "Code",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "OutOfRange",
    "PermissionDenied",
    "ResourceExhausted",
    "ServingError",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "error_for_code",
]


class Code(enum.IntEnum):
    """The canonical status codes, with the numbers they have on the wire."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


_BY_CODE: dict[Code, type[ServingError]] = {}


class ServingError(Exception):
    """A failure with a canonical code; raise one of the subclasses.

    ``message`` is what a client is shown, on every transport. ``str()`` is the
    message alone; :attr:`status_text` puts the code in front, as TensorFlow
    prints a status.
    """

    code: ClassVar[Code] = Code.UNKNOWN

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _BY_CODE.setdefault(cls.code, cls)

    @property
    def status_text(self) -> str:
        """``"INVALID_ARGUMENT: message"``, as TensorFlow prints a status."""
        return f"{self.code.name}: {self.message}"


class Cancelled(ServingError):
    """Given up by the caller or by the lifecycle before it ended."""

    code = Code.CANCELLED


class Unknown(ServingError):
    """A failure that carries no better code."""

    code = Code.UNKNOWN


class InvalidArgument(ServingError):
    """The request is wrong whatever the state of the server."""

    code = Code.INVALID_ARGUMENT


class DeadlineExceeded(ServingError):
    """The time the caller gave has run out."""

    code = Code.DEADLINE_EXCEEDED


class NotFound(ServingError):
    """No such model, version, file or directory."""

    code = Code.NOT_FOUND


class AlreadyExists(ServingError):
    """The name is taken."""

    code = Code.ALREADY_EXISTS


class PermissionDenied(ServingError):
    """The caller may not do this."""

    code = Code.PERMISSION_DENIED


class ResourceExhausted(ServingError):
    """Memory, a queue or a limit is used up."""

    code = Code.RESOURCE_EXHAUSTED


class FailedPrecondition(ServingError):
    """Right request, wrong state: something else has to happen first."""

    code = Code.FAILED_PRECONDITION


class Aborted(ServingError):
    """Given up because of another operation at the same time."""

    code = Code.ABORTED


class OutOfRange(ServingError):
    """Past the valid range."""

    code = Code.OUT_OF_RANGE


class Unimplemented(ServingError):
    """Not offered by this server."""

    code = Code.UNIMPLEMENTED


class Internal(ServingError):
    """A defect in the server, the runtime or the model."""

    code = Code.INTERNAL


class Unavailable(ServingError):
    """Not now; the same request may succeed later."""

    code = Code.UNAVAILABLE


class DataLoss(ServingError):
    """Stored data that cannot be read back."""

    code = Code.DATA_LOSS


class Unauthenticated(ServingError):
    """The caller has not said, or not proved, who it is."""

    code = Code.UNAUTHENTICATED


def error_for_code(code: int, message: str) -> ServingError:
    """The error of the tree that has this canonical code.

    A code outside the canonical range becomes :class:`Unknown`, as gRPC does.

    Raises:
        ValueError: for code 0, which is no error.
    """
    if code == Code.OK:
        raise ValueError("code 0 is OK: there is no error to build from it")
    try:
        return _BY_CODE[Code(code)](message)
    except ValueError:
        return Unknown(message)
