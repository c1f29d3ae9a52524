"""One prediction at a time through a Unix socket, as a notebook does, beside an echo there."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
import numpy as np

from benchmarks.figures import Figure, percentile
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_call
from benchmarks.side_process import SideProcess, side_process
from benchmarks.standalone import running
from benchmarks.targets import HALF_PLUS_TWO
from tfs_notebook.client import Client, ModelHandle

__all__ = ["measure"]

_CALLS = 200
_ROUNDS = 25
_MORE_THAN_ECHO = 0.4
_FIRST_CALL_SECONDS = 1.0
_EXTENSION_SECONDS = 0.3
_PROCESSES = 5


def measure(folder: Path) -> Iterator[Figure]:
    """Milliseconds of a prediction and of an echo; seconds until the first one."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    # A path of a socket holds about a hundred bytes.
    with TemporaryDirectory(prefix="tfs-") as places:
        served, echoed = f"{places}/g", f"{places}/e"
        with (
            running(model, f"--grpc_socket_path={served}"),
            side_process("echo_server", echoed),
            Client(f"unix:{served}") as client,
            grpc.insecure_channel(f"unix:{echoed}") as channel,
        ):
            yield from _latencies(client["half_plus_two"], predict_call(channel))
            yield from _starts(f"unix:{served}")


def _latencies(model: ModelHandle, echo: Callable[[bytes], bytes]) -> Iterator[Figure]:
    values = np.array([1.0, 2.0, 5.0], np.float32)
    steps: dict[str, Callable[[], object]] = {
        "an echo": lambda: echo(HALF_PLUS_TWO),
        "predict": lambda: model.predict(values),
    }
    times: dict[str, list[float]] = {name: [] for name in (*steps, "predict_async")}
    for _ in range(_ROUNDS):
        for name, step in steps.items():
            times[name] += [_milliseconds(step) for _ in range(_CALLS)]
        times["predict_async"] += asyncio.run(_awaited(model, values))
    for name, taken in times.items():
        yield Figure("client_latency", f"{name}, p50", statistics.median(taken), "ms")
        yield Figure("client_latency", f"{name}, p99", percentile(taken, 99), "ms")
    more = statistics.median(times["predict"]) - statistics.median(times["an echo"])
    yield Figure(
        "client_latency",
        "predict, more than the echo, p50",
        more,
        "ms",
        at_most=_MORE_THAN_ECHO,
    )


async def _awaited(model: ModelHandle, values: np.ndarray) -> list[float]:
    taken = []
    for _ in range(_CALLS):
        began = time.perf_counter()
        await model.predict_async(values)
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def _milliseconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1e3


def _starts(address: str) -> Iterator[Figure]:
    """What a new process spends, and that it has not imported tensorflow for it."""
    times: dict[str, list[float]] = {}
    for _ in range(_PROCESSES):
        with side_process("client_start", address) as process:
            for name, seconds in _figures_of(process).items():
                times.setdefault(name, []).append(seconds)
    limits = {
        "import tfs_notebook; connect()": _FIRST_CALL_SECONDS,
        "%load_ext": _EXTENSION_SECONDS,
    }
    for name, taken in times.items():
        limit = limits.get(name)
        yield Figure("client_latency", name, statistics.median(taken), "s", at_most=limit)


def _figures_of(process: SideProcess) -> dict[str, float]:
    figures: dict[str, float] = process.ready
    return figures
