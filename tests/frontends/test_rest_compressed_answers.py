"""Answers that are compressed, for clients that ask."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frontends.rest_requests import PREDICT, connect, error_text, post, raw, request_head
from tests.half_plus_two import BODY
from tests.server_process import ServerProcess, config_text
from tfs_notebook.frontends.rest.compression import Compressor, accepts_gzip
from tfs_notebook.frontends.rest.http import Response

LARGE = json.dumps({"instances": list(range(5000))}).encode()
PLAIN_HEADERS = {"content-type", "content-length"}


@pytest.fixture
def asked(server: ServerProcess) -> Iterator[Callable[..., httpx.Response]]:
    """Sends a request that says it accepts gzip; the answer's body is as it came."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        # What httpx says of its own accord.
        del client.headers["Accept-Encoding"]

        def ask(method: str, path: str, **options: object) -> httpx.Response:
            headers = {"Accept-Encoding": "gzip", **options.pop("headers", {})}  # type: ignore[dict-item]
            request = client.build_request(method, path, headers=headers, **options)  # type: ignore[arg-type]
            response = client.send(request, stream=True)
            response.extensions["sent"] = b"".join(response.iter_raw())
            return response

        yield ask


def sent(response: httpx.Response) -> bytes:
    body: bytes = response.extensions["sent"]
    return body


def test_a_large_answer(asked: Callable[..., httpx.Response], http: httpx.Client) -> None:
    plain = http.post(PREDICT, content=LARGE, headers={"Accept-Encoding": "identity"})
    assert set(plain.headers) == PLAIN_HEADERS
    response = asked("POST", PREDICT, content=LARGE)
    assert response.status_code == 200
    assert dict(response.headers) == {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "vary": "Accept-Encoding",
        "content-length": str(len(sent(response))),
    }
    assert gzip.decompress(sent(response)) == plain.content
    assert len(sent(response)) < len(plain.content) / 2


def test_what_is_told_of_a_model(asked: Callable[..., httpx.Response]) -> None:
    response = asked("GET", "/v1/models/half_plus_two/metadata")
    assert response.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(sent(response)))["model_spec"]["version"] == "1"


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br", ""])
def test_whoever_does_not_ask_gets_it_as_it_is(http: httpx.Client, accepted: str) -> None:
    response = http.post(PREDICT, content=LARGE, headers={"Accept-Encoding": accepted})
    assert set(response.headers) == PLAIN_HEADERS
    assert len(response.json()["predictions"]) == 5000


def test_small_answers_and_errors_are_as_they_are(
    asked: Callable[..., httpx.Response],
) -> None:
    for content in (BODY, b"{"):
        response = asked("POST", PREDICT, content=content)
        assert set(response.headers) == PLAIN_HEADERS
        assert json.loads(sent(response))


def test_the_size_from_which_on(
    asked: Callable[..., httpx.Response], http: httpx.Client
) -> None:
    sizes = {}
    for length in range(1, 400):
        text = "x" * length
        response = asked("POST", "/v1/models/texts:predict", content=one_text(text))
        is_compressed = "content-encoding" in response.headers
        body = gzip.decompress(sent(response)) if is_compressed else sent(response)
        sizes[len(body)] = is_compressed
    assert min(sizes) < 1023 < 1024 < max(sizes)
    assert all(is_compressed == (size >= 1024) for size, is_compressed in sizes.items())


def one_text(text: str) -> bytes:
    return json.dumps({"signature_name": "echo", "instances": [text * 4]}).encode()


def test_a_connection_goes_on_after_it(server: ServerProcess) -> None:
    accepts = b"Accept-Encoding: gzip"
    received = raw(
        server,
        request_head(len(LARGE), accepts) + LARGE,
        request_head(len(BODY), accepts, b"Connection: close") + BODY,
    )
    _, large, small = received.split(b"HTTP/1.1 200 OK\r\n")
    assert gzip.decompress(large.partition(b"\r\n\r\n")[2]).count(b",") == 4999
    assert json.loads(small.partition(b"\r\n\r\n")[2]) == {"predictions": [2.5]}


def test_clients_that_leave_meanwhile(server: ServerProcess, http: httpx.Client) -> None:
    body = b'{"inputs": 1000000}'
    head = request_head(len(body), b"Accept-Encoding: gzip")
    for _ in range(3):
        with closing(connect(server)) as connection:
            connection.sendall(head.replace(b"half_plus_two", b"large_outputs") + body)
    assert http.post(PREDICT, content=BODY).status_code == 200
    assert "Traceback" not in server.log


def test_a_flag_turns_it_off(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"half_plus_two": models / "half_plus_two"}))
    server = start_server(f"--model_config_file={config}", "--rest_api_gzip_level=0")
    with httpx.Client(base_url=server.url) as client:
        response = client.post(PREDICT, content=LARGE, headers={"Accept-Encoding": "gzip"})
        assert set(response.headers) == PLAIN_HEADERS
        assert len(response.json()["predictions"]) == 5000
        # It is for answers alone.
        headers = {"Content-Encoding": "gzip"}
        response = client.post(PREDICT, content=gzip.compress(BODY), headers=headers)
        assert response.json() == {"predictions": [2.5]}
        assert error_text(post(client, "nobody:predict", b"{}"), 404)


@pytest.mark.parametrize(
    ("accepted", "is_asked"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate", True),
        ("deflate, gzip, br, zstd", True),
        ("gzip;q=1.0", True),
        ("gzip ; q=0.001", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("*;q=0.5, identity;q=0.5", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("deflate", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, gzip;q=0.5", False),
        ("gzip;q=2", False),
        ("gzip;q=0.1234", False),
        ("gzip;q=nan", False),
        ("gzip;level=9", False),
        ("gzippy", False),
    ],
)
def test_accept_encoding(accepted: str, is_asked: bool) -> None:
    assert accepts_gzip(accepted) is is_asked


@given(st.text(st.sampled_from("gzip*x-;q=01.,  identity"), max_size=40))
def test_any_header_is_read(header: str) -> None:
    if accepts_gzip(header):
        assert "gzip" in header or "*" in header


async def test_the_loop_goes_on_while_a_large_answer_is_compressed() -> None:
    compressor = Compressor(1)
    large = Response(200, bytes(range(256)) * (32 * 1024 * 4))
    compressing = asyncio.ensure_future(compressor.compressed(large))
    turns = 0
    while not compressing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert gzip.decompress((await compressing).body) == large.body
    compressor.stop()
    # The server ends: there is no thread for it any more.
    assert await compressor.compressed(large) is large
