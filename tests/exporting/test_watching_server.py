"""A server that watches the base path while versions are exported to it."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

import tfs_notebook
from tests.exporting.keras_models import keras
from tests.exporting.served import left_in
from tests.python_process import run_python
from tests.server_process import ServerProcess, config_text
from tfs_notebook.exporting.unfinished import UnfinishedVersion

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore")]


@contextmanager
def watched(server: ServerProcess, failures: list[str]) -> Iterator[None]:
    """Ask for the status and for answers all the time; failures tells what was wrong."""
    over = threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            while not over.is_set():
                versions = http.get("/v1/models/m").json().get("model_version_status", [])
                failures.extend(
                    str(one) for one in versions if one["status"]["error_code"] != "OK"
                )
                if versions:
                    answer = http.post("/v1/models/m:predict", json={"instances": [[1.0, 1.0]]})
                    if answer.status_code != httpx.codes.OK:
                        failures.append(answer.text)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def adding(amount: float) -> keras.Model:
    layer = keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="zeros")
    model = keras.Sequential([keras.Input((2,)), layer])
    layer.bias.assign([amount])
    return model


class Looks:
    """Tells when a server has looked for versions: it has found one of another model."""

    def __init__(self, server: ServerProcess, base: Path, version: Path) -> None:
        self._server = server
        self._base = base
        self._version = version

    def wait(self) -> None:
        """Wait until the server has looked once more."""
        found = tfs_notebook.export(self._version, self._base)
        self._server.wait_for_model("other", found.version)


def test_versions_come_whole(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> None:
    bases = {"m": tmp_path / "m", "other": tmp_path / "other"}
    base = bases["m"]
    tfs_notebook.export(adding(1.0), base)
    config = tmp_path / "models.config"
    config.write_text(config_text(bases))
    server = start_server(f"--model_config_file={config}")
    server.wait_for_model("m", 1)
    looks = Looks(server, bases["other"], half_plus_two)
    failures: list[str] = []
    with watched(server, failures):
        for number in (2, 3):
            example = np.ones((number, 2))
            record = tfs_notebook.export(adding(float(number)), base, example=example)
            assert record.version == number
            server.wait_for_model("m", number)
        # One that takes so long that the server looks several times meanwhile.
        with UnfinishedVersion(base) as slow:
            for part in sorted((base / "3").iterdir()):
                if part.is_dir():
                    shutil.copytree(part, slow.path / part.name)
                else:
                    shutil.copyfile(part, slow.path / part.name)
                looks.wait()
            assert set(server.states("m")) == {1, 2, 3}
            slow.publish(None, overwrite=False)
        server.wait_for_model("m", 4)
    assert failures == []
    assert "Warmed up {name: m version: 2} with 1 recorded requests" in server.log
    assert ".exporting" not in server.log
    answer = httpx.post(f"{server.url}/v1/models/m:predict", json={"instances": [[1, 1]]})
    assert answer.json() == {"predictions": [[5.0]]}


def test_an_export_that_was_killed(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    tfs_notebook.export(half_plus_two, base)
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": base, "other": tmp_path / "other"}))
    server = start_server(f"--model_config_file={config}")
    server.wait_for_model("m", 1)
    left = killed_export(base)
    Looks(server, tmp_path / "other", half_plus_two).wait()
    assert (left / "saved_model.pb").is_file()
    assert server.states("m") == {1: "AVAILABLE"}
    assert tfs_notebook.export(half_plus_two, base).version == 2
    server.wait_for_model("m", 2)
    assert left_in(base) == ["1", "2"]


_KILLED = """
import os, sys
from tfs_notebook.exporting.version import ExportOptions, export_version

def progress(text):
    if text == "waiting for the disk":
        os.kill(os.getpid(), 9)

export_version(sys.argv[1], sys.argv[2], ExportOptions(example=[1.0]), progress)
"""


def killed_export(base: Path) -> Path:
    """What is left of an export of the base path's version 1 that was killed near its end."""
    done = run_python("-c", _KILLED, base / "1", base)
    assert done.returncode == -signal.SIGKILL, done.stderr
    [left] = base.glob(".exporting-*")
    return left
