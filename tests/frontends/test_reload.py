"""Configuration and labels through the doors, as the official client and curl use them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.frontends.official import Client, Code, model_management_pb2, refused
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

POLICY = "model_version_policy { specific { versions: 1 versions: 2 } } "
STABLE = 'version_labels { key: "stable" value: %d } '


@pytest.fixture
def server(
    two_versions: Path, tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> ServerProcess:
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": two_versions}, m=POLICY + STABLE % 1))
    flags = [f"--model_config_file={config}", "--model_config_file_poll_wait_seconds=1"]
    return start_server(*flags)


def reload_request(base: Path, *names: str, stable: int) -> Any:
    request = model_management_pb2.ReloadConfigRequest()
    for name in names:
        config = request.config.model_config_list.config.add(
            name=name, base_path=str(base), model_platform="tensorflow"
        )
        config.model_version_policy.specific.versions.extend([1, 2])
        config.version_labels["stable"] = stable
    return request


def by_grpc(client: Client, label: str) -> float:
    outputs = client.predict("m", {"x": np.array([1.0], np.float32)}, label=label)
    return float(outputs["y"][0])


def by_rest(server: ServerProcess, label: str) -> float:
    url = f"{server.url}/v1/models/m/labels/{label}:predict"
    answer = httpx.post(url, json={"instances": [1.0]}).raise_for_status().json()
    return float(answer["predictions"][0])


def test_a_label_moves_over_grpc_and_both_doors_follow(
    server: ServerProcess, two_versions: Path
) -> None:
    with Client.of(server) as client:
        assert (by_grpc(client, "stable"), by_rest(server, "stable")) == (2.5, 2.5)
        response = client.model.HandleReloadConfigRequest(
            reload_request(two_versions, "m", stable=2), timeout=60
        )
        assert response.status.error_code == 0
        assert (by_grpc(client, "stable"), by_rest(server, "stable")) == (3.5, 3.5)
    [model] = httpx.get(f"{server.url}/v1/models").json()["models"]
    assert model["version_labels"] == {"stable": "2"}
    status = httpx.get(f"{server.url}/v1/models/m/labels/stable").json()
    assert [one["version"] for one in status["model_version_status"]] == ["2"]


def test_a_reload_that_fails_is_the_error_of_the_call(
    server: ServerProcess, tmp_path: Path
) -> None:
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.config.add(
        name="new", base_path=str(tmp_path / "absent"), model_platform="tensorflow"
    )
    with Client.of(server) as client:
        code, details = refused(
            lambda: client.model.HandleReloadConfigRequest(request, timeout=60)
        )
    assert code == Code.UNKNOWN
    assert "1 model(s) did not become available: {" in details


def test_the_config_file_is_followed(
    server: ServerProcess, two_versions: Path, tmp_path: Path
) -> None:
    text = config_text({"m": two_versions, "n": two_versions}, m=POLICY + STABLE % 2)
    (tmp_path / "models.config").write_text(text)
    server.wait_for_model("n", 2)
    poll_until(lambda: by_rest(server, "stable") == 3.5, "the label has moved")
