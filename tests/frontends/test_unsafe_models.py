"""A model that would read files of the server: refused, and what serves goes on."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess
from tests.written_models import reading

StartServer = Callable[..., ServerProcess]


def read(server: ServerProcess, path: Path) -> httpx.Response:
    body = {"inputs": {"path": str(path)}}
    return httpx.post(f"{server.url}/v1/models/m:predict", json=body, timeout=60)


def test_it_is_refused_and_the_version_before_it_goes_on(
    start_server: StartServer, tmp_path: Path, half_plus_two: Path
) -> None:
    base = tmp_path / "m"
    shutil.copytree(half_plus_two, base / "1")
    server = start_server(
        "--model_name=m", f"--model_base_path={base}", "--max_num_load_retries=0"
    )
    reading(tmp_path / "made").rename(base / "2")
    server.wait_for_log("--allowed_unsafe_ops=ReadFile")
    [said] = [
        status["status"]["error_message"]
        for status in httpx.get(f"{server.url}/v1/models/m").json()["model_version_status"]
        if status["version"] == "2"
    ]
    assert "ReadFile reads files (node 'read' of the graph, by signature" in said
    answer = httpx.post(f"{server.url}/v1/models/m:predict", content=BODY, timeout=60)
    assert answer.json() == ANSWER


def test_it_does_what_it_is_allowed_to(start_server: StartServer, tmp_path: Path) -> None:
    # So it was no empty threat.
    secret = tmp_path / "secret"
    secret.write_bytes(b"the secret")
    reading(tmp_path / "m" / "1")
    server = start_server(
        "--model_name=m", f"--model_base_path={tmp_path / 'm'}", "--allowed_unsafe_ops=ReadFile"
    )
    answer = read(server, secret).json()["outputs"]
    assert base64.b64decode(answer["b64"]) == b"the secret"
