"""The page of metrics of real servers, asked over both doors by TensorFlow Serving's client."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.frontends.example_requests import (
    REGRESS,
    classification_request,
    multi_inference_request,
    regression_request,
)
from tests.frontends.official import (
    Client,
    Code,
    model_management_pb2,
    predict_refused,
    predict_request,
    refused,
)
from tests.half_plus_two import BODY
from tests.metrics_page import PATH, Page, page_of
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tests.serving.warmup.warmup_records import predict_log, with_records

Start = Callable[..., ServerProcess]

SERVING = ":tensorflow:serving"
BATCHING = f"{SERVING}:batching_session"
LOADS = ":tensorflow:cc:saved_model"
TENSORFLOW_SERVINGS = {
    f"{SERVING}:request_count": "counter",
    f"{SERVING}:request_latency": "histogram",
    f"{SERVING}:runtime_latency": "histogram",
    f"{SERVING}:request_example_counts": "histogram",
    f"{SERVING}:request_example_count_total": "counter",
    f"{SERVING}:request_log_count": "counter",
    f"{SERVING}:model_warmup_latency": "histogram",
    f"{SERVING}:model_warmup_records_read": "counter",
    f"{SERVING}:mlmd_map": "gauge",
    f"{BATCHING}:queuing_latency": "histogram",
    f"{BATCHING}:wrapped_run_count": "counter",
    f"{BATCHING}:padding_size": "histogram",
    f"{BATCHING}:input_batch_size": "histogram",
    f"{BATCHING}:processed_batch_size": "histogram",
    f"{LOADS}:load_attempt_count": "counter",
    f"{LOADS}:load_latency": "counter",
}
X = {"x": np.array([1.0, 2.0], np.float32)}
STRANGE = 'a"b\\c\nd'
STRANGE_IN_PROTO = r"a\"b\\c\nd"
STRANGE_LABEL = r"a\"b\\c\nd"
PARAMETERS = """
max_batch_size { value: 4 } allowed_batch_sizes: 2 allowed_batch_sizes: 4
num_batch_threads { value: 3 } batch_timeout_micros { value: 0 }
thread_pool_name { value: "pool" }
"""


def monitoring(directory: Path, text: str = "prometheus_config { enable: true }") -> str:
    file = directory / "monitoring.config"
    file.write_text(text)
    return f"--monitoring_config_file={file}"


@pytest.fixture(scope="module", params=["direct", "batched"])
def watched(
    request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp(request.param)
    config = directory / "models.config"
    served = {name: models / name for name in ("examples", "half_plus_two", "slow")}
    config.write_text(config_text({**served, STRANGE_IN_PROTO: models / "half_plus_two"}))
    flags = [f"--model_config_file={config}", monitoring(directory)]
    if request.param == "batched":
        parameters = directory / "batching.config"
        parameters.write_text(PARAMETERS)
        flags += ["--enable_batching", f"--batching_parameters_file={parameters}"]
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture
def is_batched(watched: ServerProcess) -> bool:
    return "batched" in watched.directory.name


@pytest.fixture(scope="module")
def client(watched: ServerProcess) -> Iterator[Client]:
    with Client.of(watched) as client:
        yield client


class Growth:
    """What has been counted on the page of a server since it was made."""

    def __init__(self, server: ServerProcess) -> None:
        self._url = server.url
        self._before = page_of(self._url)
        self.page = self._before

    def look(self) -> Growth:
        self.page = page_of(self._url)
        return self

    def __getitem__(self, series: str) -> float:
        return self.page[series] - self._before.get(series, 0.0)

    def of(self, name: str) -> dict[str, float]:
        """What has grown of a metric, by its labels."""
        grown = {labels: self[f"{name}{{{labels}}}"] for labels in self.page.of(name)}
        return {labels: by for labels, by in grown.items() if by}


def rest(server: ServerProcess, path: str, body: bytes | None = None) -> httpx.Response:
    method = "GET" if body is None else "POST"
    return httpx.request(method, f"{server.url}{path}", content=body, timeout=30)


def test_a_page_before_anybody_has_asked_anything(start_server: Start, tmp_path: Path) -> None:
    server = start_server(
        monitoring(tmp_path),
        "--model_control=none",
        "--model_base_path=/nowhere",
        "--start_timeout_seconds=0",
    )
    page = page_of(server.url)
    lines = "".join(
        f"# TYPE {name} {kind}\n"
        for name, kind in sorted(
            {**TENSORFLOW_SERVINGS, f"{BATCHING}:queue_depth": "gauge"}.items()
        )
    )
    assert page.text.startswith(lines)
    assert page.text[len(lines) :].startswith("# HELP tfs_notebook_")
    assert page["process_resident_memory_bytes{}"] > 50e6


def test_the_metrics_of_tensorflow_serving_have_types_and_no_help(
    watched: ServerProcess,
) -> None:
    page = page_of(watched.url)
    assert TENSORFLOW_SERVINGS.items() <= page.types.items()
    assert not [name for name in page.helped if name.startswith(":")]
    ours = {name for name in page.types if not name.startswith(":")}
    assert ours == page.helped
    for name in ours:
        assert name.startswith(("tfs_notebook_", "process_")), name
        assert name.endswith("_total") is (page.types[name] == "counter"), name


def test_requests_over_grpc(watched: ServerProcess, client: Client) -> None:
    growth = Growth(watched)
    client.predict("half_plus_two", X)
    client.prediction.Classify(classification_request(), timeout=60)
    client.prediction.Regress(regression_request("examples", "values"), timeout=60)
    client.prediction.MultiInference(
        multi_inference_request([("examples", "values", REGRESS)]), timeout=60
    )
    growth.look()
    assert growth.of(f"{SERVING}:request_count") == {
        'model_name="examples",status="OK"': 2,
        'model_name="half_plus_two",status="OK"': 1,
    }
    assert growth.of(f"{SERVING}:request_latency_count") == {
        'model_name="examples",API="Classify",entrypoint="GRPC"': 1,
        'model_name="examples",API="Regress",entrypoint="GRPC"': 1,
        'model_name="half_plus_two",API="Predict",entrypoint="GRPC"': 1,
    }
    assert growth.of(f"{SERVING}:runtime_latency_count") == {
        'model_name="examples",API="Classify",runtime="TF1"': 1,
        'model_name="examples",API="MultiInference",runtime="TF1"': 1,
        'model_name="examples",API="Regress",runtime="TF1"': 1,
        'model_name="half_plus_two",API="Predict",runtime="TF1"': 1,
    }
    assert growth.of(f"{SERVING}:request_example_count_total") == {'model="examples"': 6}
    assert growth.of(f"{SERVING}:request_example_counts_bucket") == {
        f'model="examples",le="{bound}"': 3 for bound in [*(2**n for n in range(1, 15)), "+Inf"]
    }


def test_requests_over_rest(watched: ServerProcess) -> None:
    growth = Growth(watched)
    for path, body, status in (
        ("half_plus_two:predict", BODY, 200),
        ("half_plus_two/versions/1:predict", BODY, 200),
        ("half_plus_two:regress",
         b'{"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}]}', 200),
        ("half_plus_two:classify",
         b'{"signature_name": "classify_x_to_y", "examples": [{"x": 2.0}]}', 200),
        ("half_plus_two", None, 200),
        ("half_plus_two/metadata", None, 200),
    ):  # fmt: skip
        assert rest(watched, f"/v1/models/{path}", body).status_code == status
    growth.look()
    assert growth.of(f"{SERVING}:request_count") == {
        'model_name="half_plus_two",status="OK"': 6
    }
    assert growth.of(f"{SERVING}:request_latency_count") == {
        'model_name="half_plus_two",API="",entrypoint="REST"': 2,
        'model_name="half_plus_two",API="classify",entrypoint="REST"': 1,
        'model_name="half_plus_two",API="predict",entrypoint="REST"': 2,
        'model_name="half_plus_two",API="regress",entrypoint="REST"': 1,
    }
    assert (
        growth[
            f'{SERVING}:runtime_latency_count{{model_name="half_plus_two",API="Predict",runtime="TF1"}}'
        ]
        == 2
    )


def test_requests_that_fail(watched: ServerProcess, client: Client) -> None:
    growth = Growth(watched)
    assert predict_refused(client, "half_plus_two", {"z": X["x"]})[0] is Code.INVALID_ARGUMENT
    assert predict_refused(client, "absent", X)[0] is Code.NOT_FOUND
    assert predict_refused(client, "", X)[0] is Code.INVALID_ARGUMENT
    for path, body, status in (
        ("/v1/models/absent:predict", BODY, 404),
        ("/v1/models/half_plus_two:predict", b'{"instances": ["a"]}', 400),
        ("/v1/models/half_plus_two/versions/9", None, 404),
        ("/v1/nothing/like/it", None, 400),
        ("/v1/models/half_plus_two:PREDICT", BODY, 400),
        # Not of its API.
        ("/v2/models/absent", None, 404),
        ("/nowhere", None, 404),
    ):
        assert rest(watched, path, body).status_code == status
    growth.look()
    assert growth.of(f"{SERVING}:request_count") == {
        'model_name="",status="INVALID_ARGUMENT"': 3,
        'model_name="absent",status="NOT_FOUND"': 2,
        'model_name="half_plus_two",status="INVALID_ARGUMENT"': 2,
        'model_name="half_plus_two",status="NOT_FOUND"': 1,
    }
    assert not growth.of(f"{SERVING}:request_latency_count")
    assert not growth.of(f"{SERVING}:runtime_latency_count")


def test_requests_that_nobody_waits_for(watched: ServerProcess, client: Client) -> None:
    growth = Growth(watched)
    long = predict_request("slow", {"seconds": np.array([3.0], np.float32)})
    call = client.prediction.Predict.future(long, timeout=60)
    poll_until(lambda: _under_way(page_of(watched.url), "slow") == 1, "it is under way")
    assert call.cancel()
    request = predict_request("slow", {"seconds": np.array([1.0], np.float32)})
    with (
        httpx.Client(base_url=watched.url, timeout=httpx.Timeout(30, read=0.3)) as http,
        pytest.raises(httpx.ReadTimeout),
    ):
        http.post("/v1/models/slow:predict", content=b'{"instances": [1.0]}')

    def counted(status: str) -> float:
        grown = growth.look().of(f"{SERVING}:request_count")
        return grown.get(f'model_name="slow",status="{status}"', 0.0)

    poll_until(lambda: counted("CANCELLED") == 2, "those that have left are counted")
    assert not counted("DEADLINE_EXCEEDED")

    def timed_out() -> bool:
        before = counted("CANCELLED") + counted("DEADLINE_EXCEEDED")
        code, _ = refused(lambda: client.prediction.Predict(request, timeout=0.3))
        assert code is Code.DEADLINE_EXCEEDED
        poll_until(
            lambda: counted("CANCELLED") + counted("DEADLINE_EXCEEDED") == before + 1,
            "it is counted",
        )
        return counted("DEADLINE_EXCEEDED") == 1

    # What takes long on its way here has time left by the server's clock, and has left.
    poll_until(timed_out, "one whose time was up is counted as such")
    assert not growth.of(f"{SERVING}:request_latency_count")
    poll_until(lambda: _under_way(page_of(watched.url), "slow") == 0, "the runs have ended")


def _under_way(page: Page, model: str) -> float:
    labels = f'model_name="{model}",signature_name="serving_default",version="1"'
    return page.get(f"tfs_notebook_requests_in_flight{{{labels}}}", 0.0)


def test_a_name_with_quotes_backslashes_and_line_feeds(
    watched: ServerProcess, client: Client
) -> None:
    growth = Growth(watched)
    client.predict(STRANGE, X)
    growth.look()
    assert growth.of(f"{SERVING}:request_count") == {
        f'model_name="{STRANGE_LABEL}",status="OK"': 1
    }
    assert growth.of("tfs_notebook_requests_total") == {
        f'model_name="{STRANGE_LABEL}",signature_name="serving_default",version="1"': 1
    }


def test_latencies_are_in_the_buckets_of_tensorflow_serving(
    watched: ServerProcess, client: Client
) -> None:
    client.predict("half_plus_two", X)
    page = page_of(watched.url)
    labels = 'model_name="half_plus_two",API="Predict",entrypoint="GRPC"'
    buckets = [
        (text.split('le="')[1].rstrip('"'), count)
        for text, count in page.of(f"{SERVING}:request_latency_bucket").items()
        if text.startswith(labels)
    ]
    bounds = [bound for bound, _ in buckets]
    assert bounds[:6] == ["10", "18", "32.4", "58.32", "104.976", "188.957"]
    assert (len(bounds), bounds[-2:]) == (34, ["1.47476e+09", "+Inf"])
    counts = [count for _, count in buckets]
    assert counts == sorted(counts)
    number = page[f"{SERVING}:request_latency_count{{{labels}}}"]
    total = page[f"{SERVING}:request_latency_sum{{{labels}}}"]
    assert counts[-1] == number
    assert 10 < total / number < 60e6


def test_batches(watched: ServerProcess, client: Client, is_batched: bool) -> None:
    growth = Growth(watched)
    client.predict("half_plus_two", {"x": np.array([1.0, 2.0, 3.0], np.float32)})
    growth.look()
    if not is_batched:
        assert not growth.of(f"{BATCHING}:wrapped_run_count")
        assert not growth.of("tfs_notebook_batches_total")
        assert growth.page["tfs_notebook_batch_threads{}"] == 0
        return
    assert growth[f"{BATCHING}:wrapped_run_count{{}}"] == 1
    assert growth[f"{BATCHING}:input_batch_size_sum{{}}"] == 3
    assert growth[f"{BATCHING}:input_batch_size_count{{}}"] == 1
    assert growth[f"{BATCHING}:processed_batch_size_sum{{}}"] == 4
    assert growth.of(f"{BATCHING}:padding_size_sum") == {'execution_batch_size="4"': 1}
    assert growth.of(f"{BATCHING}:queuing_latency_count") == {'thread_pool_name="pool"': 1}
    bounds = list(growth.page.of(f"{BATCHING}:queuing_latency_bucket"))
    assert bounds[:3] == [f'thread_pool_name="pool",le="{bound}"' for bound in (100, 120, 144)]
    assert len(bounds) == 53
    one = 'model_name="half_plus_two",signature_name="serving_default",version="1"'
    assert growth[f"tfs_notebook_batches_total{{{one}}}"] == 1
    assert growth[f"tfs_notebook_batched_rows_total{{{one}}}"] == 3
    assert growth[f"tfs_notebook_padding_rows_total{{{one}}}"] == 1
    assert growth[f"tfs_notebook_batch_rows_sum{{{one}}}"] == 4
    assert growth[f"tfs_notebook_batch_requests_sum{{{one}}}"] == 1
    assert growth[f"tfs_notebook_queue_wait_seconds_count{{{one}}}"] == 1
    assert growth.page["tfs_notebook_batch_threads{}"] == 3


def test_requests_by_version_and_signature(watched: ServerProcess, client: Client) -> None:
    growth = Growth(watched)
    client.predict("half_plus_two", X)
    predict_refused(client, "half_plus_two", {"z": X["x"]})
    growth.look()
    one = 'model_name="half_plus_two",signature_name="serving_default",version="1"'
    assert growth[f"tfs_notebook_requests_total{{{one}}}"] == 2
    assert growth[f"tfs_notebook_request_errors_total{{{one}}}"] == 1
    assert growth[f"tfs_notebook_request_duration_seconds_count{{{one}}}"] == 2
    assert 0 < growth[f"tfs_notebook_request_duration_seconds_sum{{{one}}}"] < 60
    buckets = growth.page.of("tfs_notebook_request_duration_seconds_bucket")
    assert {text.split('le="')[1].split('"')[0] for text in buckets} >= {
        "1e-05",
        "1.8e-05",
        "+Inf",
    }
    assert growth.page[f"tfs_notebook_requests_in_flight{{{one}}}"] == 0
    one = 'model_name="half_plus_two",version="1",signature_name="serving_default"'
    assert growth.page[f"{BATCHING}:queue_depth{{{one}}}"] == 0


def test_versions(watched: ServerProcess, models: Path) -> None:
    page = page_of(watched.url)
    one = 'model_name="examples",version="1"'
    assert {
        labels: value
        for labels, value in page.of("tfs_notebook_model_version_state").items()
        if 'model_name="examples"' in labels
    } == {
        f'model_name="examples",state="{state}",version="1"': float(state == "AVAILABLE")
        for state in ("START", "LOADING", "AVAILABLE", "UNLOADING", "END")
    }
    assert 0 < page[f"tfs_notebook_model_load_duration_seconds{{{one}}}"] < 120
    assert page[f"tfs_notebook_model_load_timestamp_seconds{{{one}}}"] > 1.7e9
    files = sum(
        file.stat().st_size for file in (models / "examples" / "1").rglob("*") if file.is_file()
    )
    size = page[f"tfs_notebook_model_estimated_memory_bytes{{{one}}}"]
    assert files <= size <= 2 * files
    path = models / "examples" / "1"
    assert page[f'{LOADS}:load_attempt_count{{model_path="{path}",status="success"}}'] == 1
    assert page[f'{LOADS}:load_latency{{model_path="{path}"}}'] > 0


def test_where_the_page_is(watched: ServerProcess) -> None:
    wrong = httpx.get(f"{watched.url}{PATH}?name=%C3%A9")
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (400, "text/plain")
    assert wrong.text == f"Unexpected path: {PATH}?name=%C3%A9. Should be {PATH}"
    head = httpx.head(f"{watched.url}{PATH}")
    assert (head.status_code, head.content) == (200, b"")
    assert httpx.post(f"{watched.url}{PATH}").status_code == 405
    for path in (f"{PATH}/", "/monitoring", PATH.upper()):
        there = httpx.get(f"{watched.url}{path}")
        assert (there.status_code, there.headers["Content-Type"]) == (404, "text/html")


def test_no_page_without_the_flag(http: httpx.Client) -> None:
    there = http.get(PATH)
    assert (there.status_code, there.headers["Content-Type"]) == (404, "text/html")


def test_a_path_of_its_own_also_on_the_socket(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    server = start_server(
        monitoring(tmp_path, 'prometheus_config { enable: true path: "/metrics" }'),
        f"--model_base_path={models / 'half_plus_two'}",
        "--rest_api_socket_path=rest.sock",
    )
    assert page_of(server.url, "/metrics").of("tfs_notebook_model_version_state")
    transport = httpx.HTTPTransport(uds=str(server.directory / "rest.sock"))
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        assert Page(client.get("/metrics").text).of("tfs_notebook_model_version_state")
        assert client.get(PATH).status_code == 404


def test_names_that_are_made_up_are_not_all_kept(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    server = start_server(
        monitoring(tmp_path), f"--model_base_path={half_plus_two.parent}", "--model_name=m"
    )
    with httpx.Client(base_url=server.url) as http:
        for number in range(150):
            http.get(f"/v1/models/made_up_{number}")
        http.get(f"/v1/models/{'x' * 1000}")
        http.get("/v1/models/m")
    counted = page_of(server.url).of(f"{SERVING}:request_count")
    assert counted['model_name="",status="NOT_FOUND"'] == 51
    assert counted['model_name="m",status="OK"'] == 1
    assert len(counted) == 102


def test_warm_up_and_ml_metadata(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    base = with_records(half_plus_two, tmp_path / "m", [predict_log([1.0]), predict_log([2.0])])
    (base / "1" / "assets.extra" / "mlmd_uuid").write_text('uuid "of" it\n')
    broken = with_records(half_plus_two, tmp_path / "broken", [predict_log(["a"])])
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": base, "broken": broken}))
    server = start_server(
        monitoring(tmp_path), f"--model_config_file={config}", "--max_num_load_retries=0"
    )
    page = page_of(server.url)
    assert page.of(f"{SERVING}:model_warmup_records_read") == {
        f'model_path="{base / "1"}",status="OK"': 2,
        f'model_path="{broken / "1"}",status="INVALID_ARGUMENT"': 0,
    }
    assert page.of(f"{SERVING}:model_warmup_latency_count") == {
        f'model_path="{base / "1"}",status="OK"': 1,
        f'model_path="{broken / "1"}",status="INVALID_ARGUMENT"': 1,
    }
    assert page.of(f"{SERVING}:mlmd_map") == {
        r'model_name="m",version="1",mlmd_uuid="uuid \"of\" it"': 1
    }
    # What was run for it is no request.
    assert not page.of(f"{SERVING}:runtime_latency_count")
    assert not page.of("tfs_notebook_requests_total")

    shutil.copytree(half_plus_two, base / "2")
    server.wait_for_model("m", 2)
    poll_until(lambda: not page_of(server.url).of(f"{SERVING}:mlmd_map"), "version 1 is gone")
    page = page_of(server.url)
    assert page['tfs_notebook_model_version_state{model_name="m",state="END",version="1"}'] == 1
    assert list(page.of("tfs_notebook_model_load_duration_seconds")) == [
        'model_name="m",version="2"'
    ]


def test_a_load_that_fails(start_server: Start, half_plus_two: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    shutil.copytree(half_plus_two, base / "1")
    (base / "1" / "saved_model.pb").write_bytes(b"no model")
    server = start_server(
        monitoring(tmp_path),
        f"--model_base_path={base}",
        "--max_num_load_retries=1",
        "--load_retry_interval_micros=0",
    )
    page = page_of(server.url)
    assert page.of(f"{LOADS}:load_attempt_count") == {
        f'model_path="{base / "1"}",status="fail"': 2
    }
    assert (
        page['tfs_notebook_model_version_state{model_name="default",state="END",version="1"}']
        == 1
    )
    assert not page.of("tfs_notebook_model_estimated_memory_bytes")


@pytest.mark.parametrize("batched", [False, True])
def test_the_page_is_there_while_every_run_hangs(
    start_server: Start, models: Path, tmp_path: Path, batched: bool
) -> None:
    flags = []
    if batched:
        parameters = tmp_path / "batching.config"
        parameters.write_text("num_batch_threads { value: 1 } max_batch_size { value: 1 }")
        flags = ["--enable_batching", f"--batching_parameters_file={parameters}"]
    server = start_server(
        monitoring(tmp_path),
        "--model_name=hangs",
        f"--model_base_path={models / 'hangs'}",
        "--allowed_unsafe_ops=ReadFile",
        "--grpc_max_threads=1",
        "--rest_api_num_threads=1",
        *flags,
    )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    body: Any = {"signature_name": "from_pipe", "instances": [{"x": -1.0, "pipe": str(pipe)}]}

    def ask() -> int:
        url = f"{server.url}/v1/models/hangs:predict"
        return httpx.post(url, json=body, timeout=60).status_code

    one = 'model_name="hangs",signature_name="from_pipe",version="1"'

    def in_flight() -> float:
        return page_of(server.url).of("tfs_notebook_requests_in_flight").get(one, 0)

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        try:
            poll_until(lambda: in_flight() == (3 if batched else 1), "they are under way")
            depth = page_of(server.url).of(f"{BATCHING}:queue_depth")
            labels = 'model_name="hangs",version="1",signature_name="from_pipe"'
            assert depth[labels] == (2 if batched else 0)
        finally:
            # Whoever is let go makes room for the next.
            poll_until(
                lambda: [_opened(pipe), all(call.done() for call in asked)][1], "all have ended"
            )
        assert all(one.result() for one in asked)
    assert in_flight() == 0


def _opened(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def test_a_message_that_is_no_request(watched: ServerProcess, client: Client) -> None:
    growth = Growth(watched)
    call = client.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    assert refused(lambda: call(b"\x0a\xff", timeout=30))[0] is Code.INTERNAL
    request = predict_request("half_plus_two", X).SerializeToString()
    assert call(request, timeout=30)
    growth.look()
    assert growth.of(f"{SERVING}:request_count") == {
        'model_name="",status="INTERNAL"': 1,
        'model_name="half_plus_two",status="OK"': 1,
    }


def test_a_reload_tells_what_it_has_counted(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    base = models / "half_plus_two"
    server = start_server("--model_name=a", f"--model_base_path={base}", monitoring(tmp_path))
    attempts = "/tensorflow/cc/saved_model/load_attempt_count"
    request = model_management_pb2.ReloadConfigRequest(
        metric_names=[
            attempts,
            "/tensorflow/serving/request_count",
            "/tensorflow/serving/request_latency",
            "/nowhere",
        ]
    )
    for name in ("a", "b", "c"):
        request.config.model_config_list.config.add(
            name=name, base_path=str(base), model_platform="tensorflow"
        )
    with Client.of(server) as client:
        first = client.model.HandleReloadConfigRequest(request, timeout=60)
        second = client.model.HandleReloadConfigRequest(request, timeout=60)
    # Histograms are no counters, and what there is not has no increase.
    assert {one.name: one.int64_value_increase for one in first.metric} == {
        attempts: 2,
        "/tensorflow/serving/request_count": 0,
    }
    assert {one.name: one.int64_value_increase for one in second.metric} == {
        attempts: 0,
        "/tensorflow/serving/request_count": 0,
    }
