"""``--validate_in_subprocess``: a version that would end the server does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests import written_models
from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess

StartServer = Callable[..., ServerProcess]


@pytest.fixture
def server(start_server: StartServer, tmp_path: Path, half_plus_two: Path) -> ServerProcess:
    """Serves version 1 of ``m``, and tries others first."""
    shutil.copytree(half_plus_two, tmp_path / "m" / "1")
    return start_server(
        "--model_name=m",
        f"--model_base_path={tmp_path / 'm'}",
        "--validate_in_subprocess",
        "--validation_timeout_seconds=30",
        "--max_num_load_retries=0",
    )


def answer(server: ServerProcess) -> object:
    return httpx.post(f"{server.url}/v1/models/m:predict", content=BODY, timeout=60).json()


def scratch_of(server: ServerProcess) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


def test_neither_a_crash_nor_a_hang_is_the_servers(
    server: ServerProcess, tmp_path: Path
) -> None:
    assert "was validated in a scratch process in" in server.log
    pid = server.process.pid
    written_models.aborting(tmp_path / "made").rename(tmp_path / "m" / "2")
    poll_until(lambda: server.states("m").get(2) == "END", "version 2 has failed")
    text = httpx.get(f"{server.url}/v1/models/m/versions/2").text
    assert "ended the process by SIGABRT while it was loaded" in text
    assert (answer(server), server.process.pid) == (ANSWER, pid)
    # One that hangs is in nobody's way, and does not outlive the server.
    written_models.hanging(tmp_path / "made").rename(tmp_path / "m" / "3")
    [scratch] = poll_until(lambda: scratch_of(server), "version 3 is tried")
    assert answer(server) == ANSWER
    assert server.states("m")[3] == "LOADING"
    server.kill()
    poll_until(lambda: not scratch.is_running(), "the scratch process has ended")


@pytest.mark.long
def test_without_it_the_server_is_ended(
    start_server: StartServer, tmp_path: Path, half_plus_two: Path
) -> None:
    # So it is no model that fails as any other.
    shutil.copytree(half_plus_two, tmp_path / "m" / "1")
    server = start_server("--model_name=m", f"--model_base_path={tmp_path / 'm'}")
    written_models.aborting(tmp_path / "made").rename(tmp_path / "m" / "2")
    assert server.wait_for_exit() < 0


@pytest.mark.long
def test_the_server_stops_while_a_version_is_tried(
    server: ServerProcess, tmp_path: Path
) -> None:
    written_models.hanging(tmp_path / "made").rename(tmp_path / "m" / "2")
    poll_until(lambda: scratch_of(server), "version 2 is tried")
    # Which also sees that no child is left.
    server.stop()
