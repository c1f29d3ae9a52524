"""Requests as the access log and the traces see them, the same for both doors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final
from urllib.parse import unquote

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.access_log import log_access
from tfs_notebook.frontends.span_facts import Attributes, SpanFacts
from tfs_notebook.frontends.tracing import Header, RequestSpan, Tracing
from tfs_notebook.serving.request_times import RequestTimes

__all__ = ["ObservedRequest", "RequestObserver"]

_MILLISECONDS: Final = 1000
_NOTHING: Final = nullcontext()
_FAMILIES: Final = ("ipv4:", "ipv6:")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


class RequestObserver:
    """Sees the requests of one server; belongs to the thread of its doors.

    Args:
        access_log: log a line a request.
        in_detail: with all that is known of it, for a log of JSON lines.
        tracing: makes spans.
    """

    def __init__(
        self, *, access_log: bool, in_detail: bool = False, tracing: Tracing | None = None
    ) -> None:
        self.logs = access_log
        self.in_detail = in_detail and access_log
        self.tracing = tracing

    @classmethod
    def of(cls, config: ServerConfig, tracing: Tracing | None) -> RequestObserver | None:
        """The one that the flags ask for; None if nobody looks."""
        if not config.access_log and tracing is None:
            return None
        in_detail = config.log_format == "json"
        return cls(access_log=config.access_log, in_detail=in_detail, tracing=tracing)

    @property
    def takes_times(self) -> bool:
        """Whether runners are to take the times of requests."""
        return self.in_detail or self.tracing is not None

    def begin(
        self,
        door: str,
        what: str,
        peer: str,
        header: Header,
        facts: Callable[[str], SpanFacts],
    ) -> ObservedRequest:
        """A request has come.

        Args:
            door: ``REST`` or ``gRPC``.
            what: method and path, as the log has them.
            peer: who asks.
            header: of the request.
            facts: what the door's protocol says of it, given the status it ends with.
        """
        return ObservedRequest(self, door, what, peer, header, facts)


class ObservedRequest:
    """One request, until it has ended.

    Attributes:
        times: of its parts.
        error: why it has failed, in words; whoever knows says so.
    """

    __slots__ = (
        "_door",
        "_facts",
        "_header",
        "_observer",
        "_peer",
        "_span",
        "_what",
        "error",
        "times",
    )

    def __init__(
        self,
        observer: RequestObserver,
        door: str,
        what: str,
        peer: str,
        header: Header,
        facts: Callable[[str], SpanFacts],
    ) -> None:
        self._observer = observer
        self._door = door
        self._what = what
        self._peer = peer
        self._header = header
        self._facts = facts
        self.error = ""
        self.times = RequestTimes(time.perf_counter())
        self._span: RequestSpan | None = None
        if (tracing := observer.tracing) is not None:
            self._span = tracing.begin(what, header, self.times.received)

    def current(self) -> AbstractContextManager[None]:
        """While it is handed to a runner, and to tasks that hand it on: its times are taken.

        Only if they will be told: of a request that is not sampled they are not, as a rule.
        """
        is_told = self._observer.in_detail or (self._span is not None and self._span.is_sampled)
        return self.times.current() if is_told else _NOTHING

    def end(self, status: str, received: int, sent: int, request_id: str) -> None:
        """It has been answered, or its client has left; only once.

        Args:
            status: in the words of its door.
            received: bytes of its body.
            sent: those of the answer's.
            request_id: if it has one.
        """
        ended = time.perf_counter()
        self._trace(status, received, sent, ended)
        if not self._observer.logs:
            return
        details = None
        if self._observer.in_detail:
            details = self._details(received, sent, ended)
        seconds = ended - self.times.received
        log_access(self._peer, self._door, self._what, status, seconds, request_id, details)

    def _trace(self, status: str, received: int, sent: int, ended: float) -> None:
        span = self._span
        if span is None:
            return
        if not span.is_sampled:
            span.drop()
            return
        times = self.times
        further: Attributes = {
            "client.address": _address(self._peer),
            "tfs_notebook.request.bytes": received,
            "tfs_notebook.response.bytes": sent,
        }
        span.end(self._facts(status), further, times, ended, self.error)

    def _details(self, received: int, sent: int, ended: float) -> dict[str, object]:
        times = self.times
        parts = times.parts(ended)
        waited = None if parts.prepare is None else parts.prepare[0] - times.received
        if waited is not None and parts.queue is not None:
            waited += parts.queue[1] - parts.queue[0]
        return {
            "model": times.model,
            "version": times.version,
            "signature": times.signature,
            "rows": times.rows,
            "queued_ms": _milliseconds(waited),
            "prepared_ms": _length(parts.prepare),
            "run_ms": _length(parts.run),
            "total_ms": _milliseconds(ended - times.received),
            "request_bytes": received,
            "response_bytes": sent,
            "trace_id": self._trace_id(),
            "error": self.error or None,
        }

    def _trace_id(self) -> str | None:
        if self._span is not None:
            return self._span.trace_id
        found = _TRACEPARENT.fullmatch(self._header("traceparent") or "")
        return None if found is None else found[1]


def _address(peer: str) -> str:
    # gRPC says ipv4:ADDRESS:PORT, ipv6:%5BADDRESS%5D:PORT or unix:, REST the address alone.
    for family in _FAMILIES:
        if peer.startswith(family):
            return unquote(peer.removeprefix(family).rpartition(":")[0]).strip("[]")
    return peer


def _length(part: tuple[float, float] | None) -> float | None:
    return None if part is None else _milliseconds(part[1] - part[0])


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * _MILLISECONDS, 3)
