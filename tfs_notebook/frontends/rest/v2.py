"""The Open Inference Protocol: health, models, statistics, and control of the models.

Inference is answered by :mod:`~tfs_notebook.frontends.rest.open_inference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import orjson

from tfs_notebook._version import __version__
from tfs_notebook.frontends.rest.batching import (
    batch_threads,
    batching,
    change_batch_threads,
    change_batching,
)
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.rest.control_bodies import (
    MAX_CONTROL_BYTES,
    Parameters,
    read_index,
    read_labels,
    read_load,
    read_parameters,
    read_pin,
    read_rollback,
    read_timeout,
)
from tfs_notebook.frontends.rest.errors import error_response
from tfs_notebook.frontends.rest.events import LongPoll
from tfs_notebook.frontends.rest.history import HistorySteps, history
from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.frontends.rest.open_inference import OpenInference
from tfs_notebook.frontends.rest.overview import overview
from tfs_notebook.frontends.rest.pipelines import pipeline
from tfs_notebook.frontends.rest.recording import change_recording, make_warmup, recording
from tfs_notebook.frontends.rest.repository import (
    Entry,
    index,
    index_of,
    is_ready,
    metadata,
)
from tfs_notebook.frontends.rest.statistics import statistics
from tfs_notebook.frontends.rest.traffic import (
    change_traffic,
    reset_traffic,
    rollout,
    steer_rollout,
    traffic,
)
from tfs_notebook.frontends.rest.v2_routes import CONTROL_VERBS, Route, parse_route
from tfs_notebook.serving.model_control import Rollback
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted

__all__ = ["SERVER_METADATA", "RestV2"]

SERVER_METADATA: Final[dict[str, Any]] = {
    "name": "tfs_notebook",
    "version": __version__,
    "extensions": [
        "binary_tensor_data",
        "model_repository",
        "statistics",
        "labels",
        "rollback",
        "pin",
        "events",
        "overview",
        "history",
        "batching",
        "recording",
        "warmup",
        "pipeline",
        "traffic",
        "rollout",
    ],
}
_OK: Final = 200
_NOT_ALLOWED: Final = 405
_TOO_LARGE: Final = 413
_NOT_READY: Final = 503

Answer = tuple[int, Any]


class RestV2:
    """Answers the requests below ``/v2``, on the loop's thread.

    Args:
        server: the data plane.
        inference: answers what asks a model.
        control: looks things up, also while all threads that run models are taken.
        changes: changes models, which may take minutes, so that nobody waits for that.
        access: says who may change them.
        timeout: seconds a look-up may take.
    """

    def __init__(
        self,
        server: ModelServer,
        inference: OpenInference,
        control: RequestRunner,
        changes: RequestRunner,
        access: ControlAccess,
        *,
        timeout: float,
    ) -> None:
        self._server = server
        self._inference = inference
        self._control = control
        self._changes = changes
        self._access = access
        self._timeout = timeout
        self._events = LongPoll(server.events)
        self._steps = HistorySteps(server.traffic, control)

    def start(self) -> None:
        """Begin to keep an hour's history."""
        self._steps.start()

    def close(self) -> None:
        """Answer all who wait for events; they would hold up the end."""
        self._steps.stop()
        self._events.close()

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ServingError: what is wrong with it, or why it failed.
        """
        route = parse_route(request.path)
        if request.method not in route.methods:
            return _not_allowed(request, route.methods)
        if route.what == "infer":
            return await self._inference.handle(route, request)
        if _is_change(route, request):
            self._access.check(request)
        if len(request.body) > MAX_CONTROL_BYTES:
            return _too_large(len(request.body))
        status, answer = await self._answer(route, request)
        return Response(status, orjson.dumps(answer), JSON)

    async def _answer(self, route: Route, request: Request) -> Answer:
        if route.what == "server":
            return _OK, SERVER_METADATA
        if route.what == "live":
            return _OK, {"live": True}
        if route.what == "ready":
            ready = self._server.ready
            return _OK if ready else _NOT_READY, {"ready": ready}
        if route.what == "events":
            return _OK, await self._events.answer(request.query)
        if _is_change(route, request):
            if request.method == "DELETE":
                return await self._changes.run(partial(self._remove, route))
            return await self._changes.run(partial(self._change, route, request.body))
        if route.what == "history":
            look_up = partial(history, self._server, request.query)
            return _OK, await self._control.run(look_up, self._timeout)
        return await self._control.run(self._look_up(route, request.body), self._timeout)

    def _look_up(self, route: Route, body: bytes) -> Callable[[], Answer]:
        server, name, version = self._server, route.name, route.version
        if route.what == "index":
            return lambda: (_OK, index(server, only_ready=read_index(body)))
        if route.what == "stats":
            return lambda: (_OK, statistics(server, name or None, version))
        if route.what == "batching":
            return lambda: (_OK, batching(server, name))
        if route.what == "recording":
            return lambda: (_OK, recording(server, name))
        if route.what == "traffic":
            return lambda: (_OK, traffic(server, name))
        if route.what == "rollout":
            return lambda: (_OK, rollout(server, name))
        if route.what == "overview":
            return lambda: (_OK, overview(server))
        if route.what == "batch_threads":
            return lambda: (_OK, batch_threads(server))
        if route.what == "pipeline":
            return lambda: (_OK, pipeline(server, name, version))
        if route.what == "model_ready":
            return partial(_readiness, server, name, version)
        return lambda: (_OK, metadata(server, name, version))

    def _change(self, route: Route, body: bytes) -> Answer:
        # On a thread: this blocks for as long as models take.
        change = _CHANGES[route.what]
        return _OK, change(self._server, route.name, read_parameters(body, route.what))

    def _remove(self, route: Route) -> Answer:
        return _OK, reset_traffic(self._server, route.name)


def _is_change(route: Route, request: Request) -> bool:
    return route.what in CONTROL_VERBS and request.method in ("POST", "DELETE")


def _readiness(server: ModelServer, name: str, version: int | None) -> Answer:
    ready = is_ready(server, name, version)
    return _OK if ready else _NOT_READY, {"name": name, "ready": ready}


def _load(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    server.load(name, read_load(given, name), read_timeout(given))
    return index_of(server, name)


def _unload(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    server.unload(name, read_timeout(given))
    return []


def _label(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    server.set_labels(name, read_labels(given), read_timeout(given))
    return index_of(server, name)


def _roll_back(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    done = server.rollback(name, read_rollback(given), read_timeout(given))
    entries = index_of(server, name)
    for entry in entries:
        if entry["version"] == str(done.version):
            entry["reason"] = _way_back(done)
    return entries


def _pin(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    server.pin(name, read_pin(given), read_timeout(given))
    return index_of(server, name)


def _unpin(server: ModelServer, name: str, given: Parameters) -> list[Entry]:
    server.unpin(name, read_timeout(given))
    return index_of(server, name)


_CHANGES: Final[Mapping[str, Callable[[ModelServer, str, Parameters], list[Entry] | Entry]]] = {
    "load": _load,
    "unload": _unload,
    "labels": _label,
    "rollback": _roll_back,
    "pin": _pin,
    "unpin": _unpin,
    "batching": change_batching,
    "batch_threads": change_batch_threads,
    "recording": change_recording,
    "warmup": make_warmup,
    "traffic": change_traffic,
    "rollout": steer_rollout,
}


def _way_back(done: Rollback) -> str:
    parameters: dict[str, Any] = {"version_policy": "latest"}
    if done.moved:
        parameters["labels"] = dict(done.moved)
    example = orjson.dumps({"parameters": parameters}).decode()
    return (
        f"rolled back to version {done.version}, which newer ones do not replace; to follow "
        f"the newest again, load it with {example}"
    )


def _not_allowed(request: Request, methods: tuple[str, ...]) -> Response:
    text = f"{request.path} takes {' and '.join(methods)}; got {request.method}"
    response = error_response(InvalidArgument(text))
    response.status = _NOT_ALLOWED
    response.headers += (("Allow", ", ".join(methods)),)
    return response


def _too_large(length: int) -> Response:
    response = error_response(
        ResourceExhausted(
            f"the body has {length} bytes; requests below /v2 have at most {MAX_CONTROL_BYTES}"
        )
    )
    response.status = _TOO_LARGE
    return response
