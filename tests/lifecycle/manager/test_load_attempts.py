"""A load from its hook over its retries to its success, its error or its end."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest

from tests.lifecycle.version_states import BROKEN, states
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.wire.errors import InvalidArgument, Unavailable


def test_retry_on_load_error_finally_succeeds(bench: ManagerBench) -> None:
    loader = FakeLoader(failures=[BROKEN])
    bench.aspire("m", v1=loader)
    bench.run_job()
    assert states(bench) == {1: "loading"}
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: broken"
    bench.pass_time(59.9)
    assert bench.jobs.names == ()
    bench.pass_time(0.1)
    bench.run_job()
    assert bench.served("m") == "servable"
    assert loader.loads == 2
    assert bench.states_of("m", 1) == ["START", "LOADING", "LOADING", "AVAILABLE"]
    assert bench.last_error("m", 1) is None


def test_retry_on_load_error_finally_fails() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=2, load_retry_interval=10))
    loader = FakeLoader(failures=[BROKEN] * 9)
    bench.aspire("m", v1=loader)
    for _ in range(2):
        bench.run_job()
        bench.pass_time(10)
    bench.run_job()
    assert states(bench) == {1: "error"}
    assert loader.loads == 3
    bench.pass_time(1e6)
    assert bench.jobs.names == ()


@pytest.mark.parametrize("interval", [0.0, -1.0])
def test_retries_without_a_pause(interval: float) -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=3, load_retry_interval=interval))
    loader = FakeLoader(failures=[BROKEN] * 3)
    bench.aspire("m", v1=loader)
    bench.settle()
    assert loader.loads == 4
    assert bench.served("m") == "servable"


def test_retry_on_load_error_cancelled_load(bench: ManagerBench) -> None:
    loader = FakeLoader(failures=[BROKEN] * 9)
    bench.aspire("m", v1=loader)
    bench.run_job()
    bench.aspire("m")
    assert states(bench) == {}
    assert bench.states_of("m", 1) == ["START", "LOADING", "LOADING", "END"]
    assert bench.last_error("m", 1) == "CANCELLED: Loading of servable cancelled"
    bench.pass_time(1e6)
    assert loader.loads == 1


def test_non_retriable_error() -> None:
    bench = ManagerBench(
        ManagerOptions(should_retry=lambda error: not isinstance(error, InvalidArgument))
    )
    final, passing = FakeLoader(failures=[BROKEN]), FakeLoader(failures=[Unavailable("wait")])
    bench.aspire("m", v1=final, v2=passing)
    bench.settle()
    assert states(bench) == {1: "error", 2: "loading"}
    bench.pass_time(60)
    bench.settle()
    assert bench.served("m") == "servable"


def test_unaspired_while_loading(bench: ManagerBench) -> None:
    loader = FakeLoader()
    bench.aspire("m", v1=loader)
    bench.aspire("m")
    assert states(bench) == {1: "loading"}
    bench.settle()
    assert states(bench) == {}
    assert (loader.loads, loader.unloads) == (1, 1)
    assert bench.states_of("m", 1) == ["START", "LOADING", "END"]
    assert bench.last_error("m", 1) == "CANCELLED: Loading of servable cancelled"


def test_unaspired_while_a_load_is_about_to_fail(bench: ManagerBench) -> None:
    loader = FakeLoader(failures=[BROKEN])
    bench.aspire("m", v1=loader)
    bench.aspire("m")
    bench.settle()
    assert (loader.loads, loader.unloads) == (1, 0)
    assert bench.last_error("m", 1) == "CANCELLED: Loading of servable cancelled"


def test_unaspired_before_its_turn_to_load(bench: ManagerBench) -> None:
    waiting = FakeLoader()
    bench.aspire("a", v1=FakeLoader())
    bench.aspire("m", v1=waiting)
    assert states(bench) == {1: "load-requested"}
    bench.aspire("m")
    bench.settle()
    assert waiting.loads == 0
    assert bench.states_of("m", 1) == ["START", "END"]
    assert bench.last_error("m", 1) == "CANCELLED: Loading of servable cancelled"


def test_pre_load_hook() -> None:
    hooked: list[ServableId] = []
    bench = ManagerBench(ManagerOptions(pre_load_hook=hooked.append))
    bench.aspire("m", v1=FakeLoader(), v2=BROKEN)
    assert hooked == []
    bench.settle()
    assert hooked == [ServableId("m", 1)]


def test_pre_load_hook_that_fails_fails_the_load() -> None:
    def refuse(id_: ServableId) -> None:
        raise InvalidArgument(f"not {id_}")

    bench = ManagerBench(ManagerOptions(pre_load_hook=refuse, max_num_load_retries=0))
    loader = FakeLoader()
    bench.aspire("m", v1=loader)
    bench.settle()
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: not {name: m version: 1}"
    assert loader.loads == 0


def test_load_that_gets_no_thread_is_tried_again(
    bench: ManagerBench, no_thread: AbstractContextManager[None]
) -> None:
    with no_thread:
        bench.aspire("m", v1=FakeLoader())
    assert bench.last_error("m", 1) == (
        "RESOURCE_EXHAUSTED: No thread to load on: can't start new thread"
    )
    bench.pass_time(60)
    bench.settle()
    assert bench.served("m") == "servable"
