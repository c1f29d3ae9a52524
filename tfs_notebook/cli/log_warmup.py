"""``tfs-notebook log warmup``: a file of warm-up requests made of a log."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tfs_notebook.cli.log_options import CommandError, print_text, tell
from tfs_notebook.client.recorded import Recorded, read_logs
from tfs_notebook.serving.warmup.file import MOST_RECORDS, warmup_file_of
from tfs_notebook.wire.messages import MultiInferenceRequest, PredictRequest
from tfs_notebook.wire.tfrecord import encode_record

__all__ = ["write_warmup_file"]

# As any file that the user makes: the server may be another user's.
_AS_USUAL: Final = 0o666


def write_warmup_file(options: argparse.Namespace) -> int:
    """Choose records, and write them without their responses; blocks on the files.

    Returns:
        the exit code.

    Raises:
        CommandError: nothing is to be written, or it cannot be.
    """
    if options.records > MOST_RECORDS:
        raise CommandError(f"--records: a warm-up file may have {MOST_RECORDS} records")
    path = _path(options)
    if not options.force and path.exists():
        raise CommandError(f"{path} is there; replace it with --force, or name another one")
    chosen = _chosen(options)
    if not chosen:
        raise CommandError("no record fits, so nothing was written; see tfs-notebook log show")
    _write(path, b"".join(map(encode_record, chosen)))
    print_text(f"{len(chosen)} requests were written to {path}")
    return 0


def _path(options: argparse.Namespace) -> Path:
    if options.out:
        return Path(options.out)
    version = Path(options.model_dir)
    if not (version / "saved_model.pb").is_file():
        raise CommandError(
            f"--model-dir: {version} is no version directory of a model: there is no "
            "saved_model.pb in it"
        )
    return warmup_file_of(version)


def _wanted(recorded: Recorded, options: argparse.Namespace) -> bool:
    if recorded.method is None:
        return False
    if options.model is not None and recorded.spec.name != options.model:
        return False
    return options.signature is None or options.signature in _signatures(recorded)


def _signatures(recorded: Recorded) -> list[str]:
    request = recorded.request
    if isinstance(request, MultiInferenceRequest):
        specs = [task.model_spec for task in request.tasks]
    else:
        specs = [recorded.log.log_metadata.model_spec, request.model_spec]
    # The one without a name has this one.
    return [spec.signature_name or "serving_default" for spec in specs if spec.name]


def _chosen(options: argparse.Namespace) -> list[bytes]:
    """So many records, of each form as many as of the others, from its first to its last.

    The files are read twice: what is held in memory is what is chosen.
    """
    counts = Counter(map(_form, _fitting(options, tell)))
    if options.distinct:
        shares = {form: 1 for form, _ in counts.most_common(options.records)}
    else:
        shares = _shares(counts, options.records)
    places = {form: _spread(counts[form], share) for form, share in shares.items()}
    chosen: list[bytes] = []
    seen: Counter[object] = Counter()
    for recorded in _fitting(options):
        form = _form(recorded)
        if seen[form] in places.get(form, ()):
            chosen.append(_without_response(recorded))
        seen[form] += 1
    return chosen


def _fitting(
    options: argparse.Namespace, told: Callable[[str], None] | None = None
) -> Iterator[Recorded]:
    return (one for one in read_logs(options.files, tell=told) if _wanted(one, options))


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
    request, signatures = recorded.request, tuple(_signatures(recorded))
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


def _write(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        path.parent.mkdir(exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(unfinished, flags, _AS_USUAL), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CommandError(f"{path} cannot be written: {error.strerror}") from None
