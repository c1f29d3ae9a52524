"""Client code that is given away: every kind is run as it is."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
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
from tests.python_process import output_of
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.snippets import SnippetKind
from tfs_notebook.wire.errors import InvalidArgument, NotFound, Unimplemented

node = pytest.param(
    "javascript", marks=pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
)
REST = ["curl", "python", node]
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


@pytest.mark.parametrize("kind", REST)
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
    with pytest.raises(Unimplemented, match="are shown over REST"):
        both["examples"].snippet("grpc", rows)


@pytest.mark.parametrize("kind", REST)
def test_over_a_unix_socket(
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
    tmp_path: Path,
    kind: SnippetKind,
) -> None:
    socket = tmp_path / "it's"
    start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=a model",
        f"--rest_api_socket_path={socket}",
    )
    with Client(f"http+unix:{socket}") as client:
        code = client["a model"].snippet(kind)
        assert answer_of(kind, code) == {"predictions": [[2.5]]}
        if kind == "javascript":
            assert "which no browser can reach" in code


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
    ]
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
        "y [2.5]",
    ]


def test_what_there_is_no_snippet_for(server: ServerProcess) -> None:
    with Client(server.grpc_address) as client:
        with pytest.raises(Unimplemented, match=r"needs the server's REST address"):
            client["half_plus_two"].snippet("curl")
        with pytest.raises(
            InvalidArgument, match="one of 'curl', 'python', 'grpc', 'javascript'"
        ):
            client["half_plus_two"].snippet("java")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
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
