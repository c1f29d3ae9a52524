"""The client as a person uses it in a notebook: both servers, awaiting, bars, interrupts."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tfs_notebook
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.notebook.kernel import Kernel, environment_in
from tests.pipelines.small_image import image_document
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.wire.dtypes import DataType

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Kernel]:
    """A kernel that serves ``half`` and ``slow``; tests leave it as they find it."""
    places = tmp_path_factory.mktemp("c")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import numpy as np, tfs_notebook\n%load_ext tfs_notebook")
        kernel.ok(f"%tfs serve {models}/half_plus_two --name half")
        kernel.ok(f"%tfs serve {models}/slow --name slow")
        kernel.ok("server = tfs_notebook.connect()")
        yield kernel


def test_awaiting_in_a_cell(shared: Kernel) -> None:
    assert (
        shared.ok("(await server['half'].predict_async([1.0, 2.0])).tolist()") == "[2.5, 3.0]"
    )
    cell = """
import asyncio
answers = await asyncio.gather(*(server["slow"].predict_async([0.1]) for _ in range(4)))
sum(len(one) for one in answers)
"""
    assert shared.ok(cell) == "4"
    # The server's own loop is the only one of gRPC.
    assert shared.ok("!true\nserver.half.predict([1.0]).tolist()") == "[2.5]"


def test_load_is_awaited_with_a_line_that_tells_of_it(shared: Kernel) -> None:
    cell = """
import asyncio
turns = 0
async def turn():
    global turns
    while True:
        await asyncio.sleep(0.01)
        turns += 1
other = asyncio.ensure_future(turn())
record = await server["half"].bench_async([1.0], concurrency=[1, 2], seconds=1.1)
other.cancel()
turns > 20, record.frame.index.tolist()
"""
    outcome = shared.run(cell)
    assert outcome.text == "(True, [1, 2])"
    lines = [one["text/plain"] for one in outcome.displays]
    assert lines[0].startswith("half: 1 at a time … ")
    assert lines[-1] == "half: measured 2 levels"
    assert outcome.streams == {}


def test_an_error_is_shown_without_the_steps_to_it(shared: Kernel) -> None:
    for cell in (
        "server['half'].predict([[1.0], [1.0, 2.0]])",
        "await server['half'].predict_async([[1.0], [1.0, 2.0]])",
    ):
        shown = "\n".join(shared.run(cell).traceback)
        assert "this would fit" in shown
        assert "model_calls.py" not in shown


def test_what_is_shown(shared: Kernel) -> None:
    shown = shared.run("server")
    assert "this kernel's own model server" in shown.text
    assert "half" in shown.text
    assert "<table>" in shown.results["text/html"]
    shown = shared.run("server['half']")
    assert shown.text.splitlines()[2].split()[:2] == ["1", "AVAILABLE"]
    assert "<pre " in shown.results["text/html"]
    assert shared.run("server['half'].snippet('curl')").text.startswith("curl --unix-socket ")
    assert shared.run("server['half'].stats()").text.splitlines()[0] == "half"


def test_completion(shared: Kernel) -> None:
    assert "half" in shared.complete("server.ha")
    assert any("half" in one for one in shared.complete('server["ha'))
    assert "predict_async" in " ".join(shared.complete("server['half'].predict_a"))


def test_a_bar_for_what_takes_long(shared: Kernel) -> None:
    quick = shared.run("len(server['half'].predict(np.zeros(20_000)))")
    assert (quick.text, quick.displays, quick.streams) == ("20000", [], {})
    slow = shared.run("len(server['slow'].predict(np.full(150, 0.02), chunk_rows=1))")
    assert slow.text == "150"
    assert slow.streams == {}
    assert "slow" in str(slow.displays)
    assert "/150" in str(slow.displays)


def test_an_interrupt_of_a_cell(shared: Kernel) -> None:
    address = ast.literal_eval(shared.ok("server.access.rest_address.text"))
    with tfs_notebook.connect(address) as beside:

        def requests() -> int:
            [version] = beside["slow"].stats().versions
            return sum(one.requests for one in version.signatures)

        before = requests()
        shared.begin("answer = server['slow'].predict(np.full(2_000, 0.02), chunk_rows=1)")
        poll_until(lambda: requests() - before > 20, "it is under way")
        shared.interrupt()
    count = int(shared.ok("len(answer)"))
    assert 0 < count < 2000
    done = "server['slow'].stats().versions[0].signatures[0].in_flight"
    poll_until(lambda: shared.ok(done) == "0", "nothing is left running")
    assert shared.ok("server['half'].predict([1.0]).tolist()") == "[2.5]"


def test_jupyters_server_and_the_kernels(
    jupyters: ServerProcess,
    places: Path,
    models: Path,
    half_plus_two: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", "")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import os, numpy as np, tfs_notebook\n%load_ext tfs_notebook")
        parent = kernel.ok("os.environ.pop('JPY_PARENT_PID', None)")
        # As if no Jupyter had started it; then as it is.
        kernel.ok("os.environ['JPY_PARENT_PID'] = '1'")
        refused = kernel.run("tfs_notebook.connect('kernel')")
        assert "this kernel has no model server of its own" in "".join(refused.traceback)
        kernel.ok(f"%tfs serve {half_plus_two.parent} --name mine")
        kernel.ok(f"os.environ['JPY_PARENT_PID'] = '{os.getpid()}'; {parent!r}")
        kernel.ok(f"%tfs serve {models}/several --name everyones")
        shown = kernel.run("tfs_notebook.connect()")
        first, *rest = shown.text.splitlines()
        assert f"Jupyter's model server (process {jupyters.process.pid})" in first
        assert 'also tfs_notebook.connect("kernel")' in first
        assert any(line.split()[:3] == ["everyones", "1", "AVAILABLE"] for line in rest)
        assert any(line.split()[:3] == ["mine", "1", "AVAILABLE"] for line in rest)
        assert "mine" in shown.results["text/html"]
        assert kernel.ok("tfs_notebook.connect()['mine'].predict([1]).tolist()") == "[2.5]"
        missed = kernel.run("tfs_notebook.connect('jupyter')['mine'].predict([1.0])")
        assert 'tfs_notebook.connect("kernel")["mine"]' in "".join(missed.traceback)
        assert (
            kernel.ok("tfs_notebook.connect('kernel')['mine'].predict([1]).tolist()") == "[2.5]"
        )
        assert "everyones" in kernel.ok("tfs_notebook.connect('jupyter').models()")


def test_arguments_that_are_for_an_address() -> None:
    for options in ({"token": "t"}, {"tls": True}, {"ca": "x"}, {"rest_address": "http://x"}):
        with pytest.raises(Exception, match="is for an address"):
            tfs_notebook.connect(**options)
    with pytest.raises(Exception, match="say the timeout of each call"):
        tfs_notebook.connect(timeout=3)


def test_texts_and_images_in_cells(shared: Kernel, tmp_path: Path) -> None:
    write_text_scores(tmp_path / "words" / "1")
    pixels = image_document(values={"range": [0, 1]}, pixels={"color": "grey"})
    write_raw_scores(tmp_path / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 1), pixels)
    Image.fromarray(np.eye(2, 3, dtype=np.uint8) * 255).save(tmp_path / "one.png")
    shared.ok(f"%tfs serve {tmp_path}/words --name words")
    shared.ok(f"%tfs serve {tmp_path}/pixels --name pixels")
    shown = shared.run("server['words'].predict(['see you', 'free'])")
    assert [line.split()[-3:-1] for line in shown.text.splitlines()[1:]] == [
        ["pass", "1.0000"],
        ["spam", "1.0000"],
    ]
    assert "<table" in shown.results["text/html"]
    asked = f"server['pixels'].predict({str(tmp_path / 'one.png')!r}, k=2)"
    assert shared.ok(f"[label for label, _ in {asked}.top]") == "['0', '4']"
    assert shared.ok("(await server['words'].predict_async('free')).label") == "'spam'"
    refused = shared.run("server['half'].predict('free')")
    assert "half (version 1) was given a text, and has no pipeline" in "".join(
        refused.traceback
    )
    for name in ("words", "pixels"):
        shared.ok(f"%tfs unload {name}")
