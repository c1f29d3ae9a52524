"""``assets.extra/saved_model_config.pb``: what it says reaches TensorFlow."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtimes.executed import executed_nodes
from tests.serving.test_platform_config import platform_file
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.model_loading import ModelLoaders
from tfs_notebook.serving.saved_model_config import SessionOptions
from tfs_notebook.wire.messages import (
    ConfigProto,
    SavedModelConfig,
    SessionOverrides,
)

CALL = "StatefulPartitionedCall"
WITHOUT_OPTIMIZER = SavedModelConfig(
    session_overrides=SessionOverrides(disable_meta_optimizer=True)
)


def put(version: Path, content: bytes) -> Path:
    path = version / "assets.extra" / "saved_model_config.pb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def options_of(version: Path, **flags: object) -> ConfigProto:
    options = SessionOptions(ServerConfig(**flags)).of_version(version)
    return ConfigProto.FromString(options)


def executed_ops(model: TensorFlowModel) -> set[str]:
    return {node.op for node in executed_nodes(model)}


@pytest.fixture
def loaded(tmp_path: Path, models: Path) -> Callable[..., TensorFlowModel]:
    """Loads a model whose signature is a function, which the optimizer would inline."""

    def load(config: SavedModelConfig | None, **flags: object) -> TensorFlowModel:
        version = tmp_path / "m" / "1"
        shutil.copytree(models / "slow" / "1", version)
        if config is not None:
            put(version, config.SerializeToString())
        loaders = ModelLoaders(ServerConfig(**flags), LoadMarks(None))
        loader = loaders.loader(ServableId("m", 1), str(version))
        loader.load()
        model = loader.servable.model
        assert isinstance(model, TensorFlowModel)
        return model

    return load


def test_without_the_file_graphs_are_optimised(
    loaded: Callable[..., TensorFlowModel],
) -> None:
    model = loaded(None)
    assert CALL not in executed_ops(model)
    model.close()


def test_the_optimizer_can_be_turned_off(loaded: Callable[..., TensorFlowModel]) -> None:
    model = loaded(WITHOUT_OPTIMIZER)
    assert CALL in executed_ops(model)
    model.close()


def test_beside_a_platform_config_only_if_that_says_so(
    tmp_path: Path, loaded: Callable[..., TensorFlowModel]
) -> None:
    put(tmp_path, WITHOUT_OPTIMIZER.SerializeToString())
    off, on = "", "enable_saved_model_config: true"
    for bundle, disabled in ((off, False), (on, True)):
        options = options_of(tmp_path, platform_config_file=platform_file(tmp_path, bundle))
        assert options.graph_options.rewrite_options.disable_meta_optimizer is disabled


def test_the_other_options_stay(tmp_path: Path) -> None:
    put(tmp_path, WITHOUT_OPTIMIZER.SerializeToString())
    options = options_of(tmp_path, tensorflow_intra_op_parallelism=3)
    assert options.graph_options.rewrite_options.disable_meta_optimizer
    assert options.intra_op_parallelism_threads == 3


def test_overrides_go_before_the_session_file_even_if_they_are_false(tmp_path: Path) -> None:
    session = tmp_path / "session.config"
    session.write_text("graph_options { rewrite_options { disable_meta_optimizer: true } }")
    flags = {"tensorflow_session_config_file": str(session)}
    before = options_of(tmp_path, **flags)
    assert before.graph_options.rewrite_options.disable_meta_optimizer
    for without_overrides in (SavedModelConfig(), SavedModelConfig(critical=True)):
        put(tmp_path, without_overrides.SerializeToString())
        assert options_of(tmp_path, **flags) == before
    put(
        tmp_path,
        SavedModelConfig(
            session_overrides=SessionOverrides(disable_meta_optimizer=False)
        ).SerializeToString(),
    )
    after = options_of(tmp_path, **flags)
    assert not after.graph_options.rewrite_options.disable_meta_optimizer


def test_what_has_no_effect_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = SavedModelConfig(critical=True)
    config.session_overrides.batch_op_rewriter_config.SetInParent()
    config.session_overrides.remote_op_remap_config.propagate_version = True
    config.tfrt_runtime_config.SetInParent()
    path = put(tmp_path, config.SerializeToString())
    options_of(tmp_path)
    told = sorted(text.split(" has no effect: ")[0] for text in caplog.messages)
    fields = (
        "batch_op_rewriter_config",
        "critical",
        "remote_op_remap_config",
        "tfrt_runtime_config",
    )
    assert told == [f"{path}: {field}" for field in fields]


@pytest.mark.parametrize("content", [b"\xff\xff", b"\0" * (1024 * 1024 + 1)])
def test_a_file_that_cannot_be_used_is_told_and_left(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    before = options_of(tmp_path)
    path = put(tmp_path, content)
    assert options_of(tmp_path) == before
    [text] = caplog.messages
    assert text.startswith(f"Unable to parse SavedModelConfig: {path}")


def test_what_is_no_file_is_told_and_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = options_of(tmp_path)
    path = put(tmp_path, b"")
    path.unlink()
    # Whoever opened it would wait.
    os.mkfifo(path)
    assert options_of(tmp_path) == before
    [text] = caplog.messages
    assert text.startswith(f"Unable to parse SavedModelConfig: {path}")
    assert "it is not a file" in text
