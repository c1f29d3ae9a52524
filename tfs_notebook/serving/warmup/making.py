"""Makes the warm-up file of a version from requests that the server has recorded."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tfs_notebook.lifecycle import FileSystem, Specific, choose_versions, local_path
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.request_logs.recording import needed_directory, prefix_of
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.serving.versions_on_disk import described, versions_under
from tfs_notebook.serving.warmup.file import MOST_RECORDS, warmup_file_of
from tfs_notebook.serving.warmup.recorded_choice import chosen_requests, write_requests
from tfs_notebook.wire.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from tfs_notebook.wire.recorded_requests import Recorded, read_logs

__all__ = ["USUAL_RECORDS", "WarmUpMade", "WarmUpMaker", "WarmUpWanted"]

_log = logging.getLogger(__name__)

USUAL_RECORDS: Final = 100
_MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WarmUpWanted:
    """What a warm-up file is to be like.

    Attributes:
        version: beside which it is written.
        answered_by: of the recorded requests those that this version has answered; None
            for the same version.
        records: how many requests it has at most.
        distinct: one request of each signature and shape only.
        replace: whether a file that is there may go.
    """

    version: int
    answered_by: int | None = None
    records: int = USUAL_RECORDS
    distinct: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class WarmUpMade:
    """A warm-up file that was written.

    Attributes:
        path: where it is.
        records: how many requests it has.
        size: bytes.
    """

    path: Path
    records: int
    size: int


class WarmUpMaker:
    """What ``ModelServer`` offers on warm-up files. Any thread may call it.

    Args:
        models: the list.
        log: has recorded the requests.
        file_system: to look for versions with.
    """

    def __init__(self, models: ModelList, log: RequestLog, file_system: FileSystem) -> None:
        self._models = models
        self._request_log = log
        self._file_system = file_system
        self._making = threading.Lock()

    def make(self, name: str, wanted: WarmUpWanted, timeout: float) -> WarmUpMade:
        """See ``ModelServer.make_warmup_file``."""
        settings = self._models.settings(name)
        if not 0 < wanted.records <= MOST_RECORDS:
            raise InvalidArgument(
                f'"records" is a number from 1 to {MOST_RECORDS}; got {wanted.records}'
            )
        needed_directory(self._request_log)
        path = warmup_file_of(self._directory(settings, wanted.version))
        # Two at once would get into each other's way, and into the requests'.
        if not self._making.acquire(timeout=timeout):
            raise Aborted(
                f"another warm-up file is being made, and was not there within {timeout:g} s"
            )
        try:
            _check_place(path, wanted)
            return self._write(settings, wanted, path)
        finally:
            self._making.release()

    def _write(self, settings: ModelSettings, wanted: WarmUpWanted, path: Path) -> WarmUpMade:
        requests = _Requests(
            _newest(self._request_log.files(prefix_of(settings))),
            settings.name,
            wanted.version if wanted.answered_by is None else wanted.answered_by,
        )
        chosen = chosen_requests(requests.read, wanted.records, distinct=wanted.distinct)
        if not chosen:
            raise requests.nothing()
        try:
            write_requests(path, chosen)
        except OSError as error:
            raise _unwritable(path, error.strerror or str(error)) from None
        _log.info("%d recorded requests were written to %s", len(chosen), path)
        return WarmUpMade(path, len(chosen), path.stat().st_size)

    def _directory(self, settings: ModelSettings, version: int) -> Path:
        base = local_path(settings.base_path)
        if base is None:
            raise FailedPrecondition(
                f"model {settings.name} comes from {settings.base_path}, where this server "
                "writes nothing; copy a warm-up file there by other means (tfs-notebook log "
                "warmup makes one)"
            )
        there = versions_under(self._file_system, settings.base_path)
        if version not in there:
            raise NotFound(
                f"there is no version {version} of model {settings.name} under "
                f"{settings.base_path}; the versions there are {described(there)}"
            )
        children = self._file_system.children(settings.base_path)
        found = choose_versions(Specific((version,)), children).versions
        # Without any such directory the model lies in the base path itself.
        return Path(base, found[0].child) if found else Path(base)


class _Requests:
    """The recorded requests of a model that one version has answered."""

    def __init__(self, files: list[Path], model: str, version: int) -> None:
        self._files = files
        self._model = model
        self._version = version
        self._others: Counter[int] = Counter()

    def read(self) -> Iterator[Recorded]:
        for recorded in read_logs(map(str, self._files)):
            spec = recorded.spec
            if recorded.method is None or spec.name != self._model:
                continue
            if spec.version.value == self._version:
                yield recorded
            else:
                self._others[spec.version.value] += 1

    def nothing(self) -> FailedPrecondition:
        """Why there are none."""
        others = ", ".join(map(str, sorted(self._others)))
        instead = (
            f'; there are requests that version {others} has answered ("answered_by")'
            if others
            else "; have requests recorded first (…/recording), and give a second for the disk"
        )
        return FailedPrecondition(
            f"no request is recorded that version {self._version} of model {self._model} has "
            f"answered{instead}"
        )


def _newest(files: list[Path]) -> list[Path]:
    """Those that were made last and are not too much to read; one at least."""
    chosen: list[Path] = []
    size = 0
    for path in reversed(files):
        try:
            size += path.stat().st_size
        except OSError:
            continue  # removed for a new one meanwhile
        if chosen and size > _MOST_BYTES:
            break
        chosen.append(path)
    return chosen[::-1]


def _check_place(path: Path, wanted: WarmUpWanted) -> None:
    extra = path.parent
    # A link there may lead anywhere.
    if extra.is_symlink() or (extra.exists() and not extra.is_dir()):
        raise FailedPrecondition(f"{extra} is no directory of the version's own")
    if path.is_symlink() or path.exists():
        if not wanted.replace:
            raise AlreadyExists(f'{path} is there; replace it with "replace": true')
        if path.is_symlink() or not path.is_file():
            raise FailedPrecondition(f"{path} is no file of the version's own")


def _unwritable(path: Path, reason: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"{path} cannot be written: {reason}. Let the server's user write into the version's "
        "directory, or make the file with tfs-notebook log warmup"
    )
