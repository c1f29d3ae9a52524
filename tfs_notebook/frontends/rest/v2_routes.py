"""Paths of the Open Inference Protocol, and of what we add to it, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from tfs_notebook.lifecycle.servable import MAX_VERSION
from tfs_notebook.wire.errors import InvalidArgument, NotFound

__all__ = ["CONTROL_VERBS", "Route", "parse_route"]

_VERBS: Final = frozenset(
    {
        "load",
        "unload",
        "labels",
        "rollback",
        "pin",
        "unpin",
        "batching",
        "recording",
        "warmup",
        "traffic",
        "rollout",
    }
)
_READABLE: Final = frozenset({"batching", "recording", "traffic", "rollout"})
_REMOVABLE: Final = frozenset({"traffic"})
CONTROL_VERBS: Final = _VERBS | {"batch_threads"}
_READ: Final = ("GET", "HEAD")
_WRITE: Final = ("POST",)
_REMOVE: Final = ("DELETE",)
_ABOUT_MODELS: Final = frozenset({"ready", "stats", "pipeline"})
_SEEN: Final = frozenset({"events", "overview", "history"})
_HEALTH: Final = frozenset({"live", "ready"})
_PLACES: Final = (
    "/v2, /v2/health/live, /v2/health/ready, /v2/models/NAME[/versions/N]"
    "[/ready|/stats|/pipeline|/infer], /v2/models/stats, /v2/repository/index, "
    "/v2/repository/models/NAME/load|unload|labels|rollback|pin|unpin|batching|recording|"
    "warmup|traffic|rollout, "
    "/v2/repository/batching, /v2/repository/events, /v2/repository/overview, "
    "/v2/repository/history?model=NAME"
)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes.

    Attributes:
        what: ``server``, ``live``, ``ready``, ``model``, ``model_ready``, ``stats``,
            ``pipeline``, ``infer``, ``index``, ``events``, ``overview``, ``history``, or one of
            :data:`CONTROL_VERBS`.
        methods: those that it takes; a control verb changes something with ``POST``, and
            with ``DELETE`` where it takes that.
        name: of the model, if it is about one.
        version: of the model, if the path has one.
    """

    what: str
    methods: tuple[str, ...]
    name: str = ""
    version: int | None = None


def parse_route(path: str) -> Route:
    """Take a path apart; names in it are percent-encoded.

    Raises:
        NotFound: there is nothing at this path; the text says where there is.
        InvalidArgument: a version that is no number, or a name that is no UTF-8.
    """
    parts = [_decoded(part) for part in path.split("/")[1:]]
    route: Route | None = None
    match parts:
        case ["v2"]:
            route = Route("server", _READ)
        case ["v2", "health", what] if what in _HEALTH:
            route = Route(what, _READ)
        case ["v2", "models", "stats"]:
            route = Route("stats", _READ)
        case ["v2", "models", name, *rest] if name:
            route = _about_model(name, rest)
        case ["v2", "repository", "index"]:
            route = Route("index", _WRITE)
        case ["v2", "repository", what] if what in _SEEN:
            route = Route(what, _READ)
        case ["v2", "repository", "batching"]:
            route = Route("batch_threads", (*_READ, *_WRITE))
        case ["v2", "repository", "models", name, verb] if name and verb in _READABLE:
            further = _REMOVE if verb in _REMOVABLE else ()
            route = Route(verb, (*_READ, *_WRITE, *further), name)
        case ["v2", "repository", "models", name, verb] if name and verb in _VERBS:
            route = Route(verb, _WRITE, name)
    if route is None:
        raise NotFound(f"there is nothing at {path}. What there is: {_PLACES}")
    return route


def _about_model(name: str, rest: Sequence[str]) -> Route | None:
    version: int | None = None
    if len(rest) >= len(("versions", "1")) and rest[0] == "versions":
        version = _version(rest[1])
        rest = rest[2:]
    match rest:
        case []:
            return Route("model", _READ, name, version)
        case ["infer"]:
            return Route("infer", _WRITE, name, version)
        case [what] if what in _ABOUT_MODELS:
            return Route("model_ready" if what == "ready" else what, _READ, name, version)
    return None


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise InvalidArgument(f"{part!r} in the path is not UTF-8, percent-encoded") from None


def _version(text: str) -> int:
    # Python refuses to convert thousands of digits.
    digits = text.lstrip("0") or "0"
    if text.isascii() and text.isdecimal() and len(digits) <= len(str(MAX_VERSION)):
        number = int(digits)
        if number <= MAX_VERSION:
            return number
    raise InvalidArgument(
        f"a version is a number from 0 to {MAX_VERSION}; the path has {text!r}"
    )
