"""Who holds a version, and the end of it."""

from __future__ import annotations

import weakref

from tests.lifecycle.version_states import states
from tfs_notebook.lifecycle.loader import SimpleLoader
from tfs_notebook.lifecycle.servable import ServableHandle, ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench


def test_unload_waits_for_handles_and_for_nobody_else(bench: ManagerBench) -> None:
    held = FakeLoader("held")
    bench.aspire("m", v1=held)
    bench.aspire("n", v1=FakeLoader("one"))
    bench.settle()
    handle = bench.manager.handle(ServableRequest.latest("m"))
    bench.aspire("m", v2=FakeLoader("next"))
    bench.aspire("n", v2=FakeLoader("two"))
    bench.settle()
    assert states(bench) == {1: "quiescing", 2: "ready"}
    assert (bench.served("m"), bench.served("n")) == ("next", "two")
    assert states(bench, "n") == {2: "ready"}
    assert handle.servable == "held"
    assert held.loaded
    handle.release()
    bench.settle()
    assert states(bench) == {2: "ready"}
    assert not held.loaded


def test_destruct_on_non_serving_thread(bench: ManagerBench) -> None:
    class Model:
        pass

    model = weakref.WeakSet[Model]()

    def create() -> str:
        made = Model()
        model.add(made)
        return made  # type: ignore[return-value]

    bench.aspire("m", v1=SimpleLoader(create))
    bench.settle()
    handle = bench.manager.handle(ServableRequest.latest("m"))
    bench.aspire("m")
    handle.release()
    bench.manager.turn()
    assert len(model) == 1, "destroyed by the release or by the manager"
    bench.run_job()
    assert len(model) == 0
    assert handle.id == ServableId("m", 1)


def test_reader_at_any_point_of_the_retirement_is_safe(bench: ManagerBench) -> None:
    """The map goes first, then the mark, then the look at the holders."""
    loader = FakeLoader("one")
    bench.aspire("m", v1=loader)
    bench.settle()
    held: list[ServableHandle[str]] = []

    def look_up(event: ServableState) -> None:
        if event.state is ManagerState.UNLOADING:
            held.append(bench.manager.handle(ServableRequest.latest("m")))

    bench.bus.subscribe(look_up)
    bench.aspire("m")
    assert bench.served("m") is None
    assert (states(bench), loader.loaded) == ({1: "quiescing"}, True)
    held.pop().release()
    bench.settle()
    assert (states(bench), loader.loaded) == ({}, False)
