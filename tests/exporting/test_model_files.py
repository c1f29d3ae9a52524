"""Models in files: Keras's own, legacy ones, and SavedModels as they are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfs_notebook
from tests.exporting import keras_models
from tests.exporting.keras_models import Doubled, Tripled, keras, mlp, of_layer
from tests.exporting.served import answers, left_in
from tests.python_process import output_of
from tfs_notebook.wire.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
)

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore")]

ROWS = np.random.default_rng(2).random((3, 4), np.float32)


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".hdf5"])
@pytest.mark.parametrize("make", [mlp, keras_models.lstm])
def test_a_file_of_keras(make: Callable[[], Any], suffix: str, tmp_path: Path) -> None:
    model = make()
    file = tmp_path / f"model{suffix}"
    model.save(file)
    record = tfs_notebook.export(file, tmp_path / "m")
    [(alias, spec)] = record.signatures["serving_default"].inputs.items()
    inputs = ROWS if alias == "input_0" else np.array([[1, 2, 0]])
    np.testing.assert_allclose(
        answers(record.path, **{spec.alias: inputs})["output_0"],
        model(inputs, training=False),
        rtol=1e-4,
    )


def test_a_file_of_the_legacy_keras(tmp_path: Path) -> None:
    import tf_keras

    model = tf_keras.Sequential([tf_keras.layers.Dense(2, input_shape=(4,))])
    model.save(tmp_path / "old.h5")
    record = tfs_notebook.export(tmp_path / "old.h5", tmp_path / "m")
    [served] = answers(record.path, dense_input=ROWS).values()
    np.testing.assert_allclose(served, model(ROWS), rtol=1e-4)
    with pytest.raises(InvalidArgument, match=r"A model of tf_keras: model\.export"):
        tfs_notebook.export(model, tmp_path / "m")
    model.save(tmp_path / "old.keras")
    with pytest.raises(InvalidArgument, match="seems to be of Keras 2: load it with tf_keras"):
        tfs_notebook.export(tmp_path / "old.keras", tmp_path / "m")


def test_classes_of_ones_own(tmp_path: Path) -> None:
    of_layer(Doubled()).save(tmp_path / "known.keras")
    record = tfs_notebook.export(tmp_path / "known.keras", tmp_path / "known")
    assert answers(record.path, input_0=[[1, 2]])["output_0"].tolist() == [[2, 4]]
    file = tmp_path / "unknown.keras"
    of_layer(Tripled()).save(file)
    with pytest.raises(InvalidArgument, match=r"custom_objects=\{'MyLayer': MyLayer\}"):
        tfs_notebook.export(file, tmp_path / "unknown")
    record = tfs_notebook.export(
        file, tmp_path / "unknown", custom_objects={"Tripled": Tripled}
    )
    assert answers(record.path, input_0=[[1, 2]])["output_0"].tolist() == [[3, 6]]
    with pytest.raises(InvalidArgument, match="for a model that is loaded from a file"):
        tfs_notebook.export(mlp(), tmp_path / "m", custom_objects={})


def test_files_that_keras_cannot_load(tmp_path: Path) -> None:
    (tmp_path / "broken.keras").write_bytes(b"this is no model")
    (tmp_path / "broken.h5").write_bytes(b"this is no model")
    mlp().save_weights(tmp_path / "only.weights.h5")
    of_layer(keras.layers.Lambda(lambda x: x * 2)).save(tmp_path / "code.keras")
    for name, text in [
        ("broken.keras", "cannot load"),
        ("broken.h5", "cannot load"),
        ("only.weights.h5", "The file holds weights only"),
        ("code.keras", r"safe_mode=False"),
    ]:
        with pytest.raises(InvalidArgument, match=text):
            tfs_notebook.export(tmp_path / name, tmp_path / "m")
    (tmp_path / "model.pkl").write_bytes(b"x")
    with pytest.raises(InvalidArgument, match="is neither a file of Keras"):
        tfs_notebook.export(tmp_path / "model.pkl", tmp_path / "m")
    with pytest.raises(NotFound, match="there is no "):
        tfs_notebook.export(tmp_path / "gone.keras", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_saved_model_is_copied_without_tensorflow(
    half_plus_two: Path, tmp_path: Path
) -> None:
    code = (
        "import sys, tfs_notebook\n"
        "record = tfs_notebook.export(sys.argv[1], sys.argv[2], example=[1.0, 2.0])\n"
        "print(record)\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    shown = output_of("-c", code, half_plus_two, tmp_path / "m")
    assert "serving_default answers the example (2 rows)" in shown
    for file in half_plus_two.rglob("*"):
        if file.is_file():
            copied = tmp_path / "m" / "1" / file.relative_to(half_plus_two)
            assert copied.read_bytes() == file.read_bytes()
    assert answers(tmp_path / "m" / "1", x=[2.0])["y"].tolist() == [3.0]


def test_a_saved_model_by_hand(half_plus_two: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    record = tfs_notebook.export(half_plus_two, base)
    assert (record.version, record.check.with_inputs) == (1, "none")
    # From its own base path: what was version 1 is the newest again.
    assert tfs_notebook.export(base / "1", base).version == 2
    with pytest.raises(InvalidArgument, match=f"{base} holds versions.* such as {base / '2'}"):
        tfs_notebook.export(base, tmp_path / "other")
    with pytest.raises(InvalidArgument, match="copied as it is"):
        tfs_notebook.export(half_plus_two, base, signatures={"s": {}})
    with pytest.raises(InvalidArgument, match="input x is float; got"):
        tfs_notebook.export(half_plus_two, base, example=["text"])
    assert left_in(base) == ["1", "2"]


@pytest.mark.parametrize("inner", [".", "inner"])
def test_a_saved_model_into_itself(inner: str, half_plus_two: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(half_plus_two, source)
    before = left_in(source)
    with pytest.raises(InvalidArgument, match="cannot be copied into itself; export it to a"):
        tfs_notebook.export(source, source / inner)
    assert left_in(source) == before


@pytest.mark.parametrize("what", ["link to a file", "link to a directory", "pipe"])
def test_what_leads_out_of_a_saved_model(
    what: str, half_plus_two: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(half_plus_two, source)
    (source / "assets").mkdir(exist_ok=True)
    strange = source / "assets" / "strange"
    if what == "pipe":
        os.mkfifo(strange)
    else:
        strange.symlink_to("/etc/hostname" if what == "link to a file" else "/etc")
    with pytest.raises(InvalidArgument, match=f"{strange} is "):
        tfs_notebook.export(source, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_damaged_saved_model(half_plus_two: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(half_plus_two, source)
    (source / "saved_model.pb").write_bytes(b"this is no model")
    with pytest.raises(ServingError, match=r"saved_model\.pb|SavedModel"):
        tfs_notebook.export(source, tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(("package", "model"), [("keras", "m.keras"), ("keras", "m.h5")])
def test_without_keras(package: str, model: str, tmp_path: Path) -> None:
    (tmp_path / model).write_bytes(b"x")
    code = (
        "import sys, tfs_notebook\n"
        f"sys.modules[{package!r}] = None\n"
        "try:\n"
        "    tfs_notebook.export(sys.argv[1], sys.argv[2])\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)"
    )
    shown = output_of("-c", code, tmp_path / model, tmp_path / "out")
    assert shown.startswith(f"{FailedPrecondition.__name__} {package} cannot be imported")
    assert f"pip install {package}" in shown


def test_a_version_that_is_there(
    half_plus_two: Path, half_plus_three: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    tfs_notebook.export(half_plus_two, base, version=7)
    with pytest.raises(AlreadyExists, match=r"has version 7 already.*overwrite=True"):
        tfs_notebook.export(half_plus_three, base, version=7)
    record = tfs_notebook.export(half_plus_three, base, version=7, overwrite=True)
    assert (record.version, left_in(base)) == (7, ["7"])
    assert answers(base / "7", x=[2.0])["y"].tolist() == [4.0]
    with pytest.raises(InvalidArgument, match="for a version that is named"):
        tfs_notebook.export(half_plus_three, base, overwrite=True)
