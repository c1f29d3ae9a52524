"""Python functions as models: what is learnt of them, what they are given, what goes wrong."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray

from tfs_notebook.runtimes.called import name_of
from tfs_notebook.runtimes.model import Model, RunsInTurn, TellsEffects
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
    assert isinstance(model, RunsInTurn)
    assert model.runs_in_turn
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
        (lambda a, b=0: a, {"a": [1.0], "c": [2.0]}, "takes a, b, and the example has a, c"),
        (lambda a, *, b: a, [1.0], "missing is b"),
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


class Columns(TypedDict):
    low: NDArray[np.float32]
    rest: list[list[int]]


class Scorer:
    """Callable objects are functions too."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: Any) -> Any:
        return x * self.factor

    def method(self, x: Any) -> Any:
        return x + self.factor


async def later(x: Any) -> Any:
    await asyncio.sleep(0)
    if x[0] < 0:
        raise ValueError("less than nothing")
    return x + 1


@pytest.mark.parametrize(
    ("function", "name", "answer"),
    [
        (functools.partial(np.multiply, 3.0), "multiply", [3.0, 6.0]),
        (functools.partial(Scorer(2.0), x=np.array([4.0])), "Scorer", None),
        (Scorer(2.0), "Scorer", [2.0, 4.0]),
        (Scorer(2.0).method, "method", [3.0, 4.0]),
        (np.sqrt, "sqrt", [1.0, 2.0**0.5]),
        (later, "later", [2.0, 3.0]),
        (lambda x: later(x), "<lambda>", [2.0, 3.0]),
        (lambda *, x: x, "<lambda>", [1.0, 2.0]),
        (lambda **many: many["x"], "<lambda>", [1.0, 2.0]),
        (lambda *several: several[0], "<lambda>", [1.0, 2.0]),
    ],
)
def test_all_kinds_that_can_be_called(
    function: Callable[..., Any], name: str, answer: list[float] | None
) -> None:
    assert name_of(function) == name
    model = PythonFunction(function, [1.0])
    [alias] = model.signatures["serving_default"].inputs
    given = ask(model, **{alias: [1.0, 2.0]})["output"]
    assert given.tolist() == (answer if answer is not None else [2.0, 4.0])
    model.close()


def test_parameters_may_be_left_out() -> None:
    model = PythonFunction(lambda a=None, b=1, c=0: b + c, {"c": [1.0]})
    assert list(model.signatures["serving_default"].inputs) == ["c"]
    assert ask(model, c=[2.0])["output"].tolist() == [3.0]


def test_a_coroutine_function_has_one_loop_that_ends() -> None:
    loops = set()

    async def f(x: Any) -> Any:
        loops.add(asyncio.get_running_loop())
        return await later(x)

    def threads() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name == "tfs-function-f"]

    model = PythonFunction(f, [1.0])
    ask(model, x=[1.0])
    assert len(loops) == 1
    assert threads()
    with pytest.raises(InvalidArgument, match=r"f\(\) raised ValueError in its line 3: less"):
        ask(model, x=[-1.0])
    model.close()
    assert not threads()
    assert ask(model, x=[1.0])["output"].tolist() == [2.0]
    assert len(loops) == 2
    model.close()


@pytest.mark.parametrize("declared", [{"example": [1.0]}, {"inputs": float, "outputs": float}])
def test_generators_are_refused(declared: dict[str, Any]) -> None:
    def f(x: Any) -> Any:
        yield x

    async def g(x: Any) -> Any:
        yield x

    for function in (f, g, functools.partial(f)):
        with pytest.raises(InvalidArgument, match="yields, and what is served returns"):
            PythonFunction(function, **declared)
    with pytest.raises(FailedPrecondition, match=r"<lambda>\(\) yields"):
        PythonFunction(lambda x: f(x), [1.0])


@pytest.mark.parametrize(
    ("function", "example", "is_batched"),
    [
        (lambda x: x * 2, [1.0], True),
        (lambda x: x * 2, [1.0, 2.0], True),
        (lambda x: {"a": x, "b": x[:, 0]}, [[1.0, 2.0]], True),
        (lambda x, y: x + y, {"x": [1.0], "y": [2.0]}, True),
        (lambda t: [one.upper() for one in t], ["a", "b"], True),
        (lambda x: x.mean(keepdims=True), [1.0], False),  # which looks as if it were by rows
        (lambda x: x / x.max(), [1.0, 2.0], False),
        (lambda x: x / x.sum(), [1.0], False),
        (lambda x: x.sum(), [1.0, 2.0], False),
        (lambda x: x[x > 1], [1.0, 2.0], False),
        (lambda x, y: x, {"x": [1.0, 2.0], "y": 1.0}, False),
        (lambda x: {"a": x, "b": 1}, [1.0, 2.0], False),
        (lambda x: x[[0, 1]], [1.0, 2.0], False),  # raises for one row
    ],
)
def test_what_is_batched_by_itself(
    function: Callable[..., Any], example: Any, is_batched: bool
) -> None:
    assert PythonFunction(function, example).is_batched == is_batched


def test_who_says_so_is_believed() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(len(x))
        return x / x.max()

    assert PythonFunction(f, [1.0, 2.0], batched=True).is_batched
    assert not PythonFunction(f, [1.0, 2.0], batched=False).is_batched
    assert calls == [2, 2]
    with pytest.raises(
        InvalidArgument, match=r"cannot share calls: x: double \[\?\]; output: double \[\]"
    ):
        PythonFunction(lambda x: f(x).sum(), [1.0, 2.0], batched=True)


def test_a_row_for_each_row() -> None:
    model = PythonFunction(lambda x: x[x > 0], [1.0, 2.0], batched=True)
    assert ask(model, x=[1.0, 2.0])["output"].tolist() == [1.0, 2.0]
    with pytest.raises(
        FailedPrecondition, match=r"gave \[1\] for output, and was given 2 rows"
    ):
        ask(model, x=[-1.0, 2.0])


def test_what_is_declared() -> None:
    calls = []

    def spread(low: Any, high: Any, scale: float = 2.0) -> Any:
        calls.append((low.dtype, high.shape))
        return {"middle": (low + high[:, 0]) * scale, "rows": len(low)}

    model = PythonFunction(
        spread,
        inputs={"low": "float32", "high": (np.float64, [None, 2])},
        outputs={"middle": np.dtype("float32"), "rows": ("int64", [])},
    )
    assert calls == []
    assert not model.is_batched
    signature = model.signatures["serving_default"]
    assert [str(one) for one in signature.inputs.values()] == [
        "high: double [?, 2]",
        "low: float [?]",
    ]
    assert str(signature.outputs["rows"]) == "rows: int64 []"
    answer = ask(model, low=np.array([1], np.float32), high=np.array([[2.0, 3.0]]))
    assert answer["middle"].tolist() == [6.0]
    assert answer["middle"].dtype == np.dtype("float32")
    only_middle = {"low": "float32", "high": "float32"}
    assert PythonFunction(lambda low, high: low, inputs=only_middle, outputs=float).is_batched


def test_tuples_are_several_outputs() -> None:
    model = PythonFunction(lambda x: (x, x * 2), [1.0])
    assert list(model.signatures["serving_default"].outputs) == ["output_0", "output_1"]
    named = PythonFunction(lambda x: (x, [1.0]), inputs=float, outputs={"b": float, "a": float})
    assert ask(named, x=[3.0])["b"].tolist() == [3.0]
    assert list(PythonFunction(lambda x: (1, 2), [1, 2]).signature_defs) == ["serving_default"]


def test_annotations() -> None:
    def lengths(texts: list[str]) -> NDArray[np.int64]:
        assert isinstance(texts, list)
        return np.array([len(one) for one in texts])

    model = PythonFunction(lengths)
    signature = model.signatures["serving_default"]
    assert str(signature.inputs["texts"]) == "texts: string [?]"
    assert str(signature.outputs["output"]) == "output: int64 unknown"
    assert model.is_batched
    assert ask(model, texts=np.array(["ü".encode(), b""], object))["output"].tolist() == [1, 0]

    def both(x: Annotated[NDArray[np.float32], "rows"], n: int = 2) -> Columns:
        return {"low": x * n, "rest": [[n]] * len(x)}

    answer = ask(PythonFunction(both), x=np.array([1, 2], np.float32))
    assert {name: one.tolist() for name, one in answer.items()} == {
        "low": [2.0, 4.0],
        "rest": [[2], [2]],
    }
    mixed = PythonFunction(lambda a, b: a, inputs={"a": float, "b": str}, outputs=(float, None))
    assert mixed.is_batched


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ({}, r"serve\(double, example=…\) .* serve\(double, inputs=\{\"x\": \"float32\"\}"),
        ({"inputs": float}, "nothing says what it gives"),
        ({"inputs": "number", "outputs": float}, 'input x is declared as "float32"'),
        ({"inputs": ("float32", 20), "outputs": float}, "the shape of input x is a list"),
        ({"inputs": ("float32", ["a"]), "outputs": float}, "the shape of input x is a list"),
        ({"inputs": (1, 2, 3), "outputs": float}, "input x is declared as"),
        ({"inputs": {"y": float}, "outputs": float}, "takes x, and inputs= has y"),
        ({"inputs": float, "outputs": {}}, "outputs= of double"),
        ({"inputs": float, "outputs": "datetime64[s]"}, "output output is declared as"),
        ({"inputs": float, "example": [1.0]}, "leave out example=, or"),
    ],
)
def test_what_says_too_little(declared: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        PythonFunction(double, **declared)


def test_annotations_that_say_too_little() -> None:
    for kind in (float, NDArray[np.floating[Any]], np.ndarray, list, "nowhere.Nothing", None):

        def f(x: Any) -> Any:
            return x

        f.__annotations__ = {"x": kind, "return": NDArray[np.float32]}
        with pytest.raises(InvalidArgument, match="is learnt from a call"):
            PythonFunction(f)


def test_what_is_given_may_be_written_to() -> None:
    def f(x: Any) -> Any:
        x += 1
        return x

    model = PythonFunction(f, [1.0])
    array = np.array([1.0])
    array.flags.writeable = False
    assert ask(model, x=array)["output"].tolist() == [2.0]
    assert array.tolist() == [1.0]


def test_it_knows_whether_it_is_running() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.append(model.is_running_here)
        return x

    async def g(x: Any) -> Any:
        seen.append(await asyncio.to_thread(lambda: other.is_running_here))
        return x

    model = PythonFunction(f, inputs=float, outputs=float)
    other = PythonFunction(g, inputs=float, outputs=float)
    ask(model, x=[1.0])
    ask(other, x=[1.0])
    other.close()
    assert seen == [True, True]
    assert not model.is_running_here


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
    assert most == [1] * 7  # twice for the example
