"""The standalone command before it serves: what it tells, and what it cannot start with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.standalone import run
from tests.server_process import free_port
from tfs_notebook import __version__


def test_version() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"TensorFlow ModelServer: {__version__}",
        "TensorFlow Library: 2.21.0",
    ]


def test_help_comes_at_once() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "--rest_api_port=0" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["tfs-notebook", "tensorflow_model_server"])
def test_console_scripts(name: str) -> None:
    script = Path(sys.executable).parent / name
    if not script.exists():
        pytest.skip(f"{name} is not installed beside {sys.executable}")
    done = subprocess.run(
        [script, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "--model_base_path" in done.stdout


def test_an_unknown_flag() -> None:
    done = run("--prot=8500")
    assert done.returncode == 2
    assert done.stderr == "tfs-notebook: unknown flag --prot; did you mean --port?\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ([], "Give --model_base_path=DIR, or --model_config_file=FILE"),
        (["--model_base_path=/nowhere", "--model_name="], "has no name"),
        (["--model_base_path=/nowhere", "--port=0"], "grpc_port or server_options.grpc_socket"),
        (["--model_config_file=/nowhere/file"], "Invalid protobuf file: '/nowhere/file'"),
        (
            ["--model_base_path=/nowhere", "--monitoring_config_file=/nowhere/file"],
            "Invalid protobuf file: '/nowhere/file'",
        ),
        (["--model_base_path=/nowhere", "--grpc_channel_arguments=a"], "'a' is not key=value"),
        (
            ["--model_base_path=/nowhere", "--fail_if_no_model", "--port={free}"],
            "1 servable(s) did not become available: {{Could not find base path /nowhere",
        ),
        (
            ["--model_base_path=/nowhere", "--tensorflow_session_config_file=/nowhere/file"],
            "Invalid protobuf file: '/nowhere/file'",
        ),
        (
            [
                "--model_base_path=/nowhere",
                "--tensorflow_session_parallelism=1",
                "--tensorflow_intra_op_parallelism=1",
            ],
            "give one or the others",
        ),
        (
            ["--model_base_path=/nowhere", "--batching_parameters_file=/nowhere/file"],
            (
                "INVALID_ARGUMENT: server_options.batching_parameters_file is set without "
                "setting server_options.enable_batching to true.\n"
            ),
        ),
        (
            [
                "--model_base_path=/nowhere",
                "--enable_batching",
                "--batching_parameters_file=/nowhere/file",
            ],
            "INVALID_ARGUMENT: Invalid protobuf file: '/nowhere/file'",
        ),
        (
            ["--model_base_path=/nowhere", "--platform_config_file=/nowhere/file"],
            "INVALID_ARGUMENT: Invalid protobuf file: '/nowhere/file'",
        ),
        (
            ["--model_base_path=/nowhere", "--port=0"],
            (
                "INVALID_ARGUMENT: At least one of server_options.grpc_port or "
                "server_options.grpc_socket_path must be set.\n"
            ),
        ),
        (
            [],
            (
                "INVALID_ARGUMENT: Both server_options.model_base_path and "
                "server_options.model_config_file are empty!"
            ),
        ),
    ],
)
def test_what_it_cannot_start_with(flags: list[str], text: str) -> None:
    done = run(*(flag.replace("{free}", str(free_port())) for flag in flags))
    assert done.returncode == 1, done.stderr
    assert "Failed to start server. Error: " in done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def entry(**fields: str) -> str:
    return "config { " + " ".join(f'{key}: "{value}"' for key, value in fields.items()) + " } "


M: Final = {"name": "m", "base_path": "/a", "model_platform": "tensorflow"}


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ("config {", "Error parsing text-format tensorflow.serving.ModelServerConfig"),
        (entry(nme="m"), "nme"),
        (
            entry(**M | {"base_path": "relative"}),
            "Expected model m to have an absolute path or URI; got base_path()=relative",
        ),
        (
            entry(name="m", base_path="/a"),
            "Illegal setting neither ModelServerConfig::model_type",
        ),
        (
            entry(**M | {"model_platform": "pytorch"}),
            "PlatformConfigMap has no entry for platform pytorch",
        ),
        (
            entry(**M) + entry(**M | {"base_path": "/b"}),
            "Illegal to list model m multiple times in config list",
        ),
    ],
)
def test_config_files_that_are_wrong(tmp_path: Path, entries: str, text: str) -> None:
    path = tmp_path / "models.config"
    path.write_text(f"model_config_list {{ {entries} }}")
    done = run(f"--model_config_file={path}", f"--port={free_port()}")
    assert done.returncode == 1
    assert text in done.stderr
    assert "Traceback" not in done.stderr
