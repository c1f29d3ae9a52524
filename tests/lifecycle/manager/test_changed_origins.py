"""A version that comes from somewhere else now."""

from __future__ import annotations

from tests.lifecycle.version_states import BROKEN, LIFE, WHOLE_LIFE, states
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import resource_preserving


def test_changed_origin_is_loaded_while_the_old_one_serves(bench: ManagerBench) -> None:
    """TensorFlow Serving goes on with the old files."""
    old, new = FakeLoader("old", origin="/a/1"), FakeLoader("new", origin="/b/1")
    bench.aspire("m", v1=old)
    bench.settle()
    bench.aspire("m", v1=new)
    assert bench.served("m") == "old"
    bench.run_job()
    assert bench.served("m", 1) == "new"
    bench.settle()
    assert old.unloads == 1
    assert [v.origin for v in bench.manager.versions("m")] == ["/b/1"]
    assert bench.states_of("m", 1) == [*LIFE, "AVAILABLE"]


def test_changed_origin_that_cannot_be_loaded_keeps_the_old_one_and_says_so() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    bench.aspire("m", v1=FakeLoader("old", origin="/a/1"))
    bench.settle()
    bench.aspire("m", v1=FakeLoader(origin="/b/1", failures=[BROKEN]))
    bench.settle()
    assert bench.served("m") == "old"
    assert bench.states_of("m", 1) == [*LIFE, "AVAILABLE"]
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: broken"
    settled = bench.manager.wait_until_settled(["m"], 0)
    assert [(v.aspired, v.error) for v in settled["m"]] == [(False, None), (True, BROKEN)]


def test_changed_origin_and_back_again(bench: ManagerBench) -> None:
    old = FakeLoader("old", origin="/a/1")
    bench.aspire("m", v1=old)
    bench.settle()
    bench.aspire("m", v1=FakeLoader("new", origin="/b/1"))
    bench.aspire("m", v1=FakeLoader("old again", origin="/a/1"))
    bench.settle()
    assert bench.served("m") == "old"
    assert old.unloads == 0
    assert bench.states_of("m", 1) == LIFE


def test_changed_origin_under_the_resource_preserving_policy() -> None:
    bench = ManagerBench(ManagerOptions(transition_policy=resource_preserving))
    old, new = FakeLoader("old", origin="/a/1"), FakeLoader("new", origin="/b/1")
    bench.aspire("m", v1=old)
    bench.settle()
    bench.aspire("m", v1=new)
    assert (bench.served("m"), new.loads) == (None, 0)
    bench.settle()
    assert bench.served("m") == "new"
    assert bench.states_of("m", 1) == WHOLE_LIFE + LIFE


def test_changed_origin_of_a_version_in_error() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    bench.aspire("m", v1=FakeLoader(origin="/a/1", failures=[BROKEN]))
    bench.settle()
    bench.aspire("m", v1=FakeLoader("new", origin="/b/1"))
    bench.settle()
    assert bench.served("m") == "new"


def test_everything_removed_while_a_changed_origin_loads(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(origin="/a/1"))
    bench.settle()
    bench.aspire("m", v1=FakeLoader(origin="/b/1"))
    bench.aspire("m")
    bench.settle()
    assert states(bench) == {}
    assert bench.states_of("m", 1) == WHOLE_LIFE
    assert bench.last_error("m", 1) is None
