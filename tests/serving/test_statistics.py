"""What is counted of requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.at_once import at_once
from tests.models.inputs import floats
from tests.serving.asking import predict
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference


def count_one(
    statistics: Statistics,
    model: str,
    version: int,
    signature: str,
    nanoseconds: int,
    *,
    failed: bool,
) -> None:
    """Let a request begin and end."""
    counter = statistics.counter(model, version, signature)
    counter.begin()
    counter.end(nanoseconds, failed=failed)


def test_requests_errors_and_seconds_by_signature() -> None:
    statistics = Statistics()
    count_one(statistics, "m", 1, "a", 1_000_000_000, failed=False)
    count_one(statistics, "m", 1, "a", 500_000_000, failed=True)
    count_one(statistics, "m", 2, "b", 250_000_000, failed=False)
    first, second = statistics.read()
    assert (first.requests, first.errors, first.seconds, first.error_seconds) == (
        2,
        1,
        1.0,
        0.5,
    )
    assert (second.requests, second.errors, second.seconds) == (1, 0, 0.25)
    assert (second.in_flight, second.queued, second.batches) == (0, 0, None)
    assert statistics.read("m", 2) == (second,)
    assert statistics.read("n") == ()


def test_nothing_is_lost_between_threads() -> None:
    statistics = Statistics()
    enough = threading.Event()

    def read_on() -> None:
        while not enough.is_set():
            statistics.read()

    reader = threading.Thread(target=read_on)
    reader.start()

    def count(index: int) -> None:
        for number in range(20_000):
            count_one(statistics, "m", 1, "s", 1, failed=number % 2 == index % 2)

    at_once(4, count)
    enough.set()
    reader.join()
    (counted,) = statistics.read()
    assert (counted.requests, counted.errors) == (80_000, 40_000)


def test_versions_that_ended_long_ago_are_forgotten() -> None:
    statistics = Statistics()

    def state(version: int, state: ManagerState) -> None:
        statistics.on_state(ServableState(ServableId("m", version), state, None, 0.0))

    for version in range(1000):
        count_one(statistics, "m", version, "s", 1, failed=False)
        state(version, ManagerState.END)
        # The first one comes back again and again.
        state(0, ManagerState.AVAILABLE)
    assert [counted.version for counted in statistics.read()] == [0, *range(800, 1000)]


def test_every_way_to_run_a_model_is_counted(
    start: Callable[..., ModelServer], two_versions: Path
) -> None:
    server = start(model_control="explicit")
    assert server.statistics() == ()
    server.load("m", LoadRequest(str(two_versions)))
    for _ in range(3):
        predict(server, ModelReference("m"))
    with server.hold(ModelReference("m")) as model, pytest.raises(InvalidArgument):
        model.prediction(model.signature(""), {"wrong": (floats(1.0), 1)}, dict).run()
    (counted,) = server.statistics("m")
    assert (counted.version, counted.signature) == (2, "serving_default")
    assert (counted.requests, counted.errors) == (4, 1)
    assert 0 < counted.seconds < 60
    server.rollback("m")
    predict(server, ModelReference("m"))
    assert [one.requests for one in server.statistics("m")] == [1, 4]
    assert [one.requests for one in server.statistics("m", 1)] == [1]


@pytest.mark.timeout(300)
def test_raw_texts_count_as_one_request(start: Callable[..., ModelServer], spam: Path) -> None:
    server = start(model_name="spam", model_base_path=str(spam))
    with server.hold(ModelReference("spam")) as model:
        model.predict_raw("text", ["a", "b"] * 300)
    (counted,) = server.statistics()
    assert (counted.requests, counted.errors) == (1, 0)
