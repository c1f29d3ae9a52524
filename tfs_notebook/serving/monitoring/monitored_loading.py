"""What the metrics hear of loads and warm-ups."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tfs_notebook.lifecycle import Loader, ServableId
from tfs_notebook.serving.loader_wrappers import LoaderAround
from tfs_notebook.serving.monitoring.serving_metrics import ServingMetrics
from tfs_notebook.serving.served_model import ServedModel

__all__ = ["MonitoredLoading"]

_MLMD_FILE: Final = Path("assets.extra") / "mlmd_uuid"
_LONGEST_MLMD: Final = 256


class MonitoredLoading:
    """Hears what a server loads, and how. Any thread may call any method.

    Args:
        metrics: count the attempts.
    """

    def __init__(self, metrics: ServingMetrics) -> None:
        self._metrics = metrics
        # Of versions whose files are loaded, until all of the load is done.
        self._under_way: dict[ServableId, _Files] = {}

    def files(
        self, id_: ServableId, path: str, directory: str, loader: Loader[ServedModel]
    ) -> Loader[ServedModel]:
        """Around a loader of a version's files.

        Args:
            id_: name and version.
            path: where the version is, which may be a URL.
            directory: where its files are on this machine.
            loader: does the work.
        """

        def seen(seconds: float, loaded: bool) -> None:
            self._metrics.add_load(path, seconds, loaded=loaded)
            if loaded:
                self._under_way[id_] = _Files(path, _mlmd_uuid(Path(directory)))

        return _TimedLoader(loader, seen)

    def mlmd_uuid(self, id_: ServableId) -> str:
        """What ML Metadata calls what was just loaded whole; forgets it."""
        files = self._under_way.pop(id_, None)
        return "" if files is None else files.mlmd_uuid

    def warmed_up(
        self, id_: ServableId, seconds: float, records: int, error: BaseException | None
    ) -> None:
        """Hear of a warm-up; see ``WarmUp.seen``."""
        if (files := self._under_way.get(id_)) is not None:
            self._metrics.add_warm_up(files.path, seconds, records, error)


@dataclass(frozen=True, slots=True)
class _Files:
    path: str
    mlmd_uuid: str


class _TimedLoader(LoaderAround):
    """Tells how long each attempt to load took.

    Args:
        loader: does the work.
        seen: hears how many seconds it was, and whether it went well.
    """

    def __init__(
        self, loader: Loader[ServedModel], seen: Callable[[float, bool], None]
    ) -> None:
        super().__init__(loader)
        self._seen = seen

    def load(self) -> None:
        """See ``Loader``."""
        started = time.perf_counter()
        loaded = False
        try:
            self._loader.load()
            loaded = True
        finally:
            self._seen(time.perf_counter() - started, loaded)


def _mlmd_uuid(version: Path) -> str:
    path = version / _MLMD_FILE
    try:
        # Whoever opened a pipe would wait for one who writes.
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_MLMD).decode("utf-8", "replace").strip()
    except OSError:
        return ""
