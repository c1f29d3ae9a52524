"""Every kind of signature: the example that its form begins with, and what comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from html import unescape

import pandas as pd
import pytest
import pytest_asyncio

from tests.notebook.console.recorded_view import until
from tests.notebook.console.running import Running
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.wire.model_spec import ModelReference

pytestmark = pytest.mark.timeout(180)

Start = Callable[..., Running]


@pytest_asyncio.fixture
async def start(server: ServerProcess) -> AsyncIterator[Start]:
    """Starts consoles of the server with every model."""
    running: list[Running] = []
    # As a notebook has it: gRPC, and REST beside it.
    with Client(server.grpc_address, rest_address=server.url) as client:

        def begin(model: str, **names: object) -> Running:
            running.append(Running(lambda: client, ModelReference(model), names))
            return running[-1]

        yield begin
        for one in running:
            await one.close()


async def choose(one: Running, signature: str) -> None:
    await until(lambda: one.view.forms, "there are signatures")
    places = dict(one.view.forms)
    one.controller.choose_form(places[signature])
    await until(
        lambda: one.view.form and one.view.form.signature.name == signature, "it is chosen"
    )


def told(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


@pytest.mark.parametrize(
    ("model", "signature", "example", "answer"),
    [
        ("identities", "bool", [True], "y bool [1] [true]"),
        ("identities", "int64", [1], "y int64 [1] [1]"),
        ("identities", "string", ["text"], 'y string [1] ["text"]'),
        # What JSON has no form for goes over gRPC.
        ("identities", "bfloat16", [1.0], "y bfloat16 [1] [1.0]"),
        ("identities", "uint16", [1], "y uint16 [1] [1]"),
        ("several", "mixed", {"i": [1], "n": ["text"]}, "is_even bool [1] [false]"),
        ("several", "divide", {"a": [1], "b": [1]}, "quotient int32 [1] [1]"),
        ("several", "constant", {}, "answer int32 [1] [42]"),
        (
            "defaults",
            "serving_default",
            {"scale": 10.0, "unit": "metre", "x": [1.0]},
            "y float32 [1] [10.0]",
        ),
        ("string_lookup", "serving_default", [["text"]], "number int64 [1, 1] [[0]]"),
    ],
)
async def test_the_example_of_a_signature_is_answered(
    start: Start, model: str, signature: str, example: object, answer: str
) -> None:
    one = start(model)
    await choose(one, signature)
    assert json.loads(one.view.given.text) == example
    html = await one.ask()
    assert 'role="alert"' not in html, told(html)
    assert answer in told(html)


async def test_columns_of_a_data_frame_are_inputs(start: Start) -> None:
    one = start("several", frame=pd.DataFrame({"a": [9, 8], "b": [2, 4]}))
    await choose(one, "divide")
    assert "quotient int32 [2] [4, 2]" in told(await one.ask(text="frame"))


async def test_labels_and_numbers_of_examples(start: Start) -> None:
    one = start("examples")
    await choose(one, "serving_default")
    assert one.view.form is not None
    assert (one.view.form.kind, one.view.form.method) == ("examples", "classify")
    assert '"feature": 1.0' in one.view.code["curl"]
    html = await one.ask(text='[{"name": "größe", "x": 1.5, "count": 3}]')
    assert "größe" in told(html)
    assert html.count('class="tfs-bar ') == 2
    assert ":classify" in one.view.exchange
    # Each with features of its own, whole numbers whole.
    uneven = '{"examples": [{"name": "one", "x": 1.5, "count": 3}, {"x": 3.0}]}'
    assert "other: 1 · nobody: 1" in told(await one.ask(text=uneven))
    assert re.search(r'"count": \[?3[],]', unescape(one.view.exchange))
    await choose(one, "scores")
    assert "#0 " in told(await one.ask())
    await choose(one, "labels")
    assert "%" not in told(await one.ask())
    await choose(one, "values")
    assert "values float32 [1] [-0.5]" in told(await one.ask(text='[{"x": -0.5}]'))
    assert ":regress" in one.view.exchange


async def test_an_example_that_was_refused_is_not_said_to_fit(start: Start) -> None:
    one = start("examples")
    await choose(one, "for_predict")
    html = told(await one.ask())
    assert "Could not parse example input" in html
    assert "This would fit" not in html
    assert "This would fit" in told(await one.ask(text="[1]"))
