"""The REST door: listens, checks who asks, and sends each request where it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets, bind_unix_socket

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.client_address import ClientAddresses
from tfs_notebook.frontends.door_files import DoorFiles
from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.frontends.rest.client_limit import limited_requests
from tfs_notebook.frontends.rest.compression import Compressor
from tfs_notebook.frontends.rest.connections import LARGEST_LENGTH, Connections
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.rest.counted_requests import counted_requests
from tfs_notebook.frontends.rest.http import Handler, Headers, Request, Response
from tfs_notebook.frontends.rest.local_only import LocalOnly
from tfs_notebook.frontends.rest.metrics_page import MetricsPage
from tfs_notebook.frontends.rest.open_inference import OpenInference
from tfs_notebook.frontends.rest.openapi.document import OpenApiPage
from tfs_notebook.frontends.rest.openapi.places import OPENAPI_PATH
from tfs_notebook.frontends.rest.raw_input import PATH as RAW_INPUT_PATH
from tfs_notebook.frontends.rest.raw_input import RawInput
from tfs_notebook.frontends.rest.token import RestToken
from tfs_notebook.frontends.rest.v1 import RestV1
from tfs_notebook.frontends.rest.v2 import RestV2
from tfs_notebook.frontends.rest.web_page import WebPage
from tfs_notebook.frontends.ssl_config import SslSettings
from tfs_notebook.frontends.unix_socket import SocketFile
from tfs_notebook.serving.client_limits import ClientLimits
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import Unavailable

__all__ = ["RestFrontend"]

_NOT_FOUND = Response(
    404,
    b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1>"
    b"<p>The models are below /v1/models and /v2/models, raw text and images go to "
    b"/predict.</p>"
    b"</body></html>",
    (("Content-Type", "text/html"),),
)
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "POST, GET"),
    ("Access-Control-Allow-Headers", "Content-Type"),
)
_CORS_WITH_TOKEN = (
    *_CORS[:-1],
    ("Access-Control-Allow-Headers", "Content-Type, Authorization"),
)
# A large body in four times as few pieces as by default.
_CHUNK_BYTES = 256 * 1024


class RestFrontend:
    """Serves one model server over HTTP, on a TCP port, a Unix socket, or both.

    Everything belongs to the thread of the loop it is started on.
    """

    def __init__(
        self,
        server: ModelServer,
        config: ServerConfig,
        runner: RequestRunner,
        images: RequestRunner,
        control: RequestRunner,
        changes: RequestRunner,
        access: ControlAccess,
        files: DoorFiles,
        observer: RequestObserver | None = None,
        limits: ClientLimits | None = None,
    ) -> None:
        self._config = config
        timeout = config.rest_api_timeout_in_ms / 1000
        self._v1: Handler = RestV1(server, runner, control, timeout=timeout).handle
        self._metrics: MetricsPage | None = None
        if (monitoring := server.monitoring) is not None:
            self._v1 = counted_requests(monitoring.serving, self._v1)
            self._metrics = MetricsPage(server, monitoring, control, timeout=timeout)
        inference = OpenInference(server, runner, timeout=timeout)
        self._v2 = RestV2(server, inference, control, changes, access, timeout=timeout)
        metrics_path = None if self._metrics is None else self._metrics.path
        self._openapi = OpenApiPage(metrics_path)
        self._raw_input = RawInput(server, runner, images, timeout=timeout)
        self._page = WebPage.for_config(config)
        path = config.rest_api_socket_path
        self._socket = SocketFile(path) if path else None
        self._local_only = LocalOnly.for_config(config)
        level = config.rest_api_gzip_level
        self._compressor = Compressor(level) if level else None
        handler: Handler = self._handle
        if limits is not None:
            addresses = ClientAddresses(config.trusted_proxies)
            metrics_path = None if self._metrics is None else self._metrics.path
            handler = limited_requests(limits, addresses, handler, metrics_path)
        self._connections = Connections(
            handler,
            max_body_bytes=config.rest_api_max_body_bytes,
            request_ids=config.request_ids,
            compressor=self._compressor,
            further_headers=self._cors if config.rest_api_enable_cors_support else None,
            token=_token(files, config),
            is_public=self._is_of_page,
            observer=observer,
        )
        self._ssl_file = files.rest_ssl
        # The Unix socket is its user's own, and stays plain.
        self._over_tcp = self._listener()
        self._over_socket = self._listener()

    def _listener(self) -> HTTPServer:
        return HTTPServer(
            self._connections,
            # Ours is smaller and is answered in JSON, which Tornado's own is not.
            max_body_size=LARGEST_LENGTH,
            idle_connection_timeout=3600,
            chunk_size=_CHUNK_BYTES,
        )

    def _use_tls(self, file: ReloadedFile[SslSettings]) -> None:
        loop = asyncio.get_running_loop()

        def use(settings: SslSettings) -> None:
            # Tornado looks at it for each connection that comes.
            self._over_tcp.ssl_options = settings.context

        def changed(settings: SslSettings) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody connects any more
                loop.call_soon_threadsafe(use, settings)

        use(file.current)
        file.changed = changed

    def start(self) -> list[str]:
        """Listen and serve.

        Returns:
            where: ``host:port`` and ``UNIX socket path``.

        Raises:
            Unavailable: an address that cannot be had; the text names it.
        """
        places = []
        if port := self._config.rest_api_port:
            host = self._config.host
            if self._ssl_file is not None:
                self._use_tls(self._ssl_file)
            try:
                self._over_tcp.add_sockets(bind_sockets(port, host))
            except OSError as error:
                raise Unavailable(f"REST cannot listen on {host}:{port}: {error}") from None
            places.append(f"{'localhost' if self._local_only else host}:{port}")
        if self._socket is not None:
            self._socket.claim()
            try:
                self._over_socket.add_socket(bind_unix_socket(self._socket.path, mode=0o600))
            except (OSError, ValueError) as error:
                reason = f"REST cannot listen on {self._socket.path}: {error}"
                raise Unavailable(reason) from None
            self._socket.bound()
            places.append(f"UNIX socket {self._socket.path}")
        self._v2.start()
        return places

    async def stop(self, grace: float) -> None:
        """Take no more requests, give those under way ``grace`` seconds, and close.

        A request is under way until the last byte of its answer is written.
        """
        self._over_tcp.stop()
        self._over_socket.stop()
        self._v2.close()
        await self._connections.drain(grace)
        if self._compressor is not None:
            self._compressor.stop()
        await asyncio.wait(
            [
                asyncio.ensure_future(self._over_tcp.close_all_connections()),
                asyncio.ensure_future(self._over_socket.close_all_connections()),
            ],
            timeout=1,
        )
        if self._socket is not None:
            self._socket.remove()

    def _handle(self, request: Request) -> Awaitable[Response]:
        if self._local_only is not None:
            self._local_only.check(request)
        handler = self._handler(request.path)
        if handler is None:
            page = None if self._page is None else self._page.answer(request)
            return _at_once(page or _NOT_FOUND)
        if request.method == "OPTIONS":
            return _at_once(_preflight(request))
        return handler(request)

    def _is_of_page(self, method: str, path: str, headers: HTTPHeaders) -> bool:
        # The page of metrics may have been given a path of the page's.
        if self._page is None or self._handler(path) is not None:
            return False
        return self._page.has(method, path, headers)

    def _cors(self, target: str) -> Headers:
        path = target.partition("#")[0].partition("?")[0]
        if self._handler(path) is None:
            return ()
        return _CORS if self._connections.token is None else _CORS_WITH_TOKEN

    def _handler(self, path: str) -> Handler | None:
        if path[:4].lower() == "/v1/":
            return self._v1
        if path == "/v2" or path.startswith("/v2/"):
            return self._v2.handle
        if self._metrics is not None and path == self._metrics.path:
            return self._metrics.handle
        if path == OPENAPI_PATH:
            return self._openapi.handle
        return self._raw_input.handle if path == RAW_INPUT_PATH else None


def _token(files: DoorFiles, config: ServerConfig) -> RestToken | None:
    if files.rest_token is None:
        return None
    cors = config.rest_api_enable_cors_support
    return RestToken(files.rest_token, files.control_token, cors=cors)


async def _at_once(response: Response) -> Response:
    return response


def _preflight(request: Request) -> Response:
    origin = request.headers.get("Origin", "")
    allowed = "http://" in origin or "https://" in origin
    return Response(200 if allowed else 400, b"", ())
