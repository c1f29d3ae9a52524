"""The console without its widgets, against real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pytest_asyncio

from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.notebook.console.recorded_view import until
from tests.notebook.console.running import Running
from tests.pipelines.small_image import encoded, image_document
from tests.server_process import ServerProcess, config_text
from tfs_notebook.client import Client
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.model_spec import ModelReference

pytestmark = pytest.mark.timeout(120)

OTHER_WEIGHTS = ((0.0, 4.0), (4.0, 0.0), (1.0, 2.0))
BOTH = 'model_version_policy { all {} } version_labels { key: "stable" value: 1 }'


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[ServerProcess]:
    """Texts in two versions that contradict each other, images, and numbers."""
    base = tmp_path_factory.mktemp("console")
    write_text_scores(base / "texts" / "1")
    write_text_scores(base / "texts" / "2", OTHER_WEIGHTS)
    pixels = image_document(
        pixels={"color": "grey"},
        values={"range": [0, 1]},
        output={"name": "scores", "labels": [f"pixel {place}" for place in range(6)]},
    )
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 1), pixels)
    models = {"texts": base / "texts", "half": half_plus_two.parent, "pixels": base / "pixels"}
    config = base / "models.config"
    config.write_text(config_text(models, texts=BOTH))
    with ServerProcess(base, [f"--model_config_file={config}"]) as process:
        yield process


Start = Callable[..., Running]


@pytest_asyncio.fixture
async def start(served: ServerProcess) -> AsyncIterator[Start]:
    """Starts controllers of the server, or of what is said instead."""
    running: list[Running] = []
    clients: list[Client] = []

    def begin(
        model: ModelReference | None = None,
        client: Client | None = None,
        names: dict[str, Any] | None = None,
    ) -> Running:
        if client is None:
            client = Client(served.url)
        clients.append(client)
        chosen = client
        running.append(Running(lambda: chosen, model, names))
        return running[-1]

    yield begin
    for one in running:
        await one.close()
    for client in clients:
        client.close()


async def test_what_is_offered(start: Start) -> None:
    one = start(ModelReference("texts"))
    await one.ready("text")
    view = one.view
    assert view.models == ["texts", "half", "pixels"]
    assert [text for text, _ in view.choices] == ["newest (2)", "2", "1", "stable → 1"]
    assert [text for text, _ in view.forms] == [
        "serving_default · text",
        "serving_default · tensors",
    ]
    assert "connected to" in view.connection
    assert '"text": "some text"' in view.code["curl"]


async def test_a_text_with_its_words_and_a_verdict(start: Start) -> None:
    one = start(ModelReference("texts", 1))
    await one.ready("text")
    html = await one.ask(text="FREE zzz")
    assert "spam: stop it" in html
    assert "ran " in html
    assert "on the server " in html
    assert "tfs-word-known" in html
    assert ">free</span>" in html
    assert '>zzz<span class="tfs-away"> (not known to the model)</span></s>' in html
    assert "POST /predict" in one.view.exchange
    assert "FREE zzz" in one.view.code["python"]
    assert "let it through" in await one.ask(text="see")


async def test_several_lines_are_a_table_or_one_text(start: Start) -> None:
    one = start(ModelReference("texts", 1))
    await one.ready("text")
    html = await one.ask(text="free\n\n  see  \n")
    assert html.count("<tr>") == 3
    assert "spam: 1 · pass: 1" in html
    assert one.view.said.startswith("texts 1: 2 × spam 1, pass 1, ")
    assert "<table" not in await one.ask(text="free\nfree", each_line=False)
    assert "no text yet" in await one.ask(text="")
    assert one.view.said == ""


async def test_what_is_typed_never_becomes_markup(start: Start) -> None:
    one = start(ModelReference("texts", 1))
    await one.ready("text")
    html = await one.ask(text="<img src=x onerror=alert(1)>\n<b>free</b>")
    assert "<img" not in html
    assert "<b>" not in html
    assert "<img" not in one.view.exchange


async def test_two_versions_side_by_side(start: Start) -> None:
    one = start(ModelReference("texts", 1))
    await one.ready("text")
    one.controller.choose_other("version 2")
    html = await one.ask(text="free")
    assert "another label" in html
    assert html.count("tfs-verdict-score") == 2
    assert html.index("spam: stop it") < html.index("let it through")
    assert len(one.view.history) == 2


async def test_numbers_from_the_signature_json_and_variables(start: Start) -> None:
    frame = pd.DataFrame({"x": [2.0, 4.0]})
    one = start(ModelReference("half"), names={"x": np.array([1.0, 2.0]), "frame": frame})
    await one.ready("numbers")
    assert one.view.given.text == "[[1.0]]"
    for text, shown in (
        ("[1.0, 2.0, 5.0]", "[2.5, 3.0, 4.5]"),
        ("x", "[2.5, 3.0]"),
        ("frame", "[[3.0], [4.0]]"),
        ('{"instances": [10.0]}', "[7.0]"),
    ):
        assert shown in await one.ask(text=text)
    assert ":predict" in one.view.exchange
    assert "instances" in one.view.code["curl"]
    assert "grpc.insecure_channel" not in one.view.code["curl"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This would fit: [[1.0]]"),
        ("__import__('os').getpid()", "is neither a variable, nor JSON"),
        ("nobody", "there is no variable nobody"),
        ('["a"]', "input x is float; got"),
        ('["a"]', "This would fit: [[1.0]]"),
    ],
)
async def test_what_does_not_fit_is_told_in_place(start: Start, text: str, said: str) -> None:
    one = start(ModelReference("half"))
    await one.ready("numbers")
    html = await one.ask(text=text)
    assert said in html.replace("&#x27;", "'")
    assert 'role="alert"' in html


async def test_an_image_from_a_file_and_uploaded(start: Start, tmp_path: Path) -> None:
    image = encoded(np.full((2, 3), 200, np.uint8))
    path = tmp_path / "three.png"
    path.write_bytes(image)
    one = start(ModelReference("pixels"))
    await one.ready("image")
    html = await one.ask(path=str(path))
    assert 'src="data:image/png;base64,' in html
    assert html.count('class="tfs-bar ') == 5
    assert str(path) in one.view.code["curl"]
    assert html.count("tfs-bar ") == (await one.ask(upload=image)).count("tfs-bar ")
    wrong = await one.ask(upload=b"", path=str(tmp_path / "nowhere.png"))
    assert "there is no file" in wrong


async def test_replay_brings_back_what_was_chosen(start: Start) -> None:
    one = start(ModelReference("texts", 1))
    await one.ready("text")
    await one.ask(text="free")
    one.controller.choose_model("half")
    await one.ready("numbers")
    assert "[2.5]" in await one.ask(text="[1.0]")
    _, number = one.view.history[-1]
    one.view.answer = ""
    one.controller.replay(number)
    await until(lambda: "spam: stop it" in one.view.answer, "it was asked again")
    assert (one.view.model, one.view.choice) == ("texts", "version 1")
    assert one.view.given.text == "free"
    assert len(one.view.history) == 3


async def test_over_grpc_alone(start: Start, served: ServerProcess) -> None:
    one = start(ModelReference("half"), client=Client(served.grpc_address))
    await one.ready("numbers")
    assert one.view.models is None
    assert "[2.5, 3.0]" in await one.ask(text="[1.0, 2.0]")
    assert "over gRPC" in one.view.exchange
    assert "PredictRequest" in one.view.code["grpc"]
    assert "rest_address" in one.view.code["curl"]


async def test_what_was_typed_stays_while_there_is_no_form_for_it(
    start: Start, served: ServerProcess
) -> None:
    one = start(ModelReference("half"), client=Client(served.grpc_address))
    await one.ready("numbers")
    one.controller.fill(text="[5.0]")
    one.controller.choose_model("nobody")
    await until(lambda: one.view.problem, "there is none of that name")
    one.controller.choose_model("half")
    await one.ready("numbers")
    assert one.view.given.text == "[5.0]"


async def test_a_text_is_not_left_as_the_numbers_of_another_model(start: Start) -> None:
    one = start(ModelReference("texts"))
    await one.ready("text")
    one.controller.fill(text="free money")
    one.controller.choose_model("half")
    await one.ready("numbers")
    assert one.view.given.text == "[[1.0]]"


async def test_a_server_that_goes_and_comes_back(
    start: Start, tmp_path: Path, half_plus_two: Path
) -> None:
    flags = ["--model_name=half", f"--model_base_path={half_plus_two.parent}"]
    process = ServerProcess(tmp_path, flags).start()
    try:
        one = start(None, client=Client(process.url))
        await one.ready("numbers")
        process.stop()
        await until(lambda: "No answer from the server" in one.view.connection, "it is missed")
        assert "no model server answers" in await one.ask(text="[1.0]")
        process.start()
        await until(lambda: "connected to" in one.view.connection, "it is found again")
        assert "[2.5]" in await one.ask(text="[1.0]")
    finally:
        process.kill()


async def test_a_model_that_is_not_there(start: Start) -> None:
    one = start(ModelReference("nobody"))
    await until(lambda: one.view.form, "another one is chosen")
    assert one.view.model == "texts"
