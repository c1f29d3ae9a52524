"""``tfs-notebook doctor`` as people run it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.python_process import run_python
from tests.server_process import ROOT, ServerProcess
from tfs_notebook import __version__

Findings = list[dict[str, str]]


class Machine:
    """Directories of Jupyter's and of the system's, of which the doctor sees no others."""

    def __init__(self, root: Path) -> None:
        self.config, self.runtime, self.temporary = (
            root / name for name in ("config", "runtime", "t")
        )
        for directory in (self.config, self.runtime, self.temporary):
            directory.mkdir()
        self.environment = {
            "JUPYTER_CONFIG_PATH": str(self.config),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "TMPDIR": str(self.temporary),
            "XDG_RUNTIME_DIR": "",
        }

    def examine(self, *arguments: str, **environment: str) -> tuple[int, Findings]:
        done = run_python(
            "-m", "tfs_notebook", "doctor", "--json", *arguments,
            environment=self.environment | environment,
        )  # fmt: skip
        assert not done.stderr
        document = json.loads(done.stdout)
        assert document["ok"] is (done.returncode == 0)
        return done.returncode, document["findings"]

    def connection(
        self,
        pid: int,
        socket_path: Path | str,
        grpc_path: Path | str = "/nowhere",
        version: str = __version__,
    ) -> Path:
        path = self.runtime / f"tfs-notebook-{pid}.json"
        connection = {
            "pid": pid, "server_pid": pid, "host": "child", "rest_socket": str(socket_path),
            "grpc_socket": str(grpc_path), "grpc_address": None, "grpc_token": None,
            "url": "http://localhost/tfs/", "token": "secret", "version": version,
            "started": 1.0,
        }  # fmt: skip
        path.write_text(json.dumps(connection))
        return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def of(findings: Findings, subject: str) -> dict[str, str]:
    [finding] = [one for one in findings if one["subject"] == subject]
    return finding


def test_lines_for_people(machine: Machine) -> None:
    done = run_python("-m", "tfs_notebook", "doctor", environment=machine.environment)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert all(line.startswith(("ok     ", "warn   ", "       → ")) for line in lines)
    for subject in ("python", "tfs_notebook", "tensorflow", "gpu", "memory", "disk"):
        assert any(line.startswith(f"ok     {subject}: ") for line in lines), done.stdout


def test_nothing_heavy_is_imported(machine: Machine) -> None:
    code = (
        "import sys; from tfs_notebook.cli.main import main; main(['doctor']); "
        "print({'tensorflow', 'grpc', 'pandas', 'jupyter_server'} & set(sys.modules))"
    )
    done = run_python("-c", code, environment=machine.environment)
    assert done.stdout.endswith("set()\n"), done.stdout[-300:]


def test_wrong_arguments(machine: Machine) -> None:
    done = run_python("-m", "tfs_notebook", "doctor", "--mend")
    assert done.returncode == 2
    assert "--mend; see tfs-notebook doctor --help" in done.stderr


@pytest.mark.parametrize(
    ("files", "level", "text"),
    [
        ({"jupyter_server_config.d/a.json": True}, "ok", "enabled in"),
        ({"jupyter_server_config.json": True}, "ok", "enabled in"),
        (
            {"jupyter_server_config.d/a.json": True, "jupyter_server_config.json": False},
            "warn",
            "disabled in",
        ),
        (
            {"jupyter_server_config.d/a.json": False, "jupyter_server_config.d/b.json": True},
            "ok",
            "b.json",
        ),
    ],
)
def test_the_server_extension(
    machine: Machine, files: dict[str, bool], level: str, text: str
) -> None:
    for name, enabled in files.items():
        path = machine.config / name
        path.parent.mkdir(exist_ok=True)
        setting = {"ServerApp": {"jpserver_extensions": {"tfs_notebook": enabled}}}
        path.write_text(json.dumps(setting))
    _, findings = machine.examine()
    found = of(findings, "server extension")
    assert found["level"] == level
    assert text in found["text"]
    assert bool(found["advice"]) is (level == "warn")


def test_what_dead_servers_left(machine: Machine, dead_pid: int) -> None:
    connection = machine.connection(dead_pid, "/nowhere")
    directory = machine.temporary / f"tfs-{dead_pid}-abc"
    directory.mkdir()
    used = machine.temporary / f"tfs-{os.getpid()}-abc"
    used.mkdir()

    code, findings = machine.examine()
    assert code == 0
    for subject in ("connection", "left behind"):
        assert of(findings, subject)["level"] == "warn"
        assert "--fix" in of(findings, subject)["advice"]
    assert connection.exists()
    assert directory.exists()

    _, findings = machine.examine("--fix")
    assert of(findings, "connection")["text"].endswith("removed")
    assert not connection.exists()
    assert not directory.exists()
    assert used.exists()
    _, findings = machine.examine()
    assert of(findings, "connections")["level"] == "ok"


def test_a_live_connection(
    machine: Machine, start_server: Callable[..., ServerProcess], half_plus_two: Path
) -> None:
    rest, grpc = (machine.temporary / name for name in ("rest.sock", "grpc.sock"))
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        f"--rest_api_socket_path={rest}",
        f"--grpc_socket_path={grpc}",
    )
    machine.connection(server.process.pid, rest, grpc)
    code, findings = machine.examine()
    assert code == 0
    assert of(findings, "connection")["level"] == "ok"
    assert "serves 1 model(s)" in of(findings, "connection")["text"]
    assert "secret" not in json.dumps(findings)

    machine.connection(server.process.pid, rest, grpc, version="0.0.9")
    _, findings = machine.examine()
    assert of(findings, "connection")["level"] == "warn"
    assert "is version 0.0.9, and this is" in of(findings, "connection")["text"]

    machine.connection(server.process.pid, rest)
    code, findings = machine.examine()
    assert code == 1
    assert "nobody answers gRPC at /nowhere" in of(findings, "connection")["text"]


def test_a_server_that_does_not_answer(machine: Machine) -> None:
    machine.connection(os.getpid(), "/nowhere")
    code, findings = machine.examine()
    assert code == 1
    assert of(findings, "connection")["level"] == "error"
    assert "tfs/log" in of(findings, "connection")["advice"]


def test_a_port_that_is_taken(machine: Machine) -> None:
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8501))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        _, findings = machine.examine()
    assert any(one["level"] == "warn" and "8501 is not free" in one["text"] for one in findings)


def test_no_tensorflow(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").touch()
    code, findings = machine.examine(PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert code == 1
    assert of(findings, "tensorflow")["level"] == "error"
    assert "pip install 'tensorflow>=" in of(findings, "tensorflow")["advice"]


@pytest.mark.parametrize(
    ("package", "text"),
    [
        ("tensorflow", "2.21.7, library "),
        ("tensorflow_cpu", "tensorflow-cpu 2.21.7, library "),
        ("another", "of unknown version, library "),
    ],
)
def test_the_package_that_has_the_library_is_named(
    machine: Machine, tmp_path: Path, package: str, text: str
) -> None:
    folder = tmp_path / "site" / "tensorflow"
    folder.mkdir(parents=True)
    for name in ("__init__.py", "libtensorflow_cc.so.2", "libtensorflow_cc.2.dylib"):
        (folder / name).touch()
    facts = tmp_path / "site" / f"{package}-2.21.7.dist-info"
    facts.mkdir()
    name = package.replace("_", "-")
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.21.7\n")
    folders = "elsewhere" if package == "another" else "tensorflow"
    (facts / "top_level.txt").write_text(f"{folders}\n")
    path = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
    _, findings = machine.examine(PYTHONPATH=path)
    assert of(findings, "tensorflow")["text"].startswith(text)


def test_directories(machine: Machine, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    file = tmp_path / "file"
    file.touch()
    code, findings = machine.examine(TMPDIR=str(deep), JUPYTER_RUNTIME_DIR=str(file))
    assert code == 1
    assert of(findings, "sockets")["level"] == "warn"
    assert "TMPDIR" in of(findings, "sockets")["advice"]
    assert of(findings, "runtime directory")["level"] == "error"


@pytest.mark.parametrize(("token", "level"), [("", "warn"), ("hidden-token", "ok")])
def test_a_hub(machine: Machine, token: str, level: str) -> None:
    environment: dict[str, Any] = {"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}
    _, findings = machine.examine(**environment, JUPYTERHUB_API_TOKEN=token)
    assert of(findings, "hub")["level"] == level
    assert "/user/me/" in of(findings, "hub")["text"]
    assert "hidden-token" not in str(of(findings, "hub"))
