"""``GET /v2/repository/history``: what a model was asked in the last hour."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.rest import history
from tfs_notebook.frontends.server import Server

HISTORY = "/v2/repository/history"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[ServerProcess]:
    base = tmp_path_factory.mktemp("history_models") / "half"
    for version in ("1", "2"):
        shutil.copytree(half_plus_two, base / version)
    config = tmp_path_factory.mktemp("history_config") / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "half" base_path: "{base}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    with ServerProcess(
        tmp_path_factory.mktemp("history"),
        (f"--model_config_file={config}", "--enable_batching"),
    ) as process:
        yield process


def ask(server: ServerProcess, version: int, **further: object) -> None:
    httpx.post(
        f"{server.url}/v1/models/half/versions/{version}:predict",
        json={"instances": [1.0, 2.0], **further},
        timeout=30,
    )


def told(server: ServerProcess, status: int = 200, **query: str | int) -> Any:
    response = httpx.get(server.url + HISTORY, params=query)
    assert response.status_code == status, response.text
    return response.json()


def counted(answer: Any, version: str, what: str) -> int:
    steps = [*answer["steps"], answer["current"]]
    return sum(step["versions"].get(version, {}).get(what, 0) for step in steps)


def test_what_was_asked_of_each_version(server: ServerProcess) -> None:
    for _ in range(3):
        ask(server, 1)
    ask(server, 2)
    ask(server, 2, signature_name="nobody")
    answer = told(server, model="half")
    requests = {version: counted(answer, version, "requests") for version in "12"}
    overview = httpx.get(server.url + "/v2/repository/overview").json()
    versions = overview["models"][0]["versions"]
    assert requests == {
        one["version"]: sum(signature["requests"] for signature in one["signatures"])
        for one in versions
    }
    assert requests["1"] == 3
    assert counted(answer, "1", "rows") == 6
    assert counted(answer, "1", "waits") == 3
    assert answer["run"] == overview["run"]
    assert answer["bounds"]["micros"] == overview["bounds"]["micros"]
    assert answer["models"] == ["half"]
    assert 0 <= overview["time"] - answer["time"] < 60


def test_only_what_is_new(server: ServerProcess) -> None:
    ask(server, 1)
    first = told(server, model="half")
    later = told(server, model="half", since=first["next"])
    assert all(step["number"] >= first["next"] for step in later["steps"])
    assert later["next"] == later["current"]["number"] >= first["next"]


def test_a_model_that_nobody_asked(server: ServerProcess) -> None:
    answer = told(server, model="nobody")
    assert answer["current"]["versions"] == {}
    assert answer["current"]["seconds"] > 0


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({}, "/v2/repository/history?model=NAME"),
        ({"model": ""}, "has to name a model"),
        ({"model": "half", "since": "-1"}, "got '-1'"),
        ({"model": "half", "since": "9" * 30}, '"since" is the "next"'),
        ({"model": "half", "until": "3"}, "unknown field 'until'"),
        ({str(number): "x" for number in range(9)}, "more than 8 fields"),
    ],
)
def test_queries_that_cannot_be_used(
    server: ServerProcess, query: dict[str, str], complaint: str
) -> None:
    assert complaint in told(server, status=400, **query)["error"]


def test_verbs(server: ServerProcess) -> None:
    response = httpx.post(f"{server.url}{HISTORY}?model=half", json={})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


async def test_steps_end_while_the_server_runs(
    half_plus_two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "STEP_SECONDS", 0.02)
    with socket_directory() as sockets:
        server = Server(
            ServerConfig(
                port=0,
                grpc_socket_path=str(sockets / "grpc.sock"),
                rest_api_socket_path=str(sockets / "rest.sock"),
                model_name="half",
                model_base_path=str(half_plus_two.parent),
            )
        )
        transport = httpx.AsyncHTTPTransport(uds=str(sockets / "rest.sock"))
        try:
            await server.start()
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                await client.post("/v1/models/half:predict", json={"instances": [1.0]})

                async def ended() -> Any:
                    while True:
                        answer = (await client.get(HISTORY, params={"model": "half"})).json()
                        if any(step["versions"] for step in answer["steps"]):
                            return answer

                answer = await asyncio.wait_for(ended(), 30)
        finally:
            await server.stop(1.0)
    assert counted(answer, "1", "requests") == 1
    assert [step["number"] for step in answer["steps"]] == list(range(len(answer["steps"])))
