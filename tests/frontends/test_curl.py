"""The REST door, asked by curl."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.frontends.rest_requests import EACH_METHOD, PREDICT
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess

CURL = shutil.which("curl")

pytestmark = pytest.mark.skipif(CURL is None, reason="curl is needed")


@dataclass(frozen=True)
class Answer:
    """What curl told.

    Attributes:
        status: the last one's.
        body: as it is written out, after curl has inflated it.
        log: what went over the wire, by ``--verbose``.
        connections: how many were made.
    """

    status: int
    body: bytes
    log: str
    connections: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Curl = Callable[..., Answer]


@pytest.fixture
def curl(server: ServerProcess, tmp_path: Path) -> Curl:
    def ask(path: str, *arguments: str, stdin: bytes = b"") -> Answer:
        assert CURL is not None
        body = tmp_path / "body"
        body.unlink(missing_ok=True)
        done = subprocess.run(
            [CURL, "--silent", "--verbose", "--max-time", "60", "--noproxy", "*",
             "--output", str(body), "--write-out", "%{http_code} %{num_connects} ", *arguments,
             f"http://localhost:{server.rest_port}{path}"],
            input=stdin, capture_output=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        *_, status, _ = told = [int(number) for number in done.stdout.split()]
        content = body.read_bytes() if body.exists() else b""
        log = done.stderr.decode("utf-8", "replace")
        return Answer(status, content, log, sum(told[1::2]))

    return ask


@pytest.mark.parametrize("method", EACH_METHOD)
def test_every_method(curl: Curl, method: str) -> None:
    path, body = EACH_METHOD[method]
    answer = curl(path, "-d", body.decode())
    assert answer.status == 200
    expected = {
        "predict": ANSWER,
        "classify": {"results": [[["positive", 2.5]]]},
        "regress": {"results": [2.5]},
    }
    assert answer.json == expected[method]


def test_status_and_metadata(curl: Curl) -> None:
    answer = curl("/v1/models/half_plus_two")
    assert answer.status == 200
    assert answer.json["model_version_status"][0]["state"] == "AVAILABLE"
    answer = curl("/v1/models/half_plus_two/versions/1/metadata")
    assert answer.json["model_spec"]["version"] == "1"


def test_errors(curl: Curl) -> None:
    answer = curl("/v1/models/nobody:predict", "-d", BODY.decode())
    assert answer.status == 404
    assert answer.json == {"error": "Servable not found for request: Latest(nobody)"}
    answer = curl(PREDICT, "-X", "PUT", "-d", "{}")
    assert answer.status == 400
    assert answer.json == {"error": f"Malformed request: PUT {PREDICT}"}


def test_a_gzipped_file(curl: Curl, tmp_path: Path) -> None:
    path = tmp_path / "body.json.gz"
    path.write_bytes(gzip.compress(BODY))
    answer = curl(PREDICT, "-H", "Content-Encoding: gzip", "--data-binary", f"@{path}")
    assert answer.json == ANSWER


def test_compressed(curl: Curl) -> None:
    body = json.dumps({"instances": list(range(1000))}).encode()
    plain = curl(PREDICT, "--data-binary", "@-", stdin=body)
    compressed = curl(PREDICT, "--compressed", "--data-binary", "@-", stdin=body)
    assert "< Content-Encoding: gzip" in compressed.log
    assert "Content-Encoding" not in plain.log
    assert compressed.body == plain.body
    assert len(plain.json["predictions"]) == 1000


def test_a_large_body_waits_to_be_asked_for(curl: Curl) -> None:
    body = json.dumps({"instances": list(range(300_000))}).encode()
    answer = curl(PREDICT, "-H", "Expect: 100-continue", "--data-binary", "@-", stdin=body)
    assert "< HTTP/1.1 100" in answer.log
    assert answer.status == 200
    assert answer.json["predictions"][-1] == 150001.5


def test_a_body_of_unknown_length(curl: Curl) -> None:
    answer = curl(PREDICT, "-H", "Transfer-Encoding: chunked", "-d", "@-", stdin=BODY)
    assert "> Transfer-Encoding: chunked" in answer.log
    assert answer.json == ANSWER


def test_http_1_0(curl: Curl) -> None:
    answer = curl(PREDICT, "--http1.0", "-d", BODY.decode())
    assert answer.json == ANSWER


def test_a_connection_is_kept(curl: Curl, server: ServerProcess) -> None:
    again = f"http://localhost:{server.rest_port}{PREDICT}"
    answer = curl(PREDICT, "-d", BODY.decode(), again, "--output", os.devnull)
    assert answer.log.count("< HTTP/1.1 200 OK") == 2
    assert answer.connections == 1


def test_an_upgrade_to_http_2_is_not_taken(curl: Curl) -> None:
    answer = curl(PREDICT, "--http2", "-d", BODY.decode())
    assert answer.json == ANSWER


def test_head(curl: Curl) -> None:
    answer = curl("/v2/health/ready", "--head")
    assert answer.status == 200
