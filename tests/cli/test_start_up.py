"""A start that meets a model which does not come to an end of its loading."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from tests.frontends.official import Client, model_management_pb2
from tests.models.hanging import hanging_version
from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text


@pytest.fixture
def bases(tmp_path: Path, half_plus_two: Path) -> Iterator[dict[str, Path]]:
    """One that loads, and one that hangs, which comes first."""
    shutil.copytree(half_plus_two, tmp_path / "good" / "1")
    with hanging_version(tmp_path / "a_hung" / "1") as version:
        yield {"a_hung": version.parent, "good": tmp_path / "good"}


def test_a_load_that_hangs_holds_up_neither_the_others_nor_the_ports(
    tmp_path: Path, bases: dict[str, Path], start_server: Callable[..., ServerProcess]
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text(bases))
    server = start_server(f"--model_config_file={config}", "--start_timeout_seconds=1")
    assert "model a_hung is not served yet: it is still being loaded" in server.log
    assert server.states("a_hung") == {1: "LOADING"}
    url = f"{server.url}/v1/models/good:predict"
    # On a busy machine it may take longer than that second.
    server.wait_for_model("good", 1)
    assert httpx.post(url, json={"instances": [1.0]}).json() == {"predictions": [2.5]}


def test_a_reload_that_waits_holds_up_no_prediction(
    tmp_path: Path, bases: dict[str, Path], start_server: Callable[..., ServerProcess]
) -> None:
    good = {"good": bases["good"]}
    config = tmp_path / "models.config"
    config.write_text(config_text(good))
    # One thread runs models: if the reload took it, nothing else would be answered.
    server = start_server(
        f"--model_config_file={config}", "--grpc_max_threads=1", "--reload_timeout_seconds=2"
    )
    request = model_management_pb2.ReloadConfigRequest()
    for name, path in bases.items():
        request.config.model_config_list.config.add(
            name=name, base_path=str(path), model_platform="tensorflow"
        )
    answers: list[str] = []
    with Client.of(server) as client:

        def reload() -> None:
            try:
                client.model.HandleReloadConfigRequest(request, timeout=60)
            except grpc.RpcError as error:
                answers.append(str(error.details()))

        reloading = threading.Thread(target=reload)
        reloading.start()
        poll_until(lambda: server.states("a_hung") == {1: "LOADING"}, "the reload waits")
        for _ in range(3):
            outputs = client.predict("good", {"x": floats(1.0)})
            assert float(outputs["y"][0]) == 2.5
        assert not answers
        reloading.join(60)
    assert "it is still loading; the time for the reload is up" in answers[0]
