"""``tensorflow.ProfilerService``: traces of what TensorFlow does, and what the server does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from tfs_notebook.frontends.grpc.activity import activity_text
from tfs_notebook.runtimes.tensorflow.profiler import Trace, has_events
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.messages import (
    MonitorRequest,
    MonitorResponse,
    ProfileOptions,
    ProfileRequest,
    ProfileResponse,
    ProfileToolData,
    TerminateRequest,
    TerminateResponse,
)

__all__ = ["PROFILER_SERVICE", "Profiler"]

PROFILER_SERVICE: Final = "tensorflow.ProfilerService"

_M = TypeVar("_M", bound=Message)

# A trace lies in memory, some megabytes a second, and takes some of a server's time.
_LONGEST_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 2.0
# With TensorFlow's own defaults, where the options name no levels.
_HOST_LEVEL: Final = 2
_DEVICE_LEVEL: Final = 1
_HIGHEST_LEVEL: Final = 3
_VERBOSE: Final = 2
# What TensorBoard looks for; the client puts its own name of this host before it.
_FILE_NAME: Final = "xplane.pb"


class Profiler:
    """The service's methods; belongs to the thread of a loop.

    A trace goes to the client in the answer: TensorFlow's own server writes it to a
    directory that the client names.

    Args:
        server: whose statistics ``Monitor`` tells.
        runner: on its threads TensorFlow is called.
    """

    def __init__(self, server: ModelServer, runner: RequestRunner) -> None:
        self._server = server
        self._runner = runner
        self._ends: dict[str, asyncio.Event] = {}
        self._stopping = asyncio.Event()
        self._traces: set[Trace] = set()

    def methods(self) -> Mapping[str, Callable[[bytes], Awaitable[bytes]]]:
        """The methods by their names; each takes and returns a serialised message."""
        return {
            "Profile": self.profile,
            "Terminate": self.terminate,
            "Monitor": self.monitor,
        }

    async def profile(self, data: bytes) -> bytes:
        """Trace for a while, or until the session is terminated.

        Raises:
            InvalidArgument: a duration that is too long, or none.
            ResourceExhausted: there is no room for a trace.
            Unavailable: another trace is under way.
            Unimplemented: TensorFlow's profiler is not in this installation.
        """
        request = _parse(ProfileRequest, data)
        # Clients say it in one place or in the other.
        seconds = _seconds(request.opts.duration_ms or request.duration_ms)
        trace = _trace_of(request.opts)
        self._traces.add(trace)
        try:
            await self._runner.run(trace.start)
            await self._passed(request.session_id, seconds)
            xspace = await self._runner.run(trace.stop)
        except BaseException:
            # The client may have left: on a thread that takes no part in answers.
            self._stopped(trace)
            raise
        self._traces.discard(trace)
        response = ProfileResponse(empty_trace=not has_events(xspace))
        if request.emit_xspace:
            response.xspace = xspace
        else:
            response.tool_data.append(ProfileToolData(name=_FILE_NAME, data=xspace))
        return response.SerializeToString()

    def _stopped(self, trace: Trace) -> asyncio.Future[bytes]:
        stopped = asyncio.get_running_loop().run_in_executor(None, trace.stop)

        def over(stopped: asyncio.Future[bytes]) -> None:
            self._traces.discard(trace)
            # Nobody waits for this trace, so nobody misses it.
            stopped.exception()

        stopped.add_done_callback(over)
        return stopped

    def end(self) -> None:
        """End all calls now, so that their clients have them before the door is shut."""
        self._stopping.set()
        for end in self._ends.values():
            end.set()

    async def close(self) -> None:
        """Leave nothing behind of the traces whose clients were not waited for."""
        if stopped := [self._stopped(trace) for trace in self._traces]:
            await asyncio.wait(stopped, timeout=_STOP_SECONDS)

    async def _passed(self, session: str, seconds: float) -> None:
        end = self._ends.setdefault(session, asyncio.Event())
        if self._stopping.is_set():
            end.set()
        try:
            await _set_within(end, seconds)
        finally:
            self._ends.pop(session, None)

    async def terminate(self, data: bytes) -> bytes:
        """End the trace of a session now; nothing if there is none."""
        request = _parse(TerminateRequest, data)
        if end := self._ends.get(request.session_id):
            end.set()
        return TerminateResponse().SerializeToString()

    async def monitor(self, data: bytes) -> bytes:
        """What was asked of each model during a while, for people.

        Raises:
            InvalidArgument: a duration that is too long, or none.
        """
        request = _parse(MonitorRequest, data)
        seconds = _seconds(request.duration_ms)
        before = self._server.statistics()
        began = time.monotonic()
        await _set_within(self._stopping, seconds)
        seconds = time.monotonic() - began
        verbose = request.monitoring_level >= _VERBOSE
        text = activity_text(before, self._server.statistics(), seconds, verbose=verbose)
        if request.timestamp:
            text = f"Timestamp: {time.strftime('%H:%M:%S')}\n{text}"
        return MonitorResponse(data=text).SerializeToString()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _parse(kind: type[_M], data: bytes) -> _M:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a {kind.DESCRIPTOR.name}: {error}") from None


def _seconds(milliseconds: int) -> float:
    seconds = milliseconds / 1e3
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise InvalidArgument(
            f"duration_ms has to be above 0 and at most {_LONGEST_SECONDS * 1e3:.0f}; got "
            f"{milliseconds}"
        )
    return seconds


def _trace_of(options: ProfileOptions) -> Trace:
    if not options.version:
        return Trace(_HOST_LEVEL, _DEVICE_LEVEL)
    return Trace(
        min(options.host_tracer_level, _HIGHEST_LEVEL), min(options.device_tracer_level, 1)
    )
