"""The code that the console offers to copy, run as it is."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.notebook.console.running import Running
from tests.pipelines.small_image import encoded, image_document
from tests.server_process import ServerProcess, config_text
from tfs_notebook.client import Client
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.model_spec import ModelReference

pytestmark = pytest.mark.timeout(180)

TEXT = 'it\'s "free" $HOME `id` \\ 加我微信'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[ServerProcess]:
    base = tmp_path_factory.mktemp("code")
    write_text_scores(base / "texts" / "1")
    pixels = image_document(pixels={"color": "grey"})
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 1), pixels)
    places = {name: base / name for name in ("texts", "pixels")}
    places |= {name: models / name for name in ("half_plus_two", "several", "examples")}
    config = base / "models.config"
    config.write_text(config_text(places))
    with ServerProcess(base, [f"--model_config_file={config}"]) as process:
        yield process


def answer_of(kind: str, code: str) -> Any:
    """What the code prints, as a person runs it."""
    command = {
        "curl": ["sh", "-c", code],
        "python": [sys.executable, "-I", "-c", code],
        "javascript": ["node", "-e", code],
    }[kind]
    if shutil.which(command[0]) is None or (kind == "curl" and shutil.which("curl") is None):
        pytest.skip(f"there is no {command[0]} here")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return ast.literal_eval(done.stdout) if kind == "python" else json.loads(done.stdout)


def printed_by(codes: Sequence[str]) -> str:
    """What codes over gRPC print."""
    # In one process: tensorflow takes seconds to import.
    script = "import json, sys\nfor code in json.loads(sys.argv[1]): exec(code, {})"
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(codes)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


async def code_of(
    server: ServerProcess, model: str, kind: str, **given: object
) -> Mapping[str, str]:
    """The code that is shown once something was asked."""
    with Client(server.grpc_address, rest_address=server.url) as client:
        one = Running(lambda: client, ModelReference(model))
        await one.ready(kind)
        html = await one.ask(**given)
        assert 'role="alert"' not in html, html
        await one.close()
        return one.view.code


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
async def test_texts_and_images(served: ServerProcess, tmp_path: Path, language: str) -> None:
    code = await code_of(served, "texts", "text", text=TEXT)
    answer = answer_of(language, code[language])
    assert (answer["data"]["text"], answer["data"]["label"]) == (TEXT, "spam")
    code = await code_of(served, "texts", "text", text=f"{TEXT}\nsee")
    answer = answer_of(language, code[language])
    assert [one["label"] for one in answer["data"]] == ["spam", "pass"]
    image = encoded(np.array([[0, 51, 102], [153, 204, 255]], np.uint8))
    path = tmp_path / "it's a;\"b,\\. 数字.png"
    path.write_bytes(image)
    for given in ({"path": str(path)}, {"upload": image, "upload_name": "a.png"}):
        code = await code_of(served, "pixels", "image", **given)
        assert answer_of(language, code[language])["data"]["predict"] == 5


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
async def test_numbers_and_examples(served: ServerProcess, language: str) -> None:
    code = await code_of(served, "half_plus_two", "numbers", text="[1.0, 2.0]")
    assert answer_of(language, code[language]) == {"predictions": [2.5, 3.0]}
    code = await code_of(served, "examples", "examples", text='[{"name": "größe", "x": 1.5}]')
    assert answer_of(language, code[language])["results"][0][0][0] == "größe"


@pytest.mark.long
async def test_over_grpc(served: ServerProcess) -> None:
    codes = [
        (await code_of(served, model, kind, **given))["grpc"]
        for model, kind, given in (
            ("half_plus_two", "numbers", {"text": "[1.0, 2.0]"}),
            ("examples", "examples", {"text": '[{"name": "größe", "x": 1.5}]'}),
            ("texts", "text", {"text": TEXT}),
        )
    ]
    printed = printed_by(codes)
    assert "y [2.5, 3.0]" in printed
    assert "größe" in printed
    assert "made up here" in codes[2]
