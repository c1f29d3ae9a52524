"""New versions of the spam classifier, and rollbacks, while clients go on asking."""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, percentile
from benchmarks.spam_model import spam_model
from benchmarks.standalone import Standalone, running

__all__ = ["measure"]

_CLIENTS = 4
_UPDATES = 20
# As many loads as the arenas of malloc need to reach their size.
_SETTLED = 10
_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0


@dataclass
class _Clients:
    """What the clients have seen; they ask without a pause.

    Attributes:
        port: of the server.
        failed: requests that were not answered with 200.
        milliseconds: of those that were, with the time of each.
        first: when each version answered for the first time since :meth:`watch`.
    """

    port: int
    failed: list[str] = field(default_factory=list)
    milliseconds: list[tuple[float, float]] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)
    enough: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        while not self.enough.is_set():
            started = time.monotonic()
            try:
                connection.request("GET", "/predict?text=free+prize+inside")
                response = connection.getresponse()
                answer = response.read()
            except OSError as error:
                self.failed.append(str(error))
                continue
            now = time.monotonic()
            if response.status == 200:
                self.milliseconds.append((now, (now - started) * 1000))
                self.first.setdefault(response.headers["X-Model-Version"], now)
            else:
                self.failed.append(answer.decode())
        connection.close()

    def seconds_until(self, version: int, change: Callable[[], object]) -> float:
        """From a change on the disk to the first answer of a version."""
        started = time.monotonic()
        change()
        self.first.clear()
        while str(version) not in self.first:
            if time.monotonic() - started > _PATIENCE_SECONDS:
                raise TimeoutError(f"version {version} did not answer: {self.failed[-1:]}")
            time.sleep(0.001)
        return self.first[str(version)] - started


def measure(folder: Path) -> Iterator[Figure]:
    """Rename versions into place and remove them again, beside four clients."""
    trained = spam_model(folder)
    base = folder / "updated"
    shutil.copytree(trained / "1", base / "1")
    with running(base, f"--file_system_poll_wait_seconds={_POLL_SECONDS:.0f}") as server:
        clients = _Clients(server.rest_port)
        threads = [threading.Thread(target=clients.ask) for _ in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield from _updates(trained / "2", base, server, clients)
        finally:
            clients.enough.set()
            for thread in threads:
                thread.join()
        yield Figure("hot_update", "requests", len(clients.milliseconds), "")
        yield Figure("hot_update", "failed requests", len(clients.failed), "", at_most=0)
        times = [value for _, value in clients.milliseconds]
        yield Figure("hot_update", "request, p50", statistics.median(times), "ms")
        yield Figure("hot_update", "request, p99", percentile(times, 99), "ms")


def _updates(
    version_dir: Path, base: Path, server: Standalone, clients: _Clients
) -> Iterator[Figure]:
    beyond_load, loads, rollbacks, sizes = [], [], [], []
    for version in range(2, 2 + _UPDATES):
        arriving = base / "arriving"
        shutil.copytree(version_dir, arriving)
        watch = _LoadWatch(server.rest_port, version)
        live = clients.seconds_until(version, lambda: arriving.rename(base / str(version)))  # noqa: B023 - called at once
        load = watch.seconds()
        loads.append(load)
        beyond_load.append(live - load)
        removed = base / str(version)
        rollbacks.append(
            clients.seconds_until(1, lambda: removed.rename(base / "removed"))  # noqa: B023
        )
        shutil.rmtree(base / "removed")
        _wait_until_ended(server.rest_port, version)
        sizes.append(server.resident_megabytes())
    yield Figure("hot_update", "load, median", statistics.median(loads), "s")
    yield Figure(
        "hot_update",
        "from rename to live, without the load, longest",
        max(beyond_load),
        "s",
        at_most=_POLL_SECONDS + 0.1,
    )
    yield Figure("hot_update", "rollback live after, longest", max(rollbacks), "s")
    growth = 100 * (sizes[-1] - sizes[_SETTLED - 1]) / sizes[_SETTLED - 1]
    yield Figure(
        "hot_update", f"memory, update {_SETTLED} to {_UPDATES}", growth, "%", at_most=5
    )


class _LoadWatch:
    """How long a version is loading, as its status tells on a connection of its own."""

    def __init__(self, port: int, version: int) -> None:
        self._port, self._version = port, version
        self._times: dict[str, float] = {}
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while "AVAILABLE" not in self._times:
            state = _states(self._port).get(self._version)
            if state is not None:
                self._times.setdefault(state, time.monotonic())
            time.sleep(0.002)

    def seconds(self) -> float:
        self._thread.join()
        return self._times["AVAILABLE"] - self._times.get("LOADING", self._times["AVAILABLE"])


def _states(port: int) -> dict[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/v1/models/updated")
    statuses = json.loads(connection.getresponse().read())["model_version_status"]
    connection.close()
    return {int(status["version"]): status["state"] for status in statuses}


def _wait_until_ended(port: int, version: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while _states(port).get(version) != "END":
        if time.monotonic() > deadline:
            raise TimeoutError(f"version {version} was not unloaded")
        time.sleep(0.01)
