"""Who may change models: whoever has the socket, and over TCP whoever has the token."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.frontends.repository_client import Repository, Start, socket_directory

VERBS = (
    "load",
    "unload",
    "labels",
    "rollback",
    "pin",
    "unpin",
    "batching",
    "recording",
    "warmup",
    "traffic",
    "rollout",
)


def refused(response: httpx.Response) -> str:
    assert response.status_code == 403, response.text
    text: str = response.json()["error"]
    return text


def test_without_the_flag_only_over_the_socket(start_server: Start, two_versions: Path) -> None:
    with socket_directory() as sockets:
        path = sockets / "rest.sock"
        server = start_server(
            "--model_name=m",
            f"--model_base_path={two_versions}",
            f"--rest_api_socket_path={path}",
        )
        with Repository.over_tcp(server, "guess") as tcp, Repository.over_socket(path) as uds:
            for verb in VERBS:
                assert "--model_control=explicit" in refused(tcp.post("m", verb))
            # What changes nothing is open.
            assert tcp.states("m") == {"2": "READY"}
            uds.done("m", "rollback")
            assert tcp.states("m")["1"] == "READY"
            # A page that can reach the socket by a relay's fault is kept away.
            response = uds.client.post(
                "/v2/repository/models/m/unload", headers={"Origin": "https://evil.example"}
            )
            assert "pages of https://evil.example" in refused(response)


def test_over_tcp_with_the_token_alone(
    start_server: Start, two_versions: Path, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret-ü\n")
    token.chmod(0o644)
    server = start_server("--model_control=explicit", f"--model_control_token_file={token}")
    assert "can be read by others than its owner; chmod 600 it" in server.log
    assert "--model_control_token_file guards REST alone" in server.log
    url = f"{server.url}/v2/repository/models/m/load"
    body = {"parameters": {"base_path": str(two_versions)}}
    for headers, got in (
        ({}, "got none"),
        ({"Authorization": ""}, "got none"),
        ({"Authorization": "Bearer"}, "got another"),
        ({"Authorization": "Bearer wrong"}, "got another"),
        ({"Authorization": "Basic s3cret"}, "got another"),
        ({"Authorization": "s3cret"}, "got another"),
    ):
        text = refused(httpx.post(url, json=body, headers=headers))
        assert "Authorization: Bearer TOKEN" in text
        assert got in text
        assert "s3cret" not in text
    for scheme in (b"Bearer", b"bearer"):
        header = {b"Authorization": scheme + b" " + "s3cret-ü".encode()}
        response = httpx.post(url, json=body, headers=header, timeout=30)
        assert response.status_code == 200, response.text
    evil = {**header, b"Host": b"evil.example"}
    assert "evil.example" in refused(httpx.post(url, json=body, headers=evil))
    assert "s3cret" not in server.log


def test_explicit_without_a_token_over_the_socket_alone(start_server: Start) -> None:
    server = start_server("--model_control=explicit")
    with Repository.over_tcp(server) as tcp:
        assert "without --model_control_token_file=FILE" in refused(tcp.post("m", "load"))


@pytest.mark.parametrize("content", [None, "", " \n", "two words", "two\nlines"])
def test_a_token_file_without_one_token(
    start_server: Start, tmp_path: Path, content: str | None
) -> None:
    token = tmp_path / "token"
    if content is not None:
        token.write_text(content)
    server = start_server(
        "--model_control=explicit", f"--model_control_token_file={token}", wait=False
    )
    assert server.wait_for_exit() == 1
    assert "--model_control_token_file: " in server.log
