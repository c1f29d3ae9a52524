"""The standalone command while it serves: its log, its imports, its flags."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import psutil
import pytest

from tests.cli.standalone import Start, predict
from tests.half_plus_two import ANSWER
from tests.polling import poll_until
from tests.server_process import is_listening

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_the_ready_lines(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model)
    wanted = [
        "Successfully loaded servable version {name: m version: 1}",
        f"Running gRPC ModelServer at 127.0.0.1:{server.port} ...",
        f"Exporting HTTP/REST API at:localhost:{server.rest_port} ...",
        "Entering the event loop ...",
    ]
    places = [server.log.find(text) for text in wanted]
    assert -1 not in places, server.log
    assert places == sorted(places)


def test_log_level(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--log_level=warning", wait=False)
    poll_until(lambda: is_listening(server.rest_port), "it listens", details=lambda: server.log)
    assert predict(server).json() == ANSWER
    assert " I " not in server.log


def test_flags_without_effect_are_told(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--skip_initialize_tpu=true")
    assert "--skip_initialize_tpu has no effect: " in server.log


@on_linux
def test_tensorflow_is_never_imported(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, command=("-X", "importtime", "-m", "tfs_notebook"))
    assert predict(server).json() == ANSWER
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "libtensorflow_cc" in maps
    assert "_pywrap_tensorflow" not in maps
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", server.log, re.MULTILINE))
    assert "tfs_notebook.cli.serve" in imported
    top_level = {name.partition(".")[0] for name in imported}
    assert not top_level & {"tensorflow", "keras", "tf_keras", "tensorflow_serving", "pandas"}


def test_memory(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model)
    for _ in range(20):
        assert predict(server).json() == ANSWER
    used = psutil.Process(server.process.pid).memory_info().rss / 2**20
    assert used < 480, f"{used} MB"


def test_tags(start_server: Start, models: Path) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={models / 'other_tags'}",
        "--saved_model_tags=serve,special",
    )
    assert predict(server).json() == {"predictions": [2.0]}


def test_method_names_are_checked_if_asked(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--enable_signature_method_name_check")
    odd = b'{"signature_name": "odd_method", "instances": [1.0]}'
    response = predict(server, body=odd)
    assert response.status_code == 500
    assert "Was: somebody/elses/method" in response.json()["error"]
    assert predict(server).json() == ANSWER


def test_a_relative_base_path(start_server: Start, models: Path, tmp_path: Path) -> None:
    (tmp_path / "server-0").mkdir()
    (tmp_path / "server-0" / "here").symlink_to(models / "half_plus_two")
    (tmp_path / "server-0").rename(tmp_path / "prepared")
    # The server's working directory is made by the fixture; go there from it.
    server = start_server("--model_name=m", "--model_base_path=../prepared/here")
    assert predict(server).json() == ANSWER
