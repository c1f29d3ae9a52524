"""Predictions that are awaited, on whatever loop there is."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from tests.client.other_server import other_server
from tests.polling import poll_until
from tests.python_process import output_of
from tests.server_process import ServerProcess, free_port
from tfs_notebook.client import Client
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, NotFound, Unavailable

in_flight = Callable[[], int]


@pytest.fixture
def slow_in_flight(server: ServerProcess) -> in_flight:
    """How many requests the model ``slow`` is busy with, as the server counts."""
    rest = Client(server.url)

    def count() -> int:
        [version] = rest["slow"].stats().versions
        return sum(signature.in_flight for signature in version.signatures)

    return count


async def test_an_answer_is_awaited(client: Client) -> None:
    answer = await client["half_plus_two"].predict_async([1.0, 2.0, 5.0])
    assert isinstance(answer, np.ndarray)
    assert answer.tolist() == [2.5, 3.0, 4.5]
    classes = await client["examples"].classify_async([{"x": 1.5, "name": "one"}])
    assert classes[0] == [("one", 1.5), ("other", 0.0)]
    values = await client["examples"].regress_async([{"x": 1.5}], signature="values")
    assert values.tolist() == [1.5]


async def test_all_that_asks_a_server_can_be_awaited(server: ServerProcess) -> None:
    with Client(server.grpc_address, rest_address=server.url) as client:
        half = client["half_plus_two"]
        assert (await half.metadata_async()).version == 1
        assert [str(one) for one in await half.status_async()] == ["version 1 AVAILABLE"]
        assert (await half.stats_async()).versions[0].version == 1
        assert (await half.snippet_async("curl")) == half.snippet("curl")
        assert "half_plus_two" in await client.models_async()
        assert "half_plus_two" in [one.name for one in await client.served_async()]
        assert (await client.stats_async())["half_plus_two"].versions[0].version == 1
        with pytest.raises(NotFound, match="nobody"):
            await client["nobody"].stats_async()


async def turned_while(awaited: Awaitable[Any]) -> tuple[Any, int]:
    """What it gives, and how often the loop turned meanwhile."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    other = asyncio.ensure_future(turn())
    result = await awaited
    other.cancel()
    return result, turns


async def test_the_loop_turns_while_load_is_measured(client: Client) -> None:
    half = client["half_plus_two"]
    record, turns = await turned_while(half.bench_async([1.0], concurrency=[2], seconds=0.3))
    assert record.levels[0].latencies
    assert turns > 3
    with pytest.raises(InvalidArgument, match="numbers from 1 to 256"):
        await half.bench_async(concurrency=[0])


async def test_cancelling_the_task_ends_the_load(client: Client) -> None:
    task = asyncio.ensure_future(client["half_plus_two"].bench_async([1.0], seconds=1000))

    def threads() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name == "tfs-load"]

    await asyncio.to_thread(poll_until, threads, "the load has begun")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(poll_until, lambda: not threads(), "its threads have ended")


async def test_the_loop_turns_meanwhile(client: Client) -> None:
    client["slow"].metadata()
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.ensure_future(turn())
    await asyncio.gather(*(client["slow"].predict_async([0.1]) for _ in range(3)))
    other.cancel()
    assert turns > 3


async def test_errors_are_raised_where_it_is_awaited(client: Client) -> None:
    with pytest.raises(NotFound, match="has no model 'nobody'"):
        await client["nobody"].predict_async(1)
    with pytest.raises(InvalidArgument, match=r"it was given  a: float \[1, 2\]"):
        await client["several"].predict_async(a=[[1, 2]], b=[[1]], signature="product")
    with pytest.raises(DeadlineExceeded, match=r"no answer .* within 0.05 s"):
        await client["slow"].predict_async([1.0], timeout=0.05)


async def test_no_server() -> None:
    for form in ("127.0.0.1:{}", "http://127.0.0.1:{}"):
        with (
            Client(form.format(free_port())) as client,
            pytest.raises(Unavailable, match="no model server answers"),
        ):
            await client["half"].predict_async(1)


@pytest.mark.parametrize("way", ["grpc", "http"])
async def test_cancelling_the_task_cancels_the_call(way: str) -> None:
    with other_server(way) as server, Client(server.address) as client:
        half = client["half_plus_two"]
        half.metadata()
        server.hangs = True
        task = asyncio.ensure_future(half.predict_async([30.0]))
        await asyncio.to_thread(server.asked.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.given_up.wait, 60)
        server.hangs = False
        # What was broken off is of no harm to the next.
        assert (await half.predict_async([1.0])).tolist() == [2.5]  # type: ignore[union-attr]


async def test_cancelling_a_large_prediction_cancels_all_its_parts(
    client: Client, slow_in_flight: in_flight
) -> None:
    rows = np.full(200, 0.05, np.float32)
    task = asyncio.ensure_future(client["slow"].predict_async(rows, chunk_rows=1))
    deadline = time.monotonic() + 60
    while not await asyncio.to_thread(slow_in_flight):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(
        poll_until, lambda: not slow_in_flight(), "the server has nothing in flight"
    )


LOOPS = """
import asyncio, sys, warnings
warnings.simplefilter("error")
import tfs_notebook
client = tfs_notebook.connect(sys.argv[1])
async def main():
    half = client["half_plus_two"]
    answers = await asyncio.gather(*(half.predict_async([i]) for i in range(40)))
    print(sum(one.item() for one in answers))
if sys.argv[2] == "uvloop":
    import uvloop
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
elif sys.argv[2] == "tornado":
    from tornado.ioloop import IOLoop
    IOLoop.current().run_sync(main)
else:
    asyncio.run(main())
    asyncio.run(main())
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop", "tornado"])
@pytest.mark.parametrize("way", ["grpc", "http"])
def test_any_loop(server: ServerProcess, loop: str, way: str) -> None:
    if loop == "uvloop" and sys.version_info < (3, 11):
        pytest.skip("asyncio.Runner is of Python 3.11")
    address = server.grpc_address if way == "grpc" else server.url
    printed = output_of("-c", LOOPS, address, loop).split()
    assert set(printed) == {str(sum(i / 2 + 2 for i in range(40)))}


def test_a_process_ends_although_a_call_is_under_way(server: ServerProcess) -> None:
    script = f"""
import tfs_notebook, asyncio
client = tfs_notebook.connect({server.url!r})
async def main():
    client["slow"].metadata()
    asyncio.ensure_future(client["slow"].predict_async([3.0]))
    await asyncio.sleep(0.05)
    print("end")
asyncio.run(main())
"""
    assert output_of("-c", script) == "end\n"
