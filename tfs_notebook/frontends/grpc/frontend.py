"""The gRPC door: ``grpc.aio`` with handlers over raw bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.client_address import ClientAddresses
from tfs_notebook.frontends.door_files import DoorFiles
from tfs_notebook.frontends.grpc.client_limit import limited_call
from tfs_notebook.frontends.grpc.counted_calls import COUNTED, Call, counted_call
from tfs_notebook.frontends.grpc.errors import status_of
from tfs_notebook.frontends.grpc.freed_memory import FreedMemory
from tfs_notebook.frontends.grpc.observed_calls import observed_call
from tfs_notebook.frontends.grpc.open_inference import (
    INFERENCE_SERVICE,
    STREAM_INFER,
    OpenInferenceService,
)
from tfs_notebook.frontends.grpc.options import server_options
from tfs_notebook.frontends.grpc.profiler import PROFILER_SERVICE, Profiler
from tfs_notebook.frontends.grpc.reflection import add_reflection
from tfs_notebook.frontends.grpc.request_ids import no_request_id, send_request_id
from tfs_notebook.frontends.grpc.services import (
    CONTROL,
    PREDICTIONS,
    SERVICES,
    Method,
    PredictionMethod,
    is_small,
)
from tfs_notebook.frontends.grpc.streamed_calls import stream_handler
from tfs_notebook.frontends.grpc.tls import server_credentials
from tfs_notebook.frontends.grpc.token import TokenOverTcp
from tfs_notebook.frontends.request_key import key_in_metadata
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.unix_socket import SocketFile
from tfs_notebook.serving.client_limits import ClientLimits
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import Unavailable

__all__ = ["GrpcFrontend"]

_HEALTH_SERVICES: Final = ("", "ModelService", "PredictionService", INFERENCE_SERVICE)


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
        changes: RequestRunner,
        access: ControlAccess,
        files: DoorFiles | None = None,
        observer: RequestObserver | None = None,
        limits: ClientLimits | None = None,
    ) -> None:
        """Make the server; it listens from :meth:`start` on.

        Args:
            server: what is served.
            config: the flags.
            runner: runs models.
            control: runs what runs no model.
            changes: changes models.
            access: says who may change them.
            files: how the TCP port is guarded; None for not at all.
            observer: sees the calls of models; None if nobody does.
            limits: of each client, if there are any.
        """
        ssl_file = None if files is None else files.grpc_ssl
        self._credentials = None if ssl_file is None else server_credentials(ssl_file)
        self._observer = observer
        self._limits = limits
        self._addresses = ClientAddresses(config.trusted_proxies)
        self._server = server
        self._config = config
        self._runner = runner
        self._control = control
        self._health: Any = None
        self._profiler = Profiler(server, control) if config.enable_profiler else None
        self._inference = OpenInferenceService(
            server, runner, control, changes, access, is_guarded=bool(config.grpc_token_file)
        )
        path = config.grpc_socket_path
        self._socket = SocketFile(path) if path else None
        self._memory = FreedMemory()
        self._send_id = send_request_id if config.request_ids else no_request_id
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
        methods[INFERENCE_SERVICE] = dict(self._inference.methods())
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

        def call(
            request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
        ) -> Awaitable[bytes]:
            prepare = partial(method, server, request)
            if server.routes_requests:
                key = key_in_metadata(server, context.invocation_metadata())
                prepare = partial(method, server, request, key)
            return runner.predict(prepare, small=is_small(method, request))

        return call

    def _counted(self, name: str, call: Call) -> Call:
        monitoring = self._server.monitoring
        if monitoring is None or name not in COUNTED:
            return call
        return counted_call(monitoring.serving, name, call)

    def _limited(self, call: Call) -> Call:
        limits = self._limits
        return call if limits is None else limited_call(limits, self._addresses, call)

    def _service(self, name: str, methods: Mapping[str, Call]) -> Any:  # noqa: ANN401 - generic in the stubs, not in grpc
        methods = {method: self._limited(call) for method, call in methods.items()}
        handlers: dict[str, Any] = {
            method: grpc.unary_unary_rpc_method_handler(
                self._handler(f"/{name}/{method}", call)
            )
            for method, call in methods.items()
        }
        if name == INFERENCE_SERVICE:
            handlers[STREAM_INFER] = grpc.stream_stream_rpc_method_handler(
                stream_handler(
                    self._observer,
                    f"/{name}/{STREAM_INFER}",
                    self._limited(self._inference.infer()),
                    self._send_id,
                    self._memory,
                )
            )
        return grpc.method_handlers_generic_handler(name, handlers)

    def _handler(self, path: str, call: Call) -> Call:
        memory = self._memory

        async def handle(
            request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
        ) -> bytes:
            try:
                response = await call(request, context)
            except Exception as error:  # noqa: BLE001 - the door is the last place to see it
                status, text = status_of(error, path)
            else:
                memory.answered(request, response)
                return response
            await context.abort(status, text)
            raise AssertionError("abort raises")

        if self._observer is None and not self._config.request_ids:
            return handle
        return observed_call(self._observer, path, handle, self._send_id)


def _of_request(call: Callable[[bytes], Awaitable[bytes]]) -> Call:
    return lambda request, _: call(request)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
