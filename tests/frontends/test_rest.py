"""The REST door besides predictions: status, metadata, lists, health, HTTP itself."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

PREDICT = "/v1/models/half_plus_two:predict"
BODY = b'{"instances": [1.0]}'
ANSWER = {"predictions": [2.5]}


def error_text(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    text: str = response.json()["error"]
    return text


# -- status, metadata, the list of models ------------------------------------------


def test_status(http: httpx.Client) -> None:
    expected = {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    for path in ("", "/versions/1", "/labels/stable"):
        response = http.get(f"/v1/models/half_plus_two{path}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.json() == expected
    assert response.text == json.dumps(expected, indent=1) + "\n"


def test_status_errors(http: httpx.Client) -> None:
    response = http.get("/v1/models/nobody")
    assert error_text(response, 404) == "Could not find any versions of model nobody"
    response = http.get("/v1/models/half_plus_two/versions/9")
    assert error_text(response, 404) == "Could not find version 9 of model half_plus_two"
    response = http.get("/v1/models/half_plus_two/labels/nobody")
    assert error_text(response, 400) == "Unrecognized servable version label: nobody"
    response = http.get(f"/v1/models/half_plus_two/versions/{2**63}")
    assert error_text(response, 400) == f"Failed to convert version: {2**63} to numeric."


def test_metadata(http: httpx.Client) -> None:
    response = http.get("/v1/models/half_plus_two/metadata")
    assert response.status_code == 200
    described = response.json()
    assert described["model_spec"] == {
        "name": "half_plus_two",
        "signature_name": "",
        "version": "1",
    }
    assert list(described["metadata"]) == ["signature_def"]
    signatures = described["metadata"]["signature_def"]["signature_def"]
    dims = [{"size": "-1", "name": ""}, {"size": "1", "name": ""}]
    tensor = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": dims, "unknown_rank": False}}
    assert signatures["serving_default"] == {
        "inputs": {"x": {**tensor, "name": "x:0"}},
        "outputs": {"y": {**tensor, "name": "y:0"}},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    assert signatures["regress_x_to_y"]["method_name"] == "tensorflow/serving/regress"
    for path in ("versions/1/metadata", "labels/stable/metadata"):
        assert http.get(f"/v1/models/half_plus_two/{path}").json() == described


def test_metadata_of_every_model_can_be_read(http: httpx.Client, models: Path) -> None:
    names = [entry["name"] for entry in http.get("/v1/models").json()["models"]]
    for name in names:
        described = http.get(f"/v1/models/{name}/metadata").json()
        assert described["metadata"]["signature_def"]["signature_def"]


def test_metadata_errors(http: httpx.Client) -> None:
    response = http.get("/v1/models/nobody/metadata")
    assert error_text(response, 404) == "Servable not found for request: Latest(nobody)"
    response = http.get("/v1/models/several/versions/2/metadata")
    assert error_text(response, 404) == "Servable not found for request: Specific(several, 2)"


def test_metadata_of_the_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    expected = json.loads((reference_models / "half_plus_two_model_metadata.json").read_text())
    path = reference_models / "saved_model_half_plus_two_cpu"
    server = start_server(f"--model_base_path={path}", "--model_name=half_plus_two")
    got = httpx.get(f"{server.url}/v1/models/half_plus_two/metadata").json()
    assert got["metadata"] == expected["metadata"]


def test_the_list_of_models(http: httpx.Client, models: Path) -> None:
    for path in ("/v1/models", "/v1/models/"):
        listed = {entry["name"]: entry for entry in http.get(path).json()["models"]}
        entry = listed["half_plus_two"]
        assert entry["base_path"] == str(models / "half_plus_two")
        assert entry["model_version_status"][0]["state"] == "AVAILABLE"
        assert entry["version_labels"] == {"stable": "1"}
        assert "waiting_for" not in entry
        assert {"texts", "several", "tables"} <= listed.keys()


def test_predict_of_models_that_are_not_there(http: httpx.Client) -> None:
    for path, status, text in (
        ("nobody", 404, "Servable not found for request: Latest(nobody)"),
        ("half_plus_two99", 404, "Servable not found for request: Latest(half_plus_two99)"),
        ("half_plus_two/versions/9", 404,
         "Servable not found for request: Specific(half_plus_two, 9)"),
        ("half_plus_two/labels/no", 400, "Unrecognized servable version label: no"),
    ):  # fmt: skip
        response = http.post(f"/v1/models/{path}:predict", content=BODY)
        assert error_text(response, status) == text


def test_predict_of_versions_and_labels(http: httpx.Client) -> None:
    for path in ("", "/versions/1", "/versions/01", "/labels/stable", "/labels/st%61ble"):
        assert (
            http.post(f"/v1/models/half_plus_two{path}:predict", content=BODY).json() == ANSWER
        )
    assert http.post("/V1/MODELS/half%5Fplus%5Ftwo:predict", content=BODY).json() == ANSWER


def test_names_that_need_percent_encoding(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        config_text(
            {"a/b:c d": models / "half_plus_two"},
            **{"a/b:c d": 'version_labels { key: "x/y" value: 1 }'},
        )
    )
    server = start_server(f"--model_config_file={config}")
    name = f"{server.url}/v1/models/a%2Fb%3Ac%20d"
    assert httpx.post(f"{name}:predict", content=BODY).json() == ANSWER
    assert httpx.post(f"{name}/labels/x%2Fy:predict", content=BODY).json() == ANSWER
    assert httpx.get(f"{name}/metadata").json()["model_spec"]["name"] == "a/b:c d"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", PREDICT),
        ("DELETE", "/v1/models/half_plus_two"),
        ("PATCH", "/v1/models/half_plus_two"),
        ("GET", PREDICT),
        ("POST", "/v1/models/half_plus_two"),
        ("POST", "/v1/models/half_plus_two:PREDICT"),
        ("GET", "/v1/models/half_plus_two/versions/HELLO"),
        ("GET", "/v1/something"),
        ("POST", "/v1/"),
    ],
)
def test_malformed_requests(http: httpx.Client, method: str, path: str) -> None:
    response = http.request(method, path, content=BODY)
    assert error_text(response, 400) == f"Malformed request: {method} {path}"


def test_query_and_fragment_do_not_count(http: httpx.Client) -> None:
    assert http.post(f"{PREDICT}?a=b&c", content=BODY).json() == ANSWER
    assert http.get("/v1/models/half_plus_two?verbose=1").status_code == 200
    assert http.get("/v1/models?x").status_code == 200


def test_other_paths_are_html_404s(http: httpx.Client) -> None:
    for path in (
        "/",
        "/index",
        "/statuspage",
        "/v1",
        "/v2/",
        "/v2/health/",
        "/v1models",
        "//v1/",
    ):
        response = http.get(path)
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "text/html"
        assert "<html>" in response.text


@pytest.mark.parametrize("action", ["classify", "regress"])
def test_what_is_not_in_this_release_says_so(http: httpx.Client, action: str) -> None:
    response = http.post(f"/v1/models/half_plus_two:{action}", content=BODY)
    assert action in error_text(response, 501)


def test_health(http: httpx.Client) -> None:
    assert http.get("/v2/health/live").json() == {"live": True}
    assert http.get("/v2/health/ready").json() == {"ready": True}
    assert http.post("/v2/health/live").status_code == 404
    response = http.head("/v2/health/ready")
    assert response.status_code == 200
    assert response.content == b""


def test_live_but_not_ready_until_a_model_comes(
    start_server: Callable[..., ServerProcess], tmp_path: Path, half_plus_two: Path
) -> None:
    base = tmp_path / "later"
    server = start_server(f"--model_base_path={base}", "--model_name=later")
    with httpx.Client(base_url=server.url) as client:
        assert client.get("/v2/health/live").status_code == 200
        ready = client.get("/v2/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"ready": False})
        [entry] = client.get("/v1/models").json()["models"]
        assert str(base) in entry["waiting_for"]
        assert entry["model_version_status"] == []
        base.mkdir()
        (base / "3").symlink_to(half_plus_two)
        server.wait_for_model("later", 3)
        assert client.get("/v2/health/ready").status_code == 200
        assert client.post("/v1/models/later:predict", content=BODY).json() == ANSWER


# -- HTTP itself -------------------------------------------------------------------


def test_the_headers_of_an_answer(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=BODY)
    names = {name.lower() for name in response.headers}
    assert names <= {"content-type", "content-length"}
    assert response.headers["content-length"] == str(len(response.content))


def test_connections_are_kept(server: ServerProcess) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.rest_port)) as connection:
        sockets = set()
        for _ in range(5):
            connection.request("POST", PREDICT, BODY)
            assert json.loads(connection.getresponse().read()) == ANSWER
            sockets.add(id(connection.sock))
        # An error keeps the connection too.
        connection.request("POST", PREDICT, b"{")
        assert connection.getresponse().read()
        connection.request("GET", "/nowhere")
        assert connection.getresponse().read()
        sockets.add(id(connection.sock))
        assert len(sockets) == 1


def raw(server: ServerProcess, *pieces: bytes) -> bytes:
    """Send bytes, and return what comes until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", server.rest_port), 10)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


def request_head(length: int | None, *headers: bytes, version: bytes = b"1.1") -> bytes:
    lines = [b"POST " + PREDICT.encode() + b" HTTP/" + version, b"Host: localhost"]
    if length is not None:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join([*lines, *headers, b"", b""])


def test_http_1_0(server: ServerProcess) -> None:
    received = raw(server, request_head(len(BODY), version=b"1.0") + BODY)
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER


def test_a_chunked_body(http: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, len(BODY), 3):
            yield BODY[start : start + 3]

    assert http.post(PREDICT, content=pieces()).json() == ANSWER


def test_a_body_sent_byte_by_byte(server: ServerProcess) -> None:
    pieces = [BODY[index : index + 1] for index in range(len(BODY))]
    received = raw(server, request_head(len(BODY), b"Connection: close"), *pieces)
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER


def test_expect_100_continue(server: ServerProcess) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.rest_port), 10)) as connection:
        connection.sendall(request_head(len(BODY), b"Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(BODY)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"NONSENSE\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["tls", "nonsense", "short", "negative", "float", "two lengths", "chunk", "long", "h2"],
)
def test_noise_on_the_wire(server: ServerProcess, http: httpx.Client, noise: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.rest_port), 10)) as connection:
        connection.sendall(noise)
        connection.settimeout(0.5)
        try:
            received = connection.recv(100)
        except (ConnectionError, TimeoutError):
            received = b""
    assert not received.startswith(b"HTTP/1.1 200")
    assert http.post(PREDICT, content=BODY).json() == ANSWER


def test_cut_connections(server: ServerProcess, http: httpx.Client) -> None:
    for head in (request_head(1_000_000), request_head(None, b"Transfer-Encoding: chunked")):
        for piece in (b"", b"{", b"5\r\nab"):
            connection = socket.create_connection(("127.0.0.1", server.rest_port), 10)
            connection.sendall(head + piece)
            connection.close()
    # One that leaves while its model runs.
    slow = b'{"instances": [0.4]}'
    head = request_head(len(slow)).replace(b"half_plus_two", b"slow")
    connection = socket.create_connection(("127.0.0.1", server.rest_port), 10)
    connection.sendall(head + slow)
    connection.close()
    assert http.post(PREDICT, content=BODY).json() == ANSWER


def test_pipelined_requests_are_answered_in_order(server: ServerProcess) -> None:
    bodies = [b'{"instances": [%d]}' % number for number in range(3)]
    heads = [request_head(len(body)) for body in bodies[:-1]]
    heads.append(request_head(len(bodies[-1]), b"Connection: close"))
    received = raw(server, b"".join(map(b"".join, zip(heads, bodies, strict=True))))
    answers = [
        part.partition(b"\n    ]")[0] for part in received.split(b'"predictions": [')[1:]
    ]
    assert answers == [b"2.0", b"2.5", b"3.0"]


def test_gzip(http: httpx.Client) -> None:
    headers = {"Content-Encoding": "gzip"}
    response = http.post(PREDICT, content=gzip.compress(BODY), headers=headers)
    assert response.json() == ANSWER
    assert "content-encoding" not in response.headers
    # As TensorFlow Serving does, the word is looked for anywhere.
    response = http.post(
        PREDICT, content=gzip.compress(BODY), headers={"Content-Encoding": "x-gzip"}
    )
    assert response.json() == ANSWER


@pytest.mark.parametrize(
    "content",
    [BODY, gzip.compress(BODY)[:-4], gzip.compress(BODY)[:12], zlib.compress(BODY), b""],
    ids=["not compressed", "no end", "cut off", "zlib", "nothing"],
)
def test_gzip_that_cannot_be_inflated(http: httpx.Client, content: bytes) -> None:
    response = http.post(PREDICT, content=content, headers={"Content-Encoding": "gzip"})
    assert error_text(response, 400) == "JSON Parse error: The document is empty"


def test_gzip_bombs(http: httpx.Client) -> None:
    too_much = gzip.compress(BODY + b" " * (101 * 1024 * 1024), 1)
    response = http.post(PREDICT, content=too_much, headers={"Content-Encoding": "gzip"})
    assert error_text(response, 400) == "JSON Parse error: The document is empty"
    enough = gzip.compress(BODY + b" " * (99 * 1024 * 1024), 1)
    response = http.post(PREDICT, content=enough, headers={"Content-Encoding": "gzip"})
    assert response.json() == ANSWER


def test_other_encodings_are_not_looked_at(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=BODY, headers={"Content-Encoding": "br"})
    assert response.json() == ANSWER


def test_slow_runs_do_not_hold_up_others(http: httpx.Client, server: ServerProcess) -> None:
    done = threading.Event()

    def run_slowly() -> None:
        httpx.post(f"{server.url}/v1/models/slow:predict", content=b'{"instances": [3.0]}')
        done.set()

    thread = threading.Thread(target=run_slowly)
    thread.start()
    for _ in range(20):
        assert http.post(PREDICT, content=BODY).json() == ANSWER
    assert not done.is_set()
    thread.join()


# -- flags of the door -------------------------------------------------------------


@pytest.fixture(scope="module")
def limited(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with CORS, short timeouts, small bodies, request ids and an access log."""
    directory = tmp_path_factory.mktemp("limited")
    config = directory / "config"
    served = ("half_plus_two", "slow")
    config.write_text(config_text({name: models / name for name in served}))
    flags = [
        f"--model_config_file={config}",
        "--rest_api_enable_cors_support",
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


CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
}


def test_cors_headers_are_on_every_answer(limited_http: httpx.Client) -> None:
    responses = [
        limited_http.post(PREDICT, content=BODY),
        limited_http.post(PREDICT, content=b"{"),
        limited_http.get("/v1/models"),
        limited_http.get("/v1/nothing"),
        limited_http.request("OPTIONS", PREDICT, headers={"Origin": "https://example.com"}),
    ]
    for response in responses:
        assert CORS.items() <= dict(response.headers).items()


def test_cors_preflight(limited_http: httpx.Client) -> None:
    for origin, status in (
        ("https://example.com", 200),
        ("http://example.com:8080", 200),
        ("file://", 400),
        ("", 400),
    ):
        response = limited_http.request("OPTIONS", PREDICT, headers={"Origin": origin})
        assert response.status_code == status
        assert response.content == b""


def test_no_cors_headers_without_the_flag(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=BODY)
    assert not CORS.keys() & set(response.headers)


def test_timeouts_are_504(limited_http: httpx.Client) -> None:
    started = time.monotonic()
    response = limited_http.post("/v1/models/slow:predict", content=b'{"instances": [3.0]}')
    assert "300 ms" in error_text(response, 504)
    assert time.monotonic() - started < 2.5
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


# -- web pages ---------------------------------------------------------------------


def test_host_and_origin_are_checked(http: httpx.Client) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "evil.example:8501"},
        {"Host": "localhost.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "localhost", "Origin": "http://localhost.evil.example"},
    ):
        for response in (
            http.post(PREDICT, content=BODY, headers=headers),
            http.get("/v1/models", headers=headers),
            http.get("/v2/health/ready", headers=headers),
        ):
            assert error_text(response, 403)


def test_this_machines_names_pass(http: httpx.Client) -> None:
    for headers in (
        {"Host": "localhost"},
        {"Host": "LOCALHOST:8501"},
        {"Host": "127.0.0.1:1"},
        {"Host": "[::1]:8501"},
        {"Host": "tfs.localhost"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "http://127.0.0.1"},
    ):
        assert http.post(PREDICT, content=BODY, headers=headers).json() == ANSWER


def test_other_names_can_be_allowed(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'half_plus_two'}",
        "--model_name=half_plus_two",
        "--allowed_hosts=My-Box.example, other",
    )
    for host, status in (("my-box.example:80", 200), ("other", 200), ("third", 403)):
        response = httpx.post(server.url + PREDICT, content=BODY, headers={"Host": host})
        assert response.status_code == status


def test_a_server_for_all_machines_takes_every_name(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'half_plus_two'}",
        "--model_name=half_plus_two",
        "--host=0.0.0.0",
    )
    headers = {"Host": "anything.example", "Origin": "https://evil.example"}
    assert httpx.post(server.url + PREDICT, content=BODY, headers=headers).json() == ANSWER


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


def test_answers_larger_than_a_socket_takes_at_once(http: httpx.Client) -> None:
    response = http.post("/v1/models/large_outputs:predict", content=b'{"inputs": 2000000}')
    values = response.json()["outputs"]
    assert len(values) == 2_000_000
    assert np.array_equal(values[-3:], [1999997.0, 1999998.0, 1999999.0])


def test_a_client_that_reads_slowly_holds_up_nobody(
    server: ServerProcess, http: httpx.Client
) -> None:
    body = b'{"inputs": 2000000}'
    head = request_head(len(body)).replace(b"half_plus_two", b"large_outputs")
    with closing(socket.create_connection(("127.0.0.1", server.rest_port), 10)) as connection:
        connection.sendall(head + body)
        assert connection.recv(10)
        for _ in range(10):
            assert http.post(PREDICT, content=BODY).json() == ANSWER
