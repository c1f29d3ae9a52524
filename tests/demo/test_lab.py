"""``make run``: JupyterLab with the demo's models served in it, ended as processes are."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.polling import poll_until
from tests.server_process import ROOT, free_port, is_listening

_TOKEN = "3141592653"
_ADDRESS = re.compile(r"^ +(http\S+/)lab/tree/(\S+)\?token=(\S+)$", re.MULTILINE)


@contextmanager
def demo(directory: Path, sockets: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the demo in ``directory`` until the block ends."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JUPYTER_TOKEN": _TOKEN,
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_DATA_DIR": str(directory / "data"),
        "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
        "XDG_RUNTIME_DIR": str(sockets),
    }
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tfs_notebook.demo.lab", "--allow-root"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            ],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(300)
def test_it_prints_an_address_that_works_and_leaves_nothing(spam: Path, tmp_path: Path) -> None:
    shutil.copytree(spam, tmp_path / ".demo" / "spam")
    log, port = tmp_path / "log", free_port()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as sockets,
        demo(tmp_path, Path(sockets), port) as process,
    ):

        def announced() -> tuple[str, ...]:
            assert process.poll() is None, log.read_text()
            return next(iter(_ADDRESS.findall(log.read_text())), ())

        url, notebook, token = poll_until(announced, "the address is printed", seconds=120)
        headers = {"Authorization": f"token {token}"}
        contents = httpx.get(f"{url}api/contents/{notebook}", headers=headers, timeout=60)
        assert contents.json()["type"] == "notebook"
        verdict = httpx.get(
            f"{url}tfs/predict",
            params={"text": "加我微信xxxxx有福利"},
            headers=headers,
            timeout=60,
        )
        assert verdict.json()["data"]["label"] == "spam"

        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert not [child for child in children if child.is_running()]
        assert not is_listening(port)
        assert not list(Path(sockets).iterdir())
