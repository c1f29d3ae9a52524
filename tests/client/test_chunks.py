"""Large inputs: parts that are joined, interrupts, errors, servers that take few rows."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.client.other_server import other_server
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.client import Client, InterruptedPredictWarning
from tfs_notebook.client.chunks import common_rows, has_open_rows, rows_of_a_chunk
from tfs_notebook.client.statistics import SignatureStatistics
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import Signature, TensorSpec


def counted(
    client: Client, model: str, signature: str = "serving_default"
) -> SignatureStatistics:
    [version] = client[model].stats().versions
    found = [one for one in version.signatures if one.name == signature]
    return (
        found[0] if found else SignatureStatistics(signature, 0, 0, 0, None, None, None, None)
    )


@pytest.fixture
def both(server: ServerProcess) -> Client:
    """Predictions over gRPC, counts over REST."""
    return Client(server.grpc_address, rest_address=server.url)


def test_large_inputs_go_in_parts_and_come_back_whole(
    client: Client, server: ServerProcess
) -> None:
    rest = Client(server.url)
    before = counted(rest, "half_plus_two").requests
    rows = np.arange(150_000, dtype=np.float32).reshape(-1, 1)
    answer = client["half_plus_two"].predict(rows)
    assert isinstance(answer, np.ndarray)
    assert answer.dtype == np.float32
    np.testing.assert_array_equal(answer, rows / 2 + 2)
    answer[0] = 0  # the caller's own
    assert counted(rest, "half_plus_two").requests - before > 3
    before = counted(rest, "half_plus_two").requests
    whole = client["half_plus_two"].predict(rows, chunk_rows=None)
    np.testing.assert_array_equal(whole, rows / 2 + 2)
    assert counted(rest, "half_plus_two").requests - before == 1


def test_the_next_prediction_begins_where_the_last_one_ended(server: ServerProcess) -> None:
    rows = np.zeros((60_000, 1), np.float32)
    with Client(server.grpc_address, rest_address=server.url) as fresh:
        counts = [counted(fresh, "half_plus_two").requests]
        for _ in range(2):
            fresh["half_plus_two"].predict(rows)
            counts.append(counted(fresh, "half_plus_two").requests)
    first, second = np.diff(counts)
    assert second < first


def test_as_many_rows_as_asked_for(both: Client) -> None:
    before = counted(both, "half_plus_two").requests
    assert len(both["half_plus_two"].predict(np.zeros(10), chunk_rows=4)) == 10
    assert counted(both, "half_plus_two").requests - before == 3
    with pytest.raises(InvalidArgument, match=r"number, 'auto' or None, not 'all'"):
        both["half_plus_two"].predict([1], chunk_rows="all")  # type: ignore[arg-type]
    assert len(both["half_plus_two"].predict(np.zeros(10), chunk_rows=np.int64(5))) == 10
    assert counted(both, "half_plus_two").requests - before == 5
    for none in (2.5, True):
        with pytest.raises(InvalidArgument, match=f"number, 'auto' or None, not {none}"):
            both["half_plus_two"].predict([1], chunk_rows=none)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="not -1"):
        both["half_plus_two"].predict([1], chunk_rows=-1)
    with pytest.raises(InvalidArgument, match="of equally many rows"):
        both["several"].predict(a=[[1, 2]], b=[[1], [2]], signature="product", chunk_rows=1)


def test_strings_and_several_outputs(client: Client) -> None:
    texts = [f"text {number}" for number in range(9_000)]
    answer = client["texts"].predict(texts, signature="reverse", chunk_rows=5_000)
    # Which is why rows that depend on each other want chunk_rows=None.
    assert answer[0] == b"text 4999"  # type: ignore[index]
    assert answer[-1] == b"text 5000"  # type: ignore[index]
    several = client["several"].predict(np.arange(6.0), chunk_rows=None)
    assert isinstance(several, dict)
    assert several["count"].tolist() == [6]


def test_outputs_that_are_not_by_rows(client: Client) -> None:
    rows = np.arange(10_000, dtype=np.float32)
    # ``count`` says that its first dimension is 1; ``twice`` promises nothing, and is longer.
    answer = client["several"].predict(rows)
    assert answer["count"].tolist() == [10_000]
    uneven = client["several"].predict(rows, signature="uneven")
    assert len(uneven["twice"]) == 20_000
    assert uneven["twice"][10_000] == 0
    with pytest.raises(InvalidArgument, match=r"is \[200\] for 100 rows, so that parts cannot"):
        client["several"].predict(rows, signature="uneven", chunk_rows=100)


def test_an_error_names_the_rows(client: Client) -> None:
    divisors = np.ones(30, np.int32)
    divisors[17] = 0
    with pytest.raises(
        InvalidArgument, match=r"(?s)several: rows 10 to 19: .*\n  divide takes"
    ):
        client["several"].predict(
            a=np.ones(30, np.int32), b=divisors, signature="divide", chunk_rows=10
        )


def test_a_server_that_takes_few_rows_at_a_time(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> None:
    (tmp_path / "batching").write_text("max_batch_size { value: 64 }")
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=half",
        "--enable_batching",
        f"--batching_parameters_file={tmp_path}/batching",
    )
    rows = np.arange(10_000, dtype=np.float32)
    for address in (server.grpc_address, server.url):
        with Client(address) as client:
            np.testing.assert_array_equal(client["half"].predict(rows), rows / 2 + 2)
            np.testing.assert_array_equal(client["half"].predict(rows[:65]), rows[:65] / 2 + 2)
            with pytest.raises(
                InvalidArgument, match="larger than maximum input batch size 64"
            ):
                client["half"].predict(rows[:65], chunk_rows=None)


def interrupt_when(probe: Callable[[], bool]) -> threading.Thread:
    def wait() -> None:
        poll_until(probe, "it is time to interrupt")
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_an_interrupt_gives_what_was_done(client: Client, server: ServerProcess) -> None:
    rest = Client(server.url)
    client["slow"].metadata()
    before = counted(rest, "slow").requests
    rows = np.full(500, 0.03, np.float32)
    thread = interrupt_when(lambda: counted(rest, "slow").requests - before >= 8)
    text = r"interrupted after \d+ of 500 rows"
    with pytest.warns(InterruptedPredictWarning, match=text) as warned:
        answer = client["slow"].predict(rows, chunk_rows=1)
    thread.join()
    assert warned[0].filename == __file__
    assert isinstance(answer, np.ndarray)
    assert 4 <= len(answer) < 500
    np.testing.assert_allclose(answer, 0.03)
    poll_until(lambda: not counted(rest, "slow").in_flight, "nothing is left running")
    after = counted(rest, "slow").requests
    assert after - before < 500


@pytest.mark.parametrize("options", [{}, {"chunk_rows": 1}])
@pytest.mark.parametrize("way", ["grpc", "http"])
def test_an_interrupt_before_anything_is_done(way: str, options: dict[str, int]) -> None:
    with other_server(way) as server, Client(server.address) as client:
        half = client["half_plus_two"]
        half.metadata()
        server.hangs = True
        thread = interrupt_when(server.asked.is_set)
        with pytest.raises(KeyboardInterrupt):
            half.predict([1.0, 2.0, 3.0, 4.0], **options)  # type: ignore[arg-type]
        thread.join()
        assert server.given_up.wait(20)
        server.hangs = False
        assert half.predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]


def spec(shape: tuple[int, ...] | None) -> TensorSpec:
    return TensorSpec("x", DataType.FLOAT, shape)


@pytest.mark.parametrize(
    ("inputs", "outputs", "is_open"),
    [
        ((-1,), (-1, 3), True),
        ((-1,), (1,), False),
        ((2, -1), (-1,), False),
        ((), (-1,), False),
        (None, (-1,), False),
        ((-1,), None, False),
    ],
)
def test_which_signatures_are_by_rows(
    inputs: tuple[int, ...] | None, outputs: tuple[int, ...] | None, is_open: bool
) -> None:
    signature = Signature("s", "", {"x": spec(inputs)}, {"y": spec(outputs)})
    assert has_open_rows(signature) is is_open


def test_how_large_parts_are() -> None:
    def inputs(*shape: int) -> dict[str, tuple[np.ndarray, int]]:
        return {"x": (np.zeros(shape, np.float32), DataType.FLOAT)}

    assert rows_of_a_chunk(inputs(100_000, 2), 100_000) == 32768
    assert rows_of_a_chunk(inputs(1000, 1000), 1000) == 500
    assert rows_of_a_chunk(inputs(2, 1_000_000), 2) == 1
    assert rows_of_a_chunk(inputs(0, 5), 0) == 32768
    text = np.array([b"x" * 1000] * 10, object)
    assert rows_of_a_chunk({"x": (text, DataType.STRING)}, 10) == 2000
    assert common_rows(inputs(3, 4)) == 3
    assert common_rows(inputs()) is None
    assert common_rows(inputs(3) | {"y": (np.zeros(2), DataType.DOUBLE)}) is None


def test_two_versions_in_one_answer_are_told(
    start_server: Callable[..., ServerProcess], two_versions: Path, tmp_path: Path
) -> None:
    late = tmp_path / "2"
    (two_versions / "2").rename(late)
    server = start_server(f"--model_base_path={two_versions}", "--model_name=m")
    rows = np.zeros(300_000, np.float32)
    with Client(server.grpc_address) as client:
        stop = threading.Event()

        def appear() -> None:
            late.rename(two_versions / "2")
            server.wait_for_model("m", 2)
            stop.set()

        thread = threading.Thread(target=appear)
        thread.start()
        with pytest.warns(UserWarning, match=r"version 1 has answered for the first \d+ rows"):
            answer = _until_mixed(client, rows, stop)
        thread.join()
        assert set(np.unique(answer)) == {2.0, 3.0}


def _until_mixed(client: Client, rows: np.ndarray, stop: threading.Event) -> np.ndarray:
    while True:
        answer = client["m"].predict(rows, chunk_rows=500)
        assert isinstance(answer, np.ndarray)
        if len(np.unique(answer)) == 2:
            return answer
        assert not stop.is_set(), "it took over between two predictions"
