"""The gRPC door, asked by min-tfs-client: a client of others, with messages of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.frontends.separate_packages import output_of_client, separate_packages
from tests.server_process import ServerProcess

HERE: Final = Path(__file__).parent / "min_tfs"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def answers(pytestconfig: pytest.Config, server: ServerProcess) -> Any:
    """What the client wrote: its answers by the name of the call."""
    packages = separate_packages(pytestconfig, "min_tfs", HERE / "requirements.txt")
    script = str(HERE / "client.py")
    return json.loads(output_of_client(packages, script, "127.0.0.1", str(server.port)))


def test_predict(answers: Any) -> None:
    y = {"values": [2.5, 3.0, 4.5], "dtype": "float32", "shape": [3]}
    assert answers["floats"] == {"y": y}
    assert answers["model"] == ["half_plus_two", 1]


def test_strings_and_integers(answers: Any) -> None:
    read = answers["strings"]
    assert read["preds"]["values"] == ["one", "ONE", "two", "TWO"]
    assert read["logprobs"] == {
        "values": [-0.25, -1.5, -0.25, -1.5], "dtype": "float32", "shape": [2, 2],
    }  # fmt: skip
    assert answers["integers"]["values"]["values"] == [0.0, 1.0, 2.0]


def test_errors(answers: Any) -> None:
    assert answers["no model"] == [
        "NOT_FOUND", "Servable not found for request: Latest(nobody)",
    ]  # fmt: skip
    assert answers["no version"] == [
        "NOT_FOUND", "Servable not found for request: Specific(half_plus_two, 9)",
    ]  # fmt: skip
    code, text = answers["another type"]
    assert code == "INVALID_ARGUMENT"
    assert "to be float but int32 is provided" in text
