"""Other model servers below ``tfs/servers``: what is asked of them, and what never is."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from tornado.httpclient import HTTPResponse
from traitlets import TraitError

from tests.client.other_server import MODEL, OtherServer, other_http_server
from tests.jupyter.in_server.raw_server import RawServer, raw_server
from tests.jupyter.in_server.test_logins import XSRF
from tests.server_process import free_port
from tfs_notebook.jupyter.app import TfsNotebookApp

Ask = Callable[..., HTTPResponse]
LIMIT: Final = 4000
SECONDS: Final = 0.4
STATUS: Final = f"v1/models/{MODEL}"


@pytest.fixture(scope="module")
def serving() -> Iterator[OtherServer]:
    """What has TensorFlow Serving's paths."""
    with other_http_server() as here:
        yield here


@pytest.fixture
def scripted() -> Iterator[RawServer]:
    """What answers as it is told."""
    with raw_server() as running:
        yield running


@pytest.fixture
def traits(serving: OtherServer, scripted: RawServer) -> dict[str, Any]:
    """Those two, below a path as well, and one where nobody listens."""
    return {
        "allowed_servers": {
            "serving": serving.address,
            "scripted": scripted.address,
            "below": f"http://{scripted.address}/some/path/v1/",
            "nobody:1": f"localhost:{free_port()}",
        },
        "allowed_servers_max_bytes": LIMIT,
        "allowed_servers_timeout_seconds": SECONDS,
    }


@pytest.fixture
def look(ask: Ask) -> Callable[..., tuple[int, Any]]:
    """Asks a server for a path; gives status and document."""

    def looked(path: str, server: str = "serving", **options: Any) -> tuple[int, Any]:
        method = "POST" if "body" in options else "GET"
        answer = ask(method, f"tfs/servers/{server}/{path}", **options)
        return answer.code, json.loads(answer.body)

    return looked


Look = Callable[..., tuple[int, Any]]


def test_the_list(ask: Ask, serving: OtherServer, scripted: RawServer) -> None:
    document = json.loads(ask("GET", "tfs/servers").body)
    assert document["trait"] == "TfsNotebookApp.allowed_servers"
    there = f"http://{scripted.address}"
    assert document["servers"][:3] == [
        {"name": "serving", "address": serving.address, "has_token": False},
        {"name": "scripted", "address": there, "has_token": False},
        {"name": "below", "address": f"{there}/some/path", "has_token": False},
    ]


def test_a_tensorflow_serving(look: Look, serving: OtherServer) -> None:
    status, document = look(STATUS)
    assert (status, document["model_version_status"][0]["state"]) == (200, "AVAILABLE")
    assert look(f"{STATUS}/metadata")[1]["model_spec"]["name"] == MODEL
    assert look(f"{STATUS}:predict", body='{"instances": [1.0]}') == (
        200,
        {"predictions": [2.5]},
    )
    # Its refusals are passed on.
    assert look("v1/models/nobody") == (
        404,
        {"error": "Servable not found for request: Latest(nobody)"},
    )
    assert look("v2/repository/overview")[0] == 400


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("200 OK", "serving"),
        ("404 Not Found", "serving"),
        ("400 Bad Request", "serving"),
        ("503 Service Unavailable", None),
        ("301 Moved", None),
    ],
)
def test_of_what_kind_it_is(
    answer: str, kind: str | None, ask: Ask, scripted: RawServer
) -> None:
    scripted.says(answer, body=b'["no name"]')
    document = json.loads(ask("GET", "tfs/servers/below").body)
    assert document["kind"] == kind
    assert bool(document["problem"]) == (kind is None)
    assert scripted.heads[0].startswith("GET /some/path/v2 HTTP/1.1\r\n")


def test_one_that_does_not_answer_has_no_kind(ask: Ask, scripted: RawServer) -> None:
    scripted.answer = None
    for name, problem in (("scripted", "has not answered"), ("nobody%3A1", "connections")):
        answer = ask("GET", f"tfs/servers/{name}")
        assert answer.code == 200
        assert problem in json.loads(answer.body)["problem"]
    assert ask("GET", "tfs/servers/elsewhere").code == 403


def test_nothing_of_who_asks_is_passed_on(
    look: Look, scripted: RawServer, jp_auth_header: dict[str, str]
) -> None:
    scripted.says("200 OK")
    headers = {
        **jp_auth_header,
        "Cookie": f"login=secret; _xsrf={XSRF}",
        "X-XSRFToken": XSRF,
        "Referer": "http://jupyter/secret",
        "X-Forwarded-For": "10.1.2.3",
        "User-Agent": "secret",
        "Content-Type": "application/json",
    }
    path = f"{STATUS}:predict?no_track_activity=1"
    assert look(path, "scripted", body='{"instances": []}', headers=headers)[0] == 200
    (head,) = scripted.heads
    lines = head.strip().split("\r\n")
    assert lines[0] == f"POST /{STATUS}:predict HTTP/1.1"
    names = {line.partition(":")[0].lower() for line in lines[1:]}
    allowed = {"host", "connection", "content-type", "content-length", "accept"}
    assert {"host", "content-length"} <= names <= allowed
    assert f"Host: {scripted.address}" in lines


def test_its_answer_sets_nothing_of_jupyters(ask: Ask, scripted: RawServer) -> None:
    scripted.says(
        "200 OK",
        "Set-Cookie: login=other",
        "Content-Security-Policy: default-src *",
        "X-Frame-Options: ALLOWALL",
        "Content-Type: text/html",
        "X-Model-Version: 7",
        body=b"<script>alert(1)</script>",
    )
    answer = ask("GET", f"tfs/servers/scripted/{STATUS}")
    assert answer.headers["X-Model-Version"] == "7"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers.get("X-Frame-Options") != "ALLOWALL"
    assert "other" not in str(answer.headers.get_list("Set-Cookie"))


def test_a_server_below_a_path(look: Look, scripted: RawServer) -> None:
    scripted.says("200 OK")
    assert look("v1/models/a%20b/labels/stable", "below")[0] == 200
    assert look("predict?model=a&k=3", "below", body="image")[0] == 200
    assert look(f"{STATUS}?x=1", "below")[0] == 200
    first = [head.split("\r\n")[0].split()[1] for head in scripted.heads]
    assert first == [
        "/some/path/v1/models/a%20b/labels/stable",
        "/some/path/predict?model=a&k=3",
        f"/some/path/{STATUS}",
    ]


@pytest.mark.parametrize("name", ["127.0.0.1:22", "serving.", "http:%2F%2Fserving", "a%2Fb"])
def test_what_is_not_allowed_says_which_trait_to_set(
    name: str, look: Look, serving: OtherServer
) -> None:
    before = len(serving.paths)
    status, document = look(STATUS, name)
    assert status == 403
    assert "TfsNotebookApp.allowed_servers" in document["error"]
    assert len(serving.paths) == before


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v1/models/half:load",
        "v1/models",
        "v1/models/half/..%2F..%2Fadmin",
        "v1/models/%2e%2e",
        "v1/models/a%2Fb",
        "v1/models/a%3Fb",
        "v1/models/a%0D%0Ab",
        "v1/models/a%252Fb",
        "v2/models/../repository/index",
        "v2/repository/models/half/unload",
        "v2/repository/index",
        "//elsewhere/v1/models/half",
        "@elsewhere/v1/models/half",
        "monitoring/other",
    ],
)
def test_other_paths_are_refused(path: str, look: Look, scripted: RawServer) -> None:
    scripted.says("200 OK")
    status, document = look(path, "scripted", body="{}")
    assert status == 404
    assert "predictions of its models" in document["error"]
    if path != "v1/models":
        assert look(path, "scripted")[0] == 404
        assert not scripted.heads


def test_a_prediction_is_not_read(look: Look) -> None:
    assert look(f"{STATUS}:predict")[0] == 404
    assert look(STATUS, body="{}")[0] == 404


def test_a_server_that_hangs(look: Look, scripted: RawServer) -> None:
    scripted.answer = None
    status, document = look(STATUS, "scripted")
    assert status == 504
    assert f"has not answered within {SECONDS} s" in document["error"]
    assert scripted.address in document["error"]


def test_a_server_that_hangs_in_the_middle(look: Look, scripted: RawServer) -> None:
    ended = scripted.ended

    def talk(handler: socketserver.StreamRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
        ended.wait(30)

    scripted.talk = talk  # type: ignore[method-assign]
    assert look(STATUS, "scripted")[0] == 504


@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_answer_that_is_too_large(is_chunked: bool, look: Look, scripted: RawServer) -> None:
    body = b" " * (LIMIT + 1)
    if is_chunked:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        scripted.answer = head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        scripted.says("200 OK", body=body)
    status, document = look(STATUS, "scripted")
    assert status == 502
    assert f"more than {LIMIT} bytes" in document["error"]
    assert "allowed_servers_max_bytes" in document["error"]


def test_a_request_that_is_too_large(look: Look, scripted: RawServer) -> None:
    status, document = look(f"{STATUS}:predict", "scripted", body=" " * (LIMIT + 1))
    assert status == 413
    assert "allowed_servers_max_bytes" in document["error"]
    assert not scripted.heads


def test_a_redirect_is_not_followed(look: Look, scripted: RawServer, ask: Ask) -> None:
    scripted.says("302 Found", "Location: http://169.254.169.254/latest")
    answer = ask("GET", f"tfs/servers/scripted/{STATUS}")
    assert answer.code == 502
    assert "is not followed" in json.loads(answer.body)["error"]
    assert "Location" not in answer.headers


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-server\r\n", b"HTTP/1.1 200 OK\r\nContent-"])
def test_what_speaks_otherwise(answer: bytes, look: Look, scripted: RawServer) -> None:
    scripted.answer = answer
    status, document = look(STATUS, "scripted")
    assert status == 502
    assert "Is this the address of its REST API?" in document["error"]


def test_where_nobody_listens(look: Look) -> None:
    status, document = look(STATUS, "nobody%3A1")
    assert status == 502
    assert "takes no connections" in document["error"]


@pytest.mark.parametrize(
    "value",
    [
        ["ftp://host:21"],
        ["http://"],
        ["host:port"],
        ["http://host:8501?x=1"],
        ["http://host:8501/#x"],
        ["http://host :8501"],
        ["http://höst:8501"],
        [""],
        [8501],
        ["host:8501", "http://host:8501"],
        {"": "host:8501"},
        {1: "host:8501"},
    ],
)
def test_addresses_that_cannot_be_meant(value: Any) -> None:
    with pytest.raises(TraitError, match=r"allowed_servers has"):
        TfsNotebookApp(allowed_servers=value)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(TraitError) as raised:
        TfsNotebookApp(allowed_servers=["http://jane:secret@host:8501"])
    assert "secret" not in str(raised.value)
