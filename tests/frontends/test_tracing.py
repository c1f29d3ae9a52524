"""Spans of a real server, taken by a real collector."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import grpc
import httpx
import pytest

from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.wire.messages import PredictRequest

pytest.importorskip("opentelemetry.sdk")

from tests.frontends.otlp_collector import Collector, Received, collecting

PREDICT = "/v1/models/m:predict"
GRPC_PREDICT = "tensorflow.serving.PredictionService/Predict"
PARENT = "b7ad6b7169203331"
ROUTE = "POST /v1/models/{model}:predict"
SERVER, INTERNAL, ERROR = 2, 1, 2


def traceparent(trace: str, sampled: bool = True) -> str:
    return f"00-{trace}-{PARENT}-{'01' if sampled else '00'}"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def environment(collector: Collector, **further: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        **further,
    }


@pytest.fixture(scope="module", params=["unbatched", "batched"])
def traced(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    half_plus_two: Path,
    collector: Collector,
) -> Iterator[ServerProcess]:
    flags = ["--model_name=m", f"--model_base_path={half_plus_two.parent}", "--enable_tracing"]
    if request.param == "batched":
        flags.append("--enable_batching")
    directory = tmp_path_factory.mktemp("traced")
    with ServerProcess(directory, flags, environment=environment(collector)) as process:
        yield process


def new_trace() -> str:
    return f"{time.time_ns():032x}"


def predict_request(model: str = "m") -> bytes:
    request = PredictRequest()
    request.model_spec.name = model
    request.inputs["x"].dtype = 1
    request.inputs["x"].float_val.extend([1.0, 2.0])
    request.inputs["x"].tensor_shape.dim.add(size=2)
    return request.SerializeToString()


def check_parts(found: dict[str, Received], name: str, before: int) -> Received:
    """The client's span is the parent of the request's, which is that of the parts."""
    request = found[name]
    assert request.span.kind == SERVER
    assert request.span.parent_span_id.hex() == PARENT
    assert before <= request.span.start_time_unix_nano < request.span.end_time_unix_nano
    moment = request.span.start_time_unix_nano
    for part in ("queue", "run"):
        span = found[part].span
        assert span.kind == INTERNAL
        assert span.parent_span_id == request.span.span_id
        assert moment <= span.start_time_unix_nano <= span.end_time_unix_nano
        moment = span.end_time_unix_nano
    assert moment <= request.span.end_time_unix_nano <= time.time_ns()
    for one in (request, found["run"]):
        about = one.attributes
        assert about["tfs_notebook.model.name"] == "m"
        assert about["tfs_notebook.model.version"] == 1
        assert about["tfs_notebook.model.signature"] == "serving_default"
        assert about["tfs_notebook.request.rows"] == 2
    assert request.resource["service.name"] == "tfs_notebook"
    return request


def test_a_request_over_rest(traced: ServerProcess, collector: Collector) -> None:
    trace, before = new_trace(), time.time_ns()
    headers = {"traceparent": traceparent(trace), "tracestate": "vendor=1"}
    url = f"{traced.url}{PREDICT}?debug=1"
    response = httpx.post(url, json={"instances": [1.0, 2.0]}, headers=headers)
    assert response.json() == {"predictions": [2.5, 3.0]}
    found = collector.trace(trace, ROUTE, "queue", "run")
    request = check_parts(found, ROUTE, before)
    assert request.span.trace_state == "vendor=1"
    about = request.attributes
    assert about["http.request.method"] == "POST"
    assert about["http.route"] == "/v1/models/{model}:predict"
    assert about["http.response.status_code"] == 200
    assert about["url.path"] == PREDICT
    # It may be a text that somebody has judged.
    assert "debug" not in str(about)
    assert about["url.scheme"] == "http"
    assert about["client.address"] == "127.0.0.1"
    assert about["tfs_notebook.response.bytes"] == len(response.content)


def test_a_call_over_grpc(traced: ServerProcess, collector: Collector) -> None:
    trace, before = new_trace(), time.time_ns()
    with grpc.insecure_channel(traced.grpc_address) as channel:
        ask = channel.unary_unary(f"/{GRPC_PREDICT}", None, None)
        sent = predict_request()
        answer = ask(sent, metadata=(("traceparent", traceparent(trace)),), timeout=60)
    found = collector.trace(trace, GRPC_PREDICT, "queue", "run")
    about = check_parts(found, GRPC_PREDICT, before).attributes
    assert about["client.address"] == "127.0.0.1"
    assert about["rpc.system"] == "grpc"
    assert about["rpc.service"] == "tensorflow.serving.PredictionService"
    assert about["rpc.method"] == "Predict"
    assert about["rpc.grpc.status_code"] == 0
    assert about["tfs_notebook.request.bytes"] == len(sent)
    assert about["tfs_notebook.response.bytes"] == len(answer)


def test_errors_of_the_client_are_told_and_are_no_faults(
    traced: ServerProcess, collector: Collector
) -> None:
    trace, other = new_trace(), new_trace()
    body = {"instances": ["no number"]}
    headers = {"traceparent": traceparent(trace)}
    assert httpx.post(traced.url + PREDICT, json=body, headers=headers).status_code == 400
    failed(traced, GRPC_PREDICT, predict_request("nobody"), other)
    rest = collector.trace(trace, ROUTE)[ROUTE]
    called = collector.trace(other, GRPC_PREDICT)[GRPC_PREDICT]
    assert rest.attributes["http.response.status_code"] == 400
    assert called.attributes["rpc.grpc.status_code"] == grpc.StatusCode.NOT_FOUND.value[0]
    for one in (rest, called):
        assert one.span.status.code != ERROR
        [event] = one.span.events
        assert event.name == "exception"
        assert event.attributes[0].value.string_value


def test_what_is_nobodys_path_has_no_name_of_its_own(
    traced: ServerProcess, collector: Collector
) -> None:
    trace = new_trace()
    headers = {"traceparent": traceparent(trace)}
    httpx.get(f"{traced.url}/v1/models/x{trace}", headers=headers)
    assert "http.route" not in collector.trace(trace, "GET")["GET"].attributes


def test_what_a_client_does_not_sample_is_not_sent(
    traced: ServerProcess, collector: Collector
) -> None:
    unsampled, later = new_trace(), new_trace()
    for trace, sampled in ((unsampled, False), (later, True)):
        headers = {"traceparent": traceparent(trace, sampled)}
        httpx.post(traced.url + PREDICT, json={"instances": [1.0]}, headers=headers)
    collector.trace(later, ROUTE, "run")
    assert unsampled not in {one.trace for one in collector.spans}


def failed(server: ServerProcess, name: str, request: bytes, trace: str) -> None:
    with grpc.insecure_channel(server.grpc_address) as channel:
        metadata = (("traceparent", traceparent(trace)),)
        ask = channel.unary_unary(f"/{name}", None, None)
        with pytest.raises(grpc.RpcError):
            ask(request, metadata=metadata, timeout=60)


def test_a_status_that_is_the_servers_fault(
    traced: ServerProcess, collector: Collector
) -> None:
    # As TensorFlow Serving, it says so of what it cannot parse.
    name, trace = "tensorflow.serving.ModelService/GetModelStatus", new_trace()
    failed(traced, name, b"\xff", trace)
    one = collector.trace(trace, name)[name]
    assert one.span.status.code == ERROR
    assert one.attributes["error.type"] == "INTERNAL"


def test_the_standard_variables_and_the_end(
    tmp_path: Path, half_plus_two: Path, collector: Collector
) -> None:
    """Nothing is sampled but what a client samples; what is not sent yet is sent at the end."""
    said = environment(
        collector,
        OTEL_SERVICE_NAME="spam-filter",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
        OTEL_TRACES_SAMPLER="parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG="0",
        OTEL_BSP_SCHEDULE_DELAY="3600000",
    )
    flags = ["--model_name=m", f"--model_base_path={half_plus_two.parent}", "--enable_tracing"]
    trace, body = new_trace(), {"instances": [1.0]}
    with ServerProcess(tmp_path, flags, environment=said) as process:
        httpx.post(process.url + PREDICT, json=body)
        headers = {"traceparent": traceparent(trace)}
        httpx.post(process.url + PREDICT, json=body, headers=headers)
    one = collector.trace(trace, ROUTE, "run")[ROUTE]
    assert one.resource["service.name"] == "spam-filter"
    assert one.resource["deployment.environment.name"] == "test"
    assert {each.trace for each in collector.spans if each.resource == one.resource} == {trace}


def test_a_collector_that_is_gone_or_says_nothing_keeps_nobody_waiting(
    tmp_path: Path, half_plus_two: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as silent:
        said = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "OTEL_BSP_SCHEDULE_DELAY": "10",
            "OTEL_BSP_MAX_QUEUE_SIZE": "8",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "8",
            # An hour: whatever waited for it would be seen to.
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3600",
        }
        flags = [
            "--model_name=m", f"--model_base_path={half_plus_two.parent}", "--enable_tracing"
        ]  # fmt: skip
        with ServerProcess(tmp_path, flags, environment=said) as process:
            connection, _ = silent.accept() if _ask(process) else (None, None)
            for _ in range(50):
                _ask(process)
            process.stop()
            assert connection is not None
            connection.close()
        assert "the collector of spans does not answer" in process.log


def _ask(process: ServerProcess) -> bool:
    answer = httpx.post(process.url + PREDICT, json={"instances": [1.0]}, timeout=60)
    return answer.status_code == httpx.codes.OK


def test_without_the_package_one_error_says_what_to_install(
    tmp_path: Path, half_plus_two: Path
) -> None:
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ImportError('not here')\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from tfs_notebook.cli.main import run; run()"
    )
    process = ServerProcess(
        tmp_path,
        [f"--model_base_path={half_plus_two.parent}", "--enable_tracing"],
        command=("-c", code),
        wait=False,
    ).start()
    assert process.wait_for_exit() == 1
    poll_until(lambda: "pip install 'tfs_notebook[tracing]'" in process.log, "it says so")
    assert "Traceback" not in process.log
    assert "Loading" not in process.log
