"""Warm-up of a real server: what clients see while it goes on, and what the log says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tests.serving.warmup.warmup_records import predict_log, with_records

Start = Callable[..., ServerProcess]


def ask(server: ServerProcess, model: str, body: bytes = BODY) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/models/{model}:predict", content=body, timeout=60)


def opened(pipe: Path) -> bool:
    """Let go of who reads it, if anybody does."""
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def test_a_version_is_available_after_its_warm_up_and_not_before(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    records = [
        predict_log([1.0], signature="from_pipe", pipe=[""]),
        predict_log([-1.0], signature="from_pipe", pipe=[str(pipe)]),
    ]
    base = with_records(models / "hangs" / "1", tmp_path / "m", records)
    server = start_server(
        "--allowed_unsafe_ops=ReadFile",
        "--model_name=m",
        f"--model_base_path={base}",
        "--start_timeout_seconds=1",
        "--load_retry_interval_micros=0",
    )
    assert server.states("m") == {1: "LOADING"}
    assert ask(server, "m").status_code == httpx.codes.NOT_FOUND

    # Who reads a pipe gets an error in the end; the next attempt finds a file.
    waiting = tmp_path / "waiting"
    pipe.rename(waiting)
    pipe.touch()
    poll_until(lambda: opened(waiting), "the second request is run")
    server.wait_for_model("m", 1)
    assert ask(server, "m").json() == {"predictions": [2.0]}
    assert "Warmed up {name: m version: 1} with 2 recorded requests: 2 runs in " in server.log
    told = httpx.get(f"{server.url}/v2/models/m/stats").json()["model_stats"][0]["signatures"]
    assert "from_pipe" not in told


def test_zeros_and_the_log(start_server: Start, half_plus_two: Path) -> None:
    server = start_server("--model_name=m", f"--model_base_path={half_plus_two.parent}")
    warmed = server.log.find("Warmed up {name: m version: 1} with zeros for ")
    assert 0 < warmed < server.log.find("Successfully loaded servable version {name: m")
    assert ask(server, "m").json() == ANSWER


def test_a_server_without_warm_up(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    base = with_records(half_plus_two, tmp_path / "m", [b"malformed-record"])
    server = start_server(
        "--model_name=m",
        f"--model_base_path={base}",
        "--enable_model_warmup=false",
        "--num_request_iterations_for_warmup=2",
        "--num_model_warmup_threads=2",
        "--enable_automatic_warmup=false",
        "--automatic_warmup_seconds=1.5",
    )
    assert ask(server, "m").json() == ANSWER
    assert "Warmed up" not in server.log
