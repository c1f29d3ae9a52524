"""Recorded requests, read from log files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, TypeAlias

from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import DataLoss, InvalidArgument
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    ModelSpec,
    MultiInferenceRequest,
    PredictionLog,
    PredictRequest,
    RegressionRequest,
)
from tfs_notebook.wire.tfrecord import read_records

__all__ = ["KINDS", "Recorded", "Request", "read_logs"]

Request: TypeAlias = (
    PredictRequest | ClassificationRequest | RegressionRequest | MultiInferenceRequest
)

KINDS: Final = {
    "predict_log": "Predict",
    "classify_log": "Classify",
    "regress_log": "Regress",
    "multi_inference_log": "MultiInference",
}
"""The methods of PredictionService, by the fields of a record."""

_BROKEN_OFF: Final = "truncated record"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record.

    Attributes:
        file: where it is.
        number: which one of that file, from 0 on.
        size: bytes.
        log: what it says.
    """

    file: str
    number: int
    size: int
    log: PredictionLog

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.file}[{self.number}]"

    @property
    def field(self) -> str:
        """Of its log: ``predict_log`` …; empty if there is nothing in it."""
        return self.log.WhichOneof("log_type") or ""

    @property
    def method(self) -> str | None:
        """What was called; None if that cannot be called again."""
        return KINDS.get(self.field)

    @property
    def request(self) -> Request:
        """What was sent; it has a :attr:`method`."""
        request: Request = getattr(self.log, self.field).request
        return request

    @property
    def response(self) -> bytes | None:
        """What was answered, serialised; None if that is not recorded."""
        entry = getattr(self.log, self.field)
        if not entry.HasField("response"):
            return None
        data: bytes = entry.response.SerializeToString()
        return data

    @property
    def spec(self) -> ModelSpec:
        """What answered, or else what was asked for."""
        answered: ModelSpec = self.log.log_metadata.model_spec
        if answered.name or self.method is None:
            return answered
        request = self.request
        if isinstance(request, MultiInferenceRequest):
            return request.tasks[0].model_spec if request.tasks else answered
        return request.model_spec


def read_logs(
    paths: Iterable[str], *, tell: Callable[[str], None] | None = None
) -> Iterator[Recorded]:
    """The records of some files, one after the other; blocks on them.

    A file that ends within a record, because it is being written or its server was killed,
    ends before it. What is added while it is read is left out: it may be what comes of
    sending its own requests again.

    Args:
        paths: of the files.
        tell: is told of a file that ends within a record.

    Raises:
        InvalidArgument: a file cannot be read, or is none of records.
    """
    for path in paths:
        yield from _read(path, tell)


def _read(path: str, tell: Callable[[str], None] | None) -> Iterator[Recorded]:
    try:
        # Whoever opened a pipe would wait for one who writes.
        there = Path(path).stat()
        if not S_ISREG(there.st_mode):
            raise InvalidArgument(f"{path} is not a file")
        with Path(path).open("rb") as file:
            number = end = 0
            for number, data in enumerate(read_records(file)):
                if end >= there.st_size:
                    break
                end = file.tell()
                yield Recorded(path, number, len(data), PredictionLog.FromString(data))
    except OSError as error:
        raise InvalidArgument(f"{path}: {error.strerror}") from None
    except DecodeError as error:
        raise InvalidArgument(f"{path}[{number}] is no PredictionLog: {error}") from None
    except DataLoss as error:
        if not error.message.startswith(_BROKEN_OFF):
            raise InvalidArgument(f"{path}: {error.message}") from None
        if tell is not None:
            tell(f"{path}: its last record was broken off")
