"""The manager on its own threads: order forced with events, time by a manual clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.at_once import at_once
from tests.polling import poll_until
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager, ManagerOptions
from tfs_notebook.lifecycle.monitor import ServableStateMonitor
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.lifecycle.testing import FakeLoader, ManualClock, items_of
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound

PATIENCE = 30.0


class Server:
    """A running manager, its monitor and its clock."""

    def __init__(self, options: ManagerOptions | None = None) -> None:
        self.clock = ManualClock()
        self.bus: EventBus[ServableState] = EventBus()
        self.monitor = ServableStateMonitor(self.bus, log_size=10_000)
        self.manager: AspiredVersionsManager[str] = AspiredVersionsManager(
            options, bus=self.bus, clock=self.clock
        )
        self.manager.start()

    def aspire(self, name: str, **versions: Loader[str]) -> None:
        self.manager.set_aspired_versions(name, items_of(name, **versions))

    def wait(self, name: str, version: int, state: ManagerState) -> None:
        id_ = ServableId(name, version)

        def reached() -> bool:
            known = self.monitor.state(id_)
            return known is not None and known.state is state

        poll_until(reached, f"{id_} is {state.name}")

    def wait_gone(self, name: str) -> None:
        poll_until(lambda: not self.manager.versions(name), f"{name} is gone")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(ManagerOptions(num_load_threads=2))
    yield made
    made.manager.stop(timeout=0)


def own_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("tfs-")]


def test_load_lookup_and_unload(server: Server) -> None:
    loader = FakeLoader("model")
    server.aspire("m", v1=loader)
    server.wait("m", 1, ManagerState.AVAILABLE)
    with server.manager.handle(ServableRequest.latest("m")) as handle:
        assert handle.servable == "model"
    server.aspire("m")
    server.wait("m", 1, ManagerState.END)
    assert loader.unloads == 1


def test_nothing_is_loaded_on_the_manager_thread(server: Server) -> None:
    names: list[str] = []

    class Noting(FakeLoader):
        def load(self) -> None:
            names.append(threading.current_thread().name)
            super().load()

        def unload(self) -> None:
            names.append(threading.current_thread().name)
            super().unload()

    server.aspire("m", v1=Noting())
    server.wait("m", 1, ManagerState.AVAILABLE)
    server.aspire("m")
    server.wait("m", 1, ManagerState.END)
    assert names == ["tfs-load-m", "tfs-unload-m"]


def test_load_that_hangs_does_not_block_others(server: Server) -> None:
    hanging = FakeLoader()
    hanging.gate.clear()
    server.aspire("slow", v1=hanging)
    assert hanging.entered.wait(PATIENCE)
    for version in range(1, 4):
        server.aspire("m", **{f"v{version}": FakeLoader(f"{version}")})
        server.wait("m", version, ManagerState.AVAILABLE)
    hanging.gate.set()
    server.wait("slow", 1, ManagerState.AVAILABLE)


def test_retry_is_woken_up_by_the_clock_and_holds_no_thread(server: Server) -> None:
    loader = FakeLoader(failures=[InvalidArgument("broken")])
    server.aspire("m", v1=loader)
    assert server.clock.wait_for_sleeper() == 60.0
    poll_until(lambda: own_threads() == ["tfs-manager"], "no thread waits for the retry")
    server.clock.advance(60)
    server.wait("m", 1, ManagerState.AVAILABLE)
    assert loader.loads == 2


def test_release_on_any_thread_lets_the_unload_begin(server: Server) -> None:
    loader = FakeLoader()
    server.aspire("m", v1=loader)
    server.wait("m", 1, ManagerState.AVAILABLE)
    handle = server.manager.handle(ServableRequest.latest("m"))
    server.aspire("m")
    server.wait("m", 1, ManagerState.UNLOADING)
    with pytest.raises(NotFound):
        server.manager.handle(ServableRequest.latest("m"))
    assert loader.loaded
    releasing = threading.Thread(target=handle.release)
    releasing.start()
    releasing.join()
    server.wait("m", 1, ManagerState.END)
    assert not loader.loaded


def test_concurrent_loads_of_one_list_only_one_succeeds(server: Server) -> None:
    loaders = [FakeLoader(origin="same") for _ in range(50)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda loader: server.aspire("m", v1=loader), loaders))
    server.wait("m", 1, ManagerState.AVAILABLE)
    assert sum(loader.loads for loader in loaders) == 1


def test_interleaved_loads_and_unloads(server: Server) -> None:
    """Many names come and go from many threads; in the end what is aspired serves."""
    loaders: list[FakeLoader] = []

    def churn(index: int) -> None:
        for version in range(1, 20):
            loader = FakeLoader(f"{index}/{version}")
            loaders.append(loader)
            server.aspire(f"m{index}", **{f"v{version}": loader})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(churn, range(4)))
    names = [f"m{index}" for index in range(4)]
    assert len(server.manager.wait_until_settled(names, PATIENCE)) == 4
    poll_until(lambda: len(server.manager.versions()) == 4, "all but the last are gone")
    assert server.manager.available_ids() == tuple(ServableId(name, 19) for name in names)
    assert sum(loader.loaded for loader in loaders) == 4
    assert all(loader.loads == loader.unloads + loader.loaded for loader in loaders)


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_concurrent_loads_then_unloads_each_happen_once(threads: int) -> None:
    """Whoever asks for the same at once, and however many threads there are for it."""
    server = Server(ManagerOptions(num_load_threads=threads, num_unload_threads=threads))
    names = [f"m{index}" for index in range(8)]
    loaders = {name: FakeLoader(name) for name in names}

    def load(_: int) -> None:
        for name in names:
            server.aspire(name, v1=loaders[name])

    def unload(_: int) -> None:
        for name in names:
            server.aspire(name)

    try:
        at_once(4, load)
        assert len(server.manager.wait_until_settled(names, PATIENCE)) == len(names)
        assert server.manager.available_ids() == tuple(ServableId(name, 1) for name in names)
        at_once(4, unload)
        for name in names:
            server.wait_gone(name)
    finally:
        server.manager.stop(timeout=0)
    assert [(loader.loads, loader.unloads) for loader in loaders.values()] == [(1, 1)] * 8


def test_stress_swaps_under_lookups_lose_no_request(server: Server) -> None:
    server.aspire("m", v1=FakeLoader())
    server.wait("m", 1, ManagerState.AVAILABLE)
    done = threading.Event()
    faults: list[str] = []
    requests = [0, 0]

    def ask(index: int) -> None:
        request = ServableRequest.latest("m")
        while not done.is_set():
            try:
                with server.manager.handle(request) as handle:
                    assert handle.servable
            except Exception as exc:  # noqa: BLE001 - whatever it is, it is a fault
                faults.append(repr(exc))
                return
            requests[index] += 1

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for version in range(2, 25):
        server.aspire("m", **{f"v{version}": FakeLoader()})
        server.wait("m", version, ManagerState.AVAILABLE)
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not faults
    assert all(requests)


def test_wait_until_settled_is_woken_up(server: Server) -> None:
    loader = FakeLoader()
    loader.gate.clear()
    server.aspire("m", v1=loader)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.manager.wait_until_settled, ["m"], PATIENCE)
        assert loader.entered.wait(PATIENCE)
        assert not waiting.done()
        loader.gate.set()
        (version,) = waiting.result(PATIENCE)["m"]
    assert str(version.state) == "ready"


# -- the end -----------------------------------------------------------------


def test_stop_unloads_everything_and_leaves_no_thread_behind() -> None:
    before = own_threads()
    server = Server()
    loaders = [FakeLoader() for _ in range(5)]
    for index, loader in enumerate(loaders):
        server.aspire(f"m{index}", v1=loader)
    names = [f"m{index}" for index in range(5)]
    assert len(server.manager.wait_until_settled(names, PATIENCE)) == 5
    assert server.manager.stop(PATIENCE) == ()
    assert [loader.unloads for loader in loaders] == [1] * 5
    assert server.manager.available_ids() == ()
    assert own_threads() == before


def test_stop_is_idempotent_and_may_come_before_start() -> None:
    manager: AspiredVersionsManager[str] = AspiredVersionsManager()
    assert manager.stop(PATIENCE) == ()
    assert manager.stop(PATIENCE) == ()


def test_stopped_manager_takes_no_more_versions() -> None:
    server = Server()
    server.manager.stop(PATIENCE)
    loader = FakeLoader()
    server.aspire("m", v1=loader)
    assert loader.loads == 0
    assert server.manager.versions() == ()


def test_stop_waits_for_what_is_held() -> None:
    server = Server()
    loader = FakeLoader()
    server.aspire("m", v1=loader)
    server.wait("m", 1, ManagerState.AVAILABLE)
    handle = server.manager.handle(ServableRequest.latest("m"))
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(server.manager.stop, PATIENCE)
        server.wait("m", 1, ManagerState.UNLOADING)
        assert loader.loaded
        handle.release()
        assert stopping.result(PATIENCE) == ()
    assert not loader.loaded


def test_stop_drops_a_load_that_runs() -> None:
    server = Server()
    loader = FakeLoader()
    loader.gate.clear()
    server.aspire("m", v1=loader)
    assert loader.entered.wait(PATIENCE)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(server.manager.stop, PATIENCE)
        server.clock.wait_for_sleeper()
        loader.gate.set()
        assert stopping.result(PATIENCE) == ()
    assert (loader.loads, loader.unloads) == (1, 1)


def test_stop_does_not_wait_for_a_retry() -> None:
    server = Server()
    server.aspire("m", v1=FakeLoader(failures=[InvalidArgument("broken")] * 9))
    assert server.clock.wait_for_sleeper() == 60.0
    assert server.manager.stop(PATIENCE) == ()


def test_stop_leaves_an_unload_that_hangs_behind_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Server()
    hanging, other = FakeLoader(), FakeLoader()
    hanging.unload_gate.clear()
    server.aspire("a", v1=hanging)
    server.aspire("b", v1=other)
    server.wait("a", 1, ManagerState.AVAILABLE)
    server.wait("b", 1, ManagerState.AVAILABLE)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(server.manager.stop, 10.0)
        server.wait("a", 1, ManagerState.UNLOADING)
        server.clock.wait_for_sleeper()
        server.clock.advance(10)
        left = stopping.result(PATIENCE)
    assert ServableId("a", 1) in left
    assert "Servable {name: a version: 1} is left behind: it is unloading" in caplog.text
    assert server.manager.stop() == left
    hanging.unload_gate.set()


def test_load_that_ends_after_the_stop_gives_back_what_it_took() -> None:
    server = Server()
    loader = FakeLoader()
    loader.gate.clear()
    server.aspire("m", v1=loader)
    assert loader.entered.wait(PATIENCE)
    assert server.manager.stop(timeout=0) == (ServableId("m", 1),)
    loader.gate.set()
    poll_until(lambda: loader.unloads == 1, "it is unloaded")


def test_subscriber_cannot_stop_the_manager(server: Server) -> None:
    errors: list[FailedPrecondition] = []

    def stop(event: ServableState) -> None:
        try:
            server.manager.stop()
        except FailedPrecondition as exc:
            errors.append(exc)

    server.bus.subscribe(stop)
    server.aspire("m", v1=FakeLoader())
    server.wait("m", 1, ManagerState.AVAILABLE)
    assert errors


def test_as_a_context_manager() -> None:
    loader = FakeLoader()
    with AspiredVersionsManager[str]() as manager:
        manager.set_aspired_versions("m", [ServableData.of(ServableId("m", 1), loader)])
        manager.wait_until_settled(["m"], PATIENCE)
        assert loader.loaded
    assert not loader.loaded
