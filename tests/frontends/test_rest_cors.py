"""CORS: which answers have its headers, and what is answered before a page may ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.frontends.rest_requests import PREDICT, error_text, raw, request_head
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess, config_text

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
}
PAGE = {"Origin": "https://example.com"}


@pytest.fixture(scope="module")
def open_server(
    models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server that any page may call; its bodies and its time are short."""
    directory = tmp_path_factory.mktemp("cors")
    config = directory / "config"
    config.write_text(
        config_text({name: models / name for name in ("half_plus_two", "slow", "examples")})
    )
    flags = [
        f"--model_config_file={config}",
        "--rest_api_enable_cors_support",
        "--rest_api_timeout_in_ms=1000",
        "--rest_api_max_body_bytes=100000",
    ]
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture(scope="module")
def page(open_server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=open_server.url, timeout=30, headers=PAGE) as client:
        # Compressed answers have headers of their own.
        client.headers["Accept-Encoding"] = "identity"
        yield client


def headers(response: httpx.Response, *, json: bool = True) -> dict[str, str]:
    """All but those every answer has."""
    told = dict(response.headers)
    assert told.pop("content-length") == str(len(response.content))
    assert told.pop("content-type", "") == ("application/json" if json else "")
    return told


def test_the_headers_of_every_answer(page: httpx.Client) -> None:
    answers = {
        200: page.post(PREDICT, content=BODY),
        400: page.post(PREDICT, content=b"{"),
        404: page.get("/v1/models/nobody"),
        504: page.post("/v1/models/slow:predict", content=b'{"instances": [4.0]}'),
    }
    for status, response in answers.items():
        assert response.status_code == status
        assert headers(response) == CORS
    for path in ("/v1/models", "/v1/models/half_plus_two/metadata", "/V1/models/half_plus_two"):
        response = page.get(path)
        assert response.status_code == 200
        assert headers(response) == CORS
    for response in (page.get("/v1/nothing"), page.put(PREDICT), page.delete("/v1/models/m")):
        assert response.status_code == 400
        assert headers(response) == CORS


def test_the_headers_of_refusals(open_server: ServerProcess, page: httpx.Client) -> None:
    response = page.post(PREDICT, content=b" " * 100_001)
    assert error_text(response, 413)
    told = headers(response)
    assert told.pop("connection") == "close"
    assert told == CORS
    response = page.get("/v1/models", headers={"Host": "example.com"})
    assert (response.status_code, headers(response)) == (403, CORS)
    received = raw(open_server, request_head(5_000_000_000))
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in received


@pytest.mark.parametrize(
    "origin",
    ["https://example.com", "http://example.com:8080", "http://localhost", "x http://y"],
)
@pytest.mark.parametrize("path", [PREDICT, "/v1/models", "/v1/anything"])
def test_a_page_may_ask_first(page: httpx.Client, path: str, origin: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = page.options(path, headers=asked)
    assert (response.status_code, response.content) == (200, b"")
    assert headers(response, json=False) == CORS


@pytest.mark.parametrize("origin", ["file://", "null", "", "HTTPS://EXAMPLE.COM"])
def test_what_is_no_page_may_not(page: httpx.Client, origin: str) -> None:
    response = page.options(PREDICT, headers={"Origin": origin})
    assert (response.status_code, response.content) == (400, b"")
    assert headers(response, json=False) == CORS


def test_without_an_origin(open_server: ServerProcess) -> None:
    response = httpx.options(f"{open_server.url}{PREDICT}")
    assert (response.status_code, response.content) == (400, b"")
    assert headers(response, json=False) == CORS


def test_outside_of_the_api_there_are_none(page: httpx.Client) -> None:
    response = page.get("/nowhere?path=/v1/models")
    assert response.status_code == 404
    assert not CORS.keys() & response.headers.keys()


def test_without_the_flag_there_are_none(http: httpx.Client) -> None:
    own = {"Origin": "http://localhost:8888"}
    response = http.post(PREDICT, content=BODY, headers=own)
    assert response.json() == ANSWER
    assert headers(response) == {}
    # It is answered all the same.
    response = http.options(PREDICT, headers=own)
    assert (response.status_code, response.content) == (200, b"")
    assert headers(response, json=False) == {}
    response = http.options(PREDICT)
    assert (response.status_code, response.content) == (400, b"")
    assert headers(response, json=False) == {}
    response = http.options(PREDICT, headers=PAGE)
    assert (response.status_code, headers(response)) == (403, {})
