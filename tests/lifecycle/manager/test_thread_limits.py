"""Numbers of threads, as limits of how much is loaded and unloaded at once."""

from __future__ import annotations

import pytest

from tests.lifecycle.version_states import BROKEN, states
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench


def test_failing_model_does_not_block_others(bench: ManagerBench) -> None:
    """TensorFlow Serving with its default threads: five minutes for each such model."""
    bench.aspire("bad", v1=FakeLoader(failures=[BROKEN] * 9))
    bench.aspire("good", v1=FakeLoader())
    bench.run_job()
    bench.run_job()
    assert bench.served("good") == "servable"
    assert states(bench, "bad") == {1: "loading"}


@pytest.mark.parametrize(("threads", "started"), [(1, 1), (2, 2), (3, 3)])
def test_load_pool_has_its_limit(threads: int, started: int) -> None:
    bench = ManagerBench(ManagerOptions(num_load_threads=threads))
    for name in "abcd":
        bench.aspire(name, v1=FakeLoader())
    assert len(bench.jobs.names) == started
    bench.settle()
    assert len(bench.manager.available_ids()) == 4


def test_zero_load_threads_are_one_for_each_name() -> None:
    bench = ManagerBench(ManagerOptions(num_load_threads=0))
    bench.aspire("a", v1=FakeLoader(), v2=FakeLoader())
    bench.aspire("b", v1=FakeLoader())
    assert bench.jobs.names == ("tfs-load-a", "tfs-load-b")


def test_loads_start_in_the_order_in_which_they_were_wanted(bench: ManagerBench) -> None:
    for name in "cab":
        bench.aspire(name, v1=FakeLoader())
    order = []
    while bench.jobs.names:
        order.append(bench.jobs.names[0])
        bench.run_job()
    assert order == ["tfs-load-c", "tfs-load-a", "tfs-load-b"]


def test_highest_version_loads_first(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"), v2=FakeLoader("two"), v3=FakeLoader("three"))
    bench.run_job()
    assert bench.served("m") == "three"


def test_thread_pool_swapped(bench: ManagerBench) -> None:
    """ThreadPoolSwapped, ThreadPoolsNotAliveSimultaneously: here only a limit changes."""
    bench.manager.set_num_load_threads(3)
    for name in "abcd":
        bench.aspire(name, v1=FakeLoader())
    running = len(bench.jobs.names)
    bench.manager.set_num_load_threads(1)
    bench.run_job()
    bench.run_job()
    drained = list(bench.jobs.names)
    bench.run_job()
    assert (running, drained, list(bench.jobs.names)) == (3, ["tfs-load-c"], ["tfs-load-d"])


def test_unload_pool_has_its_limit() -> None:
    bench = ManagerBench(ManagerOptions(num_unload_threads=2))
    for name in "abc":
        bench.aspire(name, v1=FakeLoader())
    bench.settle()
    for name in "abc":
        bench.aspire(name)
    assert bench.jobs.names == ("tfs-unload-a", "tfs-unload-b")
    assert states(bench, "c") == {1: "quiesced"}
    bench.settle()
    assert bench.manager.versions() == ()
