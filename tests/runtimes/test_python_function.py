"""Python functions as models: what is learnt of them, what they are given, what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tfs_notebook.runtimes.model import Model, TellsEffects
from tfs_notebook.runtimes.python_function import PythonFunction
from tfs_notebook.serving.inference import run_predict
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import Code, FailedPrecondition, InvalidArgument, ServingError


def double(x: np.ndarray) -> np.ndarray:
    if x.min() < 0:
        raise ValueError("less than nothing")
    if x.max() > 100:
        raise OSError("no room")
    return x * 2


def ask(model: PythonFunction, **inputs: Any) -> dict[str, np.ndarray]:
    signature = model.signatures["serving_default"]
    arrays = {
        name: (np.asarray(value), signature.inputs[name].dtype)
        for name, value in inputs.items()
    }
    return run_predict(model, signature, arrays)


def test_what_is_learnt_of_an_example() -> None:
    model: Model = PythonFunction(double, np.ones((2, 3), np.float32))
    signature = model.signatures["serving_default"]
    assert str(signature.inputs["x"]) == "x: float [?, 3]"
    assert str(signature.outputs["output"]) == "output: float [?, 3]"
    assert isinstance(model, TellsEffects)
    assert model.has_effects(signature)
    assert isinstance(model, PythonFunction)
    [answer] = ask(model, x=np.ones((5, 3), np.float32)).values()
    assert answer.tolist() == [[2.0] * 3] * 5
    assert not answer.flags.writeable


def test_several_of_both_and_texts() -> None:
    def joined(texts: Any, times: Any, end: str = "!") -> dict[str, Any]:
        assert isinstance(texts[0], str)
        both = [text * time + end for text, time in zip(texts, times, strict=True)]
        return {"joined": both, "rows": len(both), "lengths": np.char.str_len(both)}

    model = PythonFunction(joined, {"texts": ["ö", "b"], "times": [1, 2]})
    signature = model.signatures["serving_default"]
    assert list(signature.inputs) == ["texts", "times"]
    assert signature.inputs["texts"].dtype == DataType.STRING
    assert signature.outputs["rows"].shape == ()
    answer = ask(model, texts=np.array(["ü".encode()], object), times=np.array([3]))
    assert answer["joined"].tolist() == ["üüü!".encode()]
    assert answer["rows"].tolist() == 1
    assert answer["lengths"].tolist() == [4]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (-1.0, Code.INVALID_ARGUMENT, "double() raised ValueError in its line 3: less than"),
        (101.0, Code.UNKNOWN, "double() raised OSError in its line 5: no room"),
    ],
)
def test_what_it_raises(value: float, code: Code, text: str) -> None:
    model = PythonFunction(double, [1.0])
    with pytest.raises(ServingError) as caught:
        ask(model, x=np.array([value]))
    assert caught.value.code == code
    assert caught.value.message.startswith(text)
    assert "Traceback" not in caught.value.message


@pytest.mark.parametrize(
    ("function", "example", "text"),
    [
        (double, {"y": [1.0]}, r"double\(\) takes x, and the example has y"),
        (double, [[1.0], [2.0, 3.0]], "x of the example is no array"),
        (double, [object()], "which is no tensor"),
        (lambda: 1, [1.0], "takes nothing, and the example has nothing"),
        (lambda a, b: a, [1.0], "missing is b"),
        (lambda a, b=0, c=0: a, {"a": [1.0], "c": [2.0]}, "takes a, b, c"),
        (lambda a, *, b: a, [1.0], "come by name alone"),
        (double, [-1.0], "raised ValueError in its line 3"),
    ],
)
def test_examples_that_do_not_fit(
    function: Callable[..., Any], example: Any, text: str
) -> None:
    with pytest.raises(InvalidArgument, match=text):
        PythonFunction(function, example)


def test_answers_that_are_no_tensors() -> None:
    def f(_: Any) -> Any:
        return object()

    with pytest.raises(FailedPrecondition, match=r"what f\(\) returns is object"):
        PythonFunction(f, [1])
    kinds: Iterator[Any] = iter((np.float32(1), np.int64(1), {}))

    def g(_: Any) -> Any:
        return next(kinds)

    model = PythonFunction(g, [1])
    for given in ("int64", "nothing"):
        with pytest.raises(FailedPrecondition, match=f"gave {given} for output, and float"):
            ask(model, _=np.array([1]))


def test_one_thread_at_a_time() -> None:
    inside, most = 0, []
    first = threading.Event()

    def f(x: Any) -> Any:
        nonlocal inside
        inside += 1
        most.append(inside)
        first.wait(0.02)
        inside -= 1
        return x

    model = PythonFunction(f, [1])
    threads = [threading.Thread(target=ask, args=(model,), kwargs={"x": [1]}) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6
