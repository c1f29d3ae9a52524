"""Outputs asked for in every order: right each time, and not kept without an end."""

from __future__ import annotations

import gc
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tfs_notebook.runtimes.tensorflow.inline_pool import InlinePool
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.runtimes.tensorflow.session import Endpoints
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.messages import SavedModel

NAMES = [f"y{index}" for index in range(6)]
X = {"x": (np.array([1.0, 2.0], np.float32), 1)}


@pytest.fixture
def many_outputs(half_plus_two: Path, tmp_path: Path) -> Iterator[TensorFlowModel]:
    """half_plus_two, with its output under six more names, and one that is nowhere."""
    path = tmp_path / "1"
    shutil.copytree(half_plus_two, path)
    graph = path / "saved_model.pb"
    saved = SavedModel.FromString(graph.read_bytes())
    signature = saved.meta_graphs[0].signature_def["serving_default"]
    for name in NAMES:
        signature.outputs[name].CopyFrom(signature.outputs["y"])
    signature.outputs["nowhere"].CopyFrom(signature.outputs["y"])
    signature.outputs["nowhere"].name = "nowhere:0"
    graph.write_bytes(saved.SerializeToString())
    model = load_saved_model(path, ["serve"])
    yield model
    model.close()


def alive(kind: type) -> int:
    gc.collect()
    return sum(isinstance(each, kind) for each in gc.get_objects())


def test_what_is_kept_of_them_is_bounded(many_outputs: TensorFlowModel) -> None:
    signature = many_outputs.signatures["serving_default"]
    endpoints, pools = alive(Endpoints), alive(InlinePool)
    orders = [
        order for size in range(1, 7) for order in itertools.permutations(NAMES[::2], size)
    ] + list(itertools.permutations(["y", *NAMES[::2]]))
    orders += list(itertools.product(["y", *NAMES[::2]], repeat=4))
    for order in orders:
        answers = many_outputs.run(signature, X, order)
        assert [answer.tolist() for answer in answers] == [[2.5, 3.0]] * len(order)
    assert len(orders) > 200
    assert alive(Endpoints) - endpoints < 50
    # A measure of many orders is one of the signature, as its runs are.
    assert alive(InlinePool) - pools == 1


def test_only_what_is_asked_for_has_to_be_there(many_outputs: TensorFlowModel) -> None:
    signature = many_outputs.signatures["serving_default"]
    for _ in range(2):
        with pytest.raises(FailedPrecondition, match=r"nowhere:0"):
            many_outputs.run(signature, X, ["y", "nowhere"])
        [answer] = many_outputs.run(signature, X, ["y"])
        assert answer.tolist() == [2.5, 3.0]
