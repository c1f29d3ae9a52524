"""``tfs-notebook log warmup``: a file of warm-up requests made of a log."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from tfs_notebook.cli.log_options import CommandError, print_text, tell
from tfs_notebook.serving.warmup.file import MOST_RECORDS, warmup_file_of
from tfs_notebook.serving.warmup.recorded_choice import (
    chosen_requests,
    signatures_asked,
    write_requests,
)
from tfs_notebook.wire.recorded_requests import Recorded, read_logs

__all__ = ["write_warmup_file"]


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
    told: list[Callable[[str], None]] = [tell]
    chosen = chosen_requests(
        # What is wrong with a file is said the first time.
        lambda: _fitting(options, told.pop() if told else None),
        options.records,
        distinct=options.distinct,
    )
    if not chosen:
        raise CommandError("no record fits, so nothing was written; see tfs-notebook log show")
    try:
        write_requests(path, chosen)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from None
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


def _fitting(
    options: argparse.Namespace, told: Callable[[str], None] | None
) -> Iterator[Recorded]:
    return (one for one in read_logs(options.files, tell=told) if _wanted(one, options))


def _wanted(recorded: Recorded, options: argparse.Namespace) -> bool:
    if recorded.method is None:
        return False
    if options.model is not None and recorded.spec.name != options.model:
        return False
    return options.signature is None or options.signature in signatures_asked(recorded)
