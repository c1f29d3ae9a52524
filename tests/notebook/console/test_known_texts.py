"""Errors and titles that are made in English are known to the console, data and all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.server_process import free_port
from tfs_notebook.client import Client
from tfs_notebook.client.feature_rows import serialized_examples
from tfs_notebook.client.given import as_given
from tfs_notebook.client.raw_values import image_bytes
from tfs_notebook.notebook.console.asking import given_value
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.known_texts import known_text
from tfs_notebook.notebook.console.messages import error_html
from tfs_notebook.notebook.console.questions import Input
from tfs_notebook.notebook.session import RunningServer
from tfs_notebook.notebook.widgets.translation import translator
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import NotFound, ServingError
from tfs_notebook.wire.signatures import Signature, TensorSpec

CHINESE = translator("zh_CN")
HAN = re.compile(r"[\u4e00-\u9fff]")


def signature(*names: str, dtype: DataType = DataType.FLOAT) -> Signature:
    inputs = {name: TensorSpec(name, dtype, (-1,), f"{name}:0") for name in names}
    return Signature("serving_default", "tensorflow/serving/predict", inputs, {})


def form(kind: str) -> Form:
    return Form(kind, signature("x"))  # type: ignore[arg-type]


def nobody(way: str) -> Callable[[], object]:
    def ask() -> object:
        with Client(f"{way}127.0.0.1:{free_port()}") as client:
            return client["half"].status(timeout=20)

    return ask


def closed() -> object:
    client = Client("http://127.0.0.1:1")
    client.close()
    return client["half"].status()


@pytest.mark.parametrize(
    ("raises", "data"),
    [
        (lambda: given_value(form("text"), Input(), {}), []),
        (lambda: given_value(form("text"), Input("a\n" * 101), {}), ["101", "100"]),
        (lambda: given_value(form("image"), Input(), {}), []),
        (lambda: given_value(form("numbers"), Input(), {}), ["[1.0, 2.0]"]),
        (lambda: given_value(form("numbers"), Input("nobody"), {}), ["nobody", '"nobody"']),
        (lambda: given_value(form("numbers"), Input("a(b)"), {}), ["a(b)", '{"a": [1]']),
        (lambda: as_given({"y": 1}, {}, signature("x")), ["x", "y"]),
        (lambda: as_given([1], {}, signature("a", "b")), ["a", "b"]),
        (lambda: as_given(["z"], {}, signature("x")), ["输入 x 的类型是 float；收到 "]),
        (lambda: as_given([[1], [2, 3]], {}, signature("x")), ["长度不一"]),
        (
            lambda: as_given([0.5], {}, signature("x", dtype=DataType.INT32)),
            ["0.5 会变成 0", "float64 [1]"],
        ),
        (lambda: as_given(None, {}, signature("x")), ["收到 None"]),
        (lambda: serialized_examples(3), ["收到 a int", '[{"age": 30, "height"']),
        (lambda: serialized_examples([{"age": None}]), ["0", "'age'"]),
        (lambda: image_bytes("nowhere.png"), ["'nowhere.png'"]),
        (lambda: image_bytes(__file__), [Path(__file__).name]),
        (nobody("http://"), ["127.0.0.1", "REST"]),
        (nobody(""), ["127.0.0.1", "gRPC"]),
        (closed, ["http://127.0.0.1:1"]),
    ],
)
def test_errors_of_the_console_and_the_client(
    raises: Callable[[], object], data: list[str]
) -> None:
    with pytest.raises(ServingError) as caught:
        raises()
    assert known_text(caught.value.message, str) == caught.value.message
    chinese = known_text(caught.value.message, CHINESE)
    assert chinese is not None, caught.value.message
    assert HAN.search(chinese)
    assert all(one in chinese for one in data), chinese


@pytest.mark.parametrize("kind", ["jupyter", "kernel", "elsewhere"])
def test_titles_of_servers(kind: str) -> None:
    title = known_text(RunningServer(kind, 4321, "", "").title, CHINESE)  # type: ignore[arg-type]
    assert title is not None
    assert title.endswith("（进程 4321）")


def test_a_server_s_own_words_stay_as_they_are_and_are_introduced() -> None:
    error = NotFound("Servable not found for request: Latest(<b>)")
    assert known_text(error.message, CHINESE) is None
    html = error_html(error, CHINESE)
    assert html.index("原文如下") < html.index(
        "Servable not found for request: Latest(&lt;b&gt;)"
    )


def test_data_with_fields_and_patterns_in_it_stays_data() -> None:
    text = f"there is no variable {'{name}'} in this notebook; a text goes in quotes: "
    assert known_text(text + '"{name}"', str) == text + '"{name}"'
    assert known_text(text + '"other"', str) is None
    array = f"input .* is {np.dtype('f4')}; got {{rest}}"
    assert known_text(array, str) == array
