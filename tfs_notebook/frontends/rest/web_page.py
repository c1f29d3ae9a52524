"""The page for people: files that were read when the server began, and nothing else."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from tornado.httputil import HTTPHeaders

from tfs_notebook._version import __version__
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.rest.http import Headers, Request, Response

__all__ = ["BUILT", "WebPage"]

_log = logging.getLogger(__name__)

BUILT: Final = Path(__file__).parents[2] / "web_page"
"""Where labextension/scripts/web.mjs puts the page; it may not have been built."""

_INDEX: Final = "index.html"
_SETTINGS_PATH: Final = "/web/settings.json"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
# As rspack names them: the name changes with what is in it.
_HASHED: Final = re.compile(r"[\w.-]+\.[0-9a-f]{16}\.(?:js|css)")
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
# Nothing from elsewhere, nothing written into the page, and in nobody's frame.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE: Final[Headers] = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_READ: Final = frozenset({"GET", "HEAD"})
_NOT_BUILT: Final = f"""\
This is tfs_notebook {__version__}, a model server. Its page for browsers is not here: it was
installed without its front end (SKIP_JUPYTER_BUILDER), or runs from sources in which that was
not built. All else works:

  /v1/models/NAME                  TensorFlow Serving's REST API
  /v2, /v2/models/NAME             the Open Inference Protocol
  /v2/repository/overview          the models, their versions and what they were asked
  /predict                         raw texts and images
"""


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    headers: Headers
    tag: str
    status: int = 200


class WebPage:
    """Answers browsers at ``/``, and the page's own requests for its parts. Any thread.

    Everything else is somebody else's: who does not ask for HTML gets at ``/`` what there was
    before. Nothing on disk is looked at once it is made.
    """

    def __init__(self, config: ServerConfig, built: Path = BUILT) -> None:
        """Read the files; blocks.

        Args:
            config: of the server.
            built: the directory of the page.
        """
        self._files = dict(_parts(built))
        self._files[_SETTINGS_PATH] = _file(
            orjson.dumps(_settings(config)), "application/json", _ASK_AGAIN
        )
        self._index = _index(built)

    @classmethod
    def for_config(cls, config: ServerConfig) -> WebPage | None:
        """The page of a server, or None if it is to have none."""
        return cls(config) if config.enable_web_page and config.rest_api_port else None

    def answer(self, request: Request) -> Response | None:
        """The response to a request of a browser; None for any other."""
        if request.over_unix_socket:
            return None
        file = self._file(request.method, request.path, request.headers)
        return None if file is None else _response(file, request)

    def has(self, method: str, path: str, headers: HTTPHeaders) -> bool:
        """Whether a request with this head is for the page itself, which anybody may have.

        A browser has no token before it has the page that asks for one.
        """
        return self._file(method, path, headers) is not None

    def _file(self, method: str, path: str, headers: HTTPHeaders) -> _File | None:
        if method not in _READ:
            return None
        if path == "/":
            # Probes and clients do not, and were told before that there is nothing.
            wants_page = "text/html" in headers.get("Accept", "").lower()
            return self._index if wants_page else None
        return self._files.get(path)


def _index(built: Path) -> _File:
    try:
        body = (built / _INDEX).read_bytes()
    except OSError:
        _log.info("the page for browsers is not built; / says so")
        return _file(_NOT_BUILT.encode(), "text/plain; charset=utf-8", "no-store", 404)
    return _file(body, "text/html; charset=utf-8", _ASK_AGAIN)


def _parts(built: Path) -> Mapping[str, _File]:
    if not (built / _INDEX).is_file():
        return {}
    parts = {}
    for path in sorted(built.iterdir()):
        if kind := _TYPES.get(path.suffix):
            caching = _FOR_A_YEAR if _HASHED.fullmatch(path.name) else _ASK_AGAIN
            parts[f"/web/{path.name}"] = _file(path.read_bytes(), kind, caching)
    return parts


def _file(body: bytes, kind: str, caching: str, status: int = 200) -> _File:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = (("Cache-Control", caching), ("ETag", tag), ("Vary", "Accept"))
    return _File(body, (("Content-Type", kind), *kept, *_SAFE), tag, status)


def _response(file: _File, request: Request) -> Response:
    known = [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
    if file.tag in known or f"W/{file.tag}" in known:
        return Response(304, b"", file.headers[1:])
    return Response(file.status, file.body, file.headers)


def _settings(config: ServerConfig) -> dict[str, object]:
    """What the page has to know before it asks for anything; all of it may be known."""
    has_token = config.model_control == "explicit" and bool(config.model_control_token_file)
    is_plain = not config.ssl_config_file
    return {
        "version": __version__,
        "control": "token" if has_token else "none",
        # For code to copy, which knows no certificates, and has a place for a token.
        "grpc_port": config.port if config.port and is_plain else None,
        "grpc_authorization": bool(config.grpc_token_file),
    }
