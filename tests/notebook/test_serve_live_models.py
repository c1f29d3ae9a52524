"""``serve(model)``: a model of the kernel, exported to the model server that serves it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, environment_in
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl

pytestmark = pytest.mark.timeout(300)

# What it answers says which version it is.
MAKE = """
import keras, numpy as np, tfs_notebook
def model(amount, **options):
    layer = keras.layers.Dense(1, kernel_initializer="ones")
    made = keras.Sequential([keras.Input((2,)), layer], **options)
    layer.bias.assign([amount])
    return made
def asked(name):
    return tfs_notebook.connect()[name].predict([[1.0, 1.0]]).tolist()[0][0]
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with Keras and a model server of its own."""
    places = tmp_path_factory.mktemp("l")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        assert kernel.run(MAKE, seconds=120).status == "ok"
        kernel.ok("%load_ext tfs_notebook")
        yield kernel


def test_each_time_is_a_version(own: Kernel) -> None:
    first = own.run("tfs_notebook.serve(model(1.0), name='each')")
    assert first.status == "ok", first.traceback
    assert first.text.startswith("<model 'each' at unix:")
    assert first.stderr == ""
    assert "exporting each: done after" in first.displays[-1]["text/plain"]
    assert own.ok("asked('each')") == "3.0"
    own.ok("tfs_notebook.serve(model(2.0), name='each')")
    assert own.ok("asked('each')") == "4.0"
    back = own.run("%tfs rollback each")
    assert (back.status, back.stderr) == ("ok", "")
    assert own.ok("asked('each')") == "3.0"
    own.ok("tfs_notebook.serve(model(3.0), name='each')")
    assert own.ok("asked('each')") == "5.0"


def test_few_versions_are_kept(own: Kernel) -> None:
    for amount in range(8):
        own.ok(f"tfs_notebook.serve(model({amount}.0), name='kept')")
    assert own.ok("asked('kept')") == "9.0"
    names = (
        "import pathlib\n"
        "base = [m for m in tfs_notebook.status('kept').models][0].base_path\n"
        "sorted(one.name for one in pathlib.Path(base).iterdir() if one.name.isdecimal())"
    )
    assert own.ok(names) == "['4', '5', '6', '7', '8']"


def test_names(own: Kernel) -> None:
    own.ok("tfs_notebook.serve(model(5.0, name='itself'))")
    assert own.ok("asked('itself')") == "7.0"
    nasty = "../../etc/x y"
    own.ok(f"tfs_notebook.serve(model(6.0), name={nasty!r})")
    assert own.ok(f"asked({nasty!r})") == "8.0"
    several = own.ok("sorted(tfs_notebook.serve({'a': model(1.0), 'b': model(2.0)}))")
    assert several == "['a', 'b']"
    assert own.ok("asked('a'), asked('b')") == "(3.0, 4.0)"


def test_a_model_and_a_path_in_a_dict(own: Kernel, half_plus_two: Path) -> None:
    own.ok(f"tfs_notebook.serve({{'live': model(1.0), 'half': {str(half_plus_two.parent)!r}}})")
    assert own.ok("asked('live')") == "3.0"
    assert own.ok("tfs_notebook.connect()['half'].predict([2.0]).tolist()") == "[3.0]"
    # The name goes over to a live model, and back.
    own.ok("tfs_notebook.serve(model(7.0), 'half')")
    assert own.ok("asked('half')") == "9.0"
    own.ok(f"tfs_notebook.serve({str(half_plus_two.parent)!r}, 'half')")
    assert own.ok("tfs_notebook.connect()['half'].predict([2.0]).tolist()") == "[3.0]"


def test_a_model_a_path_and_a_function_in_a_dict(own: Kernel, half_plus_two: Path) -> None:
    own.ok(
        "keras_model, names = model(1.0), lambda: tfs_notebook.connect().models()\n"
        "before = names()\n"
        "def twice(x): return x * 2\n"
        "tfs_notebook.serve({'mixed': keras_model, 'twice': twice, "
        f"'halves': {str(half_plus_two.parent)!r}}}, example={{'twice': [[1.0, 1.0]]}})"
    )
    assert own.ok("asked('mixed'), asked('twice')") == "(3.0, 2.0)"
    assert own.ok("sorted(set(names()) - set(before))") == "['halves', 'mixed', 'twice']"
    own.ok("before = names()")
    raised = own.run(
        "tfs_notebook.serve({'mixed': model(5.0), 'new': lambda x: x, "
        "'unbuilt': keras.Sequential([keras.layers.Dense(1)])}, example={'new': [1.0]})"
    ).traceback[-1]
    assert "'unbuilt': " in raised
    assert "not built" in raised
    assert "Nothing of the dict is served by this call" in raised
    assert own.ok("names() == before, asked('mixed')") == "(True, 3.0)"
    raised = own.run(
        "tfs_notebook.serve({'mixed': model(5.0), 'twice': lambda x: x * 5}, "
        "example={'twice': [[1.0]], 'mixed': np.ones((1, 3))})"
    ).traceback[-1]
    assert "Nothing of the dict is served by this call" in raised
    assert own.ok("asked('mixed'), asked('twice')") == "(3.0, 2.0)"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("tfs_notebook.serve(3)", "serve() takes a path, a Keras 3 model, a tf.Module"),
        ("tfs_notebook.serve({})", "there is nothing in the dict"),
        ("tfs_notebook.serve({1: '/etc'})", "the names in a dict are texts"),
        ("tfs_notebook.serve('/etc', name=5)", "a model is called by a text"),
        ("tfs_notebook.serve({'a': 3})", "'a': serve() takes a path"),
        ("tfs_notebook.serve('/etc', example=[1])", "an example is for a live model"),
        ("tfs_notebook.serve(keras.Sequential([keras.layers.Dense(1)]), 'x')", "not built"),
    ],
)
def test_wrong_input(own: Kernel, code: str, text: str) -> None:
    outcome = own.run(code)
    assert outcome.status == "error"
    assert text in outcome.traceback[-1]
    assert "'x'" not in own.ok("[model.name for model in tfs_notebook.status().models]")


def test_an_unbuilt_model_with_an_example(own: Kernel) -> None:
    own.ok(
        "tfs_notebook.serve(keras.Sequential([keras.layers.Dense(1)]), 'new', "
        "example=np.ones((2, 3)))"
    )
    assert own.ok("tfs_notebook.connect()['new'].predict([[1, 1, 1]]).shape") == "(1, 1)"


def test_an_interrupt_of_an_export(own: Kernel, tmp_path: Path) -> None:
    own.ok(
        "import os, pathlib, time\n"
        "class Slow(keras.layers.Layer):\n"
        "    def call(self, inputs):\n"
        f"        if list(pathlib.Path({str(tmp_path)!r}).glob('m/.*')):\n"
        "            os.kill(os.getpid(), 2)\n"
        "            time.sleep(100)\n"
        "        return inputs\n"
        "slow = keras.Sequential([keras.Input((2,)), Slow()])"
    )
    outcome = own.run(f"tfs_notebook.export(slow, {str(tmp_path / 'm')!r})")
    assert "KeyboardInterrupt" in outcome.traceback[-1]
    assert "failed after" in outcome.displays[-1]["text/plain"]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def ready(start_kernel: Callable[[], Kernel]) -> Callable[[], Kernel]:
    """Starts kernels that have the code above."""

    def start() -> Kernel:
        kernel = start_kernel()
        assert kernel.run(MAKE, seconds=120).status == "ok"
        return kernel

    return start


@pytest.fixture
def control(jupyters: ServerProcess, places: Path) -> Iterator[ModelControl]:
    """Of the model server that Jupyter has."""
    control = ModelControl(f"http+unix:{places}/r.sock")
    yield control
    control.close()


def test_with_the_model_server_of_jupyter(
    control: ModelControl, ready: Callable[[], Kernel], places: Path
) -> None:
    kernel = ready()
    kernel.ok("tfs_notebook.serve(model(1.0), 'spam')")
    [served] = control.models()
    assert Path(served.base_path).parent == places / "models"
    assert (places / "models").stat().st_mode & 0o777 == 0o700
    assert kernel.ok("asked('spam')") == "3.0"


@pytest.mark.long
def test_whose_a_name_is_there(
    control: ModelControl, ready: Callable[[], Kernel], places: Path
) -> None:
    one = ready()
    one.ok("tfs_notebook.serve(model(1.0), 'spam')")
    other = ready()
    refused = other.run("tfs_notebook.serve(model(9.0), 'spam')")
    assert "somebody else serves 'spam' here" in refused.traceback[-1]
    assert control.models()[0].available == [1]
    # After a restart it is the same kernel, and the model is its own.
    one.restart()
    assert one.run(MAKE, seconds=120).status == "ok"
    one.ok("tfs_notebook.serve(model(2.0), 'spam')")
    assert control.models()[0].available == [2]
    other.ok("tfs_notebook.serve(model(9.0), 'spam', replace=True)")
    with Client(f"unix:{places}/g.sock") as client:
        assert client["spam"].predict([[1.0, 1.0]]).tolist() == [[11.0]]  # type: ignore[union-attr]
    refused = one.run("tfs_notebook.serve(model(1.0), 'spam')")
    assert "somebody else serves 'spam' here" in refused.traceback[-1]
