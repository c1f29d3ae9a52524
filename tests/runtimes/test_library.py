"""Where TensorFlow's library comes from, and what is said if it does not come."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import platform
import sys
from pathlib import Path

import pytest

from tests.python_process import output_of
from tfs_notebook.runtimes.tensorflow import library
from tfs_notebook.runtimes.tensorflow.library import Library, load_library
from tfs_notebook.wire.errors import FailedPrecondition

FILE = "libtensorflow_cc.so.2" if sys.platform == "linux" else "libtensorflow_cc.2.dylib"

INSTALL = r"pip install 'tensorflow>=2\.21,<2\.22'"


def pretend_package(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """Let tensorflow be found in this folder, or not at all; nothing is loaded yet."""
    monkeypatch.setattr(library, "_loaded", None)
    find_spec = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> importlib.machinery.ModuleSpec | None:
        if name != "tensorflow":
            return find_spec(name, package)
        if folder is None:
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec

    monkeypatch.setattr(importlib.util, "find_spec", find)


def test_names_its_version() -> None:
    assert load_library().version.startswith("2.21.")


def test_is_loaded_once() -> None:
    assert load_library() is load_library()


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_package(monkeypatch, None)
    with pytest.raises(FailedPrecondition, match="tensorflow is not installed") as caught:
        load_library()
    assert platform.system() in caught.value.message
    assert platform.machine() in caught.value.message
    caught.match(INSTALL)


def test_package_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend_package(monkeypatch, tmp_path)
    with pytest.raises(FailedPrecondition, match=f"has no {FILE}") as caught:
        load_library()
    caught.match(INSTALL)


def test_a_file_that_is_no_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no library")
    pretend_package(monkeypatch, tmp_path)
    with pytest.raises(FailedPrecondition, match="cannot be loaded") as caught:
        load_library()
    assert str(tmp_path) in caught.value.message
    caught.match(INSTALL)


def test_a_library_without_the_functions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Any shared library will do that is not TensorFlow's.
    other = importlib.util.find_spec("orjson.orjson")
    assert other is not None
    assert other.origin is not None
    (tmp_path / FILE).symlink_to(other.origin)
    pretend_package(monkeypatch, tmp_path)
    with pytest.raises(FailedPrecondition, match="has no function TF_") as caught:
        load_library()
    caught.match(INSTALL)


def test_unsupported_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_loaded", None)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(FailedPrecondition, match="this platform is not supported") as caught:
        load_library()
    caught.match("Linux")


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        pretend_package(patched, tmp_path)
        with pytest.raises(FailedPrecondition):
            load_library()
    assert isinstance(load_library(), Library)


def test_unbound_functions_are_named() -> None:
    with pytest.raises(AttributeError, match="TF_NoSuchThing"):
        _ = load_library().NoSuchThing


_BESIDE_TENSORFLOW = """
import sys
from pathlib import Path
import numpy as np
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model

def ours():
    model = load_saved_model(Path(sys.argv[1]), ["serve"])
    signature = model.signatures["serving_default"]
    [y] = model.run(signature, {"x": (np.ones(2, np.float32), 1)}, ["scaled"])
    model.close()
    return y.tolist()

if sys.argv[2] == "first":
    before = ours()
import tensorflow as tf
theirs = tf.saved_model.load(sys.argv[1]).signatures["serving_default"](x=tf.ones([2]))
assert theirs["scaled"].numpy().tolist() == ours() == [3.0, 3.0]
"""


@pytest.mark.parametrize(
    # The profiler's test has ours first, and TensorFlow after it, too.
    "order",
    [pytest.param("first", marks=pytest.mark.long), "second"],
)
def test_works_in_one_process_with_tensorflow(models: Path, order: str) -> None:
    output_of("-c", _BESIDE_TENSORFLOW, models / "several" / "1", order)
