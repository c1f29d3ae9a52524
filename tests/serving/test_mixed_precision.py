"""``--mixed_precision``: what TensorFlow computes in bfloat16."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtimes.executed import executed_nodes
from tfs_notebook.config import ServerConfig
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.dtypes import DataType

CPU_INFO = Path("/proc/cpuinfo")


@pytest.fixture
def keras_model(models: Path, precision: str) -> TensorFlowModel:
    config = session_config(ServerConfig(mixed_precision=precision)).SerializeToString()
    return load_saved_model(models / "keras_3" / "1", ["serve"], config)


def computes_in_bfloat16(model: TensorFlowModel) -> bool:
    return any(
        "MatMul" in node.op and node.attr["T"].type == DataType.BFLOAT16
        for node in executed_nodes(model)
    )


@pytest.mark.parametrize("precision", [""])
def test_a_model_keeps_its_own(keras_model: TensorFlowModel) -> None:
    assert not computes_in_bfloat16(keras_model)
    keras_model.close()


@pytest.mark.parametrize("precision", ["bfloat16"])
@pytest.mark.skipif(
    not CPU_INFO.is_file() or "_bf16" not in CPU_INFO.read_text(),
    reason="this processor does not compute in bfloat16",
)
def test_matrices_are_multiplied_in_bfloat16(keras_model: TensorFlowModel) -> None:
    assert computes_in_bfloat16(keras_model)
    keras_model.close()
