"""Nobody gets in without a login, by whatever route and verb, and each only as he may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, User
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler, create_signed_value
from traitlets.config import Config

from tfs_notebook.jupyter.app import TfsNotebookApp
from tfs_notebook.jupyter.relay import RESOURCE

XSRF = "2|00000000|00000000000000000000000000000000|1700000000"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# A path for each route, and what it takes to use it.
ACTIONS = {
    ("GET", "tfs/status"): "read",
    ("GET", "tfs/log"): "read",
    ("POST", "tfs/restart"): "write",
    ("GET", "tfs/v1/models/half"): "read",
    ("POST", "tfs/v1/models/half:predict"): "execute",
    ("GET", "tfs/predict"): "execute",
    ("POST", "tfs/predict"): "execute",
    ("POST", "tfs/v2/repository/index"): "read",
    ("POST", "tfs/v2/repository/models/half/load"): "write",
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


async def status_of(fetch: Any, *parts: str, **options: Any) -> int:
    try:
        response = await fetch(*parts, **options)
    except HTTPClientError as error:
        return int(error.code)
    return int(response.code)


def test_the_routes_that_are_tried_are_all_there_are(jp_serverapp: ServerApp) -> None:
    application = jp_serverapp.web_app
    tried = set()
    for _, path in ACTIONS:
        request = HTTPServerRequest("GET", f"{jp_serverapp.base_url}{path}")
        delegate: Any = application.find_handler(request)
        tried.add(delegate.handler_class)
    there = {handler for _, handler in handlers(jp_serverapp)}
    assert tried == there
    assert all(
        pattern.startswith(jp_serverapp.base_url) for pattern, _ in handlers(jp_serverapp)
    )


def test_every_verb_is_tried(jp_serverapp: ServerApp) -> None:
    application = jp_serverapp.web_app
    verbs: dict[type, set[str]] = {}
    for verb, path in ACTIONS:
        request = HTTPServerRequest("GET", f"{jp_serverapp.base_url}{path}")
        delegate: Any = application.find_handler(request)
        verbs.setdefault(delegate.handler_class, set()).add(verb)
    for handler, tried in verbs.items():
        own = {verb for verb in VERBS if verb.lower() in vars(handler)}
        assert own == tried, handler


@pytest.mark.parametrize("path", sorted({path for _, path in ACTIONS}))
@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}])
@pytest.mark.parametrize("allowed", [False, True])
async def test_without_a_login(
    path: str,
    headers: dict[str, str],
    allowed: bool,
    jp_serverapp: ServerApp,
    http_server_client: Any,
    jp_base_url: str,
) -> None:
    # Jupyter's own check, and without it: ours does not lean on it.
    jp_serverapp.web_app.settings["allow_unauthenticated_access"] = allowed
    for verb in VERBS:
        code = await status_of(
            http_server_client.fetch,
            jp_base_url + path,
            method=verb,
            headers=headers,
            allow_nonstandard_methods=True,
            follow_redirects=False,
        )
        assert code == 403, verb


class Recording(Authorizer):
    """Allows nothing, and keeps what was asked for."""

    asked: list[tuple[str, str]]

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return False


@pytest.mark.parametrize(("verb", "path"), sorted(ACTIONS))
async def test_what_a_user_has_to_be_allowed(
    verb: str, path: str, jp_serverapp: ServerApp, jp_fetch: Any
) -> None:
    Recording.asked = []
    jp_serverapp.web_app.settings["authorizer"] = Recording()
    code = await status_of(jp_fetch, path, method=verb, allow_nonstandard_methods=True)
    assert code == 403
    assert set(Recording.asked) == {(ACTIONS[verb, path], RESOURCE)}


async def test_one_action_does_not_stick_to_another_handler(
    jp_serverapp: ServerApp, jp_fetch: Any
) -> None:
    # Jupyter's decorator keeps what it saw first, which a shared verb would hand on.
    jp_serverapp.web_app.settings["authorizer"] = Recording()
    for verb, path in [*ACTIONS, *reversed(ACTIONS)]:
        Recording.asked = []
        await status_of(jp_fetch, path, method=verb, allow_nonstandard_methods=True)
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

    async def test_a_cookie_alone_is_not_enough(
        self, http_server_client: Any, jp_base_url: str, cookies: str
    ) -> None:
        for path in ("tfs/v1/models/half:predict", "tfs/restart"):
            code = await status_of(
                http_server_client.fetch,
                jp_base_url + path,
                method="POST",
                body="{}",
                headers={"Cookie": cookies},
            )
            assert code == 403

    async def test_a_cookie_with_its_token_is(
        self, http_server_client: Any, jp_base_url: str, cookies: str
    ) -> None:
        code = await status_of(
            http_server_client.fetch,
            jp_base_url + "tfs/v1/models/half:predict",
            method="POST",
            body="{}",
            headers={"Cookie": cookies, "X-XSRFToken": XSRF},
        )
        assert code == 503  # it has got through; there is no model server
        code = await status_of(
            http_server_client.fetch,
            jp_base_url + "tfs/v1/models/half",
            headers={"Cookie": cookies},
        )
        assert code == 503


def test_the_configuration_is_that_of_the_test(
    extension: TfsNotebookApp, jp_server_config: Config
) -> None:
    assert extension.models == {}
