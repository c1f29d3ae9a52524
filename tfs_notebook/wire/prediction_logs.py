"""``PredictionLog`` records, put together of messages that are serialised already."""

from __future__ import annotations

import enum
import functools

from tfs_notebook.wire.messages import LogMetadata, SamplingConfig
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of
from tfs_notebook.wire.varints import encode_varint

__all__ = ["LogKind", "encode_prediction_log"]

_METADATA, _REQUEST, _RESPONSE, _TIMESTAMP = b"\x0a", b"\x0a", b"\x12", b"\x20"


class LogKind(enum.IntEnum):
    """What was asked, by the number of its field in ``PredictionLog.log_type``."""

    CLASSIFY = 2
    REGRESS = 3
    MULTI_INFERENCE = 4
    PREDICT = 6


def encode_prediction_log(
    kind: LogKind,
    answering: ModelReference,
    sampling: bytes,
    tags: tuple[str, ...],
    seconds: int,
    request: bytes,
    response: bytes,
) -> bytes:
    """Serialise a ``PredictionLog``; request and response are copied, not parsed.

    Args:
        kind: of the request.
        answering: the model, the version and the signature that answered.
        sampling: the ``SamplingConfig`` by which it came to be logged, serialised.
        tags: of the meta graph that was run.
        seconds: when, since 1970.
        request: of this kind, serialised.
        response: to it, serialised.
    """
    metadata = (
        _lasting_metadata(answering, sampling, tags) + _TIMESTAMP + encode_varint(seconds)
    )
    head = _REQUEST + encode_varint(len(request))
    middle = _RESPONSE + encode_varint(len(response))
    size = len(head) + len(request) + len(middle) + len(response)
    return b"".join(
        (
            _METADATA + encode_varint(len(metadata)),
            metadata,
            encode_varint(kind << 3 | 2) + encode_varint(size),
            head,
            request,
            middle,
            response,
        )
    )


@functools.lru_cache(maxsize=256)
def _lasting_metadata(
    answering: ModelReference, sampling: bytes, tags: tuple[str, ...]
) -> bytes:
    """All of the metadata that is the same for many requests."""
    return LogMetadata(
        model_spec=model_spec_of(answering),
        sampling_config=SamplingConfig.FromString(sampling),
        saved_model_tags=tags,
    ).SerializeToString()
