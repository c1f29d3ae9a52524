"""Versions that are taken from the list and put there again."""

from __future__ import annotations

from tests.lifecycle.version_states import BROKEN, LIFE, WHOLE_LIFE, states
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import resource_preserving


def test_unaspire_then_immediately_reaspire(bench: ManagerBench) -> None:
    first, second = FakeLoader("first"), FakeLoader("second")
    bench.aspire("m", v1=first)
    bench.settle()
    bench.aspire("m")
    bench.aspire("m", v1=second)
    assert second.loads == 0, "loaded while the first one was still being unloaded"
    bench.settle()
    assert bench.served("m") == "second"
    assert (first.unloads, second.loads) == (1, 1)
    assert bench.states_of("m", 1) == WHOLE_LIFE + LIFE


def test_unaspire_failed_servable_then_immediately_reaspire() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    bench.aspire("m", v1=FakeLoader(failures=[BROKEN]))
    bench.settle()
    bench.aspire("m")
    bench.aspire("m", v1=FakeLoader("second"))
    bench.settle()
    assert bench.served("m") == "second"
    assert bench.states_of("m", 1) == ["START", "LOADING", "END", *LIFE]


def test_unaspire_new_servable_then_immediately_reaspire() -> None:
    bench = ManagerBench(ManagerOptions(transition_policy=resource_preserving))
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    new = FakeLoader()
    bench.aspire("m", v2=new)
    assert states(bench) == {1: "unloading", 2: "new"}
    bench.aspire("m", v3=FakeLoader())
    bench.aspire("m", v2=FakeLoader("second"))
    bench.settle()
    assert bench.served("m") == "second"
    assert new.loads == 0
    assert bench.states_of("m", 2) == ["START", "END", *LIFE]


def test_load_after_cancelled_load(bench: ManagerBench) -> None:
    first, second = FakeLoader("first"), FakeLoader("second")
    bench.aspire("m", v1=first)
    bench.aspire("m")
    bench.aspire("m", v1=second)
    assert second.loads == 0, "loaded while the first one was still loading"
    bench.settle()
    assert bench.served("m") == "second"
    assert (first.loads, first.unloads) == (1, 1)
    assert bench.states_of("m", 1) == ["START", "LOADING", "END", *LIFE]


def test_version_that_still_serves_goes_on_when_aspired_again(bench: ManagerBench) -> None:
    one, again = FakeLoader("one"), FakeLoader("again")
    bench.aspire("m", v1=one)
    bench.settle()
    bench.aspire("m", v2=FakeLoader())
    bench.aspire("m", v1=again)
    bench.settle()
    assert bench.served("m") == "one"
    assert (one.unloads, again.loads) == (0, 0)
    assert bench.states_of("m", 1) == LIFE
    assert bench.last_error("m", 2) == "CANCELLED: Loading of servable cancelled"


def test_roll_back_from_a_version_that_failed(bench: ManagerBench) -> None:
    """TensorFlow Serving sets such a list aside until a third version comes."""
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    bench.aspire("m", v2=BROKEN)
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    assert states(bench) == {1: "ready"}
    assert bench.served("m") == "one"


def test_handle_that_is_kept_stops_no_other_version(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    handle = bench.manager.handle(ServableRequest.latest("m"))
    bench.aspire("m", v2=FakeLoader("two"))
    bench.settle()
    bench.aspire("m", v1=FakeLoader("one again"), v3=FakeLoader("three"))
    bench.settle()
    assert states(bench) == {1: "load-requested", 3: "ready"}
    assert (bench.served("m"), handle.servable) == ("three", "one")
    handle.release()
    bench.settle()
    assert bench.served("m", 1) == "one again"
