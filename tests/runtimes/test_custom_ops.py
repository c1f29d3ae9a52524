"""Libraries of ops: found, loaded once, and refused with their reason."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from tests.python_process import output_of, run_python
from tests.server_process import ServerProcess
from tfs_notebook.runtimes.tensorflow.custom_ops import find_libraries, load_custom_ops
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError

OP = """
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"
using namespace tensorflow;
REGISTER_OP("TfsNotebookTriple").Input("x: float").Output("y: float")
    .SetShapeFn([](shape_inference::InferenceContext* c) {
      c->set_output(0, c->input(0));
      return absl::OkStatus();
    });
class Triple : public OpKernel {
 public:
  explicit Triple(OpKernelConstruction* c) : OpKernel(c) {}
  void Compute(OpKernelContext* c) override {
    const Tensor& x = c->input(0);
    Tensor* y = nullptr;
    OP_REQUIRES_OK(c, c->allocate_output(0, x.shape(), &y));
    auto from = x.flat<float>();
    auto to = y->flat<float>();
    for (int64_t i = 0; i < from.size(); ++i) to(i) = 3 * from(i);
  }
};
REGISTER_KERNEL_BUILDER(Name("TfsNotebookTriple").Device(DEVICE_CPU), Triple);
"""
# TensorFlow's side of it: flags, and a model that uses the op.
FLAGS = (
    "import json, tensorflow.sysconfig as s; "
    "print(json.dumps([s.get_compile_flags(), s.get_link_flags()]))"
)
MODEL = """
import sys
import tensorflow as tf
ops = tf.load_op_library(sys.argv[1])
module = tf.Module()
module.f = tf.function(
    lambda x: {"y": ops.tfs_notebook_triple(x=x)},
    input_signature=[tf.TensorSpec([None], tf.float32, name="x")],
)
tf.saved_model.save(module, sys.argv[2], signatures=module.f)
"""
TEXT_MODEL = """
import sys
import tensorflow as tf
import tensorflow_text as text
module = tf.Module()
module.f = tf.function(
    lambda s: {"words": text.WhitespaceTokenizer().tokenize(s).to_tensor(default_value="")},
    input_signature=[tf.TensorSpec([None], tf.string, name="s")],
)
tf.saved_model.save(module, sys.argv[1], signatures=module.f)
"""


def test_what_is_not_there() -> None:
    for name in ("/no/such.so", "no_such_package", "no_such_package/ops", "../x", ""):
        with pytest.raises(NotFound, match="no file, directory or installed package"):
            list(find_libraries(name or "no.such"))


def test_a_directory_stands_for_the_libraries_below_it(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.so").write_bytes(b"ops")
    (tmp_path / "a.so").write_bytes(b"ops")
    (tmp_path / "python.so").write_bytes(b"... PyInit_python ...")
    (tmp_path / "empty.so").touch()
    (tmp_path / "c.txt").touch()
    found = [path.name for path in find_libraries(str(tmp_path))]
    assert found == ["a.so", "b.so"]


def test_a_directory_without_any_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="has no library"):
        list(find_libraries(str(tmp_path)))


def test_what_is_no_library_is_told_in_tensorflows_words(tmp_path: Path) -> None:
    path = tmp_path / "ops.so"
    path.write_bytes(b"\x7fELF, or so it says" * 100)
    with pytest.raises(ServingError, match=r"ops\.so cannot be loaded: .*It has to be built"):
        load_custom_ops([str(path)])


def test_a_server_with_a_library_that_cannot_be_had_does_not_start(tmp_path: Path) -> None:
    done = run_python(
        "-m", "tfs_notebook", "--model_base_path=/m", "--custom_op_libraries=/no/ops.so"
    )
    assert done.returncode == 1
    assert "no file, directory or installed package '/no/ops.so'" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(600)
def test_an_op_of_ones_own_serves(tmp_path: Path) -> None:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("there is no g++ to build an op with")
    compile_flags, link_flags = json.loads(output_of("-c", FLAGS).splitlines()[-1])
    source, library = tmp_path / "triple.cc", tmp_path / "triple.so"
    source.write_text(dedent(OP))
    command = [compiler, "-shared", "-fPIC", "-O1", str(source), "-o", str(library)]
    built = subprocess.run(
        [*command, *compile_flags, *link_flags], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr[-3000:]
    output_of("-c", MODEL, str(library), str(tmp_path / "m" / "1"))
    flags = [f"--model_base_path={tmp_path / 'm'}", f"--custom_op_libraries={library}"]
    with ServerProcess(tmp_path, flags) as server:
        done = httpx.post(f"{server.url}/v1/models/default:predict", json={"instances": [1, 5]})
    assert done.json() == {"predictions": [3.0, 15.0]}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_ops_of_tensorflow_text_serve(tmp_path: Path) -> None:
    if importlib.util.find_spec("tensorflow_text") is None:
        pytest.skip("tensorflow-text is not installed")
    output_of("-c", TEXT_MODEL, str(tmp_path / "m" / "1"))
    flags = [f"--model_base_path={tmp_path / 'm'}", "--custom_op_libraries=tensorflow_text"]
    with ServerProcess(tmp_path, flags) as server:
        body = {"instances": ["a bc  d", "你 好"]}
        done = httpx.post(f"{server.url}/v1/models/default:predict", json=body)
    assert done.json() == {"predictions": [["a", "bc", "d"], ["你", "好", ""]]}
