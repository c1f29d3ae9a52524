"""Where a server keeps copies of remote models, and what if there is no such place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from tests.server_process import config_text
from tests.serving.asking import predict
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import Code
from tfs_notebook.wire.model_spec import ModelReference


@pytest.fixture
def remote_model(half_plus_two: Path) -> Iterator[str]:
    remote = fsspec.filesystem("memory")
    remote.put(str(half_plus_two), "/copied/r/1", recursive=True)
    yield "memory://copied/r"
    remote.rm("/copied", recursive=True)


def test_directory_that_cannot_be_made_is_no_matter_for_local_models(
    half_plus_two: Path,
    remote_model: str,
    tmp_path: Path,
    start: Callable[..., ModelServer],
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"r": Path("/r"), "local": half_plus_two.parent}))
    config.write_text(config.read_text().replace('"/r"', f'"{remote_model}"'))
    (tmp_path / "file").write_text("no directory")
    server = start(
        model_config_file=str(config),
        remote_cache_dir=str(tmp_path / "file" / "copies"),
    )
    assert predict(server, ModelReference("local")) == 2.5
    [state] = server.version_states(ModelReference("r"))
    assert state.error is not None
    assert state.error.code == Code.FAILED_PRECONDITION
    assert str(tmp_path / "file" / "copies") in state.error.message
    assert "--remote_cache_dir" in state.error.message


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user that the system does not know, as in many containers."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)


@pytest.mark.usefixtures("homeless")
def test_local_models_need_no_home(
    half_plus_two: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(model_name="m", model_base_path=str(half_plus_two.parent))
    assert predict(server, ModelReference("m")) == 2.5


@pytest.mark.usefixtures("homeless")
def test_remote_model_without_a_home_says_what_to_do(
    remote_model: str, start: Callable[..., ModelServer]
) -> None:
    server = start(model_name="r", model_base_path=remote_model)
    [state] = server.version_states(ModelReference("r"))
    assert state.error is not None
    assert state.error.code == Code.FAILED_PRECONDITION
    assert "--remote_cache_dir" in state.error.message


@pytest.mark.usefixtures("homeless")
def test_remote_model_without_a_home_but_with_a_directory(
    remote_model: str, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(
        model_name="r", model_base_path=remote_model, remote_cache_dir=str(tmp_path / "cache")
    )
    assert predict(server, ModelReference("r")) == 2.5


def test_file_urls_are_loaded_where_they_are(
    half_plus_two: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(
        model_name="m",
        model_base_path=half_plus_two.parent.as_uri(),
        remote_cache_dir=str(tmp_path / "cache"),
    )
    assert predict(server, ModelReference("m")) == 2.5
    assert not (tmp_path / "cache").exists()
