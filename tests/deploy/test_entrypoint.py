"""The image's entrypoint and health check, run as scripts with a real server."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.cli.standalone import Start, predict, slow_request
from tests.deploy.deployed import DOCKER, said
from tests.half_plus_two import ANSWER
from tests.server_process import ServerProcess, config_text, free_port
from tfs_notebook.cli.flags import parse_flags
from tfs_notebook.config import ServerConfig

ENTRYPOINT: Final = DOCKER / "tf_serving_entrypoint.sh"
USER: Final = int(said("USER").partition(":")[0])

# Become the entrypoint, as an engine does: the process that is started is the server.
_EXEC: Final = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
_AS_USER: Final = f"import os; os.setgroups([]); os.setgid({USER}); os.setuid({USER}); {_EXEC}"


def variables(**environment: str) -> dict[str, str]:
    # As in the image: the scripts first, and beside them the command.
    path = f"{DOCKER}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, **environment}


def entrypoint(code: str = _EXEC) -> tuple[str, ...]:
    return "-c", code, str(ENTRYPOINT)


def health(state: str, port: int) -> int:
    script = DOCKER / "tfs_health.py"
    return subprocess.run([sys.executable, script, state, str(port)], check=False).returncode


Understood = Callable[..., ServerConfig]


@pytest.fixture
def understood(tmp_path: Path) -> Understood:
    """What the command understands of what the entrypoint says to it."""
    command = tmp_path / "tfs-notebook"
    command.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    command.chmod(0o755)

    def ask(*arguments: str, **environment: str) -> ServerConfig:
        path = f"{tmp_path}:{DOCKER}:{os.environ['PATH']}"
        done = subprocess.run(
            [ENTRYPOINT, *arguments],
            env={"PATH": path, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return parse_flags(done.stdout.split("\0")[:-1]).config

    return ask


def test_it_says_what_tensorflow_servings_says(understood: Understood) -> None:
    config = understood()
    assert (config.port, config.rest_api_port, config.host) == (8500, 8501, "0.0.0.0")
    assert (config.model_name, config.model_base_path) == ("model", "/models/model")


def test_the_variables_are_honoured(understood: Understood) -> None:
    config = understood(MODEL_NAME="spam", MODEL_BASE_PATH="gs://bucket/models")
    assert config.model_name == "spam"
    assert config.model_base_path == "gs://bucket/models/spam"


def test_the_variables_are_no_shell(understood: Understood) -> None:
    name = 'a b; $(touch "x") *'
    config = understood(MODEL_NAME=name, MODEL_BASE_PATH="/m n")
    assert (config.model_name, config.model_base_path) == (name, f"/m n/{name}")


def test_arguments_go_first(understood: Understood) -> None:
    config = understood(
        "--rest_api_port=9501", "--host=127.0.0.1", "--model_name=a b", "--enable_batching"
    )
    assert (config.port, config.rest_api_port, config.host) == (8500, 9501, "127.0.0.1")
    assert (config.model_name, config.enable_batching) == ("a b", True)


@pytest.fixture(scope="module")
def contained(
    models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server that the entrypoint has started."""
    directory = tmp_path_factory.mktemp("contained")
    environment = variables(MODEL_NAME="half_plus_two", MODEL_BASE_PATH=str(models))
    with ServerProcess(directory, environment=environment, command=entrypoint()) as process:
        yield process


def test_it_serves_the_model_on_all_addresses(contained: ServerProcess) -> None:
    assert predict(contained, "half_plus_two").json() == ANSWER
    assert f"Running gRPC ModelServer at 0.0.0.0:{contained.port} ..." in contained.log
    assert f"Exporting HTTP/REST API at:0.0.0.0:{contained.rest_port} ..." in contained.log


def test_the_process_is_the_server(contained: ServerProcess) -> None:
    process = psutil.Process(contained.process.pid)
    assert process.cmdline()[1].endswith("tfs-notebook")
    assert not process.children()


def test_the_health_check(contained: ServerProcess) -> None:
    assert health("live", contained.rest_port) == 0
    assert health("ready", contained.rest_port) == 0
    assert health("live", free_port()) == 1


def test_without_a_model_it_is_alive_and_not_ready(start_server: Start, tmp_path: Path) -> None:
    environment = variables(MODEL_BASE_PATH=str(tmp_path))
    server = start_server(environment=environment, command=entrypoint())
    assert health("live", server.rest_port) == 0
    assert health("ready", server.rest_port) == 1


def test_sigterm_drains_and_exits_0(start_server: Start, models: Path, tmp_path: Path) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"slow": models / "slow"}))
    flag = f"--model_config_file={config}"
    server = start_server(flag, environment=variables(), command=entrypoint())
    with ThreadPoolExecutor(1) as pool:
        answer = slow_request(server, pool, 1.5)
        server.send(signal.SIGTERM)
        server.wait_for_log("draining")
        assert answer.result().json() == {"predictions": [1.5]}
    assert server.wait_for_exit() == 0


def test_the_arguments_of_the_users_own_entrypoint(start_server: Start, models: Path) -> None:
    """Manifests for TensorFlow Serving often name the command, and not the entrypoint."""
    server = start_server(
        "--model_name=m",
        f"--model_base_path={models / 'half_plus_two'}",
        environment=variables(),
        command=("-c", _EXEC, "tensorflow_model_server"),
    )
    assert predict(server).json() == ANSWER
    assert f"Running gRPC ModelServer at 0.0.0.0:{server.port} ..." in server.log


@pytest.fixture
def readable_models(half_plus_two: Path) -> Iterator[Path]:
    """The models where any user may read them; the user of the image can run Python."""
    probe = [sys.executable, "-c", _AS_USER, sys.executable, "-c", "import tfs_notebook"]
    if os.getuid() != 0:
        pytest.skip("only root may become another user")
    if subprocess.run(probe, check=False, capture_output=True, env=variables()).returncode:
        pytest.skip("another user cannot read this Python or this checkout")
    base = Path(tempfile.mkdtemp())
    shutil.copytree(half_plus_two, base / "m" / "1")
    for path in (base, *base.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
    yield base
    shutil.rmtree(base)


def test_it_works_as_the_user_of_the_image(start_server: Start, readable_models: Path) -> None:
    server = start_server(
        environment=variables(
            MODEL_NAME="m", MODEL_BASE_PATH=str(readable_models), HOME="/nonexistent"
        ),
        command=entrypoint(_AS_USER),
    )
    assert psutil.Process(server.process.pid).uids().effective == USER
    assert predict(server).json() == ANSWER
    server.stop()
