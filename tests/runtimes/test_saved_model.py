"""Every built model gives through the C API what TensorFlow gave."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.at_once import at_once
from tests.models.answers import ANSWERED, FILE_NAME, Answer, read_answers
from tests.models.comparing import assert_answers, assert_equal_arrays
from tests.models.inputs import strings
from tests.python_process import output_of
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.runtimes.tensorflow.session import Session
from tfs_notebook.wire.dtypes import data_type_of
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound, ServingError
from tfs_notebook.wire.messages import SavedModel


def run(model: TensorFlowModel, signature: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Run a signature with arrays of their own types."""
    chosen = model.signatures[signature]
    typed = {}
    for alias, array in inputs.items():
        dtype = data_type_of(array.dtype)
        assert dtype is not None
        typed[alias] = array, int(dtype)
    outputs = list(chosen.outputs)
    return dict(zip(outputs, model.run(chosen, typed, outputs), strict=True))


def run_answer(model: TensorFlowModel, answer: Answer) -> dict[str, np.ndarray]:
    return run(model, answer.signature, **answer.inputs)


@pytest.fixture(scope="module")
def texts(models: Path) -> Iterator[TensorFlowModel]:
    model = load_saved_model(models / "texts" / "1", ["serve"])
    yield model
    model.close()


@pytest.fixture(scope="module")
def several(models: Path) -> Iterator[TensorFlowModel]:
    model = load_saved_model(models / "several" / "1", ["serve"])
    yield model
    model.close()


def test_every_built_model_is_tried(models: Path) -> None:
    assert {path.parent.name for path in models.glob(f"*/{FILE_NAME}")} == set(ANSWERED)


@pytest.mark.parametrize("name", ANSWERED)
def test_gives_what_tensorflow_gives(models: Path, name: str) -> None:
    model = load_saved_model(models / name / "1", ["serve"])
    try:
        answers = read_answers(models / name)
        assert answers
        for answer in answers:
            assert_answers(run_answer(model, answer), answer)
    finally:
        model.close()


@pytest.mark.parametrize(
    "path",
    [
        "saved_model_half_plus_two_cpu/00000123",
        "saved_model_half_plus_two_tf2_cpu/00000123",
        "saved_model_half_plus_two_2_versions/00000124",
        # tf.saved_model.load refuses this one.
        "saved_model_half_plus_three/00000123",
    ],
)
def test_runs_tensorflow_servings_own_models(reference_models: Path, path: str) -> None:
    model = load_saved_model(reference_models / path, ["serve"])
    try:
        got = run(model, "serving_default", x=np.array([[1.0], [4.0]], np.float32))
        plus = 3.0 if "three" in path else 2.0
        assert got["y"].tolist() == [[0.5 + plus], [2.0 + plus]]
    finally:
        model.close()


def test_every_output_can_be_asked_for_by_itself(several: TensorFlowModel) -> None:
    signature = several.signatures["serving_default"]
    x = np.array([1.0, 2.0], np.float32)
    [count] = several.run(signature, {"x": (x, 1)}, ["count"])
    assert count.tolist() == [2]
    negative, scaled = several.run(signature, {"x": (x, 1)}, ["negative", "scaled"])
    assert negative.tolist() == [-1.0, -2.0]
    assert scaled.tolist() == [3.0, 6.0]


def test_results_are_read_only(several: TensorFlowModel, models: Path) -> None:
    for count in (10, 1_000_000):
        small = run(several, "serving_default", x=np.zeros(count, np.float32))["scaled"]
        with pytest.raises(ValueError, match="read-only"):
            small[0] = 1


def test_results_outlive_the_model(models: Path) -> None:
    model = load_saved_model(models / "large_outputs" / "1", ["serve"])
    values = run(model, "serving_default", count=np.array(500_000, np.int32))["values"]
    words = run(model, "text", count=np.array(50_000, np.int32))["values"]
    model.close()
    gc.collect()
    assert_equal_arrays(values, np.arange(500_000, dtype=np.float32))
    assert words.tolist() == [str(number).encode() for number in range(50_000)]


@pytest.mark.parametrize("layout", ["fortran", "strided", "reversed", "read-only"])
def test_takes_arrays_of_any_memory_layout(several: TensorFlowModel, layout: str) -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    sent = {
        "fortran": np.asfortranarray(square),
        "strided": np.repeat(square, 2, axis=1)[:, ::2],
        "reversed": square[::-1, ::-1][::-1, ::-1],
        "read-only": square.copy(),
    }[layout]
    if layout == "read-only":
        sent.setflags(write=False)
    got = run(several, "product", a=sent, b=np.eye(2, dtype=np.float32))
    assert got["product"].tolist() == square.tolist()


# -- errors ----------------------------------------------------------------------


def test_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Could not find SavedModel"):
        load_saved_model(tmp_path / "nothing", ["serve"])


def test_unknown_tags(half_plus_two: Path) -> None:
    with pytest.raises(NotFound, match=r"tags: \{ train \}"):
        load_saved_model(half_plus_two, ["train"])


def test_tags_of_its_own(models: Path) -> None:
    path = models / "other_tags" / "1"
    with pytest.raises(NotFound):
        load_saved_model(path, ["serve"])
    model = load_saved_model(path, ["serve", "special"])
    assert run(model, "serving_default", x=np.array([1.0], np.float32))["y"].tolist() == [2.0]
    model.close()


def damaged(path: Path, target: Path, damage: str) -> Path:
    shutil.copytree(path, target)
    data = target / "variables" / "variables.data-00000-of-00001"
    graph = target / "saved_model.pb"
    if damage == "graph cut off":
        graph.write_bytes(graph.read_bytes()[:-100])
    elif damage == "graph empty":
        graph.write_bytes(b"")
    elif damage == "graph is noise":
        graph.write_bytes(b"\xff" * 1000)
    elif damage == "variables cut off":
        data.write_bytes(data.read_bytes()[:-1])
    elif damage == "no variables":
        data.unlink()
    elif damage == "no index":
        (target / "variables" / "variables.index").unlink()
    return target


@pytest.mark.parametrize(
    "damage",
    [
        "graph cut off", "graph empty", "graph is noise",
        "variables cut off", "no variables", "no index",
    ],
)  # fmt: skip
def test_damaged_models_are_errors(half_plus_two: Path, tmp_path: Path, damage: str) -> None:
    path = damaged(half_plus_two, tmp_path / "1", damage)
    with pytest.raises(ServingError) as caught:
        load_saved_model(path, ["serve"])
    assert caught.value.message


def test_an_index_that_comes_while_tensorflow_loads_comes_too_late(
    half_plus_two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = damaged(half_plus_two, tmp_path / "1", "no index")
    load = Session.load

    def load_and_copy(*arguments: Any) -> Any:
        loaded = load(*arguments)
        shutil.copy(half_plus_two / "variables" / "variables.index", path / "variables")
        return loaded

    monkeypatch.setattr(Session, "load", load_and_copy)
    with pytest.raises(NotFound, match="is it still being copied"):
        load_saved_model(path, ["serve"])
    monkeypatch.undo()
    load_saved_model(path, ["serve"]).close()


def test_bad_session_config(half_plus_two: Path) -> None:
    with pytest.raises(InvalidArgument):
        load_saved_model(half_plus_two, ["serve"], b"\xff\xff")


def test_the_runtimes_error_has_its_text_and_code(several: TensorFlowModel) -> None:
    zero = np.zeros(1, np.int32)
    with pytest.raises(InvalidArgument, match=r"(?i)division by zero"):
        run(several, "divide", a=zero, b=zero)
    with pytest.raises(InvalidArgument, match=r"(?i)matrix size-incompatible"):
        run(several, "product", a=np.zeros((1, 2), np.float32), b=np.zeros((3, 1), np.float32))
    # The next run is not affected.
    assert run(several, "scalar", x=np.ones(3, np.float32))["total"].tolist() == 3.0


def test_wrong_types_are_the_runtimes_error(several: TensorFlowModel) -> None:
    for wrong in (np.zeros(2, np.float64), strings(b"a", b"b")):
        with pytest.raises(InvalidArgument, match="float"):
            run(several, "scalar", x=wrong)


def test_arrays_no_tensor_can_hold(several: TensorFlowModel) -> None:
    for wrong in (np.array(["a"]), np.array([b"a"]), np.zeros(1, "datetime64[s]")):
        signature = several.signatures["scalar"]
        with pytest.raises(InvalidArgument, match="has no tensor type; expected float"):
            several.run(signature, {"x": (wrong, 1)}, ["total"])


def test_strings_have_to_be_bytes(texts: TensorFlowModel) -> None:
    for wrong in (["text"], [b"a", None], [1.5]):
        array = np.empty(len(wrong), object)
        array[:] = wrong
        with pytest.raises(InvalidArgument, match="encode text as UTF-8 first"):
            run(texts, "echo", text=array)


def test_a_tensor_cannot_be_fed_and_fetched(models: Path) -> None:
    model = load_saved_model(models / "coo_sparse" / "1", ["serve"])
    answer = read_answers(models / "coo_sparse")[0]
    try:
        with pytest.raises(InvalidArgument, match="both fed and fetched"):
            run(model, "fed_and_fetched", **answer.inputs)
    finally:
        model.close()


def test_a_signature_whose_tensor_is_not_in_the_graph(
    models: Path, half_plus_two: Path, tmp_path: Path
) -> None:
    path = tmp_path / "1"
    shutil.copytree(half_plus_two, path)
    graph = path / "saved_model.pb"
    saved = SavedModel.FromString(graph.read_bytes())
    saved.meta_graphs[0].signature_def["serving_default"].outputs["y"].name = "nowhere:0"
    graph.write_bytes(saved.SerializeToString())
    model = load_saved_model(path, ["serve"])
    with pytest.raises(FailedPrecondition, match=r"nowhere:0.*the graph does not have"):
        run(model, "serving_default", x=np.ones(1, np.float32))
    # Its other signatures serve.
    examples = read_answers(models / "half_plus_two")[4]
    assert_answers(run_answer(model, examples), examples)
    model.close()


# -- many at once, many in a row -------------------------------------------------


def test_concurrent_runs_do_not_mix(several: TensorFlowModel, texts: TensorFlowModel) -> None:
    def work(seed: int) -> None:
        for turn in range(200):
            x = np.full(seed + 1, seed * 1000 + turn, np.float32)
            assert run(several, "serving_default", x=x)["negative"].tolist() == (-x).tolist()
            word = b"%d-%d-" % (seed, turn) * 5
            assert run(texts, "echo", text=strings(word))["text"].tolist() == [word]

    at_once(8, work)


_MEASURE_MEMORY = """
import gc, sys
from pathlib import Path
import numpy as np
import psutil
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model

def round_trip():
    model = load_saved_model(Path(sys.argv[1]), ["serve"])
    signature = model.signatures["serving_default"]
    model.run(signature, {"index": (np.zeros(1000, np.int32), 3)}, ["weight"])
    model.close()
    gc.collect()
    return psutil.Process().memory_info().rss

early = max(round_trip() for _ in range(5))
late = max(round_trip() for _ in range(20))
print((late - early) / 2**20)
"""


def test_unloading_gives_the_memory_back(models: Path) -> None:
    grown = float(output_of("-c", _MEASURE_MEMORY, models / "heavy" / "1"))
    # malloc keeps a copy of the weights in some of its arenas. Twenty would be 480 MB.
    assert grown < 120, f"{grown} MB more after twenty rounds"


_MEASURE_RUNS = """
import gc, sys
from pathlib import Path
import numpy as np
import psutil
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model

model = load_saved_model(Path(sys.argv[1]), ["serve"])
text = np.empty(1000, object)
text[:] = [b"%d" % n * 60 for n in range(1000)]

def rounds(count):
    for _ in range(count):
        for name in sys.argv[2].split(","):
            signature = model.signatures[name]
            inputs = {a: (text, 7) for a in signature.inputs if a in ("text", "values")}
            model.run(signature, inputs, list(signature.outputs))
    gc.collect()
    return psutil.Process().memory_info().rss

early = rounds(100)
late = rounds(300)
print((late - early) / 2**20)
"""


@pytest.mark.parametrize(
    ("name", "signatures"),
    [
        ("texts", "echo,reverse,serving_default"),
        ("string_keepers", "assign,read,enqueue,dequeue"),
    ],
)
def test_runs_with_strings_leak_nothing(models: Path, name: str, signatures: str) -> None:
    grown = float(output_of("-c", _MEASURE_RUNS, models / name / "1", signatures))
    # Each round brings 150 kB of strings: 45 MB would be all of them.
    assert grown < 10, f"{grown} MB more after 300 rounds"


def test_closing_twice_is_closing_once(half_plus_two: Path) -> None:
    model = load_saved_model(half_plus_two, ["serve"])
    model.close()
    model.close()
