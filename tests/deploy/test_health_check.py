"""The image's health check with a server that is guarded by TLS and a token."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.deploy.deployed import DOCKER
from tests.frontends.certificates import Certificate, authority_text, write_config
from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess


@dataclass
class Guarded:
    process: ServerProcess
    socket: Path
    token: Path
    ca: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.process.rest_port}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Guarded]:
    directory, authority = tmp_path_factory.mktemp("health"), trustme.CA()
    config = Certificate.of(authority, "localhost").config()
    write_config(directory / "ssl.config", config)
    (directory / "token").write_text("s3cret\n")
    (directory / "ca.pem").write_text(authority_text(authority))
    with socket_directory() as sockets:
        flags = [
            "--model_name=m",
            f"--model_base_path={half_plus_two.parent}",
            f"--rest_api_ssl_config_file={directory / 'ssl.config'}",
            f"--rest_api_token_file={directory / 'token'}",
            f"--rest_api_socket_path={sockets / 'rest.sock'}",
        ]
        with ServerProcess(directory, flags) as process:
            paths = sockets / "rest.sock", directory / "token", directory / "ca.pem"
            yield Guarded(process, *paths)


def health(*arguments: object, **environment: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, DOCKER / "tfs_health.py", "ready", *map(str, arguments)],
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_over_the_socket_nothing_more_is_needed(guarded: Guarded) -> None:
    assert health(guarded.socket) == (0, "ready: 200\n")
    assert health(TFS_HEALTH_ADDRESS=guarded.socket) == (0, "ready: 200\n")


def test_over_tls_with_a_token(guarded: Guarded) -> None:
    assert health(guarded.url) == (1, "ready: 401\n")
    token = {"TFS_HEALTH_TOKEN_FILE": guarded.token}
    assert health(guarded.url, **token) == (0, "ready: 200\n")
    assert health(guarded.url, **token, TFS_HEALTH_CA=guarded.ca) == (0, "ready: 200\n")


def test_what_does_not_answer(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(authority_text(trustme.CA()))
    for arguments, environment in (
        ((guarded.process.rest_port,), {}),
        ((tmp_path / "no.sock",), {}),
        ((guarded.url,), {"TFS_HEALTH_CA": tmp_path / "ca.pem"}),
        ((guarded.url,), {"TFS_HEALTH_TOKEN_FILE": tmp_path / "none"}),
    ):
        code, said = health(*arguments, **environment)
        assert code == 1
        assert said.startswith("no answer: ")
