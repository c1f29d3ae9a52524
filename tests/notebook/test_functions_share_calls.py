"""Requests to one function that share its calls, in the kernel that serves it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.notebook.kernel import Kernel, environment_in

pytestmark = pytest.mark.timeout(180)

MAKE = """
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor
import numpy as np, tfs_notebook
from tfs_notebook.client import Client
from tfs_notebook.notebook.session import SESSION

def control():
    return SESSION.control(SESSION.own())

class Held:
    '''Doubles numbers that are not negative; its calls can be held up.'''
    def __init__(self):
        self.sizes, self.go_on, self.begun = [], threading.Event(), threading.Event()
        self.go_on.set()
    def __call__(self, x):
        self.sizes.append(len(x))
        self.begun.set()
        assert self.go_on.wait(60)
        if x.min() < 0:
            raise ValueError("less than nothing")
        return x * 2

def waiting(name):
    stats = SESSION.client(SESSION.own())[name].stats().document["model_stats"]
    return sum(one["queued"] for version in stats for one in version["signatures"].values())

def together(held, name, values):
    '''What each of these requests gives, which come while a call is held up.'''
    handle = SESSION.client(SESSION.own())[name]
    held.begun.clear()
    held.go_on.clear()
    def ask(value):
        try:
            return handle.predict(value).tolist()
        except Exception as error:
            return str(error)
    with ThreadPoolExecutor(len(values) + 1) as pool:
        first = pool.submit(handle.predict, [0.0])
        try:
            assert held.begun.wait(50)
            held.sizes.clear()
            answers = []
            for value in values:
                answers.append(pool.submit(ask, value))
                end = time.monotonic() + 50
                while waiting(name) < len(answers):
                    assert time.monotonic() < end
                    time.sleep(0.002)
        finally:
            held.go_on.set()
        return [one.result() for one in answers]
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel without Jupyter."""
    places = tmp_path_factory.mktemp("f")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok(MAKE)
        yield kernel


def test_what_waits_is_one_call(own: Kernel) -> None:
    own.ok("held = Held(); tfs_notebook.serve(held, name='held', example=[0.0])")
    answers = own.ok("together(held, 'held', [[float(i)] * (i + 1) for i in range(4)])")
    assert answers == "[[0.0], [2.0, 2.0], [4.0, 4.0, 4.0], [6.0, 6.0, 6.0, 6.0]]"
    assert own.ok("held.sizes") == "[10]"
    rest = "Client(SESSION.own().rest_address)['held'].predict([4.0]).tolist()"
    assert own.ok(rest) == "[8.0]"


def test_a_bad_row_does_not_fail_its_neighbours(own: Kernel) -> None:
    own.ok("bad = Held(); tfs_notebook.serve(bad, name='bad', example=[0.0])")
    answers = own.ok("together(bad, 'bad', [[1.0], [-1.0], [3.0]])")
    assert "[2.0]" in answers
    assert "[6.0]" in answers
    assert "raised ValueError in its line 6: less than nothing" in answers
    assert own.ok("bad.sizes") == "[3, 1, 1, 1]"


def test_another_number_of_rows_fails_those_requests(own: Kernel) -> None:
    own.ok(
        "class Positive(Held):\n"
        "    def __call__(self, x):\n"
        "        return super().__call__(np.abs(x))[x >= 0]\n"
        "some = Positive(); tfs_notebook.serve(some, name='some', example=[0.0, 1.0])"
    )
    answers = own.ok("together(some, 'some', [[1.0], [-1.0, 2.0], [3.0]])")
    assert "gave [1] for output, and was given 2 rows" in answers
    assert "batched=False" in answers
    assert answers.startswith("[[2.0],")
    assert answers.endswith(" [6.0]]")


def test_parameters_and_statistics(own: Kernel) -> None:
    own.ok(
        "few = Held()\n"
        "tfs_notebook.serve(few, name='few', example=[0.0], max_batch_size=4, "
        "batch_timeout_micros=1000)"
    )
    told = (
        "holds = control().batching('few')['parameters']\n"
        "[holds[one] for one in ('max_batch_size', 'batch_timeout_micros')]"
    )
    assert own.ok(told) == "[4, 1000]"
    own.ok("together(few, 'few', [[1.0]] * 8)")
    assert own.ok("few.sizes") == "[4, 4]"
    own.ok("control().set_batching('few', {'max_batch_size': 2, 'batch_timeout_micros': 0})")
    assert own.ok(told) == "[2, 0]"
    own.ok("together(few, 'few', [[1.0]] * 8)")
    assert own.ok("few.sizes") == "[2, 2, 2, 2]"
    # The client sends larger ones in parts.
    assert own.ok("tfs_notebook.connect()['few'].predict([1.0] * 5).tolist()") == str([2.0] * 5)
    stats = own.ok("tfs_notebook.connect()['few'].stats()")
    assert "rows a run" in stats


def test_what_is_not_batched(own: Kernel) -> None:
    own.ok(
        "alone = Held(); tfs_notebook.serve(alone, name='alone', example=[0.0], batched=False)"
    )
    own.ok(
        "handle = tfs_notebook.connect()['alone']\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    list(pool.map(lambda _: handle.predict([1.0]), range(4)))"
    )
    assert own.ok("alone.sizes") == "[1, 1, 1, 1, 1]"
    refused = "".join(own.run("control().batching('alone')").traceback)
    assert "serve(function, batched=True)" in refused
    for options, text in (
        ("max_batch_size=4, batched=False", "max_batch_size say nothing"),
        ("max_batch_size=0", "max_batch_size must be positive; was 0"),
        ("max_batch_size=4.0", "max_batch_size is a whole number; got 4.0"),
        ("batch_timeout_micros=-1", "batch_timeout_micros must be non-negative"),
    ):
        code = f"tfs_notebook.serve(Held(), name='refused', example=[0.0], {options})"
        assert text in "".join(own.run(code).traceback)
    assert "'refused'" not in own.ok("tfs_notebook.connect().models()")


def test_slow_functions_leave_a_thread_to_others(own: Kernel) -> None:
    own.ok(
        "slow = {f'slow{i}': Held() for i in range(6)}\n"
        "several = slow | {'quick': Held()}\n"
        "tfs_notebook.serve(several, example=dict.fromkeys(several, [0.0]))\n"
        "for one in slow.values(): one.begun.clear(); one.go_on.clear()\n"
        "pool = ThreadPoolExecutor(12)\n"
        "client = tfs_notebook.connect()\n"
        "asked = [pool.submit(client[name].predict, [1.0]) for name in [*slow] * 2]\n"
        "assert all(one.begun.wait(50) for one in slow.values())"
    )
    assert own.ok("tfs_notebook.connect()['quick'].predict([1.0]).tolist()") == "[2.0]"
    own.ok("for one in slow.values(): one.go_on.set()")
    assert own.ok("sum(one.result().tolist() == [2.0] for one in asked)") == "12"
    assert own.ok("control().batch_threads() > len(several)") == "True"


def test_a_function_that_asks_itself(own: Kernel) -> None:
    own.ok(
        "def again(x):\n"
        "    return tfs_notebook.connect()['again'].predict(x)\n"
        "def other(x):\n"
        "    return tfs_notebook.connect()['held'].predict(x) + 1\n"
        "async def later(x):\n"
        "    return await tfs_notebook.connect()['later'].predict_async(x)\n"
        "def there(x): return tfs_notebook.connect()['back'].predict(x, timeout=1)\n"
        "def back(x): return tfs_notebook.connect()['there'].predict(x, timeout=1)\n"
        "several = {one.__name__: one for one in (again, later, there, back)}\n"
        "tfs_notebook.serve(several, inputs=dict.fromkeys(several, 'float64'), "
        "outputs=dict.fromkeys(several, 'float64'))\n"
        "tfs_notebook.serve(other, example=[1.0])"
    )
    asked = "tfs_notebook.connect()['{}'].predict([1.0]).tolist()"
    for name in ("again", "later"):
        raised = "".join(own.run(asked.format(name)).traceback)
        assert f"served as '{name}' asks '{name}', which is itself" in raised
    assert own.ok(asked.format("other")) == "[3.0]"
    # Round a corner nobody sees it, and the time is up.
    raised = "".join(own.run(asked.format("there")).traceback)
    assert "DeadlineExceeded" in raised
    assert own.ok(asked.format("other")) == "[3.0]"


def test_what_people_serve(own: Kernel) -> None:
    own.ok(
        "async def later(x):\n"
        "    await asyncio.sleep(0.01)\n"
        "    return x + 1\n"
        "def loud(texts: list[str]) -> list[str]:\n"
        "    print('loud', flush=True)\n"
        "    return [one.upper() for one in texts]\n"
        "handles = [tfs_notebook.serve(later, example=[0.0]), tfs_notebook.serve(loud)]"
    )
    assert own.ok("handles[0].predict([1.0, 2.0]).tolist()") == "[2.0, 3.0]"
    assert own.ok("await handles[0].predict_async([5.0])") == "array([6.])"
    assert own.ok("handles[1].predict(['a', 'b']).tolist()") == "[b'A', b'B']"
    own.ok("def loud(texts: list[str]) -> list[str]: return texts\ntfs_notebook.serve(loud)")
    assert own.ok("handles[1].predict(['a']).tolist()") == "[b'a']"
    missing = "".join(own.run("tfs_notebook.serve(print, name='p')").traceback)
    assert "serve(print, example=…)" in missing
    assert 'inputs={"' in missing


def test_a_method_of_an_estimator(own: Kernel) -> None:
    own.ok(
        "from sklearn.datasets import load_iris\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "X, y = load_iris(return_X_y=True)\n"
        "clf = LogisticRegression(max_iter=1000).fit(X, load_iris().target_names[y])\n"
        "tfs_notebook.serve(clf.predict, name='clf', example=X[:2])\n"
        "tfs_notebook.serve(clf.predict_proba, example=X[:1])\n"
    )
    own.ok(
        "client = tfs_notebook.connect()\n"
        "found = [one.decode() for one in client['clf'].predict(X)]\n"
        "assert found == clf.predict(X).tolist()\n"
        "scores = client['predict_proba'].predict(X[:1])\n"
        "assert np.allclose(scores, clf.predict_proba(X[:1]))"
    )
    assert own.ok("control().batching('clf')['parameters']['max_batch_size']") == "1000000"
    hint = "".join(own.run("tfs_notebook.serve(clf, example=X[:2])").traceback)
    assert "serve(model.predict, name=…, example=X[:2])" in hint
    assert "make one of it first" in "".join(
        own.run("tfs_notebook.serve(LogisticRegression, example=X[:2])").traceback
    )
