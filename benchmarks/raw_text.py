"""``/predict``: from the text of a message to its label, over HTTP."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from benchmarks.figures import Figure, percentile
from benchmarks.spam_model import spam_model
from benchmarks.standalone import running
from tfs_notebook.demo.spam_messages import own_messages

__all__ = ["measure"]

_ROUNDS = 5
_MANY = 256


def measure(folder: Path) -> Iterator[Figure]:
    """Every message of the demo's test part, one after the other, then many at once."""
    texts = [message.text for message in own_messages()[1]]
    with running(spam_model(folder)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.rest_port)
        for text in texts:
            _get(connection, text)
        times = [_get(connection, text) for _ in range(_ROUNDS) for text in texts]
        yield Figure("raw_text", "GET, p50", statistics.median(times), "ms", at_most=5)
        yield Figure("raw_text", "GET, p99", percentile(times, 99), "ms")
        body = json.dumps({"texts": (texts * 2)[:_MANY]})
        many = [_milliseconds(connection, "POST", "/predict", body) for _ in range(20)]
        a_text = statistics.median(many) / _MANY
        yield Figure("raw_text", f"POST of {_MANY}, p50 a text", a_text, "ms")
        yield Figure("raw_text", "resident memory", server.resident_megabytes(), "MB")
        connection.close()


def _get(connection: http.client.HTTPConnection, text: str) -> float:
    return _milliseconds(connection, "GET", f"/predict?text={quote(text)}")


def _milliseconds(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None
) -> float:
    started = time.perf_counter()
    connection.request(method, path, body)
    response = connection.getresponse()
    answer = response.read()
    elapsed = (time.perf_counter() - started) * 1000
    if response.status != 200:
        raise RuntimeError(f"{method} {path}: {answer!r}")
    return elapsed
