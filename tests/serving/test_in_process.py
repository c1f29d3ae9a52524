"""Predictions of the server's own process: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.polling import poll_until
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, NotFound

Start = Callable[..., ModelServer]


def serve(start: Start, base: Path, **settings: object) -> ModelServer:
    """A server of this model, as ``m``."""
    return start(model_name="m", model_base_path=str(base), **settings)


@pytest.fixture(params=[False, True], ids=["direct", "batched"])
def server(request: pytest.FixtureRequest, start: Start, two_versions: Path) -> ModelServer:
    return serve(start, two_versions, enable_batching=request.param)


def test_by_alias_or_alone(server: ModelServer) -> None:
    x = np.array([1.0, 5.0], np.float32)
    assert server.predict("m", {"x": x})["y"].tolist() == [3.5, 5.5]
    assert server.predict("m", x, version=2, outputs=["y"])["y"].tolist() == [3.5, 5.5]
    (counted,) = server.statistics("m")
    assert (counted.requests, counted.errors, counted.in_flight) == (2, 0, 0)


def test_lists_and_other_numbers_are_converted(server: ModelServer) -> None:
    assert server.predict("m", [1, 5])["y"].tolist() == [3.5, 5.5]
    assert server.predict("m", np.array([1.0]))["y"].dtype == np.float32


def test_what_does_not_fit(server: ModelServer) -> None:
    with pytest.raises(InvalidArgument, match=r"input 'x' is float, .*complex128"):
        server.predict("m", np.array([1j]))
    with pytest.raises(InvalidArgument, match=r"input alias: x.* not found"):
        server.predict("m", {"nonsense": [1.0]})
    with pytest.raises(NotFound):
        server.predict("m", [1.0], version=9)
    assert server.predict("m", [1.0])["y"].tolist() == [3.5]


def test_strings(start: Start, models: Path) -> None:
    server = serve(start, models / "texts")
    answer = server.predict("m", {"text": ["a", b"b"]}, signature="echo")
    assert answer["text"].tolist() == [b"a", b"b"]


def test_several_inputs_need_names(start: Start, models: Path) -> None:
    server = serve(start, models / "several")
    with pytest.raises(InvalidArgument, match=r"has 2 inputs .*give a dictionary"):
        server.predict("m", [1.0], signature="product")


def test_a_lazy_model_is_loaded_for_it(start: Start, half_plus_two: Path) -> None:
    server = serve(start, half_plus_two.parent, lazy_loading=True)
    assert server.predict("m", [1.0], timeout=60)["y"].tolist() == [2.5]


def test_time_that_is_up_while_it_waits(start: Start, models: Path, tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("max_batch_size { value: 1 } num_batch_threads { value: 1 }")
    server = serve(
        start, models / "slow", enable_batching=True, batching_parameters_file=str(file)
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.predict, "m", [1.0])
        poll_until(lambda: any(s.in_flight for s in server.statistics()), "one is under way")
        with pytest.raises(DeadlineExceeded, match=r"longer than the 0\.\d+ s it may"):
            server.predict("m", [0.0], timeout=0.05)
        running.result(60)
    poll_until(lambda: not server.statistics()[0].in_flight, "nothing is held")


def test_it_shares_runs(start: Start, half_plus_two: Path, tmp_path: Path) -> None:
    file = tmp_path / "two"
    file.write_text("max_batch_size { value: 2 } batch_timeout_micros { value: 60000000 }")
    server = serve(
        start, half_plus_two.parent, enable_batching=True, batching_parameters_file=str(file)
    )
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda x: server.predict("m", [x])["y"][0], (2.0, 4.0)))
    assert answers == [3.0, 4.0]
    batches = server.statistics()[0].batches
    assert batches is not None
    assert (batches.runs, batches.rows) == (1, 2)
