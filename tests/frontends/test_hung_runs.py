"""Models that hang, in a real process: what becomes of their requests, and of all others."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest

from tests.frontends.official import Client, refused
from tests.frontends.pipe import Pipe
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

Start = Callable[..., ServerProcess]
Launch = Callable[..., ServerProcess]

# What is left of the direct way in batches is how a run ends, which two tests have.
DIRECT_AND_LATER_BATCHED = pytest.mark.parametrize(
    "launch", ["direct", pytest.param("batched", marks=pytest.mark.long)], indirect=True
)

TOO_LONG = "took longer than the 1 s of --run_limit_seconds and was written off"


@pytest.fixture(params=["direct", "batched"])
def launch(
    request: pytest.FixtureRequest, start_server: Start, models: Path, tmp_path: Path
) -> Launch:
    """Starts servers with one thread for every purpose, which a run may hang on."""
    base = tmp_path / "hangs"
    shutil.copytree(models / "hangs" / "1", base / "1")
    config = tmp_path / "models.config"
    config.write_text(
        config_text({"hangs": base, "half_plus_two": models / "half_plus_two" / "1"})
    )
    flags = [
        "--allowed_unsafe_ops=ReadFile",
        f"--model_config_file={config}",
        "--grpc_max_threads=1",
        "--rest_api_num_threads=1",
    ]
    if request.param == "batched":
        parameters = tmp_path / "batching.pbtxt"
        parameters.write_text("num_batch_threads { value: 1 } max_batch_size { value: 4 }")
        flags += ["--enable_batching", f"--batching_parameters_file={parameters}"]

    def start(*further: str, limit: float = 1.0) -> ServerProcess:
        return start_server(*flags, f"--run_limit_seconds={limit}", *further)

    return start


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def rest(server: ServerProcess, model: str, *numbers: float, **more: Any) -> httpx.Response:
    body = {"instances": [{"x": number} | more for number in numbers]}
    if more:
        body["signature_name"] = "from_pipe"  # type: ignore[assignment]
    return httpx.post(f"{server.url}/v1/models/{model}:predict", json=body, timeout=60)


def let_go(server: ServerProcess, number: int = 1) -> httpx.Response:
    """Let as many runs go on."""
    body = {"signature_name": "let_go", "instances": [1.0] * number}
    return httpx.post(f"{server.url}/v1/models/hangs:predict", json=body, timeout=60)


def counted(server: ServerProcess, signature: str = "serving_default") -> dict[str, Any]:
    (told,) = httpx.get(f"{server.url}/v2/models/hangs/stats").json()["model_stats"]
    found: dict[str, Any] = told["signatures"].get(signature, {})
    return found


def wait_until_hung(server: ServerProcess, number: int) -> None:
    poll_until(lambda: counted(server).get("hung_runs") == number, f"{number} runs hang")


def status(server: ServerProcess, version: int) -> dict[str, Any]:
    """What REST says of a version."""
    told = httpx.get(f"{server.url}/v1/models/hangs").json()["model_version_status"]
    (found,) = [one for one in told if one["version"] == str(version)]
    return dict(found)


def ask(server: ServerProcess, client: Client, model: str, number: float) -> list[float]:
    """The answers of both doors."""
    x = {"x": np.array([number], np.float32)}
    over_grpc: float = client.predict(model, x)["y"].tolist()[0]
    answer = rest(server, model, number)
    assert answer.status_code == 200, answer.text
    return [over_grpc, answer.json()["predictions"][0]]


def test_whoever_waits_is_told_and_everything_else_goes_on(launch: Launch) -> None:
    server = launch()
    with Client.of(server) as client:
        x = {"x": np.array([-1.0], np.float32)}
        code, text = refused(lambda: client.predict("hangs", x))
        assert code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert "{name: hangs version: 1}, signature 'serving_default'" in text
        assert TOO_LONG in text
        answer = rest(server, "hangs", -1.0)
        assert (answer.status_code, TOO_LONG in answer.json()["error"]) == (504, True)
        # Neither the other model nor this one lacks a thread.
        assert ask(server, client, "half_plus_two", 4.0) == [4.0, 4.0]
        assert ask(server, client, "hangs", 4.0) == [8.0, 8.0]
        told = counted(server)
        assert (told["requests"], told["errors"], told["in_flight"]) == (4, 2, 0)
        assert (told["written_off_runs"], told["hung_runs"]) == (2, 2)
        assert let_go(server, 2).status_code == 200
        wait_until_hung(server, 0)
        told = counted(server)
        assert (told["requests"], told["written_off_runs"]) == (4, 2)
        assert ask(server, client, "hangs", 5.0) == [10.0, 10.0]
    assert server.log.count("is written off") == 2
    assert server.log.count("has come back") == 2
    assert "Traceback" not in server.log
    server.stop()


@DIRECT_AND_LATER_BATCHED
def test_the_third_that_hangs_is_the_last(launch: Launch) -> None:
    server = launch()
    for _ in range(3):
        assert rest(server, "hangs", -1.0).status_code == 504
    answer = rest(server, "hangs", 1.0)
    assert answer.status_code == 503
    assert "3 runs of {name: hangs version: 1} were written off" in answer.json()["error"]
    with Client.of(server) as client:
        x = {"x": np.array([1.0], np.float32)}
        code, text = refused(lambda: client.predict("hangs", x))
        assert (code, "still hang" in text) == (grpc.StatusCode.UNAVAILABLE, True)
        assert ask(server, client, "half_plus_two", 4.0) == [4.0, 4.0]
    assert (counted(server)["errors"], counted(server)["in_flight"]) == (5, 0)
    server.stop()


def hang_on(
    server: ServerProcess, pool: ThreadPoolExecutor, pipe: Pipe
) -> Future[httpx.Response]:
    return pool.submit(rest, server, "hangs", -1.0, pipe=str(pipe.path))


@DIRECT_AND_LATER_BATCHED
def test_the_next_version_takes_over_and_what_comes_back_is_freed(
    launch: Launch, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pipe = Pipe(tmp_path / "pipe")
    server = launch("--total_model_memory_limit_bytes=10000000000")
    assert hang_on(server, pool, pipe).result(60).status_code == 504
    shutil.copytree(tmp_path / "hangs" / "1", tmp_path / "hangs" / "2")
    server.wait_for_model("hangs", 2)
    poll_until(lambda: status(server, 1)["state"] == "END", "version 1 has ended")
    told = status(server, 1)["status"]
    assert told["error_code"] == "DEADLINE_EXCEEDED"
    assert "its memory is still held by a run that was written off" in told["error_message"]
    assert rest(server, "hangs", 3.0).json()["predictions"] == [6.0]
    assert "Done unloading servable version {name: hangs version: 1}" not in server.log
    pipe.open()
    server.wait_for_log("Freed servable version {name: hangs version: 1}")
    poll_until(lambda: status(server, 1)["status"]["error_code"] == "OK", "its end is clean")
    assert rest(server, "hangs", 3.0).json()["predictions"] == [6.0]
    server.stop()


@DIRECT_AND_LATER_BATCHED
def test_the_end_waits_for_nothing_that_was_written_off(
    launch: Launch, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    server = launch("--shutdown_grace_seconds=3600")
    assert rest(server, "hangs", -1.0).status_code == 504
    # One in TensorFlow's own thread, too.
    assert hang_on(server, pool, Pipe(tmp_path / "pipe")).result(60).status_code == 504
    server.stop()
    assert "left behind: a run hangs in it" in server.log
    assert "still busy" not in server.log


@DIRECT_AND_LATER_BATCHED
def test_runs_that_hold_all_threads_of_tensorflow_hold_up_no_other_model(
    launch: Launch, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """The pool of two is shared by all sessions, and another model has not run yet."""
    server = launch("--tensorflow_inter_op_parallelism=2", limit=3.0)
    for number in (1, 2):
        pipe = Pipe(tmp_path / f"pipe-{number}")
        assert hang_on(server, pool, pipe).result(60).status_code == 504
    for _ in range(20):
        answer = rest(server, "half_plus_two", 4.0)
        assert answer.json() == {"predictions": [4.0]}, server.log
    server.stop()


def test_a_run_that_hangs_while_the_server_drains(
    launch: Launch, pool: ThreadPoolExecutor
) -> None:
    server = launch("--shutdown_grace_seconds=3600", limit=2.0)
    answer = pool.submit(rest, server, "hangs", -1.0)
    poll_until(lambda: counted(server).get("in_flight") == 1, "the run is under way")
    server.send(signal.SIGTERM)
    server.wait_for_log("draining")
    assert answer.result(60).status_code == 504
    assert server.wait_for_exit() == 0


@DIRECT_AND_LATER_BATCHED
def test_without_a_limit_nothing_is_written_off(launch: Launch) -> None:
    server = launch("--shutdown_grace_seconds=0.2", "--rest_api_timeout_in_ms=500", limit=0.0)
    # The door has its own limit, which the run does not know of.
    assert rest(server, "hangs", -1.0).status_code == 504
    told = counted(server)
    assert (told["in_flight"], told["written_off_runs"]) == (1, 0)
    server.stop()
