"""From traits to flags."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfs_notebook.jupyter.launch import LaunchOptions, prepare_flags
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.serving.model_config import model_settings, read_text_proto
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import ModelServerConfig


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketDirectory]:
    """A directory for sockets."""
    with tempfile.TemporaryDirectory(prefix="r") as place:
        monkeypatch.setenv("XDG_RUNTIME_DIR", place)
        yield SocketDirectory()


def served(options: LaunchOptions, directory: SocketDirectory) -> dict[str, str]:
    path = Path(str(prepare_flags(options, directory)["model_config_file"]))
    models = model_settings(read_text_proto(path, ModelServerConfig))
    return {model.name: model.base_path for model in models}


def test_models_by_name(directory: SocketDirectory) -> None:
    models = {'qu"ote': "/a b/ä\\n", "far": "s3://bucket/far"}
    assert served(LaunchOptions(models=models), directory) == models


def test_models_by_the_last_parts_of_their_paths(directory: SocketDirectory) -> None:
    options = LaunchOptions(models=["/models/half", "/models/other/"])
    assert served(options, directory) == {"half": "/models/half", "other": "/models/other"}


def test_relative_paths_are_those_of_jupyter(
    directory: SocketDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/jane")
    models = {"near": "models/near", "home": "~/models"}
    assert served(LaunchOptions(models=models), directory) == {
        "near": str(tmp_path / "models" / "near"),
        "home": "/home/jane/models",
    }
    flags = prepare_flags(LaunchOptions(model_config_file="models.config"), directory)
    assert flags["model_config_file"] == str(tmp_path / "models.config")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (LaunchOptions(models=["/a/half", "/b/half"]), "a name of its own"),
        (LaunchOptions(models=["/"]), "a name of its own"),
        (LaunchOptions(models=["/a"], model_config_file="/x"), "exclude each other"),
    ],
)
def test_what_cannot_be_meant(
    options: LaunchOptions, text: str, directory: SocketDirectory
) -> None:
    with pytest.raises(InvalidArgument, match=text):
        prepare_flags(options, directory)


def test_batching(directory: SocketDirectory) -> None:
    options = LaunchOptions(
        enable_batching=True,
        batching_parameters_file="b.pbtxt",
        batching_latency_target_micros=5000,
    )
    flags = prepare_flags(options, directory)
    assert flags["enable_batching"] is True
    assert flags["batching_parameters_file"] == str(Path("b.pbtxt").absolute())
    assert flags["batching_latency_target_micros"] == 5000
    assert "enable_batching" not in prepare_flags(LaunchOptions(), directory)


def test_the_limit_of_runs(directory: SocketDirectory) -> None:
    flags = prepare_flags(LaunchOptions(run_limit_seconds=0.5), directory)
    assert flags["run_limit_seconds"] == 0.5
    assert prepare_flags(LaunchOptions(), directory)["run_limit_seconds"] == 600.0


def test_further_flags_have_the_last_word(directory: SocketDirectory) -> None:
    options = LaunchOptions(server_flags={"model_control": "none", "lazy_loading": True})
    flags = prepare_flags(options, directory)
    assert (flags["model_control"], flags["lazy_loading"]) == ("none", True)


@pytest.mark.parametrize("name", ["port", "rest_api_socket_path", "--exit-on-stdin-eof"])
def test_flags_of_the_extension_are_not_to_be_set(
    name: str, directory: SocketDirectory
) -> None:
    # A port of gRPC would be open to every user of the machine: without a token.
    with pytest.raises(InvalidArgument, match="extension's own; set "):
        prepare_flags(LaunchOptions(server_flags={name: 8500}), directory)


def test_a_flag_that_there_is_not(directory: SocketDirectory) -> None:
    flags = {"lazy_lading": True}
    with pytest.raises(InvalidArgument, match="Did you mean 'lazy_loading'"):
        prepare_flags(LaunchOptions(server_flags=flags, in_process=True), directory)
    # A process of its own refuses it in its log, and knows some that have no effect.
    assert prepare_flags(LaunchOptions(server_flags=flags), directory)["lazy_lading"] is True


def test_a_home_of_nobody(directory: SocketDirectory, tmp_path: Path) -> None:
    flags = prepare_flags(LaunchOptions(models_root="~no-such-user/models"), directory)
    assert str(flags["models_root"]).endswith("/~no-such-user/models")


def test_requests_can_be_recorded_unless_somebody_says_where(
    directory: SocketDirectory,
) -> None:
    flags = prepare_flags(LaunchOptions(), directory)
    assert flags["request_log_dir"] == str(directory.path / "requests")
    assert flags["request_log_max_files"] == 4
    own = prepare_flags(LaunchOptions(server_flags={"request_log_dir": "/logs"}), directory)
    assert own["request_log_dir"] == "/logs"
    assert "request_log_max_files" not in own
