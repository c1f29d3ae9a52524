"""``tensorflow.ProfilerService``, asked by TensorFlow's own client and by its messages."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.half_plus_two import BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.grpc.profiler import Profiler
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.messages import (
    MonitorRequest,
    MonitorResponse,
    ProfileRequest,
    ProfileResponse,
    TerminateRequest,
    TerminateResponse,
)


@pytest.fixture(scope="module")
def profiled(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[ServerProcess]:
    flags = ["--model_name=m", f"--model_base_path={half_plus_two.parent}"]
    with ServerProcess(tmp_path_factory.mktemp("profiled"), flags) as server:
        yield server


@pytest.fixture
def channel(profiled: ServerProcess) -> Iterator[grpc.Channel]:
    limit = ("grpc.max_receive_message_length", -1)
    with grpc.insecure_channel(profiled.grpc_address, [limit]) as channel:
        yield channel


@pytest.fixture
def busy(profiled: ServerProcess) -> Iterator[None]:
    """Somebody asks the model all the time."""
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=profiled.url, timeout=30) as client:
            while not over.is_set():
                client.post("/v1/models/m:predict", content=BODY).raise_for_status()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        yield
        over.set()
        asking.result()


def method(channel: grpc.Channel, name: str) -> Any:
    return channel.unary_unary(f"/tensorflow.ProfilerService/{name}", None, None)


def profile(channel: grpc.Channel, milliseconds: int, **fields: Any) -> ProfileResponse:
    request = ProfileRequest(duration_ms=milliseconds, **fields).SerializeToString()
    return ProfileResponse.FromString(method(channel, "Profile")(request, timeout=60))


def monitored(channel: grpc.Channel, milliseconds: int, level: int) -> str:
    request = MonitorRequest(duration_ms=milliseconds, monitoring_level=level)
    answer = method(channel, "Monitor")(request.SerializeToString(), timeout=60)
    return MonitorResponse.FromString(answer).data


def events_of(xspace: bytes) -> set[str]:
    """The names of what a trace has."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    planes = xplane_pb2.XSpace.FromString(xspace).planes
    return {
        plane.event_metadata[event.metadata_id].name
        for plane in planes
        for line in plane.lines
        for event in line.events
    }


def test_tensorflows_client_gets_a_trace(
    profiled: ServerProcess, busy: None, tmp_path: Path
) -> None:
    import tensorflow as tf

    def traced() -> set[str]:
        # Where the machine is busy a trace may hold the end of one run alone, without its ops.
        with TemporaryDirectory(dir=tmp_path) as root:
            tf.profiler.experimental.client.trace(f"grpc://{profiled.grpc_address}", root, 500)
            [file] = Path(root).glob("plugins/profile/*/*.xplane.pb")
            return events_of(file.read_bytes())

    def shows_ops() -> bool:
        events = traced()
        return "SessionRun" in events and any("Mul" in name for name in events)

    poll_until(shows_ops, "a trace has a run and its ops")


def test_a_trace_is_in_the_answer_and_nowhere_else(
    channel: grpc.Channel, busy: None, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    answer = profile(
        channel, 300, repository_root=str(root), session_id="s", host_name="h", emit_xspace=True
    )
    assert not answer.empty_trace
    assert not answer.tool_data
    assert "SessionRun" in events_of(answer.xspace)
    assert not list(root.iterdir())


def test_a_trace_of_nothing_says_so(channel: grpc.Channel) -> None:
    answer = profile(channel, 20)
    assert answer.empty_trace
    assert [tool.name for tool in answer.tool_data] == ["xplane.pb"]


def is_refused(channel: grpc.Channel) -> bool:
    """Whether a trace is under way already."""
    try:
        profile(channel, 1)
    except grpc.RpcError as error:
        return error.details() == "Another profiling session is active; try again later"
    return False


def under_way(channel: grpc.Channel, session: str) -> Any:
    """The call of a trace that has begun, and goes on for long."""
    request = ProfileRequest(duration_ms=10_000, session_id=session).SerializeToString()
    calls: list[Any] = []

    def begun() -> bool:
        # One of those that probe may have been there before it.
        if not calls or calls[-1].done():
            calls.append(method(channel, "Profile").future(request, timeout=60))
        return is_refused(channel) and not calls[-1].done()

    poll_until(begun, "a trace is under way")
    return calls[-1]


def test_one_trace_at_a_time_and_it_can_be_ended(channel: grpc.Channel) -> None:
    first = under_way(channel, "long")
    terminate = method(channel, "Terminate")
    # Of another session it is none of its business.
    for session in ("other", "long"):
        ended = TerminateRequest(session_id=session).SerializeToString()
        assert not first.done()
        with pytest.raises(grpc.RpcError) as refused:
            profile(channel, 1)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        assert TerminateResponse.FromString(terminate(ended, timeout=30)) == TerminateResponse()
    assert ProfileResponse.FromString(first.result(60))


def test_a_client_that_leaves_ends_its_trace(channel: grpc.Channel) -> None:
    under_way(channel, "left").cancel()
    poll_until(lambda: not is_refused(channel), "the trace has ended")


@pytest.mark.parametrize("milliseconds", [0, 10_001])
def test_durations_that_are_refused(channel: grpc.Channel, milliseconds: int) -> None:
    for name, kind in (("Profile", ProfileRequest), ("Monitor", MonitorRequest)):
        request = kind(duration_ms=milliseconds).SerializeToString()
        with pytest.raises(grpc.RpcError) as refused:
            method(channel, name)(request, timeout=60)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert f"at most 10000; got {milliseconds}" in (refused.value.details() or "")


@pytest.mark.parametrize("name", ["Profile", "Terminate", "Monitor"])
def test_garbage(channel: grpc.Channel, name: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        method(channel, name)(b"\xff", timeout=30)
    assert refused.value.code() == grpc.StatusCode.INTERNAL
    assert "Failed to parse a" in (refused.value.details() or "")


def test_tensorflows_client_hears_what_the_server_does(
    profiled: ServerProcess, busy: None
) -> None:
    import tensorflow as tf

    address = f"grpc://{profiled.grpc_address}"
    text = tf.profiler.experimental.client.monitor(address, 300, level=2)
    assert text.startswith("Timestamp: ")
    assert "m version 1 serving_default: " in text
    assert "since it was loaded: " in text


def test_the_counts_are_those_of_the_time(
    profiled: ServerProcess, channel: grpc.Channel
) -> None:
    def ask(body: bytes) -> int:
        return httpx.post(f"{profiled.url}/v1/models/m:predict", content=body).status_code

    assert ask(BODY) == 200
    for _ in range(10):
        assert ask(BODY) == 200
    with ThreadPoolExecutor(1) as pool:
        monitoring = pool.submit(monitored, channel, 1000, 1)
        assert [ask(BODY), ask(BODY), ask(b'{"instances": ["x"]}')] == [200, 200, 400]
        text = monitoring.result()
    [line] = [line for line in text.splitlines() if "serving_default" in line]
    # The ten before are not among them.
    assert int(line.split(": ")[1].split(" ")[0]) <= 3
    assert "since it was loaded" not in text


def test_without_the_flags_there_are_no_such_services(
    start_server: Callable[..., ServerProcess], half_plus_two: Path
) -> None:
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--enable_profiler=false",
        "--enable_grpc_healthcheck_service=false",
    )
    with grpc.insecure_channel(server.grpc_address) as channel:
        for name in ("Profile", "Terminate", "Monitor"):
            with pytest.raises(grpc.RpcError) as refused:
                method(channel, name)(b"", timeout=30)
            assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
            assert refused.value.details() == "Method not found!"
        with pytest.raises(grpc.RpcError) as refused:
            health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=30
            )
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("grace", [0.0, 10.0])
def test_a_server_that_stops_leaves_nothing_of_a_trace(
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
    tmp_path: Path,
    grace: float,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        f"--shutdown_grace_seconds={grace}",
        environment={"TMPDIR": str(temporary)},
    )
    with grpc.insecure_channel(server.grpc_address) as channel:
        call = under_way(channel, "s")
        poll_until(
            lambda: len(list(temporary.glob("tfs-trace-*"))) == 1, "those that probed are gone"
        )
        assert not call.done()
        server.stop()
        if grace:
            assert ProfileResponse.FromString(call.result(60)).tool_data
    assert not list(temporary.glob("tfs-trace-*"))


def test_who_monitors_does_not_hold_up_the_end(half_plus_two: Path) -> None:
    server = ModelServer(ServerConfig(model_base_path=str(half_plus_two.parent)))
    request = MonitorRequest(duration_ms=10_000).SerializeToString()

    async def ended() -> bytes:
        pool = RunPool("nobody", 1)
        profiler = Profiler(server, RequestRunner(server, pool))
        answer = asyncio.ensure_future(profiler.monitor(request))
        await asyncio.sleep(0)
        profiler.end()
        await profiler.close()
        pool.stop(0)
        return await asyncio.wait_for(answer, 60)

    text = MonitorResponse.FromString(asyncio.run(ended())).data
    # Not the ten that were asked for.
    assert re.match(r"The last \d\.\d s:", text)
    server.stop(1)
