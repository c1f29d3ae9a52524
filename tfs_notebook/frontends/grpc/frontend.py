"""The gRPC door: ``grpc.aio`` with handlers over raw bytes."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.access_log import new_request_id
from tfs_notebook.frontends.door_files import DoorFiles
from tfs_notebook.frontends.grpc.counted_calls import COUNTED, Call, counted_call
from tfs_notebook.frontends.grpc.errors import grpc_status
from tfs_notebook.frontends.grpc.observed_calls import ObservedCall
from tfs_notebook.frontends.grpc.options import server_options
from tfs_notebook.frontends.grpc.profiler import PROFILER_SERVICE, Profiler
from tfs_notebook.frontends.grpc.reflection import add_reflection
from tfs_notebook.frontends.grpc.services import (
    CONTROL,
    PREDICTIONS,
    SERVICES,
    Method,
    PredictionMethod,
    is_small,
)
from tfs_notebook.frontends.grpc.tls import server_credentials
from tfs_notebook.frontends.grpc.token import TokenOverTcp
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.frontends.unix_socket import SocketFile
from tfs_notebook.runtimes.memory import return_freed_memory
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import Internal, ServingError, Unavailable

__all__ = ["GrpcFrontend"]

_log = logging.getLogger(__name__)

_REQUEST_ID: Final = "x-request-id"
_HEALTH_SERVICES: Final = ("", "ModelService", "PredictionService")
# Messages of this size leave malloc with enough free pages to be worth asking for.
_LARGE_BYTES: Final = 16 * 1024 * 1024
_RETURN_SECONDS: Final = 1.0

Handler = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


class GrpcFrontend:
    """Serves one model server over gRPC, on a TCP port, a Unix socket, or both.

    Everything belongs to the thread of the loop it is made on.
    """

    def __init__(
        self,
        server: ModelServer,
        config: ServerConfig,
        runner: RequestRunner,
        control: RequestRunner,
        files: DoorFiles | None = None,
        observer: RequestObserver | None = None,
    ) -> None:
        """Make the server; it listens from :meth:`start` on.

        Args:
            server: what is served.
            config: the flags.
            runner: runs models.
            control: runs what runs no model.
            files: how the TCP port is guarded; None for not at all.
            observer: sees the calls of models; None if nobody does.
        """
        ssl_file = None if files is None else files.grpc_ssl
        self._credentials = None if ssl_file is None else server_credentials(ssl_file)
        self._observer = observer
        self._server = server
        self._config = config
        self._runner = runner
        self._control = control
        self._health: Any = None
        self._profiler = Profiler(server, control) if config.enable_profiler else None
        path = config.grpc_socket_path
        self._socket = SocketFile(path) if path else None
        self._returning: asyncio.TimerHandle | None = None
        options = server_options(config.grpc_channel_arguments)
        interceptors = []
        if files is not None and files.grpc_token is not None:
            interceptors.append(TokenOverTcp(files.grpc_token))
        self._grpc = grpc.aio.server(interceptors=interceptors, options=list(options.items()))
        methods = self._methods()
        self._grpc.add_generic_rpc_handlers(
            [self._service(name, by_name) for name, by_name in methods.items()]
        )
        services = list(methods)
        if config.enable_grpc_healthcheck_service:
            self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
            health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
            services.append(health.SERVICE_NAME)
        if config.enable_grpc_reflection:
            add_reflection(self._grpc, services)

    async def start(self) -> list[str]:
        """Listen and serve.

        Returns:
            where: ``host:port`` and ``UNIX socket path``.

        Raises:
            Unavailable: an address that cannot be had; the text names it.
        """
        places = []
        if self._config.port:
            address = f"{_bracketed(self._config.host)}:{self._config.port}"
            self._bind(address)
            places.append(address)
        if self._socket is not None:
            self._socket.claim()
            with self._socket.private():
                self._bind(f"unix:{self._socket.path}")
            self._socket.bound()
            places.append(f"UNIX socket {self._socket.path}")
        await self._grpc.start()
        return places

    def _bind(self, address: str) -> None:
        # The socket is its user's own, and plain in TF Serving too.
        credentials = None if address.startswith("unix:") else self._credentials
        try:
            if credentials is None:
                self._grpc.add_insecure_port(address)
            else:
                self._grpc.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise Unavailable(f"gRPC cannot listen on {address}: {error}") from None

    async def set_ready(self, ready: bool) -> None:
        """Tell health checks whether any model can answer."""
        if self._health is not None:
            serving = health_pb2.HealthCheckResponse.SERVING
            status = serving if ready else health_pb2.HealthCheckResponse.NOT_SERVING
            for service in _HEALTH_SERVICES:
                await self._health.set(service, status)

    async def stop(self, grace: float) -> None:
        """Take no more requests, give those under way ``grace`` seconds, and close."""
        if self._health is not None:
            await self._health.enter_graceful_shutdown()
        if self._profiler is not None:
            self._profiler.end()
        await self._grpc.stop(grace)
        if self._profiler is not None:
            await self._profiler.close()
        if self._socket is not None:
            self._socket.remove()

    def _methods(self) -> dict[str, dict[str, Call]]:
        methods = {
            service: {name: self._called(method) for name, method in by_name.items()}
            for service, by_name in SERVICES.items()
        }
        for service, by_name in PREDICTIONS.items():
            methods[service] |= {
                name: self._counted(name, self._predicted(method))
                for name, method in by_name.items()
            }
        if self._profiler is not None:
            methods[PROFILER_SERVICE] = {
                name: _of_request(call) for name, call in self._profiler.methods().items()
            }
        return methods

    def _called(self, method: Method) -> Call:
        runner = self._control if method in CONTROL else self._runner
        return lambda request, _: runner.run(partial(method, self._server, request))

    def _predicted(self, method: PredictionMethod) -> Call:
        runner, server = self._runner, self._server
        return lambda request, _: runner.predict(
            partial(method, server, request), small=is_small(method, request)
        )

    def _counted(self, name: str, call: Call) -> Call:
        monitoring = self._server.monitoring
        if monitoring is None or name not in COUNTED:
            return call
        return counted_call(monitoring.serving, name, call)

    def _service(self, name: str, methods: Mapping[str, Call]) -> Any:  # noqa: ANN401 - generic in the stubs, not in grpc
        handlers = {
            method: grpc.unary_unary_rpc_method_handler(
                self._handler(f"/{name}/{method}", call)
            )
            for method, call in methods.items()
        }
        return grpc.method_handlers_generic_handler(name, handlers)

    def _handler(self, path: str, call: Call) -> Handler:
        observer = self._observer
        observed = observer is not None or self._config.request_ids

        async def handle(
            request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
        ) -> bytes:
            try:
                response = await call(request, context)
            except ServingError as error:
                status, text = grpc_status(error)
            except Exception:  # noqa: BLE001 - the door is the last place to see it
                _log.exception("%s failed in an unforeseen way", path)
                status, text = grpc_status(Internal("internal error; the server's log has it"))
            else:
                if len(request) + len(response) >= _LARGE_BYTES:
                    self._return_memory_soon()
                return response
            await context.abort(status, text)
            raise AssertionError("abort raises")

        async def observe(
            request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
        ) -> bytes:
            if observer is None:
                await self._send_id(context)
                return await handle(request, context)
            seen = ObservedCall(observer, path, context)
            request_id, response = "", b""
            try:
                with seen:
                    request_id = await self._send_id(context)
                    response = await handle(request, context)
                return response
            finally:
                seen.end(len(request), len(response), request_id)

        return observe if observed else handle

    def _return_memory_soon(self) -> None:
        # Later, because gRPC still holds the messages; once, however many there were.
        if self._returning is None:
            loop = asyncio.get_running_loop()
            self._returning = loop.call_later(_RETURN_SECONDS, self._return_memory)

    def _return_memory(self) -> None:
        self._returning = None
        asyncio.get_running_loop().run_in_executor(None, _collect_and_return_memory)

    async def _send_id(self, context: grpc.aio.ServicerContext[bytes, bytes]) -> str:
        if not self._config.request_ids:
            return ""
        sent = dict(context.invocation_metadata() or ()).get(_REQUEST_ID)
        request_id = new_request_id(sent if isinstance(sent, str) else None)
        await context.send_initial_metadata(((_REQUEST_ID, request_id),))
        return request_id


def _of_request(call: Callable[[bytes], Awaitable[bytes]]) -> Call:
    return lambda request, _: call(request)


def _collect_and_return_memory() -> None:
    gc.collect()
    return_freed_memory()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
