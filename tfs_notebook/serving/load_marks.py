"""Which versions are being loaded, kept so that one that ends the process is found out."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.private_file import read_document, set_aside, write_document
from tfs_notebook.serving.version_policies import check_version
from tfs_notebook.wire.errors import ServingError

__all__ = ["LoadMarks"]

_log = logging.getLogger(__name__)

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _Mark:
    """A version that is being loaded, or whose load ended the process.

    Attributes:
        path: where it is loaded from; another version may come to be under its id.
        loading: whether it is being loaded now.
        crashes: how often the process has ended while it was.
    """

    path: str
    loading: bool = False
    crashes: int = 0


class LoadMarks:
    """Marks versions while they load, in a private file. Any thread may call any method.

    The file has to outlive this process only: a crash of the machine is not a
    version's fault.
    """

    def __init__(self, path: str | None) -> None:
        """Read what the process before this one left. Blocks.

        Args:
            path: of the file; without one nothing is kept.
        """
        self._path = None if path is None else Path(os.path.realpath(path))
        self._lock = threading.Lock()
        self._ending = False
        self._marks = self._left_behind()
        if self._marks:
            self._write()

    def _left_behind(self) -> dict[ServableId, _Mark]:
        if self._path is None:
            return {}
        try:
            document = read_document(self._path)
            marks = {} if document is None else _marks(document)
        except OSError as error:
            # Nor is a server kept from its start.
            _log.warning("what was being loaded cannot be read in %s: %s", self._path, error)
            return {}
        except (ValueError, KeyError, TypeError, ServingError) as error:
            set_aside(self._path, error)
            return {}
        for id_, left in marks.items():
            if left.loading:
                mark = marks[id_] = _Mark(left.path, crashes=left.crashes + 1)
                _log.warning(
                    "the process before this one ended while it loaded %s from %s (%d times so "
                    "far)",
                    id_,
                    mark.path,
                    mark.crashes,
                )
        return marks

    @property
    def suspects(self) -> bool:
        """Whether any version has ended the process."""
        return any(mark.crashes for mark in list(self._marks.values()))

    def crashes(self, id_: ServableId, path: str | None = None) -> int:
        """How often the process has ended while this was loaded, from there or anywhere."""
        mark = self._marks.get(id_)
        return mark.crashes if mark is not None and path in (None, mark.path) else 0

    def forgive(self, name: str) -> None:
        """Forget what the versions of a model did; blocks."""
        with self._lock:
            of_it = [(id_, mark) for id_, mark in self._marks.items() if id_.name == name]
            for id_, mark in of_it:
                if mark.loading:
                    self._marks[id_] = replace(mark, crashes=0)
                else:
                    del self._marks[id_]
            if of_it:
                self._write()

    @contextmanager
    def loading(self, id_: ServableId, path: str) -> Iterator[None]:
        """Mark a version while the block loads it; one that has loaded is in the clear."""
        with self._lock:
            crashes = self.crashes(id_, path)
            if not self._ending:
                self._marks[id_] = _Mark(path, loading=True, crashes=crashes)
                self._write()
        try:
            yield
        except BaseException:
            self._ended(id_, crashes)
            raise
        self._ended(id_, 0)

    def _ended(self, id_: ServableId, crashes: int) -> None:
        with self._lock:
            mark = self._marks.pop(id_, None)
            if mark is not None and mark.crashes and crashes:
                self._marks[id_] = replace(mark, loading=False)
            if mark is not None and not self._ending:
                self._write()

    def end_in_order(self) -> None:
        """The process is told to end: what is being loaded is not to blame. Blocks."""
        with self._lock:
            self._ending = True
            self._marks = {
                id_: replace(mark, loading=False)
                for id_, mark in self._marks.items()
                if mark.crashes
            }
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        entries = [
            {"name": id_.name, "version": id_.version, **asdict(mark)}
            for id_, mark in self._marks.items()
        ]
        try:
            write_document(self._path, {"format": _FORMAT, "marks": entries}, lasting=False)
        except OSError as error:
            # A model is not kept from loading because it cannot be marked.
            _log.warning("what is being loaded cannot be marked in %s: %s", self._path, error)


def _marks(document: Any) -> dict[ServableId, _Mark]:  # noqa: ANN401 - that is the question
    if document["format"] != _FORMAT:
        raise ValueError(f"it is not of format {_FORMAT}")
    return {
        ServableId(str(entry["name"]), check_version(entry["version"])): _Mark(
            str(entry["path"]), bool(entry["loading"]), check_version(entry["crashes"])
        )
        for entry in document["marks"]
    }
