"""A model server with all its doors on one event loop, whoever owns that."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import closing, suppress

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.door_files import DoorFiles
from tfs_notebook.frontends.grpc.frontend import GrpcFrontend
from tfs_notebook.frontends.grpc.options import server_options
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.rest.frontend import RestFrontend
from tfs_notebook.frontends.tracing import Tracing
from tfs_notebook.lifecycle import ServableState
from tfs_notebook.serving.journal_lock import JournalLock
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_limit import RequestLimit
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.serving.start_up import PENDING
from tfs_notebook.wire.errors import InvalidArgument, Unavailable, Unknown

__all__ = ["Server"]

_log = logging.getLogger(__name__)

# How long unloading may take after the doors are shut; the end of the process frees the rest.
_UNLOAD_SECONDS = 2.0
# A reload may hold one of them for minutes; the status of models is asked for meanwhile.
_CONTROL_THREADS = 4
# Changes of single models wait for loads, each on one of them.
_CHANGE_THREADS = 8
# How often to tell which models the start is waiting for.
_REPORT_SECONDS = 10.0


class Server:
    """A model server with its doors.

    ``start`` → serve → ``stop``, all on one loop, which may be anybody's. Whoever makes
    one calls ``stop``, also when ``start`` has failed: its journal is locked until then.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Check the configuration; nothing is opened yet. Blocks on the files it names.

        Raises:
            InvalidArgument: a configuration that cannot be used.
            Unavailable: another server has the journal.
        """
        if not (config.port or config.grpc_socket_path):
            raise InvalidArgument(
                "At least one of server_options.grpc_port or server_options.grpc_socket_path "
                "must be set."
            )
        # Before models are loaded, which may take minutes.
        server_options(config.grpc_channel_arguments)
        self._files = DoorFiles(config)
        self._config = config
        self._access = ControlAccess(config, self._files.control_token)
        self._journal_lock = JournalLock(config.journal_path)
        try:
            self._server = ModelServer(config)
        except BaseException:
            self._journal_lock.release()
            raise
        self._pools: list[RunPool] = []
        most = config.max_requests_in_flight
        self._limit = RequestLimit(most) if most else None
        self._start_ended = threading.Event()
        self._tracing: Tracing | None = None
        self._observer: RequestObserver | None = None
        self._grpc: GrpcFrontend | None = None
        self._rest: RestFrontend | None = None

    async def start(self) -> None:
        """Load the models, then open the ports.

        Raises:
            Unavailable: an address that cannot be had.
            Unknown: no model came up, and ``--fail_if_no_model`` is set.
        """
        self._check_ports()
        tracing = Tracing() if self._config.enable_tracing else None
        self._tracing = tracing
        self._observer = RequestObserver.of(self._config, tracing)
        # Not on the loop's own threads: these would keep an embedding process from its end
        # for as long as a model takes to load.
        loading = RunPool("tfs-start", 1)
        try:
            failed = await loading.run(self._load)
        finally:
            self._start_ended.set()
            loading.stop(0)
        self._report(failed)
        control = self._runner("tfs-control", _CONTROL_THREADS)
        await self._open_grpc(control)
        self._open_rest(control)
        self._files.start()

    def _load(self) -> dict[str, str]:
        self._server.start()
        left = self._config.start_timeout_seconds
        while True:
            seconds = min(left, _REPORT_SECONDS)
            failed = self._server.wait_for_models(seconds)
            left -= seconds
            pending = [f"{name} ({why})" for name, why in failed.items() if why in PENDING]
            if not pending or left <= 0 or self._start_ended.is_set():
                return failed
            _log.info("still waiting for %s", ", ".join(pending))

    def _report(self, failed: dict[str, str]) -> None:
        for name, reason in failed.items():
            _log.warning("model %s is not served yet: %s", name, reason)
        if not self._server.ready and self._config.fail_if_no_model:
            reasons = ", ".join(f"{{{reason}}}" for reason in failed.values())
            raise Unknown(f"{len(failed)} servable(s) did not become available: {{{reasons}}}")

    def _check_ports(self) -> None:
        config = self._config
        if config.rest_api_port and config.rest_api_port == config.port:
            _log.error(
                "--rest_api_port cannot be the same as --port (%d); REST is not started",
                config.port,
            )
            config.rest_api_port = 0
        for flag in ("port", "rest_api_port"):
            if port := getattr(config, flag):
                _check_port(flag, config.host, port)

    def _runner(self, name: str, threads: int) -> RequestRunner:
        pool = RunPool(name, threads)
        self._server.run_watch.add_pool(pool.replace)
        self._pools.append(pool)
        observes = self._observer is not None and self._observer.takes_times
        return RequestRunner(
            self._server, pool, self._limit, self._nothing_runs, observes=observes
        )

    def _nothing_runs(self) -> bool:
        # Batches have threads of their own.
        return self._server.batching is None and all(pool.is_idle for pool in self._pools)

    async def _open_grpc(self, control: RequestRunner) -> None:
        runner = self._runner("tfs-run-grpc", self._config.grpc_max_threads)
        self._grpc = GrpcFrontend(
            self._server, self._config, runner, control, self._files, self._observer
        )
        self._watch_readiness(self._grpc)
        await self._grpc.set_ready(self._server.ready)
        for place in await self._grpc.start():
            _log.info("Running gRPC ModelServer at %s ...", place)

    def _watch_readiness(self, door: GrpcFrontend) -> None:
        loop = asyncio.get_running_loop()
        updates: set[asyncio.Task[None]] = set()

        def update() -> None:
            task = loop.create_task(door.set_ready(self._server.ready))
            updates.add(task)
            task.add_done_callback(updates.discard)

        def on_state(_state: ServableState) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(update)

        self._server.subscribe(on_state)

    def _open_rest(self, control: RequestRunner) -> None:
        config = self._config
        if not (config.rest_api_port or config.rest_api_socket_path):
            if self._server.monitoring is not None:
                _log.warning(
                    "--monitoring_config_file has no effect: the page of metrics is the REST "
                    "door's, and there is none; see --rest_api_port"
                )
            return
        runner = self._runner("tfs-run-rest", config.rest_api_num_threads)
        # Large ones take turns, and what waits there is not to be in the way of others.
        images = self._runner("tfs-run-images", config.rest_api_num_threads)
        changes = self._runner("tfs-change", _CHANGE_THREADS)
        self._rest = RestFrontend(
            self._server,
            config,
            runner,
            images,
            control,
            changes,
            self._access,
            self._files,
            self._observer,
        )
        for place in self._rest.start():
            _log.info("Exporting HTTP/REST API at:%s ...", place)
        _log.info("[evhttp_server.cc : 250] NET_LOG: Entering the event loop ...")

    async def stop(self, grace: float) -> None:
        """Shut the doors, give requests under way ``grace`` seconds, unload. Idempotent."""
        self._server.end_in_order()
        doors = [door.stop(grace) for door in (self._grpc, self._rest) if door is not None]
        await asyncio.gather(*doors, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(None, self._unload)

    def _unload(self) -> None:
        self._files.stop()
        if self._tracing is not None:
            self._tracing.stop()
        try:
            for pool in self._pools:
                if not pool.stop(0.5):
                    _log.warning("a run that does not end is left behind")
            self._server.stop(_UNLOAD_SECONDS)
        finally:
            self._journal_lock.release()


def _check_port(flag: str, host: str, port: int) -> None:
    # gRPC begins to listen as soon as it is bound, and the ports are to open only
    # after the models have loaded; but a busy port is better told at once.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"--{flag}: cannot listen on {host}:{port}: {error.strerror}. "
                f"Choose another with --{flag}=N, or stop what uses it"
            ) from None
