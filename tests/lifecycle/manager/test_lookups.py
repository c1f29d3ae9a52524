"""Looking up what a manager serves, and asking what it manages."""

from __future__ import annotations

import pytest

from tests.lifecycle.version_states import BROKEN, states
from tfs_notebook.lifecycle.harness import HarnessState
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.wire.errors import InvalidArgument, NotFound


def test_servable_handle_not_found_missing_loader_name(bench: ManagerBench) -> None:
    with pytest.raises(NotFound, match=r"^Servable not found for request: Latest\(m\)$"):
        bench.manager.handle(ServableRequest.latest("m"))


def test_servable_handle_not_found_missing_version(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    with pytest.raises(NotFound, match=r"^Servable not found for request: Specific\(m, 3\)$"):
        bench.manager.handle(ServableRequest.specific("m", 3))


def test_servable_handle_latest_and_specific_version(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"), v2=FakeLoader("two"))
    bench.settle()
    assert [bench.served("m"), bench.served("m", 1)] == ["two", "one"]


def test_servable_handle_latest_version_is_zero(bench: ManagerBench) -> None:
    bench.aspire("m", v0=FakeLoader("zero"))
    bench.settle()
    assert bench.served("m") == "zero"


def test_servable_handle_invalid_argument_wrong_type(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    request = ServableRequest.latest("m")
    with pytest.raises(InvalidArgument, match="Servable type doesn't match"):
        bench.manager.handle_of(request, int)
    with bench.manager.handle_of(request, str) as handle:
        assert handle.servable == "servable"
    bench.aspire("m")
    bench.settle()
    assert states(bench) == {}


def test_list_available_servable_ids_and_handles(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"), v2=FakeLoader(failures=[BROKEN] * 9))
    bench.aspire("n", v1=FakeLoader("other"))
    bench.settle()
    assert bench.manager.available_ids() == (ServableId("m", 1), ServableId("n", 1))
    handles = bench.manager.available_handles()
    assert [handle.servable for handle in handles.values()] == ["one", "other"]
    for handle in handles.values():
        handle.release()


def test_get_managed_servable_names_and_state_snapshots(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(origin="/m/1"))
    bench.aspire("n", v2=BROKEN)
    bench.settle()
    first, second = bench.manager.versions()
    assert (first.id, first.state, first.aspired, first.origin, first.error) == (
        ServableId("m", 1),
        HarnessState.READY,
        True,
        "/m/1",
        None,
    )
    assert (second.id, second.state, second.error) == (
        ServableId("n", 2),
        HarnessState.ERROR,
        BROKEN,
    )
    assert bench.manager.versions("other") == ()
