"""What is known of how each version was loaded: how long it took, when, what it takes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tfs_notebook.lifecycle import Loader, ServableId
from tfs_notebook.serving.loader_wrappers import LoaderAround
from tfs_notebook.serving.served_model import ServedModel

__all__ = ["LoadRecord", "LoadRecords", "RecordedLoader"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """How a version was loaded.

    Attributes:
        seconds: that the load took, with copies from elsewhere and warm-up.
        ended: when that was, in seconds since the epoch.
        bytes: an upper bound of the RAM that it takes; None if unknown.
        mlmd_uuid: what ML Metadata calls it; empty if it is not known there.
        kind: see ``ServedModel.kind``.
    """

    seconds: float
    ended: float
    bytes: int | None
    mlmd_uuid: str
    kind: str


class LoadRecords:
    """Keeps the records of the versions that are loaded. Any thread may call any method."""

    def __init__(self) -> None:
        self._records: dict[ServableId, LoadRecord] = {}
        self._lock = threading.Lock()

    def read(self) -> Mapping[ServableId, LoadRecord]:
        """All of them."""
        with self._lock:
            return dict(self._records)

    def put(self, id_: ServableId, record: LoadRecord) -> None:
        """A version was loaded, perhaps anew while it was served."""
        with self._lock:
            self._records[id_] = record

    def remove(self, id_: ServableId, record: LoadRecord) -> None:
        """It goes, unless another load has taken its place."""
        with self._lock:
            if self._records.get(id_) is record:
                del self._records[id_]


class RecordedLoader(LoaderAround):
    """Keeps the record of what it loads for as long as that is loaded.

    Args:
        loader: does the work.
        id_: of the version.
        records: keep it.
        mlmd_uuid: of what was just loaded; asked for once, also if that has failed.
    """

    def __init__(
        self,
        loader: Loader[ServedModel],
        id_: ServableId,
        records: LoadRecords,
        mlmd_uuid: Callable[[], str],
    ) -> None:
        super().__init__(loader)
        self._id = id_
        self._records = records
        self._mlmd_uuid = mlmd_uuid
        self._record: LoadRecord | None = None

    def load(self) -> None:
        """See ``Loader``."""
        started = time.perf_counter()
        try:
            self._loader.load()
        finally:
            seconds = time.perf_counter() - started
            mlmd_uuid = self._mlmd_uuid()
        kind = self._loader.servable.kind
        self._record = LoadRecord(seconds, time.time(), self._size(), mlmd_uuid, kind)
        self._records.put(self._id, self._record)

    def _size(self) -> int | None:
        try:
            return self.estimate_resources()
        except Exception:  # noqa: BLE001 - a plug-in's; the model serves without it
            _log.debug("it is not known what %s takes", self._id, exc_info=True)
            return None

    def unload(self) -> None:
        """See ``Loader``."""
        if self._record is not None:
            self._records.remove(self._id, self._record)
        self._loader.unload()
