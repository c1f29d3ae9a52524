"""``--rest_api_timeout_in_ms``: 504 when the time is up, and what becomes of the run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.pipe import Pipe
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

TEXT = "the request took longer than the 1000 ms it may"
HANGING: dict[str, dict[str, Any]] = {
    "predict": {"instances": [-1.0]},
    "classify": {"signature_name": "scores", "examples": [{"x": -1.0}]},
    "regress": {"signature_name": "values", "examples": [{"x": -1.0}]},
}
ANSWERED = {
    "predict": {"predictions": [4.0]},
    "classify": {"results": [[["", 4.0]]]},
    "regress": {"results": [4.0]},
}


@pytest.fixture(params=["direct", "batched"])
def launch(
    request: pytest.FixtureRequest,
    start_server: Callable[..., ServerProcess],
    models: Path,
    tmp_path: Path,
) -> Callable[[int], ServerProcess]:
    """Starts a server with so many threads to run models for REST."""
    shutil.copytree(models / "hangs" / "1", tmp_path / "hangs" / "1")
    config = tmp_path / "models.config"
    config.write_text(config_text({"hangs": tmp_path / "hangs"}))

    def start(threads: int) -> ServerProcess:
        flags = [
            "--allowed_unsafe_ops=ReadFile",
            f"--model_config_file={config}",
            f"--rest_api_num_threads={threads}",
            "--rest_api_timeout_in_ms=1000",
        ]
        if request.param == "batched":
            parameters = tmp_path / "batching.pbtxt"
            parameters.write_text(
                f"num_batch_threads {{ value: {threads} }} max_batch_size {{ value: 1 }}"
            )
            flags += ["--enable_batching", f"--batching_parameters_file={parameters}"]
        return start_server(*flags)

    return start


def counted(http: httpx.Client, signature: str) -> dict[str, Any]:
    (told,) = http.get("/v2/models/hangs/stats").json()["model_stats"]
    found: dict[str, Any] = told["signatures"].get(signature, {})
    return found


def assert_too_late(response: httpx.Response) -> None:
    assert response.status_code == 504
    assert dict(response.headers) == {
        "content-type": "application/json",
        "content-length": str(len(response.content)),
    }
    assert response.text == f'{{\n    "error": "{TEXT}"\n}}'


def test_every_method(launch: Callable[[int], ServerProcess]) -> None:
    # One for what hangs, and one for what lets it go.
    server = launch(2)
    with httpx.Client(base_url=server.url, timeout=60) as http:
        for method, body in HANGING.items():
            path = f"/v1/models/hangs:{method}"
            signature = str(body.get("signature_name", "serving_default"))
            assert_too_late(http.post(path, json=body))
            # The run goes on, for it cannot be broken off.
            assert counted(http, signature)["in_flight"] == 1
            let_go = {"signature_name": "let_go", "instances": [1.0]}
            assert http.post("/v1/models/hangs:predict", json=let_go).status_code == 200
            poll_until(lambda s=signature: counted(http, s)["in_flight"] == 0, "it has ended")  # type: ignore[misc]
            fine = {
                key: [{"x": 2.0}] if key == "examples" else value for key, value in body.items()
            }
            if method == "predict":
                fine = {"instances": [2.0]}
            assert http.post(path, json=fine).json() == ANSWERED[method]
    assert "Traceback" not in server.log


def test_what_waits_for_a_thread_is_never_run_and_holds_nothing(
    launch: Callable[[int], ServerProcess], tmp_path: Path
) -> None:
    server = launch(1)
    pipe = Pipe(tmp_path / "pipe")
    hanging = {"x": -1.0, "pipe": str(pipe.path)}
    with httpx.Client(base_url=server.url, timeout=60) as http:
        with ThreadPoolExecutor(4) as pool:
            body = {"signature_name": "from_pipe", "instances": [hanging]}
            first = pool.submit(http.post, "/v1/models/hangs:predict", json=body)
            poll_until(lambda: counted(http, "from_pipe").get("in_flight") == 1, "it hangs")
            waiting = [
                pool.submit(http.post, f"/v1/models/hangs:{method}", json=body)
                for method, body in HANGING.items()
            ]
            for answer in (first, *waiting):
                assert_too_late(answer.result(60))
        # A version that nobody asks for is not unloaded while one is under way.
        shutil.copytree(tmp_path / "hangs" / "1", tmp_path / "hangs" / "2")
        server.wait_for_model("hangs", 2)
        pipe.open()
        # Had one of those that waited run, it would hang still, and hold its version.
        poll_until(lambda: server.states("hangs")[1] == "END", "version 1 is unloaded")
        fine = {"instances": [2.0]}
        assert http.post("/v1/models/hangs:predict", json=fine).json() == ANSWERED["predict"]
    assert "Traceback" not in server.log
