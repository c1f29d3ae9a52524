"""OpenTelemetry spans: one a request, and below it those of its queue and its run.

What the package is told by the standard variables OTEL_… is not told again by flags: where the
collector is, which share of requests is sampled, how many spans wait to be sent. Whether a
request is sampled is known when it comes; of one that is not, nothing more is made.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from tfs_notebook._version import __version__
from tfs_notebook.frontends.span_facts import Attributes, SpanFacts
from tfs_notebook.serving.request_times import RequestTimes
from tfs_notebook.wire.errors import InvalidArgument

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

__all__ = ["RequestSpan", "Tracing"]

_log = logging.getLogger(__name__)

_SERVICE: Final = "tfs_notebook"
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_OURS: Final = "http/protobuf"
_STOP_SECONDS: Final = 2.0
_NANOSECONDS: Final = 1e9
_TRACE_HEADERS: Final = ("traceparent", "tracestate")

Header = Callable[[str], "str | None"]
"""A header of the request, or its metadata, by a name in small letters."""


class Tracing:
    """Makes the spans of a server, and has them sent. Any thread may use it.

    They are sent by a thread of the package's own. If the collector does not take them, the
    newest are dropped; no request waits for it.
    """

    def __init__(self) -> None:
        """Begin; takes the third of a second that the package takes to be imported.

        Raises:
            InvalidArgument: the package is not installed.
        """
        try:
            from opentelemetry import trace  # noqa: PLC0415 - an optional dependency
            from opentelemetry.context import Context  # noqa: PLC0415
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
                TraceContextTextMapPropagator,
            )
        except ImportError as error:
            raise InvalidArgument(
                "--enable_tracing needs OpenTelemetry, and it cannot be imported "
                f"({error}): pip install 'tfs_notebook[tracing]', or leave the flag out"
            ) from None
        _warn_of_protocol()
        resource = Resource.create({"service.version": __version__})
        if _is_unnamed(resource.attributes):
            resource = resource.merge(Resource({SERVICE_NAME: _SERVICE}))
        self._exporter = OTLPSpanExporter()
        self._provider: TracerProvider = TracerProvider(
            resource=resource, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer(_SERVICE, __version__)
        self._root = Context()
        self._extract = TraceContextTextMapPropagator().extract
        self._inside = trace.set_span_in_context
        self._server, self._internal = trace.SpanKind.SERVER, trace.SpanKind.INTERNAL
        self._error = trace.Status
        self._error_code = trace.StatusCode.ERROR

    def begin(self, name: str, header: Header, received: float) -> RequestSpan:
        """A request has come.

        Args:
            name: of its span, until more is known.
            header: has the client's trace, if it sends one.
            received: when, by ``time.perf_counter``.
        """
        context = self._root
        if header("traceparent") is not None:
            carrier = {name: value for name in _TRACE_HEADERS if (value := header(name))}
            context = self._extract(carrier, context)
        # By the clock of the day: that of the process has no beginning others know.
        offset = time.time_ns() - int(time.perf_counter() * _NANOSECONDS)
        span = self._tracer.start_span(
            name, context, self._server, start_time=_at(received, offset)
        )
        return RequestSpan(self, span, offset)

    def part(
        self, parent: Span, name: str, attributes: Attributes, began: int, ended: int
    ) -> None:
        """A span below another, of what is over; in nanoseconds."""
        span = self._tracer.start_span(
            name, self._inside(parent), self._internal, attributes, start_time=began
        )
        span.end(ended)

    def fail(self, span: Span, text: str) -> None:
        """Say that what a span tells of has failed."""
        span.set_status(self._error(self._error_code, text or None))

    def stop(self) -> None:
        """Send what is left, for two seconds at most; blocks. Idempotent."""
        sending = threading.Thread(
            target=self._provider.shutdown, name="tfs-trace-end", daemon=True
        )
        sending.start()
        sending.join(_STOP_SECONDS)
        if sending.is_alive():
            _log.warning("the collector of spans does not answer; the last ones are lost")
            # It gives up its tries at once.
            self._exporter.shutdown()  # type: ignore[no-untyped-call]


class RequestSpan:
    """The span of one request; belongs to its door."""

    __slots__ = ("_offset", "_span", "_tracing")

    def __init__(self, tracing: Tracing, span: Span, offset: int) -> None:
        self._tracing = tracing
        self._span = span
        self._offset = offset

    @property
    def trace_id(self) -> str:
        """In 32 hexadecimal digits."""
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def is_sampled(self) -> bool:
        """Whether it will be sent."""
        return self._span.is_recording()

    def end(
        self,
        facts: SpanFacts,
        further: Attributes,
        times: RequestTimes,
        ended: float,
        error: str,
    ) -> None:
        """It has been answered, or was given up; only if it is sampled.

        Args:
            facts: what its door says of it.
            further: attributes of any door.
            times: of its parts.
            ended: when, by ``time.perf_counter``.
            error: why it failed, in words; empty if it has not.
        """
        span, tracing = self._span, self._tracing
        span.update_name(facts.name)
        about = _about(times)
        span.set_attributes({**facts.attributes, **further, **about})
        if error:
            span.add_event("exception", {"exception.message": error})
        if facts.error_type is not None:
            span.set_attribute("error.type", facts.error_type)
            tracing.fail(span, error)
        parts = times.parts(ended)
        # What goes before them is the preparation: another span would cost what these do.
        for name, part, told in (("queue", parts.queue, {}), ("run", parts.run, about)):
            if part is not None:
                began, over = (_at(moment, self._offset) for moment in part)
                tracing.part(span, name, told, began, over)
        span.end(_at(ended, self._offset))

    def drop(self) -> None:
        """It is over, and was not sampled."""
        self._span.end()


def _about(times: RequestTimes) -> Attributes:
    told = {
        "tfs_notebook.model.name": times.model,
        "tfs_notebook.model.version": times.version,
        "tfs_notebook.model.signature": times.signature,
        "tfs_notebook.request.rows": times.rows,
    }
    return {name: value for name, value in told.items() if value is not None}


def _at(moment: float, offset: int) -> int:
    return int(moment * _NANOSECONDS) + offset


def _is_unnamed(attributes: Mapping[str, object]) -> bool:
    # What the package says where nobody has said it, in OTEL_RESOURCE_ATTRIBUTES neither.
    return str(attributes.get("service.name", "unknown_service")).startswith("unknown_service")


def _warn_of_protocol() -> None:
    for name in _PROTOCOLS:
        if (wanted := os.environ.get(name, _OURS)) != _OURS:
            _log.warning(
                "%s=%s has no effect: spans are sent by %s, to port 4318 as a rule",
                name,
                wanted,
                _OURS,
            )
