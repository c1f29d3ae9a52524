"""What is done with a version between its load and its first client."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableHandle, ServableId, ServedEntry
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.serving.warmup.automatic import AutomaticWarmUp, sizes_to_warm
from tfs_notebook.serving.warmup.file import WarmUpFile, open_warmup_file, warmup_file_of
from tfs_notebook.serving.warmup.requests import RecordedRequests
from tfs_notebook.serving.warmup.threads import WarmUpThreads, WarmUpWork
from tfs_notebook.wire.errors import Cancelled, FailedPrecondition, ServingError

__all__ = ["VersionWarmUp", "WarmUp"]

_log = logging.getLogger(__name__)

_MOST_LEFT_OUT_SHOWN: Final = 5

WarmUpSeen = Callable[[ServableId, float, int, BaseException | None], None]


class WarmUp:
    """The warm-ups of a server's versions. Any thread may call any method.

    Args:
        config: the flags.
        watch: sees which of the runs hang.

    Attributes:
        seen: hears of each warm-up with recorded requests: the version, how many seconds it
            took, how many records were run, and what it failed with.
    """

    def __init__(self, config: ServerConfig, watch: RunWatch) -> None:
        # What is loaded on request has somebody waiting for it.
        self.is_automatic = config.enable_automatic_warmup and not config.lazy_loading
        self.seconds = config.automatic_warmup_seconds
        self.iterations = max(1, config.num_request_iterations_for_warmup)
        self.number_of_threads = config.num_model_warmup_threads
        self.check_method = config.enable_signature_method_name_check
        self.watch = watch
        self.seen: WarmUpSeen | None = None
        self.threads = WarmUpThreads()
        self._ending = threading.Event()
        # Whoever loads such a version once more has another loader.
        self._hung: dict[ServableId, VersionWarmUp] = {}
        watch.add_pool(self.threads.replace)

    def of_version(self, id_: ServableId, path: Path, served: ServedModel) -> VersionWarmUp:
        """The warm-up of a version that has just been loaded from this directory."""
        return VersionWarmUp(self, id_, path, served)

    def keep_hung(self, warm_up: VersionWarmUp) -> None:
        """Remember a version that cannot be unloaded, until :meth:`forget_hung`."""
        self._hung[warm_up.id] = warm_up

    def forget_hung(self, warm_up: VersionWarmUp) -> None:
        """The run has come back."""
        if self._hung.get(warm_up.id) is warm_up:
            self._hung.pop(warm_up.id, None)

    def hangs(self, id_: ServableId) -> bool:
        """Whether a run hangs that was made when this version was loaded before."""
        return id_ in self._hung

    def refuse_while_it_hangs(self, id_: ServableId) -> None:
        """Nothing, unless a recorded request of this version hangs in what was loaded.

        Raises:
            FailedPrecondition: it does, so the version cannot be loaded once more.
        """
        before = self._hung.get(id_)
        if before is not None and before.is_recorded:
            raise FailedPrecondition(
                f"Servable {id_} is still in memory, because a run of its warm-up hangs. "
                "It can be loaded again when that comes back; restart the server to have it at "
                "once"
            )

    def end(self) -> None:
        """Begin no run any more: the server is about to stop."""
        self._ending.set()

    def go_on(self) -> None:
        """Nothing, while there is use in going on.

        Raises:
            Cancelled: the server is about to stop.
        """
        if self._ending.is_set():
            raise Cancelled("the server is shutting down")


class VersionWarmUp:
    """Warms one version up; its methods belong to whoever loads and unloads that.

    The runs are those of the data plane, on threads of their own, and are counted
    nowhere. One that hangs ends the warm-up; the version is freed when it has come back.

    Attributes:
        id: of the version.
        is_recorded: whether the requests are those that the version has brought.
    """

    def __init__(
        self, of_server: WarmUp, id_: ServableId, path: Path, served: ServedModel
    ) -> None:
        self._of_server = of_server
        self.id = id_
        self.is_recorded = False
        self._path = path
        self._served = served
        # Of the warm-up's own: the manager makes another one when it is available.
        self._entry = ServedEntry(id_, served, lambda: None)
        self._statistics = Statistics()
        self._work: WarmUpWork | None = None

    def run(self) -> None:
        """Warm it up; blocks until that is done, or the automatic one's time is up.

        Raises:
            ServingError: why the requests it has brought cannot be run. Of those that are
                made up no error is raised.
        """
        path = warmup_file_of(self._path)
        file = open_warmup_file(path)
        if file is not None:
            self.is_recorded = True
            with file:
                self._play(file, path)
        elif self._of_server.hangs(self.id):
            _log.warning(
                "%s is not warmed up with zeros: a run of these hangs since the last time",
                self.id,
            )
        elif self._of_server.is_automatic:
            self._automatic()

    def _play(self, file: BinaryIO, path: Path) -> None:
        server = self._of_server
        requests = RecordedRequests(self._hold, self._parameters())
        played = WarmUpFile(file, path, requests.runs, server.iterations, server.go_on)
        _log.info("Starting to read warmup data for model at %s", path)
        started = time.monotonic()
        self._work = server.threads.start(played.play, server.number_of_threads)
        try:
            self._work.wait()
        except BaseException as error:
            self._let_see(started, played.records, error)
            raise
        self._let_see(started, played.records, None)
        _log.info(
            "Finished reading warmup data for model at %s. Number of warmup records read: %d. "
            "Elapsed time (microseconds): %d.",
            path,
            played.records,
            (time.monotonic() - started) * 1e6,
        )
        self._tell(f"{played.records} recorded requests", played.runs_made, started)

    def _let_see(self, started: float, records: int, error: BaseException | None) -> None:
        if (seen := self._of_server.seen) is not None:
            seen(self.id, time.monotonic() - started, records, error)

    def _automatic(self) -> None:
        server = self._of_server
        played = AutomaticWarmUp(
            self._served.model,
            self._hold,
            sizes_to_warm(self._parameters()),
            server.seconds,
            server.go_on,
        )
        started = time.monotonic()
        self._work = server.threads.start(lambda _: played.play(), 1)
        further = ""
        try:
            if not self._work.wait(server.seconds):
                further = "; a run goes on (--automatic_warmup_seconds is over)"
        except ServingError as error:
            further = f"; ended by {error.status_text}"
        left_out = [f"{name!r} ({why})" for name, why in list(played.left_out.items())]
        if left_out:
            more = len(left_out) - _MOST_LEFT_OUT_SHOWN
            shown = ", ".join(left_out[:_MOST_LEFT_OUT_SHOWN])
            further += f"; left out: {shown}{f' and {more} more' if more > 0 else ''}"
        number = len(played.warmed)
        what = f"zeros for {number} signature{'' if number == 1 else 's'}"
        self._tell(what, played.runs, started, further)

    def _tell(self, with_what: str, runs: int, started: float, further: str = "") -> None:
        seconds = time.monotonic() - started
        _log.info(
            "Warmed up %s with %s: %d runs in %.3f s%s",
            self.id,
            with_what,
            runs,
            seconds,
            further,
        )

    def _parameters(self) -> BatchingParameters | None:
        batching = self._served.batching
        return None if batching is None else batching.status.parameters

    def _hold(self) -> HeldModel:
        self._entry.holders.append(None)
        server = self._of_server
        return HeldModel(
            ServableHandle(self._entry),
            self._statistics,
            server.watch,
            check_method=server.check_method,
        )

    @property
    def hangs(self) -> bool:
        """Whether one of its runs does, so that the version is still in memory."""
        return bool(self._entry.lingering)

    def free(self, unload: Callable[[], None]) -> None:
        """Unload the version once no run of the warm-up is under way; blocks.

        If one hangs it returns at once, and the unloading is done when that has come back.
        """
        if self._work is not None:
            try:
                self._work.wait()
            except Exception:  # noqa: BLE001 - it has been told
                _log.debug("the warm-up of %s had failed", self.id, exc_info=True)
        if self.hangs:
            # Not on the thread of the run: the watch waits for that.
            late = partial(threading.Thread, target=unload, name="tfs-unload", daemon=True)

            def freed() -> None:
                self._of_server.forget_hung(self)
                late().start()

            self._of_server.keep_hung(self)
            self._entry.when_freed(freed)
        else:
            unload()
