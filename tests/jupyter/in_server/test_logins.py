"""Nobody gets in without a login, by whatever route and verb, and each only as he may."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, User
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPResponse
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import RequestHandler, create_signed_value

from tfs_notebook.jupyter.access import RESOURCE
from tfs_notebook.jupyter.host_routes import HOST_HANDLERS
from tfs_notebook.jupyter.model_directory import DIRECTORY_HANDLERS
from tfs_notebook.jupyter.other_relay import OTHER_SERVER_HANDLERS
from tfs_notebook.jupyter.relay_routes import RELAY_HANDLERS

Ask = Callable[..., HTTPResponse]

XSRF = "2|00000000|00000000000000000000000000000000|1700000000"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# A path for each route, and what it takes to use it.
ACTIONS = {
    ("GET", "tfs/status"): "read",
    ("GET", "tfs/log"): "read",
    ("POST", "tfs/restart"): "write",
    ("POST", "tfs/start"): "write",
    ("POST", "tfs/stop"): "write",
    ("GET", "tfs/directory"): "read",
    ("GET", "tfs/servers"): "read",
    ("GET", "tfs/servers/other"): "read",
    ("GET", "tfs/servers/other/v1/models/half"): "read",
    ("POST", "tfs/servers/other/v1/models/half"): "execute",
    ("GET", "tfs/v1/models/half"): "read",
    ("POST", "tfs/v1/models/half:predict"): "execute",
    ("GET", "tfs/predict"): "execute",
    ("POST", "tfs/predict"): "execute",
    ("POST", "tfs/v2/repository/index"): "read",
    ("POST", "tfs/v2/repository/models/half/load"): "write",
    ("GET", "tfs/v2/repository/models/half/batching"): "read",
    ("POST", "tfs/v2/repository/batching"): "write",
    ("DELETE", "tfs/v2/repository/models/half/traffic"): "write",
    ("POST", "tfs/v2/models/half/infer"): "execute",
    ("POST", "tfs/v2/models/half/versions/1/infer"): "execute",
    ("GET", "tfs/v2"): "read",
    ("GET", "tfs/v2/health/live"): "read",
    ("GET", "tfs/monitoring/prometheus/metrics"): "read",
}


def handlers(serverapp: ServerApp) -> Iterator[tuple[str, type[RequestHandler]]]:
    """Every route of the extension, as the web application has it."""
    for rule in serverapp.web_app.wildcard_router.rules + [
        inner
        for outer in serverapp.web_app.default_router.rules
        for inner in getattr(outer.target, "rules", [])
    ]:
        if getattr(rule.target, "__module__", "").startswith("tfs_notebook."):
            yield rule.matcher.regex.pattern, rule.target


def handler_of(serverapp: ServerApp, path: str) -> type[RequestHandler]:
    """The handler a path leads to."""
    line = RequestStartLine("GET", f"{serverapp.base_url}{path}", "HTTP/1.1")
    request = HTTPServerRequest(start_line=line, headers=HTTPHeaders({"Host": "localhost"}))
    delegate: Any = serverapp.web_app.find_handler(request)
    handler: type[RequestHandler] = delegate.handler_class
    return handler


def test_the_routes_that_are_tried_are_all_there_are(jp_serverapp: ServerApp) -> None:
    tried = {handler_of(jp_serverapp, path) for _, path in ACTIONS}
    routes = list(handlers(jp_serverapp))
    here = [*HOST_HANDLERS, *DIRECTORY_HANDLERS, *OTHER_SERVER_HANDLERS, *RELAY_HANDLERS]
    assert len(routes) == len(here)
    assert tried == {handler for _, handler in routes}
    assert all(pattern.startswith(jp_serverapp.base_url) for pattern, _ in routes)


def test_every_verb_is_tried(jp_serverapp: ServerApp) -> None:
    verbs: dict[type, set[str]] = {}
    for verb, path in ACTIONS:
        verbs.setdefault(handler_of(jp_serverapp, path), set()).add(verb)
    for handler, tried in verbs.items():
        own = {verb for verb in VERBS if verb.lower() in vars(handler)}
        assert own == tried, handler


@pytest.mark.parametrize("path", sorted({path for _, path in ACTIONS}))
@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}])
@pytest.mark.parametrize("allowed", [False, True])
def test_without_a_login(
    path: str, headers: dict[str, str], allowed: bool, jp_serverapp: ServerApp, ask: Ask
) -> None:
    # Jupyter's own check, and without it: ours does not lean on it.
    jp_serverapp.web_app.settings["allow_unauthenticated_access"] = allowed
    codes = {verb: ask(verb, path, headers=headers).code for verb in VERBS}
    assert codes == dict.fromkeys(VERBS, 403)


class Recording(Authorizer):
    """Allows nothing, and keeps what was asked for."""

    asked: list[tuple[str, str]]

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return False


@pytest.mark.parametrize(("verb", "path"), sorted(ACTIONS))
def test_what_a_user_has_to_be_allowed(
    verb: str, path: str, jp_serverapp: ServerApp, ask: Ask
) -> None:
    Recording.asked = []
    jp_serverapp.web_app.settings["authorizer"] = Recording()
    assert ask(verb, path).code == 403
    assert set(Recording.asked) == {(ACTIONS[verb, path], RESOURCE)}


def test_one_action_does_not_stick_to_another_handler(
    jp_serverapp: ServerApp, ask: Ask
) -> None:
    # Jupyter's decorator keeps what it saw first, which a shared verb would hand on.
    jp_serverapp.web_app.settings["authorizer"] = Recording()
    for verb, path in [*ACTIONS, *reversed(ACTIONS)]:
        Recording.asked = []
        ask(verb, path)
        assert set(Recording.asked) == {(ACTIONS[verb, path], RESOURCE)}


class TestXsrf:
    """A page of another origin may not use the login of the browser it is in."""

    @pytest.fixture
    def cookies(self, jp_serverapp: ServerApp) -> str:
        """Of a browser with a login, and with Jupyter's token against such pages."""
        provider = jp_serverapp.identity_provider
        provider.cookie_name = "login"
        user = provider.user_to_cookie(User("jane"))
        secret = jp_serverapp.web_app.settings["cookie_secret"]
        signed = create_signed_value(secret, "login", user).decode()
        return f"login={signed}; _xsrf={XSRF}"

    @pytest.mark.parametrize("path", ["tfs/v1/models/half:predict", "tfs/restart"])
    def test_a_cookie_alone_is_not_enough(self, path: str, ask: Ask, cookies: str) -> None:
        assert ask("POST", path, body="{}", headers={"Cookie": cookies}).code == 403

    def test_a_cookie_with_its_token_is(self, ask: Ask, cookies: str) -> None:
        headers = {"Cookie": cookies, "X-XSRFToken": XSRF}
        # It gets through, to a model server that is not there.
        path = "tfs/v1/models/half:predict"
        assert ask("POST", path, body="{}", headers=headers).code == 503

    def test_reading_takes_the_cookie_alone(self, ask: Ask, cookies: str) -> None:
        assert ask("GET", "tfs/v1/models", headers={"Cookie": cookies}).code == 503


def test_errors_are_written_as_the_model_server_writes_them(ask: Ask) -> None:
    response = ask("GET", "tfs/v1/models")
    assert json.loads(response.body) == {"error": "the model server has not been started yet"}
    assert int(response.headers["Retry-After"]) > 0
    response = ask("GET", "tfs/v1/models", headers={})
    assert "Authorization: token" in json.loads(response.body)["error"]
    response = ask("PUT", "tfs/v1/models")
    assert response.code == 405
    assert json.loads(response.body) == {"error": "Method Not Allowed"}


def test_a_refusal_leaves_the_connection_as_it_was(
    http_server_port: Any, jp_base_url: str, run: Callable[..., Any], ask: Ask
) -> None:
    async def statuses() -> list[bytes]:
        reader, writer = await asyncio.open_connection(*http_server_port[0].getsockname()[:2])
        found = []
        for body in (b"", b"{}", b" " * 1000):
            head = f"POST {jp_base_url}tfs/predict HTTP/1.1\r\nHost: localhost\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            (length,) = re.findall(rb"Content-Length: (\d+)", answer)
            await reader.readexactly(int(length))
            found.append(answer.split()[1])
        writer.close()
        return found

    assert run(statuses()) == [b"403"] * 3
