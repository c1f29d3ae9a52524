"""What the relay does at its limits, in a real Jupyter server."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.polling import poll_until


def served(models: Path) -> str:
    paths = {"half": str(models / "half_plus_two"), "slow": str(models / "slow")}
    return f"--TfsNotebookApp.models={paths}"


def slow(jupyter: JupyterProcess, seconds: float) -> httpx.Response:
    return jupyter.http.post(
        "tfs/v1/models/slow:predict", json={"instances": [seconds]}, timeout=60
    )


def test_an_answer_that_takes_too_long_is_504(models: Path, tmp_path: Path) -> None:
    limit = "--TfsNotebookApp.request_timeout_seconds=0.3"
    with jupyter_process(tmp_path, served(models), limit) as jupyter:
        jupyter.wait_for_state("ready")
        answer = slow(jupyter, 2.0)
        assert answer.status_code == 504
        assert answer.json() == {"error": "the model server has not answered within 0.3 s"}
        assert jupyter.predict(1.0) == [2.5]


def test_more_requests_than_connections_wait_for_their_turn(
    models: Path, tmp_path: Path
) -> None:
    limit = "--TfsNotebookApp.max_connections=2"
    with jupyter_process(tmp_path, served(models), limit) as jupyter:
        jupyter.wait_for_state("ready")
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: slow(jupyter, 0.05).status_code, range(24)))
        assert answers == [200] * 24
        assert jupyter.http.get("api/status").status_code == 200


def test_a_model_server_that_ends_while_it_answers(models: Path, tmp_path: Path) -> None:
    with jupyter_process(tmp_path, served(models)) as jupyter:
        pid = jupyter.wait_for_state("ready")["pid"]
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(slow(jupyter, 20.0)))
        asking.start()
        statistics = "tfs/v2/models/stats"
        poll_until(lambda: jupyter.http.get(statistics).status_code == 200, "it answers")
        os.kill(pid, signal.SIGKILL)
        asking.join(60)
        assert answers[0].status_code == 503
        assert answers[0].headers["Retry-After"] == "1"
        assert "error" in answers[0].json()
        poll_until(lambda: jupyter.status().get("pid") not in (pid, None), "another has begun")
        jupyter.wait_for_state("ready")
        assert jupyter.predict(1.0) == [2.5]
