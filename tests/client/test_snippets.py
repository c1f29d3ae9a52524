"""Client code that is given away: every kind is run as it is."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.client.other_server import (
    Certificates,
    other_grpc_server,
    other_http_server,
)
from tests.models.answers import ANSWERED
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_image import encoded, image_document
from tests.python_process import output_of
from tests.server_process import ServerProcess, config_text
from tfs_notebook.client import Client
from tfs_notebook.client.feature_rows import serialized_examples
from tfs_notebook.client.snippets import SnippetKind
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument, NotFound, Unimplemented

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
REST = ["curl", "python", pytest.param("javascript", marks=needs_node)]
ROWS: list[dict[str, Any]] = [{"name": "größe", "x": 1.5, "count": 3}, {"x": [-0.5]}]
QUOTED = '"quoted" \\ größe'


@pytest.fixture
def both(server: ServerProcess) -> Client:
    return Client(server.grpc_address, rest_address=server.url)


def answer_of(kind: str, code: str, environment: Mapping[str, str] | None = None) -> Any:
    """Run the code as a person does, and return the JSON it prints (Python's, as JSON)."""
    command = {
        "curl": ["sh", "-c", code],
        "python": [sys.executable, "-I", "-c", code],
        "javascript": ["node", "-e", code],
    }[kind]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **(environment or {})},
    )
    return ast.literal_eval(done.stdout) if kind == "python" else json.loads(done.stdout)


@pytest.mark.parametrize("kind", REST)
@pytest.mark.parametrize(
    "key", ["half_plus_two", ("half_plus_two", 1), ("half_plus_two", "stable")]
)
def test_models_versions_and_labels(both: Client, kind: SnippetKind, key: Any) -> None:
    assert answer_of(kind, both[key].snippet(kind)) == {"predictions": [[2.5]]}
    assert answer_of(kind, both[key].snippet(kind, [1.0, 4.0])) == {"predictions": [2.5, 4.0]}


@pytest.mark.parametrize("kind", REST)
def test_signatures_and_inputs(both: Client, kind: SnippetKind) -> None:
    several = both["several"]
    frame = pd.DataFrame({"a": [7, 9], "b": [2, 3]})
    code = several.snippet(kind, frame, signature="divide")
    assert answer_of(kind, code) == {"predictions": [3, 3]}
    texts = ['it\'s "quoted"', "$HOME `id`\n\\ \u2028", "größe 加我微信"]
    code = both["texts"].snippet(kind, texts, signature="echo")
    assert answer_of(kind, code) == {"predictions": texts}
    code = both["texts"].snippet(kind, [b"\xff\x00"], signature="reverse")
    assert "b64" in code


@pytest.mark.parametrize("kind", REST)
def test_large_inputs_are_cut_to_a_few_rows(both: Client, kind: SnippetKind) -> None:
    code = both["half_plus_two"].snippet(kind, np.arange(1000.0))
    assert answer_of(kind, code) == {"predictions": [2.0, 2.5]}
    code = both["keras_3"].snippet(kind)
    assert len(code) < 2000


@pytest.mark.parametrize(
    "kind",
    [
        "curl",
        pytest.param("python", marks=pytest.mark.long),
        pytest.param("javascript", marks=[pytest.mark.long, needs_node]),
    ],
)
def test_every_model_has_one_that_runs(both: Client, models: Path, kind: SnippetKind) -> None:
    for name in ANSWERED:
        try:
            code = both[name].snippet(kind)
        except (Unimplemented, NotFound):  # no default signature, or none that JSON can ask
            continue
        except InvalidArgument:
            assert name == "examples"
            continue
        if name != "hangs":
            assert answer_of(kind, code).keys() & {"predictions", "outputs"}, code


@pytest.mark.parametrize("kind", REST)
def test_examples(both: Client, kind: SnippetKind) -> None:
    rows = [{"name": "größe", "x": 1.5, "count": 3}, {"x": [2.0], "name": b"\xff"}]
    code = both["examples"].snippet(kind, rows[:1])
    assert answer_of(kind, code) == {"results": [[["größe", 1.5], ["other", 3.0]]]}
    code = both["examples"].snippet(kind, rows, signature="values")
    assert answer_of(kind, code) == {"results": [1.5, 2.0]}
    with pytest.raises(InvalidArgument, match="does not tell its features"):
        both["examples"].snippet(kind)


def test_over_a_unix_socket(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> None:
    socket = tmp_path / "it's"
    start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=a model",
        f"--rest_api_socket_path={socket}",
    )
    kinds: list[SnippetKind] = ["curl", "python"]
    if shutil.which("node") is not None:
        kinds.append("javascript")
    with Client(f"http+unix:{socket}") as client:
        for kind in kinds:
            code = client["a model"].snippet(kind)
            assert answer_of(kind, code) == {"predictions": [[2.5]]}
            assert ("which no browser can reach" in code) is (kind == "javascript")


@pytest.mark.parametrize("kind", REST)
def test_tokens_stay_where_they_are(kind: SnippetKind) -> None:
    with other_http_server(token="secret") as server:
        with Client(server.address, token="secret") as client:
            code = client["half_plus_two"].snippet(kind)
        assert "secret" not in code
        answer = answer_of(kind, code, {"TFS_TOKEN": "secret"})
        assert answer == {"predictions": [2.5]}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
@pytest.mark.parametrize("kind", REST)
def test_over_tls(tmp_path: Path, kind: SnippetKind) -> None:
    certificates = Certificates(tmp_path)
    with other_http_server(certificates.for_http()) as server:
        with Client(server.address, ca=certificates.ca) as client:
            code = client["half_plus_two"].snippet(kind)
        environment = {"NODE_EXTRA_CA_CERTS": str(certificates.ca)}
        assert answer_of(kind, code, environment) == {"predictions": [2.5]}


@pytest.mark.timeout(180)
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_over_grpc_with_the_official_package(
    both: Client, server: ServerProcess, tmp_path: Path
) -> None:
    certificates = Certificates(tmp_path)
    codes = [
        both["half_plus_two", "stable"].snippet("grpc"),
        both["half_plus_two", 1].snippet("grpc", [4.0]),
        both["texts"].snippet("grpc", [QUOTED], signature="reverse"),
        both["several"].snippet("grpc", {"a": [9], "b": [2]}, signature="divide"),
        both["examples"].snippet("grpc", ROWS),
        both["examples", 1].snippet("grpc", ROWS[1:], signature="values"),
        both["examples"].snippet("grpc", serialized_examples(ROWS), signature="for_predict"),
    ]
    assert "examples = [\n    tf.train.Example(features=" in codes[-1]
    credentials = certificates.for_grpc(asks=True, named=True)
    with other_grpc_server(credentials, token="secret") as other:
        with Client(
            other.address,
            token="secret",
            ca=certificates.ca,
            client_certificate=certificates.client,
            client_key=certificates.client_key,
            server_name="serving",
        ) as client:
            codes.append(client["half_plus_two"].snippet("grpc"))
        # In one process: tensorflow takes seconds to import.
        script = "import json, sys\nfor code in json.loads(sys.argv[1]): exec(code, {})"
        printed = output_of(
            "-c", script, json.dumps(codes), environment={"TFS_TOKEN": "secret"}
        )
    assert "secret" not in "".join(codes)
    assert [line for line in printed.splitlines() if line] == [
        "y [[2.5]]",
        "y [4.0]",
        f"text {[QUOTED.encode()]!r}",
        "quotient [4]",
        "[('größe', 1.5), ('other', 3.0)]",
        "[('nobody', -0.5), ('other', 0.0)]",
        "[-0.5]",
        "outputs [[1.5], [-0.5]]",
        "y [2.5]",
    ]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Of a server with models of texts and of images."""
    directory = tmp_path_factory.mktemp("raw")
    for number in ("1", "2"):
        write_text_scores(directory / "words" / number)
    pixels = image_document(pixels={"color": "grey"})
    write_raw_scores(directory / "größe" / "1", DataType.FLOAT, (-1, 2, 3, 1), pixels)
    both = 'model_version_policy { all {} } version_labels { key: "the stable" value: 1 }'
    config = directory / "models.config"
    names = {name: directory / name for name in ("words", "größe")}
    config.write_text(config_text(names, words=both))
    with (
        ServerProcess(directory, [f"--model_config_file={config}"]) as server,
        Client(server.grpc_address, rest_address=server.url) as client,
    ):
        yield client


@pytest.mark.parametrize("kind", REST)
def test_texts(raw: Client, kind: SnippetKind) -> None:
    text = 'it\'s "free" $HOME `id`\n\\ \u2028 größe 加我微信 \U0001f600'
    for key in ("words", ("words", 1), ("words", "the stable")):
        answer = answer_of(kind, raw[key].snippet(kind, text))
        assert (answer["data"]["text"], answer["data"]["label"]) == (text, "spam")
    answer = answer_of(kind, raw["words"].snippet(kind, pd.Series(["free", "see"])))
    assert [one["label"] for one in answer["data"]] == ["spam", "pass"]
    answer = answer_of(kind, raw["words"].snippet(kind, ["free"] * 1000))
    assert len(answer["data"]) == 2
    # Without an input it is what every TensorFlow Serving takes.
    assert answer_of(kind, raw["words"].snippet(kind)).keys() == {"predictions"}


@pytest.mark.parametrize("kind", REST)
def test_images(raw: Client, kind: SnippetKind, tmp_path: Path) -> None:
    data = encoded(np.array([[0, 51, 102], [153, 204, 255]], np.uint8))
    file = tmp_path / "it's a;\"b,\\. 数字.png"
    file.write_bytes(data)
    for image in (file, str(file), data, np.zeros((2, 3), "uint8")):
        answer = answer_of(kind, raw["größe"].snippet(kind, image))
        assert answer["data"]["predict"] == (0 if isinstance(image, np.ndarray) else 5)
    answer = answer_of(kind, raw["größe", 1].snippet(kind, [data, file]))
    assert [one["predict"] for one in answer["data"]] == [5, 5]


def test_raw_input_there_is_no_snippet_for(raw: Client) -> None:
    with pytest.raises(Unimplemented, match=r'a text cannot be sent over gRPC.*snippet\("py'):
        raw["words"].snippet("grpc", "free")
    assert "words" in raw["words"].snippet("grpc")
    with pytest.raises(InvalidArgument, match="there is no file 'free'"):
        raw["größe"].snippet("curl", "free")
    with pytest.raises(InvalidArgument, match="takes text, and was given an image"):
        raw["words"].snippet("curl", b"free")
    with pytest.raises(InvalidArgument, match="too long for code to read"):
        raw["words"].snippet("curl", "free " * 10_000)
    with pytest.raises(InvalidArgument, match="none at all"):
        raw["words"].snippet("curl", [])
    with pytest.raises(InvalidArgument, match="one of 'curl'"):
        raw["words"].snippet("java", "free")  # type: ignore[arg-type]


def test_what_there_is_no_snippet_for(server: ServerProcess) -> None:
    with Client(server.grpc_address) as client:
        with pytest.raises(Unimplemented, match=r"needs the server's REST address"):
            client["half_plus_two"].snippet("curl")
        with pytest.raises(
            InvalidArgument, match="one of 'curl', 'python', 'grpc', 'javascript'"
        ):
            client["half_plus_two"].snippet("java")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match="is no array"):
            client["half_plus_two"].snippet("grpc", [[1.0], [1.0, 2.0]])
        with pytest.raises(Unimplemented, match=r"given 1 text\. Where it has"):
            client["half_plus_two"].snippet("grpc", ["text"])
    with Client(server.url) as client:
        with pytest.raises(Unimplemented, match="needs the server's gRPC address"):
            client["half_plus_two"].snippet("grpc")
        with pytest.raises(
            Unimplemented, match="REST cannot ask for that: the signature has no"
        ):
            client["several"].snippet("curl", signature="constant")


def test_it_is_shown_as_it_is(both: Client) -> None:
    code = both["half_plus_two"].snippet("curl")
    assert repr(code) == str(code) == f"{code}"
    assert "&#x27;" in code._repr_html_()
