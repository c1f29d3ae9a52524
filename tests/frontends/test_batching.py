"""Requests of several clients that share runs, over both doors of a real process."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.frontends.official import (
    Client,
    Code,
    answer_request,
    arrays,
    predict_request,
    refused,
)
from tests.models.answers import ANSWERED, read_answers
from tests.models.comparing import assert_answers
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

Start = Callable[..., ServerProcess]

# A batch is complete with four rows; nobody waits for a fifth, or for the time to be up.
FOUR_ROWS = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 20000000 }
num_batch_threads { value: 2 }
max_enqueued_batches { value: 100 }
"""
ONE_BY_ONE = """
max_batch_size { value: 1 }
num_batch_threads { value: 1 }
max_enqueued_batches { value: 1 }
"""


@pytest.fixture
def batched(start_server: Start, models: Path, tmp_path: Path) -> Callable[..., ServerProcess]:
    """Starts a server of some models with these batching parameters."""

    def start(parameters: str, *names: str, flags: tuple[str, ...] = ()) -> ServerProcess:
        file, config = tmp_path / "batching.pbtxt", tmp_path / "models.config"
        file.write_text(parameters)
        config.write_text(config_text({name: models / name for name in names}))
        return start_server(
            f"--model_config_file={config}",
            "--enable_batching",
            f"--batching_parameters_file={file}",
            *flags,
        )

    return start


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def signature(server: ServerProcess, model: str) -> dict[str, Any]:
    """What was counted of a model's default signature."""
    (told,) = httpx.get(f"{server.url}/v2/models/{model}/stats").json()["model_stats"]
    counted: dict[str, Any] = told["signatures"].get("serving_default", {})
    return counted


def rest(server: ServerProcess, model: str, *instances: Any) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/models/{model}:predict",
        json={"instances": list(instances)},
        timeout=60,
    )


def wait_until_queued(server: ServerProcess, model: str, number: int) -> None:
    """Wait until so many requests wait for a batch."""
    poll_until(
        lambda: signature(server, model).get("queued") == number, f"{number} requests wait"
    )


def test_requests_of_both_doors_share_a_run(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(FOUR_ROWS, "half_plus_two")
    with Client.of(server) as client:

        def grpc(value: float) -> list[float]:
            x = {"x": np.array([value], np.float32)}
            return client.predict("half_plus_two", x)["y"].tolist()  # type: ignore[no-any-return]

        futures: list[Future[Any]] = [pool.submit(grpc, float(value)) for value in (2, 4)]
        wait_until_queued(server, "half_plus_two", 2)
        answered = [rest(server, "half_plus_two", 6.0, 8.0)]
        assert [future.result(60) for future in futures] == [[3.0], [4.0]]
        assert [one.json()["predictions"] for one in answered] == [[5.0, 6.0]]
    counted = signature(server, "half_plus_two")
    batches = counted["batches"]
    assert (batches["runs"], batches["rows"], batches["padding_rows"]) == (1, 4, 0)
    assert batches["requests_of_a_run"]["mean"] == 3.0
    assert (counted["requests"], counted["errors"], counted["in_flight"]) == (3, 0, 0)
    assert counted["queue"]["count"] == 3
    (told,) = httpx.get(f"{server.url}/v2/models/half_plus_two/stats").json()["model_stats"]
    assert (told["inference_count"], told["execution_count"]) == (4, 1)
    assert told["batch_stats"][0]["batch_size"] == 4


@pytest.fixture(scope="module")
def all_batched(
    models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Every model that has answers, in batches of any size."""
    directory = tmp_path_factory.mktemp("all")
    file, config = directory / "batching.pbtxt", directory / "models.config"
    file.write_text("max_batch_size { value: 100000 }")
    config.write_text(config_text({name: models / name for name in ANSWERED}))
    flags = (
        f"--model_config_file={config}",
        "--enable_batching",
        f"--batching_parameters_file={file}",
        # One of them can hang, by reading a pipe.
        "--allowed_unsafe_ops=ReadFile",
    )
    with ServerProcess(directory, flags) as server:
        yield server


@pytest.mark.parametrize("name", ANSWERED)
def test_answers_are_those_without_batching(
    all_batched: ServerProcess, models: Path, name: str
) -> None:
    with Client.of(all_batched) as client:
        for answer in read_answers(models / name):
            request = answer_request(name, answer)
            lengths = {np.shape(array)[:1] for array in answer.inputs.values()}
            if len(lengths) == 1 and lengths != {()}:
                rows = next(iter(lengths))
                if all(np.shape(array)[:1] == rows for array in answer.outputs.values()):
                    assert_answers(
                        arrays(client.prediction.Predict(request, timeout=60)), answer
                    )
                    continue
                expected = (Code.FAILED_PRECONDITION, "Batched output tensor")
            else:
                expected = (Code.INVALID_ARGUMENT, "Batching Run() ")
            code, text = refused(lambda r=request: client.prediction.Predict(r, timeout=60))  # type: ignore[misc]
            assert code == expected[0]
            assert text.startswith(expected[1])


def test_requests_for_the_same_outputs_share_a_run_in_whatever_order_they_name_them(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(
        "max_batch_size { value: 2 } batch_timeout_micros { value: 50000000 }", "texts"
    )
    with Client.of(server) as client:

        def ask(*outputs: str, signature: str = "") -> Future[Any]:
            text = {"text": np.array([b"a"])}
            return pool.submit(
                client.predict, "texts", text, signature=signature, outputs=outputs
            )

        def queued() -> int:
            number: int = signature(server, "texts").get("queued", 0)
            return number

        # One for each of three sets of outputs, of two signatures; none joins another.
        first = ask("upper", "echo_bytes")
        poll_until(lambda: queued() == 1, "the first one waits")
        some = ask("upper")
        other = ask(signature="echo")
        poll_until(lambda: queued() == 2, "that for some outputs waits, too")
        second = ask("echo_bytes", "upper")
        both = {"upper", "echo_bytes"}
        assert [set(one.result(60)) for one in (first, second)] == [both, both]
        assert not some.done()
        assert not other.done()
        # Without a filter they are the same outputs as with all of them.
        assert [set(one.result(60)) for one in (ask(), ask(*both))] == [both, both]
        assert [set(one.result(60)) for one in (ask("upper"), some)] == [{"upper"}] * 2
        echo = ask(signature="echo")
        assert [set(one.result(60)) for one in (echo, other)] == [{"text"}] * 2
    batches = signature(server, "texts")["batches"]
    assert (batches["runs"], batches["rows"]) == (3, 6)


def test_a_full_queue_refuses_at_once(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(ONE_BY_ONE, "slow")
    running = pool.submit(rest, server, "slow", 2.0)
    poll_until(
        lambda: (
            signature(server, "slow").get("in_flight") == 1
            and signature(server, "slow")["queued"] == 0
        ),
        "the first one runs",
    )
    waiting = pool.submit(rest, server, "slow", 0.0)
    wait_until_queued(server, "slow", 1)
    text = (
        "The batch scheduling queue to which this task was submitted is full; currently 1 "
        "batches enqueued and max_enqueued_batches is 1"
    )
    response = rest(server, "slow", 0.0)
    assert (response.status_code, response.json()) == (503, {"error": text})
    with Client.of(server) as client:
        request = predict_request("slow", {"seconds": np.zeros(1, np.float32)})
        assert refused(lambda: client.prediction.Predict(request, timeout=60)) == (
            Code.UNAVAILABLE,
            text,
        )
    assert not running.done()
    assert [one.result(60).status_code for one in (running, waiting)] == [200, 200]


def test_a_request_too_large_for_a_batch_is_refused(
    batched: Callable[..., ServerProcess],
) -> None:
    server = batched("max_batch_size { value: 4 }", "half_plus_two")
    response = rest(server, "half_plus_two", 1.0, 2.0, 3.0, 4.0, 5.0)
    assert response.status_code == 400
    assert response.json()["error"] == ("Task size 5 is larger than maximum input batch size 4")
    assert rest(server, "half_plus_two", 1.0, 2.0, 3.0, 4.0).status_code == 200


def test_a_large_request_is_split_where_it_may_be(
    batched: Callable[..., ServerProcess],
) -> None:
    server = batched(
        "max_batch_size { value: 1000 } max_execution_batch_size { value: 4 } "
        "enable_large_batch_splitting { value: true }",
        "half_plus_two",
    )
    response = rest(server, "half_plus_two", *range(10))
    assert response.json()["predictions"] == [number / 2 + 2 for number in range(10)]
    assert signature(server, "half_plus_two")["batches"]["runs"] == 3


def test_a_client_that_leaves_while_it_waits_runs_nothing(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(ONE_BY_ONE, "slow")
    running = pool.submit(rest, server, "slow", 2.5)
    poll_until(lambda: signature(server, "slow").get("in_flight") == 1, "one is under way")
    with Client.of(server) as client:
        request = predict_request("slow", {"seconds": np.full(1, 30.0, np.float32)})
        leaving = client.prediction.Predict.future(request)
        wait_until_queued(server, "slow", 1)
        leaving.cancel()
        # It makes room at once for one that would be refused.
        poll_until(
            lambda: rest(server, "slow", 0.0).status_code == 200, "its place has been taken"
        )
    assert running.result(60).status_code == 200
    counted = signature(server, "slow")
    assert counted["in_flight"] == counted["queued"] == 0
    assert counted["batches"]["runs"] == 2


def test_time_that_is_up_while_waiting_is_504(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(ONE_BY_ONE, "slow", flags=("--rest_api_timeout_in_ms=700",))
    running = pool.submit(rest, server, "slow", 2.5)
    poll_until(lambda: signature(server, "slow").get("in_flight") == 1, "one is under way")
    response = rest(server, "slow", 0.0)
    assert response.status_code == 504
    assert running.result(60).status_code == 504


def test_what_waits_is_answered_when_its_model_goes(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a-long-enough-token-for-anybody")
    token.chmod(0o600)
    server = batched(
        "max_batch_size { value: 1 } num_batch_threads { value: 1 } "
        "max_enqueued_batches { value: 100 }",
        "slow",
        flags=("--model_control=explicit", f"--model_control_token_file={token}"),
    )
    asked = [pool.submit(rest, server, "slow", 2.5)]
    poll_until(lambda: signature(server, "slow").get("in_flight") == 1, "one is under way")
    asked += [pool.submit(rest, server, "slow", 0.1) for _ in range(3)]
    poll_until(lambda: signature(server, "slow").get("in_flight") == 4, "all are under way")
    httpx.post(
        f"{server.url}/v2/repository/models/slow/unload",
        headers={"Authorization": "Bearer a-long-enough-token-for-anybody"},
        timeout=60,
    ).raise_for_status()
    assert [one.result(60).status_code for one in asked] == [200] * 4
    assert rest(server, "slow", 0.0).status_code == 404


def test_a_server_that_stops_runs_what_waits(
    batched: Callable[..., ServerProcess], pool: ThreadPoolExecutor
) -> None:
    server = batched(FOUR_ROWS, "half_plus_two")
    asked = pool.submit(rest, server, "half_plus_two", 2.0)
    wait_until_queued(server, "half_plus_two", 1)
    server.process.send_signal(signal.SIGTERM)
    # Its batch would be due in 20 seconds.
    assert asked.result(60).json() == {"predictions": [3.0]}
    assert server.process.wait(60) == 0


def test_parameters_beside_the_model(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    for name in ("with", "without"):
        shutil.copytree(half_plus_two, tmp_path / name / "1")
    (tmp_path / "with" / "1" / "batching_params.pbtxt").write_text(
        "max_batch_size { value: 2 } num_batch_threads { value: 0 }"
    )
    config = tmp_path / "models.config"
    config.write_text(config_text({"with": tmp_path / "with", "without": tmp_path / "without"}))
    common = tmp_path / "common.pbtxt"
    common.write_text("max_batch_size { value: 1 } num_batch_threads { value: 3 }")
    server = start_server(
        f"--model_config_file={config}",
        "--enable_batching",
        f"--batching_parameters_file={common}",
        "--enable_per_model_batching_parameters",
    )
    # Of the common file only what is said of the threads counts.
    assert rest(server, "with", 1.0, 2.0).status_code == 200
    assert rest(server, "with", 1.0, 2.0, 3.0).status_code == 400
    assert rest(server, "without", 1.0, 2.0, 3.0).status_code == 200
    assert signature(server, "with")["batches"]["runs"] == 1
    assert signature(server, "without")["batches"] is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_batch_size { value: 4 }\nmax_batch { value: 1 }\n", "2:1"),
        ("max_batch_size { value: many }", "1:25"),
        ("num_batch_threads { value: 0 }", "num_batch_threads must be positive; was 0"),
        (
            "allowed_batch_sizes: 3",
            (
                "Last entry in allowed_batch_sizes must match max_batch_size; "
                "last entry was 3; expected 1000"
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_used(
    start_server: Start, half_plus_two: Path, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "batching.pbtxt"
    file.write_text(text)
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--enable_batching",
        f"--batching_parameters_file={file}",
        wait=False,
    )
    assert server.process.wait(60) != 0
    assert says in server.log
    assert str(file) in server.log
    assert "Traceback" not in server.log


@pytest.mark.parametrize("flags", [(), ("--enable_batching",)], ids=["direct", "batched"])
def test_too_many_requests_at_once(
    start_server: Start, models: Path, pool: ThreadPoolExecutor, flags: tuple[str, ...]
) -> None:
    server = start_server(
        f"--model_base_path={models / 'slow'}",
        "--model_name=slow",
        "--max_requests_in_flight=2",
        *flags,
    )
    running = [pool.submit(rest, server, "slow", 2.0) for _ in range(2)]
    poll_until(lambda: signature(server, "slow").get("in_flight") == 2, "two are under way")
    response = rest(server, "slow", 0.0)
    assert response.status_code == 503
    assert "--max_requests_in_flight" in response.json()["error"]
    # What runs no model is answered all the same.
    assert httpx.get(f"{server.url}/v1/models/slow").status_code == 200
    assert [one.result(60).status_code for one in running] == [200, 200]
    assert rest(server, "slow", 0.0).status_code == 200
