"""New versions and rollbacks under load: nobody notices, and nothing stays behind."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.frontends.official import Client
from tests.models.heavy import write_heavy
from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

MEGABYTES = 60


class Load:
    """Requests over both doors, one after the other on a thread each, until told to stop.

    Attributes:
        last: the latest value by door.
        answers: how many there were.
        failures: whatever was not an answer, or not one of a version.
    """

    def __init__(self, server: ServerProcess, *, label: bool = False) -> None:
        self.last: dict[str, float] = {}
        self.answers = 0
        self.failures: list[str] = []
        self._server = server
        self._enough = threading.Event()
        asks = {"gRPC": self._over_grpc, "REST": self._over_rest}
        if label:
            asks["label"] = self._by_label
        self._threads = [threading.Thread(target=self._ask, args=item) for item in asks.items()]

    def _over_grpc(self) -> Iterator[float]:
        with Client.of(self._server) as client:
            while True:
                yield float(client.predict("m", {"x": floats(0.0)})["y"][0])

    def _by_label(self) -> Iterator[float]:
        with Client.of(self._server) as client:
            while True:
                # It stands for version 1, which is there throughout.
                outputs = client.predict("m", {"x": floats(0.0)}, label="stable")
                assert float(outputs["y"][0]) == 1.0
                yield 1.0

    def _over_rest(self) -> Iterator[float]:
        with httpx.Client(base_url=self._server.url, timeout=60) as client:
            while True:
                answer = client.post("/v1/models/m:predict", json={"instances": [0.0]})
                yield float(answer.raise_for_status().json()["predictions"][0])

    def _ask(self, door: str, ask: Callable[[], Iterator[float]]) -> None:
        answers = ask()
        try:
            while not self._enough.is_set():
                self.last[door] = next(answers)
                self.answers += 1
        except Exception as error:  # noqa: BLE001 - any of them is what must not be
            self.failures.append(f"{door}: {error}")

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in self._threads:
                thread.join(60)

    def wait_for(self, value: float) -> None:
        """Until both doors answer with this version."""
        poll_until(
            lambda: self.failures or {self.last.get("gRPC"), self.last.get("REST")} == {value},
            f"version {value} answers",
        )
        assert not self.failures


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four versions, to be put in place; written before there is any load."""
    directory = tmp_path_factory.mktemp("heavy")
    for version in range(1, 5):
        write_heavy(directory / str(version), float(version), MEGABYTES)
    return directory


@pytest.fixture
def base(tmp_path: Path, heavy: Path) -> Path:
    base = tmp_path / "base"
    base.mkdir()
    put(heavy, base, 1)
    return base


def put(heavy: Path, base: Path, version: int) -> None:
    """Make a version appear whole."""
    arriving = base.parent / "arriving"
    arriving.mkdir()
    (arriving / "saved_model.pb").hardlink_to(heavy / str(version) / "saved_model.pb")
    arriving.rename(base / str(version))


@pytest.fixture
def server(
    base: Path, tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> ServerProcess:
    """Serves the two newest versions; the label stands for the first."""
    config = tmp_path / "models.config"
    policy = (
        "model_version_policy { latest { num_versions: 2 } } "
        'version_labels { key: "stable" value: 1 }'
    )
    config.write_text(config_text({"m": base}, m=policy))
    return start_server(f"--model_config_file={config}")


def resident(server: ServerProcess) -> float:
    return float(psutil.Process(server.process.pid).memory_info().rss) / 1e6


def test_updates_and_rollbacks(server: ServerProcess, base: Path, heavy: Path) -> None:
    load = Load(server, label=True)
    with load.running():
        load.wait_for(1.0)
        sizes = []
        for version in range(2, 5):
            put(heavy, base, version)
            load.wait_for(float(version))
            before = load.answers
            poll_until(lambda n=before: load.answers > n + 20, "it goes on answering")  # type: ignore[misc]
            shutil.rmtree(base / str(version))
            load.wait_for(1.0)
            poll_until(
                lambda v=version: server.states("m").get(v) == "END",  # type: ignore[misc]
                "the version that is gone from the disk is unloaded",
            )
            sizes.append(resident(server))
    assert load.failures == []
    # Each version was in memory, and is not any more.
    assert max(sizes[1:]) - sizes[0] < MEGABYTES, sizes


@pytest.mark.long
def test_each_version_takes_the_place_of_the_one_before(
    base: Path, heavy: Path, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server("--model_name=m", f"--model_base_path={base}")
    load = Load(server)
    with load.running():
        load.wait_for(1.0)
        sizes = []
        for version in range(2, 5):
            put(heavy, base, version)
            load.wait_for(float(version))
            poll_until(
                lambda v=version: server.states("m").get(v - 1) == "END",  # type: ignore[misc]
                "the version before is unloaded",
            )
            sizes.append(resident(server))
    assert load.failures == []
    assert load.answers > 100
    assert max(sizes[1:]) - sizes[0] < MEGABYTES, sizes
