"""What web pages and other machines' names get from the REST door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.frontends.rest_requests import PREDICT, error_text
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess


def test_host_and_origin_are_checked(http: httpx.Client) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "evil.example:8501"},
        {"Host": "localhost.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "localhost", "Origin": "http://localhost.evil.example"},
    ):
        for response in (
            http.post(PREDICT, content=BODY, headers=headers),
            http.get("/v1/models", headers=headers),
            http.get("/v2/health/ready", headers=headers),
        ):
            assert error_text(response, 403)


def test_this_machines_names_pass(http: httpx.Client) -> None:
    for headers in (
        {"Host": "localhost"},
        {"Host": "LOCALHOST:8501"},
        {"Host": "127.0.0.1:1"},
        {"Host": "[::1]:8501"},
        {"Host": "tfs.localhost"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "http://127.0.0.1"},
    ):
        assert http.post(PREDICT, content=BODY, headers=headers).json() == ANSWER


def test_other_names_can_be_allowed(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'half_plus_two'}",
        "--model_name=half_plus_two",
        "--allowed_hosts=My-Box.example, other",
    )
    for host, status in (("my-box.example:80", 200), ("other", 200), ("third", 403)):
        response = httpx.post(server.url + PREDICT, content=BODY, headers={"Host": host})
        assert response.status_code == status


def test_a_server_for_all_machines_takes_every_name(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'half_plus_two'}",
        "--model_name=half_plus_two",
        "--host=0.0.0.0",
    )
    headers = {"Host": "anything.example", "Origin": "https://evil.example"}
    assert httpx.post(server.url + PREDICT, content=BODY, headers=headers).json() == ANSWER
