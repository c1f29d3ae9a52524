"""Bodies that come compressed."""

from __future__ import annotations

import gzip
import zlib

import httpx
import pytest

from tests.frontends.rest_requests import PREDICT, error_text
from tests.half_plus_two import ANSWER, BODY


def test_gzip(http: httpx.Client) -> None:
    headers = {"Content-Encoding": "gzip"}
    response = http.post(PREDICT, content=gzip.compress(BODY), headers=headers)
    assert response.json() == ANSWER
    assert "content-encoding" not in response.headers
    # As TensorFlow Serving does, the word is looked for anywhere.
    response = http.post(
        PREDICT, content=gzip.compress(BODY), headers={"Content-Encoding": "x-gzip"}
    )
    assert response.json() == ANSWER


@pytest.mark.parametrize(
    "content",
    [BODY, gzip.compress(BODY)[:-4], gzip.compress(BODY)[:12], zlib.compress(BODY), b""],
    ids=["not compressed", "no end", "cut off", "zlib", "nothing"],
)
def test_gzip_that_cannot_be_inflated(http: httpx.Client, content: bytes) -> None:
    response = http.post(PREDICT, content=content, headers={"Content-Encoding": "gzip"})
    assert error_text(response, 400) == "JSON Parse error: The document is empty"


def test_gzip_bombs(http: httpx.Client) -> None:
    too_much = gzip.compress(BODY + b" " * (101 * 1024 * 1024), 1)
    response = http.post(PREDICT, content=too_much, headers={"Content-Encoding": "gzip"})
    assert error_text(response, 400) == "JSON Parse error: The document is empty"
    enough = gzip.compress(BODY + b" " * (99 * 1024 * 1024), 1)
    response = http.post(PREDICT, content=enough, headers={"Content-Encoding": "gzip"})
    assert response.json() == ANSWER


def test_other_encodings_are_not_looked_at(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=BODY, headers={"Content-Encoding": "br"})
    assert response.json() == ANSWER
