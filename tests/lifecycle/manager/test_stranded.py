"""Versions that are unloaded while a run hangs in them: they end, and their memory stays."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager

import pytest

from tests.lifecycle.version_states import LIFE, states
from tests.polling import poll_until
from tfs_notebook.lifecycle.cache_options import CacheOptions
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import (
    MemoryHold,
    ServableData,
    ServableId,
    ServableRequest,
)
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader, ManagerBench, items_of
from tfs_notebook.wire.errors import NotFound, ServingError

WHOLE_LIFE = [*LIFE, "UNLOADING", "END"]
STILL_HELD = (
    "DEADLINE_EXCEEDED: Servable {name: m version: 1} is unloaded, but its memory is still held"
)


def hang(bench: ManagerBench, name: str = "m") -> MemoryHold:
    """Have a run hang in what is served, and be written off."""
    with bench.manager.handle(ServableRequest.latest(name)) as handle:
        return handle.keep_memory()


def load(bench: ManagerBench, **versions: Loader[str] | ServingError) -> None:
    bench.aspire("m", **versions)
    bench.settle()


def comes_back(bench: ManagerBench, hold: MemoryHold, loader: FakeLoader) -> None:
    """The last run that hangs does, and the memory is free."""
    hold.release()
    bench.settle()
    assert not loader.loaded


def test_its_unload_waits_for_nobody_and_frees_nothing(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    hold = hang(bench)
    assert bench.served("m") == "one"
    load(bench, v2=FakeLoader("two"))
    assert (states(bench), bench.served("m")) == ({2: "ready"}, "two")
    assert bench.states_of("m", 1) == WHOLE_LIFE
    assert str(bench.last_error("m", 1)).startswith(STILL_HELD)
    assert (loader.loaded, loader.unloads) == (True, 0)
    hold.release()
    assert loader.loaded, "freed by the thread of the run"
    bench.settle()
    assert (loader.loaded, loader.unloads) == (False, 1)
    # The end is told once more, without the error.
    assert (bench.states_of("m", 1), bench.last_error("m", 1)) == ([*WHOLE_LIFE, "END"], None)


def test_what_holds_it_in_order_is_waited_for(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    hold = hang(bench)
    handle = bench.manager.handle(ServableRequest.latest("m"))
    load(bench)
    assert states(bench) == {1: "quiescing"}
    handle.release()
    bench.settle()
    assert (states(bench), loader.loaded) == ({}, True)
    comes_back(bench, hold, loader)


def test_one_that_hangs_while_it_is_drained(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    handle = bench.manager.handle(ServableRequest.latest("m"))
    load(bench)
    hold = handle.keep_memory()
    handle.release()
    bench.settle()
    assert (states(bench), loader.loaded) == ({}, True)
    comes_back(bench, hold, loader)


def test_one_that_came_back_before_the_unload_leaves_no_trace(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    hang(bench).release()
    load(bench)
    assert (loader.loaded, loader.unloads) == (False, 1)
    assert (bench.states_of("m", 1), bench.last_error("m", 1)) == (WHOLE_LIFE, None)


def test_several_runs_have_to_come_back(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    holds = [hang(bench) for _ in range(3)]
    load(bench)
    assert "held by 3 runs" in str(bench.last_error("m", 1))
    for hold in holds:
        assert loader.loaded
        hold.release()
        bench.settle()
    assert not loader.loaded


def test_the_same_version_is_loaded_anew_beside_it(bench: ManagerBench) -> None:
    old, new = FakeLoader("old"), FakeLoader("new")
    load(bench, v1=old)
    hold = hang(bench)
    load(bench)
    load(bench, v1=new)
    assert bench.served("m") == "new"
    hold.release()
    bench.settle()
    assert (old.loaded, new.loaded, bench.served("m")) == (False, True, "new")
    assert bench.states_of("m", 1)[-1] == "AVAILABLE"


def test_a_loader_that_has_yet_to_unload_does_not_load(bench: ManagerBench) -> None:
    loader = FakeLoader("one")
    load(bench, v1=loader)
    hold = hang(bench)
    load(bench)
    load(bench, v1=loader)
    assert "is still in memory, because a run hangs in it" in str(bench.last_error("m", 1))
    assert loader.loads == 1
    hold.release()
    bench.settle()
    load(bench)
    load(bench, v1=loader)
    assert (loader.loads, bench.served("m")) == (2, "one")


def test_its_memory_is_accounted_for_until_it_is_freed() -> None:
    bench = ManagerBench(ManagerOptions(total_model_memory_limit_bytes=10))
    load(bench, v1=FakeLoader("one", estimate=6))
    hold = hang(bench)
    load(bench)
    bench.aspire("n", v1=FakeLoader("other", estimate=5))
    bench.settle()
    assert (bench.manager.memory().used, bench.served("n")) == (6, None)
    assert "4 bytes are free" in str(bench.last_error("n", 1))
    hold.release()
    bench.settle()
    assert (bench.manager.memory().used, bench.served("n")) == (5, "other")


def test_no_thread_to_free_it_on(
    bench: ManagerBench, no_thread: AbstractContextManager[None]
) -> None:
    load(bench, v1=FakeLoader("one"))
    hold = hang(bench)
    load(bench)
    with no_thread:
        hold.release()
        bench.settle()
    # It is given up, as by any unload without a thread; the manager goes on.
    load(bench, v2=FakeLoader("two"))
    assert bench.served("m") == "two"


def test_a_cache_does_not_evict_what_frees_nothing() -> None:
    bench = CacheBench(cache=CacheOptions(max_models=1))
    bench.know("m", v1=FakeLoader("one"))
    bench.know("n", v1=FakeLoader("other"))
    with bench.cache.waiting(ServableRequest.latest("m"), lambda: None) as wait:
        wait.handle()
        bench.settle()
    hold = hang(bench)
    with bench.cache.waiting(ServableRequest.latest("n"), lambda: None) as wait:
        wait.handle()
        bench.settle()
        assert (bench.served("m"), bench.served("n")) == ("one", None)
        hold.release()
        bench.settle()
        assert (bench.served("m"), bench.served("n")) == (None, "other")


@pytest.mark.parametrize("comes_back", [False, True])
def test_the_stop_does_not_wait(*, comes_back: bool) -> None:
    loader = FakeLoader("one")
    manager: AspiredVersionsManager[str] = AspiredVersionsManager()
    manager.start()
    manager.set_aspired_versions("m", items_of("m", v1=loader))
    manager.wait_until_settled(["m"], 30)
    with manager.handle(ServableRequest.latest("m")) as handle:
        hold = handle.keep_memory()
    assert manager.stop(3600) == ()
    assert loader.loaded
    if comes_back:
        hold.release()
        poll_until(lambda: not loader.loaded, "it is freed although the manager has gone")


class Freeing:
    """A loader whose servable says whether it has been freed."""

    def __init__(self, number: int) -> None:
        self.origin = number
        self.servable: list[str] = []

    def estimate_resources(self) -> None:
        return None

    def load(self) -> None:
        self.servable = ["alive"]

    def unload(self) -> None:
        self.servable.clear()


def hang_and_come_back(manager: AspiredVersionsManager[list[str]]) -> bool:
    """Have a run hang for a moment; whether what it uses was there all the time."""
    try:
        handle = manager.handle(ServableRequest.latest("m"))
    except NotFound:
        return True
    servable = handle.servable
    hold = handle.keep_memory()
    handle.release()
    alive = []
    for _ in range(10):
        time.sleep(0)  # Others have their turn.
        alive.append(bool(servable))
    hold.release()
    return all(alive)


def test_nothing_is_freed_under_a_run() -> None:
    """Readers that hold, hang and come back, against a manager that loads and unloads."""
    manager: AspiredVersionsManager[list[str]] = AspiredVersionsManager()
    alive: list[bool] = []
    enough = threading.Event()

    def read_on() -> None:
        while not enough.is_set():
            alive.append(hang_and_come_back(manager))

    loaders = [Freeing(version) for version in range(1, 100)]
    readers = [threading.Thread(target=read_on) for _ in range(3)]
    with manager:
        for reader in readers:
            reader.start()
        try:
            for loader in loaders:
                data = ServableData.of(ServableId("m", loader.origin), loader)
                manager.set_aspired_versions("m", [data])
                manager.wait_until_settled(["m"], 30)
        finally:
            enough.set()
            for reader in readers:
                reader.join(30)
    assert all(alive)
    poll_until(lambda: not any(loader.servable for loader in loaders), "all are freed")
