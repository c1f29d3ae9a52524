"""Which of many recorded requests are to warm a model up, and the file they go into."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tfs_notebook.wire.messages import MultiInferenceRequest, PredictRequest
from tfs_notebook.wire.recorded_requests import Recorded
from tfs_notebook.wire.tfrecord import encode_record

__all__ = ["chosen_requests", "signatures_asked", "write_requests"]

# As any file that the user makes: the server may be another user's.
_AS_USUAL: Final = 0o666


def chosen_requests(
    read: Callable[[], Iterable[Recorded]], most: int, *, distinct: bool
) -> list[bytes]:
    """So many requests, of each form as many as of the others, from its first to its last.

    They are read twice, and come alike both times: what is held in memory is what is
    chosen.

    Args:
        read: gives the requests to choose from; each has a method.
        most: how many.
        distinct: one of each signature and shape only.

    Returns:
        serialised ``PredictionLog``, without their responses.
    """
    counts = Counter(map(_form, read()))
    if distinct:
        shares = {form: 1 for form, _ in counts.most_common(most)}
    else:
        shares = _shares(counts, most)
    places = {form: _spread(counts[form], share) for form, share in shares.items()}
    chosen: list[bytes] = []
    seen: Counter[object] = Counter()
    for recorded in read():
        form = _form(recorded)
        if seen[form] in places.get(form, ()):
            chosen.append(_without_response(recorded))
        seen[form] += 1
    return chosen


def signatures_asked(recorded: Recorded) -> list[str]:
    """The signatures that a request asks for."""
    request = recorded.request
    if isinstance(request, MultiInferenceRequest):
        specs = [task.model_spec for task in request.tasks]
    else:
        specs = [recorded.log.log_metadata.model_spec, request.model_spec]
    # The one without a name has this one.
    return [spec.signature_name or "serving_default" for spec in specs if spec.name]


def _shares(counts: Mapping[object, int], most: int) -> dict[object, int]:
    """How many of each, with as little difference as there can be; ``most`` together."""
    shares: dict[object, int] = {}
    left = most
    # The rarest first: what they leave is for the others.
    for done, (form, count) in enumerate(sorted(counts.items(), key=lambda item: item[1])):
        shares[form] = min(count, left // (len(counts) - done))
        left -= shares[form]
    return shares


def _spread(count: int, share: int) -> frozenset[int]:
    """So many numbers below ``count``, as far from one another as can be."""
    return frozenset((2 * number + 1) * count // (2 * share) for number in range(share))


def _form(recorded: Recorded) -> object:
    """What is the same in requests that are run in the same way."""
    request, signatures = recorded.request, tuple(signatures_asked(recorded))
    if isinstance(request, PredictRequest):
        shapes = tuple(
            (alias, tensor.dtype, tuple(dim.size for dim in tensor.tensor_shape.dim))
            for alias, tensor in sorted(request.inputs.items())
        )
        return recorded.field, signatures, tuple(request.output_filter), shapes
    kind = request.input.WhichOneof("kind") or "example_list"
    return recorded.field, signatures, len(getattr(request.input, kind).examples)


def _without_response(recorded: Recorded) -> bytes:
    getattr(recorded.log, recorded.field).ClearField("response")
    return recorded.log.SerializeToString()


def write_requests(path: Path, records: Sequence[bytes]) -> None:
    """Put them in the place of the file there, as a whole or not at all. Blocks on the disk.

    Args:
        path: of the file; its directory is made, but not the one above.
        records: serialised ``PredictionLog``.

    Raises:
        OSError: it cannot be written; the file is what it was.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    path.parent.mkdir(exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    # What a process that had this number has left.
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, flags, _AS_USUAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(map(encode_record, records)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
