"""What goes over the relay's connections, whichever side breaks off, and when."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from jupyter_server.serverapp import ServerApp
from tornado import web
from tornado.iostream import StreamClosedError

from tests.jupyter.in_server.scripted import ScriptedServer
from tfs_notebook.jupyter.app import TfsNotebookApp
from tfs_notebook.jupyter.gateway import Gateway
from tfs_notebook.jupyter.host import Host, Status
from tfs_notebook.jupyter.log_lines import LogLines
from tfs_notebook.jupyter.supervision import RestartPolicy
from tfs_notebook.jupyter.upstream import Upstream

Run = Callable[[Awaitable[Any]], Any]
Send = Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

MIB: Final = 1024 * 1024
MODEL: Final = "tfs/v1/models/half"
PREDICT: Final = f"{MODEL}:predict"


async def _told(_status: Status) -> None:
    """Nobody listens."""


async def until(probe: Callable[[], bool], what: str, *, seconds: float = 8.0) -> None:
    """Let the loop run until this holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not probe():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(0.005)


@pytest.fixture
def upstream(short_directory: Path) -> Upstream:
    """One request at a time: a connection that is not given back is missed at once."""
    return Upstream(str(short_directory / "rest.sock"), 1)


@pytest.fixture
def server(
    extension: TfsNotebookApp, upstream: Upstream, short_directory: Path, run: Run
) -> Any:
    """The model server behind the relay."""

    async def start() -> tuple[ScriptedServer, Host]:
        scripted = ScriptedServer(short_directory / "rest.sock")
        host = Host(
            lambda: scripted,
            upstream,
            policy=RestartPolicy(),
            listener=_told,
            lines=LogLines(),
            grace=0.0,
            start_timeout=30.0,
        )
        gateway: Gateway = extension.settings["tfs_notebook_gateway"]
        gateway.host = host
        host.start()
        await until(lambda: host.status.state == "ready", "the model server is ready")
        return scripted, host

    scripted, host = run(start())
    yield scripted
    run(host.stop())


@pytest.fixture
def send(
    jp_serverapp: ServerApp,
    http_server: object,
    http_server_port: Any,
    jp_base_url: str,
    run: Run,
) -> Iterator[Send]:
    """Sends a request as it is written, with a login; gives the connection."""
    port = http_server_port[0].getsockname()[1]
    token = jp_serverapp.identity_provider.token
    writers: list[asyncio.StreamWriter] = []

    async def sent(
        method: str, path: str, *headers: str, body: bytes = b"", limit: int = 2**16
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
        writers.append(writer)
        head = [f"{method} {jp_base_url}{path} HTTP/1.1", "Host: localhost"]
        lines = [*head, f"Authorization: token {token}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        return reader, writer

    async def close() -> None:
        for writer in writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    yield sent
    run(close())


@pytest.fixture
def ask(send: Send) -> Callable[..., Awaitable[tuple[int, bytes]]]:
    """Sends such a request, and reads status and body of the answer."""

    async def asked(method: str, path: str, *headers: str, body: bytes = b"") -> Any:
        reader, _ = await send(method, path, *headers, body=body)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 8)
        (length,) = re.findall(rb"Content-Length: (\d+)", head)
        return int(head.split()[1]), await reader.readexactly(int(length))

    return asked


def readings() -> list[str]:
    """What still reads from the model server, by name."""
    return [
        name
        for task in asyncio.all_tasks()
        if "Exchange" in (name := getattr(task.get_coro(), "__qualname__", ""))
    ]


@asynccontextmanager
async def held(server: ScriptedServer) -> AsyncIterator[asyncio.Event]:
    """Requests are answered once the event is set, or the block ends."""
    event = asyncio.Event()

    async def answer(handler: web.RequestHandler) -> None:
        await event.wait()
        handler.write({"held": True})

    before, server.answer = server.answer, answer
    try:
        yield event
    finally:
        server.answer = before
        event.set()


class LargeAnswer:
    """An answer of 200 MiB, in pieces that are written when the one before is gone."""

    pieces: Final = 200

    def __init__(self) -> None:
        self.written = 0

    async def __call__(self, handler: web.RequestHandler) -> None:
        with suppress(StreamClosedError):
            for _ in range(self.pieces):
                handler.write(b" " * MIB)
                await handler.flush()
                self.written += 1

    async def stalled(self, ask: Any) -> int:
        """Wait until nobody takes any more of it; gives the pieces that were taken."""
        await until(lambda: self.written > 0, "the answer has begun")
        before, same = 0, 0
        while same < 50:
            # A hundred turns of the loop, in which a piece could have moved.
            assert (await ask("GET", "api/status"))[0] == 200
            same = same + 1 if self.written == before else 0
            before = self.written
        return before


class TestFraming:
    """A request stays one request, whatever its headers say of where it ends."""

    SMUGGLED: Final = b"POST /v2/repository/models/half/unload HTTP/1.1\r\nHost: x\r\n\r\n"

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("way", ["chunked", "length", "dropped length"])
    def test_a_body_is_no_second_request(
        self, method: str, way: str, server: ScriptedServer, ask: Any, run: Run
    ) -> None:
        headers = [f"Content-Length: {len(self.SMUGGLED)}"]
        body = self.SMUGGLED
        if way == "chunked":
            headers = ["Transfer-Encoding: chunked"]
            body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        elif way == "dropped length":
            headers.append("Connection: content-length")

        async def twice() -> list[int]:
            path = MODEL if method == "GET" else PREDICT
            first, _ = await ask(method, path, *headers, body=body)
            second, _ = await ask("GET", MODEL)
            return [first, second]

        assert run(twice()) == [200, 200]
        assert [(one.method, one.path) for one in server.requests] == [
            (method, "/v1/models/half" if method == "GET" else "/v1/models/half:predict"),
            ("GET", "/v1/models/half"),
        ]
        # Nor is it passed on where it means nothing.
        assert server.requests[0].body == (b"" if method == "GET" else self.SMUGGLED)

    def test_a_length_that_is_said_twice(
        self, server: ScriptedServer, ask: Any, run: Run
    ) -> None:
        headers = ("Content-Length: 2", "Content-Length: 2")
        assert run(ask("POST", PREDICT, *headers, body=b"{}"))[0] == 200
        assert server.requests[0].body == b"{}"

    @pytest.mark.parametrize("length", ["9" * 30, "9" * 5000])
    def test_a_length_beyond_all_bounds(
        self, length: str, server: ScriptedServer, ask: Any, run: Run
    ) -> None:
        status, body = run(ask("POST", PREDICT, f"Content-Length: {length}"))
        assert status == 413
        assert "max_body_bytes" in json.loads(body)["error"]
        assert not server.requests

    def test_chunks_beyond_the_limit(
        self, server: ScriptedServer, extension: TfsNotebookApp, send: Send, ask: Any, run: Run
    ) -> None:
        gateway: Gateway = extension.settings["tfs_notebook_gateway"]
        gateway.limits = replace(gateway.limits, max_body_bytes=100_000)
        piece = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"

        async def too_much() -> None:
            chunked = "Transfer-Encoding: chunked"
            reader, _ = await send("POST", PREDICT, chunked, body=piece * 2)
            # With or without a 400: what was on its way may reset the connection.
            with suppress(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 8)
            assert (await ask("GET", MODEL))[0] == 200

        run(too_much())
        assert [one.method for one in server.requests] == ["GET"]

    def test_no_connection_is_handed_over(
        self, server: ScriptedServer, ask: Any, run: Run
    ) -> None:
        headers = ("Connection: Upgrade, x-mine", "Upgrade: websocket", "X-Mine: 1")
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        status, _ = run(ask("GET", MODEL, *headers, key))
        assert status == 200
        (request,) = server.requests
        assert not {"Upgrade", "X-Mine", "Authorization"} & set(request.headers)

    @pytest.mark.parametrize(
        ("target", "arrives"),
        [
            ("predict?text=a%20b%2Bc", "/predict?text=a%20b%2Bc"),
            ("predict?text=加我", "/predict?text=%E5%8A%A0%E6%88%91"),
            ("v1/models/a%2Fb", "/v1/models/a%2Fb"),
            ("v1/../v2/repository", "/v1/../v2/repository"),
            ("predict?%5Fxsrf=2&no_track_activity=1&text=a", "/predict?text=a"),
        ],
        ids=["quoted", "bytes", "slash", "dots", "login"],
    )
    def test_what_is_asked_for(
        self, target: str, arrives: str, server: ScriptedServer, ask: Any, run: Run
    ) -> None:
        assert run(ask("GET", f"tfs/{target}"))[0] == 200
        (request,) = server.requests
        assert request.uri == arrives


class TestTheClientLeaves:
    """What it has asked for is dropped, and its connection is free for others."""

    def test_before_the_answer(
        self, server: ScriptedServer, send: Send, ask: Any, run: Run
    ) -> None:
        async def leave() -> None:
            async with held(server):
                _, writer = await send("POST", PREDICT, "Content-Length: 2", body=b"{}")
                await until(lambda: len(server.requests) == 1, "it is being answered")
                writer.close()
                await until(lambda: server.left == 1, "the model server knows")
            assert (await ask("GET", MODEL))[0] == 200
            await until(lambda: not readings(), "nothing reads")

        run(leave())

    def test_in_the_middle_of_the_answer(
        self, server: ScriptedServer, send: Send, ask: Any, run: Run
    ) -> None:
        async def leave() -> None:
            large = LargeAnswer()
            before, server.answer = server.answer, large
            _, writer = await send("POST", PREDICT, "Content-Length: 2", body=b"{}")
            await large.stalled(ask)
            writer.transport.abort()
            await until(lambda: server.left == 1, "the model server knows")
            server.answer = before
            assert (await ask("GET", MODEL))[0] == 200
            await until(lambda: not readings(), "nothing reads")

        run(leave())

    def test_in_the_middle_of_the_request(
        self, server: ScriptedServer, send: Send, ask: Any, run: Run
    ) -> None:
        async def leave() -> None:
            _, writer = await send("POST", PREDICT, "Content-Length: 100", body=b"{")
            writer.close()
            assert (await ask("GET", MODEL))[0] == 200
            await until(lambda: not readings(), "nothing reads")

        run(leave())
        assert [one.method for one in server.requests] == ["GET"]

    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_while_it_waits_for_a_connection(
        self,
        body: bytes,
        server: ScriptedServer,
        upstream: Upstream,
        send: Send,
        ask: Any,
        run: Run,
    ) -> None:
        async def leave() -> None:
            async with held(server) as event:
                _, first = await send("GET", MODEL)
                await until(lambda: len(server.requests) == 1, "it is being answered")
                length = [f"Content-Length: {len(body)}"] if body else []
                path = PREDICT if body else MODEL
                _, second = await send("POST" if body else "GET", path, *length, body=body)
                await until(lambda: upstream.waiting == 1, "the second waits")
                second.close()
                # Whose end has come before this.
                assert (await ask("GET", "api/status"))[0] == 200
                event.set()
                assert (await ask("GET", MODEL))[0] == 200
                first.close()
                await until(lambda: not readings(), "nothing reads")

        run(leave())


@pytest.mark.parametrize("sent", [0, 1000])
def test_a_model_server_that_breaks_off_in_its_answer(
    sent: int, server: ScriptedServer, send: Send, ask: Any, run: Run
) -> None:
    seen = asyncio.Event()

    async def answer(handler: web.RequestHandler) -> None:
        handler.set_header("Content-Length", "2000")
        handler.write(b" " * sent)
        await handler.flush()
        if sent:
            await seen.wait()
        connection: Any = handler.request.connection
        connection.stream.close()

    async def broken() -> bytes:
        before, server.answer = server.answer, answer
        reader, _ = await send("GET", MODEL)
        if sent:
            told = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(sent)
            seen.set()
            # That it is not whole can be seen.
            assert await asyncio.wait_for(reader.read(), 8) == b""
        else:
            told = await reader.readuntil(b"}")
        server.answer = before
        assert (await ask("GET", MODEL))[0] == 200
        return told

    told = run(broken())
    assert told.split()[1] == (b"200" if sent else b"503")
    assert sent or b"the model server ended in the middle of its answer" in told


def test_a_client_that_does_not_read_holds_the_model_server_back(
    server: ScriptedServer, send: Send, ask: Any, run: Run
) -> None:
    async def read_late() -> int:
        large = server.answer = LargeAnswer()
        reader, _ = await send("GET", MODEL)
        at_rest = await large.stalled(ask)
        await reader.readuntil(b"\r\n\r\n")
        left = large.pieces * MIB
        while left > 0 and (piece := await asyncio.wait_for(reader.read(MIB), 8)):
            left -= len(piece)
        return at_rest

    # What the sockets between the three hold, and no more.
    assert run(read_late()) < LargeAnswer.pieces // 4


def test_what_jupyter_itself_asks_takes_no_connection_from_others(
    server: ScriptedServer, upstream: Upstream, send: Send, run: Run
) -> None:
    async def asked() -> int:
        async with held(server):
            _, writer = await send("GET", MODEL)
            await until(lambda: len(server.requests) == 1, "the only connection is taken")
            status, _ = await upstream.fetch("/v2/health/live", timeout=30)
            writer.close()
            return status

    assert run(asked()) == 200
