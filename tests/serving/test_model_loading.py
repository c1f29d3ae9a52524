"""Where models come from, and how much memory they may take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.asking import predict
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import Code
from tfs_notebook.wire.model_spec import ModelReference


def test_a_base_path_that_is_a_url(
    half_plus_two: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    remote = fsspec.filesystem("memory")
    remote.put(str(half_plus_two), "/models/m/1", recursive=True)
    cache = tmp_path / "cache"
    try:
        server = start(
            model_name="m", model_base_path="memory://models/m", remote_cache_dir=str(cache)
        )
        assert predict(server, ModelReference("m")) == 2.5
        assert cache.stat().st_mode & 0o777 == 0o700
        server.stop(30)
        assert not list(cache.rglob("saved_model.pb"))
    finally:
        remote.rm("/models", recursive=True)


def test_a_cache_that_is_a_link_fails_the_model_and_says_so(
    half_plus_two: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    remote = fsspec.filesystem("memory")
    remote.put(str(half_plus_two), "/models/m/1", recursive=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    try:
        server = start(
            model_name="m",
            model_base_path="memory://models/m",
            remote_cache_dir=str(tmp_path / "cache"),
        )
        [state] = server.version_states(ModelReference("m"))
        assert state.error is not None
        assert state.error.code == Code.PERMISSION_DENIED
    finally:
        remote.rm("/models", recursive=True)


def test_a_model_that_does_not_fit_says_so_and_the_others_serve(
    half_plus_two: Path, models: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": half_plus_two.parent, "heavy": models / "heavy"}))
    limit = int(1.3 * sum(p.stat().st_size for p in half_plus_two.rglob("*") if p.is_file()))
    server = start(model_config_file=str(config), total_model_memory_limit_bytes=limit)
    assert predict(server, ModelReference("m")) == 2.5
    poll_until(lambda: bool(server.version_states(ModelReference("heavy"))), "heavy is known")
    [state] = server.version_states(ModelReference("heavy"))
    assert state.error is not None
    assert state.error.code == Code.RESOURCE_EXHAUSTED
    assert "Insufficient resources to load servable {name: heavy version: 1}" in str(
        state.error
    )


def test_the_default_place_for_copies_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from tfs_notebook.serving import model_loading

    monkeypatch.setenv("XDG_CACHE_HOME", f"{os.sep}caches")
    assert model_loading._default_cache() == Path("/caches/tfs_notebook")
