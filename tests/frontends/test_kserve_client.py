"""KServe's own clients ask this server; they need packages that ours cannot be beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.frontends.separate_packages import output_of_client, separate_packages
from tests.server_process import ServerProcess

HERE: Final = Path(__file__).parent / "kserve_client"

# A hundred megabytes are installed for it.
pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


@pytest.fixture(scope="module")
def answers(pytestconfig: pytest.Config, server: ServerProcess) -> Any:
    """What the clients wrote: their answers by the name of the call."""
    packages = separate_packages(pytestconfig, "kserve", HERE / "requirements.txt")
    script = str(HERE / "client.py")
    return json.loads(output_of_client(packages, script, server.url, server.grpc_address))


@pytest.mark.parametrize("door", ["rest", "grpc"])
def test_health(answers: Any, door: str) -> None:
    assert answers[door] == [True, True, True]


@pytest.mark.parametrize("door", ["rest", "grpc"])
@pytest.mark.parametrize("binary", [False, True])
def test_numbers(answers: Any, door: str, binary: bool) -> None:
    answer = answers[f"{door} numbers {binary}"]
    assert answer["values"] == [2.5, 3.0, 4.5]
    assert (answer["model"], answer["id"]) == ("half_plus_two", "7")


@pytest.mark.parametrize("door", ["rest", "grpc"])
def test_texts_by_a_signature(answers: Any, door: str) -> None:
    assert answers[f"{door} texts"]["values"] == ["a", "b"]


@pytest.mark.parametrize("door", ["rest", "grpc"])
def test_an_error(answers: Any, door: str) -> None:
    assert "Servable not found for request: Latest(nobody)" in answers[f"{door} error"]
