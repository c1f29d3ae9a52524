"""TFLite models: what they offer, runs side by side, and files that are damaged."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tflite_files
from tests.python_process import run_python
from tests.shared_files import shared_directory
from tfs_notebook.runtimes.tflite import (
    TFLiteModel,
    estimate_tflite_model,
    load_tflite_model,
)
from tfs_notebook.runtimes.tflite_interpreters import Interpreters
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    ServingError,
)

PREDICT = "tensorflow/serving/predict"


def loaded(tmp_path: Path, content: bytes, interpreters: int = 2) -> TFLiteModel:
    return load_tflite_model(tflite_files.version_of(tmp_path, content), interpreters)


def run(model: TFLiteModel, signature: str = "serving_default", **arrays: Any) -> list[Any]:
    wanted = model.signatures[signature]
    inputs = {
        alias: (np.asarray(array), wanted.inputs[alias].dtype)
        for alias, array in arrays.items()
    }
    return model.run(wanted, inputs, list(wanted.outputs))


def texts(*values: bytes) -> np.ndarray:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def floats(*rows: float) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 1)


def shown(specs: Mapping[str, object]) -> list[str]:
    return [str(spec) for spec in specs.values()]


def test_a_file_without_signatures_has_one_of_its_tensors(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.half_plus_two())
    [signature] = model.signatures.values()
    assert signature.name == "serving_default"
    assert signature.method_name == PREDICT
    # Aliases are without the suffix, as TF Serving has them; tensors keep theirs.
    assert shown(signature.inputs) == ["x: float [?, 1]"]
    assert signature.outputs["y"].tensor_name == "y:0"
    [answer] = run(model, x=floats(1, 2, 5))
    assert answer.tolist() == [[2.5], [3.0], [4.5]]
    assert not answer.flags.writeable


def test_a_file_with_signatures_of_tflite_has_those(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.half_plus_two(native=["serving_default", "other"]))
    assert list(model.signatures) == ["other", "serving_default"]
    for name in model.signatures:
        assert shown(model.signatures[name].inputs) == ["given: float [?, 1]"]
        assert run(model, name, given=floats(4))[0].tolist() == [[4.0]]


@pytest.mark.parametrize("names", [("x:0", "y:0"), ("x", "y")])
def test_a_file_with_signature_defs_has_those(tmp_path: Path, names: tuple[str, str]) -> None:
    written = {"serving_default": PREDICT, "scores": "tensorflow/serving/regress"}
    content = tflite_files.half_plus_two(written=written, native=["ignored"], names=names)
    model = loaded(tmp_path, content)
    assert {one: s.method_name for one, s in model.signatures.items()} == written
    assert model.signature_defs["scores"].inputs["x"].name == names[0]
    assert run(model, "scores", x=floats(4))[0].tolist() == [[4.0]]


def test_signature_defs_that_cannot_be_read_fail_the_load(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="Invalid SignatureDefs found in TfLite model"):
        loaded(tmp_path, tflite_files.half_plus_two(written=b"\xff\xff\xff\xff\x24\x01"))


def test_a_signature_def_of_tensors_that_are_not_there_fails_the_load(tmp_path: Path) -> None:
    written = {"serving_default": PREDICT}
    content = tflite_files.half_plus_two(written=written, names=("x:0", "y:0"))
    with pytest.raises(Internal, match="output y references an unknown tensor"):
        # The name in the graph, not the one in the message, which is longer.
        loaded(
            tmp_path, content.replace(b"\x03\x00\x00\x00y:0\x00", b"\x03\x00\x00\x00z:0\x00")
        )


def test_texts_keep_every_byte(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.picked_texts())
    signature = model.signatures["serving_default"]
    assert shown(signature.inputs) == ["places: int32 [?]", "texts: string [?]"]
    given = texts(b"", "你好".encode(), b"a\0b")
    [picked] = run(model, texts=given, places=np.array([2, 1, 0], np.int32))
    assert picked.tolist() == [b"a\0b", "你好".encode(), b""]
    [none] = run(model, texts=given, places=np.array([], np.int32))
    assert none.shape == (0,)


def test_what_a_value_makes_fail_is_told(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.picked_texts(), 1)
    with pytest.raises(Internal, match=r"Failed to invoke TfLite interpreter: .*index"):
        run(model, texts=texts(b"a"), places=np.array([7], np.int32))
    assert run(model, texts=texts(b"a"), places=np.array([0], np.int32))[0].tolist() == [b"a"]


def test_quantised_numbers_are_passed_as_they_are(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.maximum())
    assert model.signatures["serving_default"].inputs["x"].dtype == DataType.INT8
    [answer] = run(model, x=np.array([[-128, 127], [4, 6]], np.int8))
    assert answer.dtype == np.int8
    assert answer.tolist() == [[5, 127], [5, 6]]


def test_shapes_are_judged_by_the_model_and_it_goes_on_after_wrong_ones(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.fixed_rows(), 1)
    given = np.arange(4, dtype=np.float32)
    assert run(model, x=given)[0].tolist() == [[[0, 1], [2, 3]]]
    with pytest.raises(InvalidArgument, match=r"input x: float \[1, 4\] cannot be \[2, 4\]"):
        run(model, x=np.zeros((2, 4), np.float32))
    assert run(model, x=given.reshape(1, 4))[0].tolist() == [[[0, 1], [2, 3]]]


@pytest.mark.parametrize(
    ("content", "shares"),
    [
        (tflite_files.half_plus_two(), True),
        (tflite_files.half_plus_two(rows=1), True),
        (tflite_files.half_plus_two(rows=1, native=["a"]), True),
        (tflite_files.fixed_rows(), False),
        (tflite_files.picked_texts(), True),
    ],
)
def test_requests_share_runs_where_rows_stay_rows(
    tmp_path: Path, content: bytes, shares: bool
) -> None:
    model = loaded(tmp_path, content)
    assert model.shares_runs is shares


def test_a_model_with_variables_has_one_interpreter(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.with_state(), 8)
    signature = model.signatures["serving_default"]
    assert model.has_effects(signature)
    assert model._interpreters.most == 1
    plain = loaded(tmp_path / "plain", tflite_files.half_plus_two(), 8)
    assert not plain.has_effects(signature)
    assert plain._interpreters.most == 8


def test_an_interpreter_is_one_runs_at_a_time_and_made_when_it_is_needed() -> None:
    made: list[int] = []
    pool = Interpreters(lambda: made.append(1) or {}, {}, 2)  # type: ignore[func-returns-value]
    third = threading.Event()

    def take() -> None:
        with pool.taken():
            third.set()

    with pool.taken():
        assert not made
        thread = threading.Thread(target=take)
        with pool.taken():
            assert made == [1]
            thread.start()
            assert not third.wait(0.05)
        assert third.wait(60)
        thread.join(60)
    assert made == [1]


def test_many_threads_get_their_own_answers(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.half_plus_two(), 3)

    def ask(n: int) -> bool:
        rows = n % 7 + 1
        [answer] = run(model, x=floats(*[n] * rows))
        return bool(answer.shape == (rows, 1) and (answer == n / 2 + 2).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(800)))
    model.close()


def test_the_file_may_be_replaced_while_it_serves(tmp_path: Path) -> None:
    model = loaded(tmp_path, tflite_files.half_plus_two(), 2)
    (tmp_path / "1" / "model.tflite").write_bytes(b"something else")
    with model._interpreters.taken():
        assert run(model, x=floats(1))[0].tolist() == [[2.5]]


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\0" * 4096])
def test_a_file_that_is_no_model_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidArgument, match=r"model\.tflite (cannot be loaded|is empty)"):
        loaded(tmp_path, content)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"model\.tflite not found"):
        load_tflite_model(tmp_path, 1)
    with pytest.raises(NotFound):
        estimate_tflite_model(str(tmp_path), 1)


WHOLE = tflite_files.half_plus_two(native=["serving_default"])


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(WHOLE)),
)
@settings(deadline=None)
def test_damaged_files_fail_cleanly(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], length: int
) -> None:
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.mktemp("damaged")
    try:
        model = loaded(path, bytes(content[: length or None]))
        for signature in model.signatures.values():
            inputs = {a: (floats(1), s.dtype) for a, s in signature.inputs.items()}
            model.run(signature, inputs, list(signature.outputs))
    except ServingError:
        pass


def test_the_memory_is_the_file_and_its_weights_in_each_interpreter(tmp_path: Path) -> None:
    path = tflite_files.version_of(tmp_path, b"12345678")
    assert estimate_tflite_model(str(path), 3) == 32


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(FailedPrecondition, match=r"pip install 'tfs_notebook\[tflite\]'"):
        loaded(tmp_path, tflite_files.half_plus_two())


@pytest.mark.parametrize("name", ["tflite", "tflite_with_sigdef"])
def test_tensorflow_servings_own_models(name: str) -> None:
    path = shared_directory() / "models" / f"saved_model_half_plus_two_{name}" / "00000123"
    if not path.is_dir():
        pytest.skip("TF Serving's test models are not here")
    model = load_tflite_model(path, 2)
    assert list(model.signatures) == ["serving_default"]
    assert shown(model.signatures["serving_default"].inputs) == ["x: float [1, 1]"]
    assert run(model, x=np.array([1, 2, 5], np.float32))[0].tolist() == [2.5, 3.0, 4.5]


SIDE_BY_SIDE = """
import sys, threading
import numpy as np
from pathlib import Path
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.runtimes.tflite import load_tflite_model

loads = [
    lambda: load_saved_model(Path(sys.argv[1]), ["serve"]),
    lambda: load_tflite_model(Path(sys.argv[2]), 2),
]
models = [load() for load in (loads if sys.argv[3] == "tensorflow" else reversed(loads))]

def work(model):
    signature = model.signatures["serving_default"]
    for n in range(500):
        [y] = model.run(signature, {"x": (np.full((3, 1), n, np.float32), 1)}, ["y"])
        assert (y == n / 2 + 2).all(), (n, y)
    done.append(model)

done = []
threads = [threading.Thread(target=work, args=(model,)) for model in models * 3]
for thread in threads: thread.start()
for thread in threads: thread.join()
for model in models: model.close()
print(len(done))
"""


@pytest.mark.parametrize(
    "first", ["tflite", pytest.param("tensorflow", marks=pytest.mark.long)]
)
def test_both_libraries_run_in_one_process_in_either_order(
    tmp_path: Path, half_plus_two: Path, first: str
) -> None:
    lite = tflite_files.version_of(tmp_path, tflite_files.half_plus_two())
    done = run_python("-c", SIDE_BY_SIDE, str(half_plus_two), str(lite), first)
    assert done.stdout.strip() == "6", done.stderr
