"""Flags of the REST door: timeouts, limits, ids of requests, a log, a socket."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.frontends.rest_requests import PREDICT, error_text, raw, request_head
from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text


@pytest.fixture(scope="module")
def limited(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with short timeouts, small bodies, request ids and an access log."""
    directory = tmp_path_factory.mktemp("limited")
    config = directory / "config"
    served = ("half_plus_two", "slow")
    config.write_text(config_text({name: models / name for name in served}))
    flags = [
        f"--model_config_file={config}",
        "--rest_api_timeout_in_ms=300",
        "--rest_api_max_body_bytes=10000",
        "--request_ids",
        "--access_log",
    ]
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture(scope="module")
def limited_http(limited: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=limited.url, timeout=30) as client:
        yield client


def test_timeouts_are_504(limited_http: httpx.Client) -> None:
    response = limited_http.post("/v1/models/slow:predict", content=b'{"instances": [3.0]}')
    assert "300 ms" in error_text(response, 504)
    # It goes on: what has ended is counted.
    (counted,) = limited_http.get("/v2/models/slow/stats").json()["model_stats"]
    assert counted["inference_count"] == 0
    assert limited_http.post(PREDICT, content=BODY).json() == ANSWER


def test_bodies_over_the_limit_are_413(
    limited: ServerProcess, limited_http: httpx.Client
) -> None:
    response = limited_http.post(PREDICT, content=BODY + b" " * 10_000)
    assert "limit is 10000" in error_text(response, 413)
    fits = BODY + b" " * (10_000 - len(BODY))
    assert limited_http.post(PREDICT, content=fits).json() == ANSWER

    chunks = b"".join(b"3e8\r\n%b\r\n" % (b" " * 1000) for _ in range(11))
    received = raw(limited, request_head(None, b"Transfer-Encoding: chunked") + chunks)
    assert received.startswith(b"HTTP/1.1 413")
    assert b"limit is 10000" in received
    assert limited_http.post(PREDICT, content=BODY).json() == ANSWER
    # It is told before the body comes.
    received = raw(limited, request_head(5_000_000_000, b"Connection: close"))
    assert received.startswith(b"HTTP/1.1 413")


def test_a_gzipped_body_within_the_limit_may_inflate_beyond_it(
    limited_http: httpx.Client,
) -> None:
    content = gzip.compress(BODY + b" " * 100_000)
    response = limited_http.post(PREDICT, content=content, headers={"Content-Encoding": "gzip"})
    assert response.json() == ANSWER


def test_request_ids_and_the_access_log(
    limited: ServerProcess, limited_http: httpx.Client
) -> None:
    response = limited_http.post(PREDICT, content=BODY, headers={"X-Request-Id": "mine-2"})
    assert response.headers["x-request-id"] == "mine-2"
    made = limited_http.post(PREDICT, content=BODY).headers["x-request-id"]
    assert len(made) == 32
    for unfit in ("with blank", "x" * 200):
        answer = limited_http.post(PREDICT, content=BODY, headers={"X-Request-Id": unfit})
        assert answer.headers["x-request-id"] != unfit
    limited_http.get("/v1/models/nobody")
    poll_until(lambda: "/v1/models/nobody" in limited.log, "the log has it")
    lines = [line for line in limited.log.splitlines() if "tfs_notebook.access" in line]
    [mine] = [line for line in lines if line.endswith("mine-2")]
    assert f'127.0.0.1 REST "POST {PREDICT}" 200 ' in mine
    [nobody] = [line for line in lines if "/v1/models/nobody" in line]
    assert '"GET /v1/models/nobody" 404 ' in nobody


def test_log_lines_cannot_be_forged(limited: ServerProcess) -> None:
    for path in (b"/v1/models/\x1b[31m\xc2\x85", b"/v1/models/m%0Aforged%1b"):
        raw(limited, b"GET " + path + b" HTTP/1.0\r\nHost: localhost\r\n\r\n")
    poll_until(lambda: "forged" in limited.log, "the log has it")
    assert "\nforged" not in limited.log
    assert "\x1b" not in limited.log
    assert "\x85" not in limited.log


def test_the_rest_door_on_a_unix_socket(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "r.sock"
    server = start_server(
        f"--rest_api_socket_path={path}",
        f"--model_base_path={models / 'half_plus_two'}",
        "--model_name=half_plus_two",
        rest_port=0,
    )
    assert path.stat().st_mode & 0o777 == 0o600
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        assert client.post(PREDICT, content=BODY).json() == ANSWER
    server.stop()
    assert not path.exists()
