"""The page of the standalone server, as requests see it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from tornado.httputil import HTTPHeaders

from tests.server_process import ServerProcess
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.rest.http import Request, Response
from tfs_notebook.frontends.rest.web_page import BUILT, WebPage

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "page.0123456789abcdef.js"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A page that was built, of which little is left."""
    directory = tmp_path / "web_page"
    directory.mkdir()
    (directory / "index.html").write_text(f'<script src="/web/{SCRIPT}"></script>')
    (directory / SCRIPT).write_text("show()")
    (directory / "third-party-licenses.txt").write_text("uplot")
    (directory / "notes.py").write_text("secret")
    return directory


def asked(page: WebPage, path: str, method: str = "GET", **headers: str) -> Response | None:
    fields = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    return page.answer(Request(method, path, "", fields, b""))


def test_browsers_get_the_page_and_nobody_else(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    response = asked(page, "/", **HTML)
    assert response is not None
    assert response.status == 200
    assert b"<script" in response.body
    assert asked(page, "/", "HEAD", **HTML) is not None
    assert asked(page, "/") is None
    assert asked(page, "/", Accept="*/*") is None
    assert asked(page, "/", Accept="application/json") is None
    for method in ("POST", "OPTIONS", "DELETE"):
        assert asked(page, "/", method, **HTML) is None
        assert asked(page, f"/web/{SCRIPT}", method) is None


def test_paths_are_names_of_a_table(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    assert asked(page, f"/web/{SCRIPT}") is not None
    for path in (
        "/web/",
        "/web/index.html",
        "/web/notes.py",
        "/web/../_version.py",
        f"/web/%2e%2e/web_page/{SCRIPT}",
        f"/web//{SCRIPT}",
        f"/WEB/{SCRIPT}",
        f"//web/{SCRIPT}",
    ):
        assert asked(page, path, **HTML) is None, path


def test_the_disk_is_not_looked_at_again(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    (built / SCRIPT).write_text("other()")
    (built / "index.html").unlink()
    script, index = asked(page, f"/web/{SCRIPT}"), asked(page, "/", **HTML)
    assert script is not None
    assert script.body == b"show()"
    assert index is not None
    assert index.status == 200


def test_what_has_a_name_of_its_own_is_kept_for_good(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    script, licences = (
        asked(page, f"/web/{SCRIPT}"),
        asked(page, "/web/third-party-licenses.txt"),
    )
    assert script is not None
    assert licences is not None
    headers = dict(script.headers)
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" not in dict(licences.headers)["Cache-Control"]
    for known in (headers["ETag"], f'"x", W/{headers["ETag"]}'):
        again = asked(page, f"/web/{SCRIPT}", If_None_Match=known)
        assert again is not None
        assert (again.status, again.body) == (304, b"")
    changed = asked(page, f"/web/{SCRIPT}", If_None_Match='"x"')
    assert changed is not None
    assert changed.status == 200


def test_nothing_may_come_from_elsewhere(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    for path in ("/", f"/web/{SCRIPT}", "/web/settings.json"):
        response = asked(page, path, **HTML)
        assert response is not None
        headers = dict(response.headers)
        policy = dict(
            part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_one_that_is_not_built_says_so(tmp_path: Path) -> None:
    page = WebPage(ServerConfig(), tmp_path / "nowhere")
    response = asked(page, "/", **HTML)
    assert response is not None
    assert response.status == 404
    assert dict(response.headers)["Content-Type"].startswith("text/plain")
    assert b"SKIP_JUPYTER_BUILDER" in response.body
    assert b"/v1/models/NAME" in response.body
    assert asked(page, f"/web/{SCRIPT}") is None


@pytest.mark.parametrize(
    ("flags", "control", "grpc_port"),
    [
        ({}, "none", 8500),
        ({"model_control": "explicit"}, "none", 8500),
        ({"model_control_token_file": "token"}, "none", 8500),
        ({"model_control": "explicit", "model_control_token_file": "token"}, "token", 8500),
        ({"port": 0}, "none", None),
        ({"ssl_config_file": "ssl.config"}, "none", None),
        ({"grpc_token_file": "token"}, "none", 8500),
    ],
)
def test_what_the_page_is_told(
    built: Path, flags: dict[str, str], control: str, grpc_port: int | None
) -> None:
    response = asked(WebPage(ServerConfig(**flags), built), "/web/settings.json")
    assert response is not None
    settings = json.loads(response.body)
    assert (settings["control"], settings["grpc_port"]) == (control, grpc_port)
    assert settings["grpc_authorization"] is ("grpc_token_file" in flags)
    # No path of this machine, and no token.
    assert "token" not in response.body.decode().replace('"control":"token"', "")


def test_it_can_be_left_out() -> None:
    assert WebPage.for_config(ServerConfig(rest_api_port=8501)) is not None
    assert WebPage.for_config(ServerConfig(rest_api_port=8501, enable_web_page=False)) is None
    # Jupyter's own servers have no port.
    assert WebPage.for_config(ServerConfig(rest_api_socket_path="/tmp/s")) is None


def test_all_that_was_built_is_there() -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the web page is not built")
    page = WebPage(ServerConfig())
    index = asked(page, "/", **HTML)
    assert index is not None
    text = index.body.decode()
    parts = re.findall(r'(?:src|href)="(/[^"]*)"', text)
    assert len(parts) == 2
    for path in parts:
        part = asked(page, path)
        assert part is not None, path
        assert "immutable" in dict(part.headers)["Cache-Control"]
    # The policy forbids it.
    assert not re.search(r"<script[^>]*>[^<]|<style|\son\w+=|https?://", text)


def test_clients_get_what_they_got_before(http: httpx.Client, server: ServerProcess) -> None:
    for accept in ("*/*", "application/json", ""):
        answer = http.get("/", headers={"Accept": accept})
        assert answer.status_code == 404
        assert "The models are below /v1/models" in answer.text
        assert "Content-Security-Policy" not in answer.headers
    assert http.post("/", json={}, headers=HTML).status_code == 404
    assert http.options("/", headers=HTML | {"Origin": server.url}).status_code == 404
    page = http.get("/", headers=HTML)
    assert "Content-Security-Policy" in page.headers
    head = http.head("/", headers=HTML)
    assert head.headers["ETag"] == page.headers["ETag"]
    assert head.content == b""
    not_changed = http.get("/", headers=HTML | {"If-None-Match": page.headers["ETag"]})
    assert not_changed.status_code == 304
    assert http.get("/web/settings.json").json()["control"] == "none"
    # A page of another origin may not read it, nor may one of another name.
    assert http.get("/", headers=HTML | {"Host": "elsewhere.example"}).status_code == 403
    assert (
        http.get("/", headers=HTML | {"Origin": "https://elsewhere.example"}).status_code == 403
    )


def test_the_socket_has_no_page(built: Path) -> None:
    page = WebPage(ServerConfig(), built)
    request = Request("GET", "/", "", HTTPHeaders(HTML), b"", over_unix_socket=True)
    assert page.answer(request) is None
