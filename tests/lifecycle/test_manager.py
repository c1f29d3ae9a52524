"""aspired_versions_manager_test (30) and basic_manager_test (56), step by step.

The manager runs on a manual clock and with manual jobs, on the test's thread.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence

import pytest

from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.loader import SimpleLoader
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.servable import (
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
)
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import (
    PolicyAction,
    PolicyStep,
    availability_preserving,
    resource_preserving,
)
from tfs_notebook.wire.errors import InvalidArgument, NotFound, Unavailable

BROKEN = InvalidArgument("broken")

LIFE = ["START", "LOADING", "AVAILABLE"]
WHOLE_LIFE = [*LIFE, "UNLOADING", "END"]


@pytest.fixture
def bench() -> ManagerBench:
    return ManagerBench()


def states(bench: ManagerBench, name: str = "m") -> dict[int, str]:
    return {v.id.version: str(v.state) for v in bench.manager.versions(name)}


# -- lookups -----------------------------------------------------------------


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


# -- aspired versions --------------------------------------------------------


def test_aspired_and_manage_state_load(bench: ManagerBench) -> None:
    loader = FakeLoader()
    bench.aspire("m", v1=loader)
    assert states(bench) == {1: "loading"}
    assert bench.served("m") is None
    bench.run_job()
    assert states(bench) == {1: "ready"}
    assert bench.served("m") == "servable"
    assert (loader.loads, loader.unloads) == (1, 0)


def test_aspired_and_manage_state_unload(bench: ManagerBench) -> None:
    loader = FakeLoader()
    bench.aspire("m", v1=loader)
    bench.settle()
    bench.aspire("m")
    assert states(bench) == {1: "unloading"}
    assert bench.served("m") is None
    bench.run_job()
    assert states(bench) == {}
    assert (loader.loads, loader.unloads) == (1, 1)


def test_aspired_removed_full(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(), v2=FakeLoader())
    bench.settle()
    bench.aspire("m")
    bench.settle()
    assert states(bench) == {}


def test_aspired_removed_partial(bench: ManagerBench) -> None:
    kept = FakeLoader("kept")
    bench.aspire("m", v1=FakeLoader(), v2=kept)
    bench.settle()
    bench.aspire("m", v2=FakeLoader())
    bench.settle()
    assert states(bench) == {2: "ready"}
    assert bench.served("m") == "kept"


def test_revert_to_smaller_version_number(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    bench.aspire("m", v0=FakeLoader("zero"))
    assert bench.served("m") == "one"
    bench.settle()
    assert bench.served("m") == "zero"
    assert states(bench) == {0: "ready"}


def test_new_version_is_loaded_before_the_old_one_is_dropped(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    bench.aspire("m", v2=FakeLoader("two"))
    assert states(bench) == {1: "ready", 2: "loading"}
    assert bench.served("m") == "one"
    bench.run_job()
    assert states(bench) == {1: "unloading", 2: "ready"}
    assert bench.served("m") == "two"


def test_resource_preserving_drops_the_old_one_first() -> None:
    bench = ManagerBench(ManagerOptions(transition_policy=resource_preserving))
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    bench.aspire("m", v2=FakeLoader())
    assert states(bench) == {1: "unloading", 2: "new"}
    bench.run_job()
    assert states(bench) == {2: "loading"}


def test_manager_prefers_unload_over_load(bench: ManagerBench) -> None:
    bench.aspire("a", v1=FakeLoader())
    bench.settle()
    bench.manager.set_aspired_versions("z", [ServableData.of(ServableId("z", 1), FakeLoader())])
    bench.aspire("a")
    assert bench.jobs.names == ("tfs-unload-a", "tfs-load-z")


def test_wrong_name_in_a_list_is_refused(bench: ManagerBench) -> None:
    item = ServableData.of(ServableId("n", 1), FakeLoader())
    with pytest.raises(InvalidArgument, match="Servable name: m doesn't match"):
        bench.manager.set_aspired_versions("m", [item])


def test_multiple_manage_calls_uses_first_servable(bench: ManagerBench) -> None:
    first, second, third = FakeLoader(), FakeLoader(), FakeLoader()
    id_ = ServableId("m", 1)
    bench.manager.set_aspired_versions(
        "m", [ServableData.of(id_, first), ServableData.of(id_, second)]
    )
    bench.settle()
    bench.aspire("m", v1=third, v2=FakeLoader())
    bench.settle()
    assert [first.loads, second.loads, third.loads] == [1, 0, 0]


def test_the_same_list_again_changes_nothing(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(origin="/m/1"))
    bench.settle()
    before = len(bench.events)
    again = FakeLoader(origin="/m/1")
    bench.aspire("m", v1=again)
    bench.settle()
    assert (len(bench.events), again.loads) == (before, 0)


def test_newer_list_replaces_one_that_was_not_looked_at(bench: ManagerBench) -> None:
    skipped = FakeLoader()
    bench.manager.set_aspired_versions("m", [ServableData.of(ServableId("m", 1), skipped)])
    bench.aspire("m", v2=FakeLoader())
    bench.settle()
    assert states(bench) == {2: "ready"}
    assert skipped.loads == 0


# -- un-aspiring and aspiring again ------------------------------------------


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


# -- errors ------------------------------------------------------------------


def test_erroneous_aspired_version(bench: ManagerBench) -> None:
    bench.aspire("m", v1=BROKEN)
    assert states(bench) == {1: "error"}
    assert bench.served("m") is None


def test_event_bus_erroneous_version(bench: ManagerBench) -> None:
    bench.aspire("m", v1=BROKEN)
    assert bench.steps() == [("m", 1, "END")]
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: broken"


def test_error_item_for_a_managed_version_is_only_logged(
    bench: ManagerBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    bench.aspire("m", v1=BROKEN)
    bench.settle()
    assert bench.served("m") == "servable"
    assert bench.states_of("m", 1) == LIFE
    assert "INVALID_ARGUMENT: broken" in caplog.text


def test_event_bus_error_on_load() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    bench.aspire("m", v1=FakeLoader(failures=[BROKEN]))
    bench.settle()
    assert bench.states_of("m", 1) == ["START", "LOADING", "END"]
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: broken"


def test_event_bus_servable_lifecycle(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader())
    bench.clock.advance(5)
    bench.settle()
    bench.aspire("m")
    bench.settle()
    assert bench.states_of("m", 1) == WHOLE_LIFE
    assert all(event.error is None for event in bench.events)
    assert [event.time for event in bench.events] == [1000, 1000, 1005, 1005, 1005]


def test_available_is_published_when_it_can_be_looked_up(bench: ManagerBench) -> None:
    seen: list[str | None] = []
    bench.bus.subscribe(lambda event: seen.append(f"{event.state.name} {bench.served('m')}"))
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    bench.aspire("m")
    bench.settle()
    assert seen == [
        "START None",
        "LOADING None",
        "AVAILABLE one",
        "UNLOADING one",
        "END None",
    ]


def test_aspire_error_dont_unload() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    bench.aspire("m", v1=FakeLoader("one"))
    bench.settle()
    bench.aspire("m", v2=FakeLoader(failures=[BROKEN]))
    bench.settle()
    assert states(bench) == {1: "ready", 2: "error"}
    assert bench.served("m") == "one"


@pytest.mark.parametrize("reload_errors", [False, True])
def test_reload_aspired_error(reload_errors: bool) -> None:
    bench = ManagerBench(
        ManagerOptions(max_num_load_retries=0, reload_servables_with_error=reload_errors)
    )
    bench.aspire("m", v1=FakeLoader("one"), v2=FakeLoader(failures=[BROKEN]))
    bench.settle()
    good = FakeLoader("two")
    bench.aspire("m", v1=FakeLoader(), v2=good)
    assert bench.served("m", 1) == "one"
    bench.settle()
    assert bench.served("m") == ("two" if reload_errors else "one")
    assert good.loads == reload_errors
    assert bench.states_of("m", 1) == LIFE


def test_any_exception_is_an_error_and_leaves_no_frames(bench: ManagerBench) -> None:
    class Heavy:
        pass

    heavy = Heavy()
    kept = weakref.ref(heavy)

    def fail(ballast: Heavy = heavy) -> str:
        try:
            return ["inner"][len(bench.events)]
        except IndexError as exc:
            raise ValueError("outer") from exc

    bench.aspire("m", v1=SimpleLoader(fail))
    bench.settle()
    assert bench.last_error("m", 1) == "UNKNOWN: ValueError: outer"
    bench.aspire("m")
    bench.settle()
    del heavy, fail
    gc.collect()
    assert kept() is None


def test_out_of_memory_has_its_own_code(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(failures=[MemoryError("4 GB")]))
    bench.run_job()
    assert bench.last_error("m", 1) == "RESOURCE_EXHAUSTED: MemoryError: 4 GB"


def test_unload_that_fails_is_told_and_is_the_end(bench: ManagerBench) -> None:
    def fail(servable: str) -> None:
        raise Unavailable(f"cannot let go of {servable}")

    bench.aspire("m", v1=SimpleLoader(lambda: "model", destroy=fail))
    bench.settle()
    bench.aspire("m")
    bench.settle()
    assert bench.states_of("m", 1) == WHOLE_LIFE
    assert bench.last_error("m", 1) == "UNAVAILABLE: cannot let go of model"
    assert states(bench) == {}


# -- retries -----------------------------------------------------------------


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


# -- threads, as limits --------------------------------------------------------


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


def test_call_policy_with_all_versions() -> None:
    seen: list[list[int]] = []

    def watch(versions: object) -> None:
        assert isinstance(versions, list)
        seen.append([version.id.version for version in versions])

    bench = ManagerBench(ManagerOptions(transition_policy=watch))
    bench.aspire("m", v3=FakeLoader(), v1=BROKEN, v2=FakeLoader())
    bench.aspire("other", v9=FakeLoader())
    assert [1, 2, 3] in seen
    assert [9] in seen


# -- handles and unloading ---------------------------------------------------


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


# -- a version that comes from somewhere else now ------------------------------


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


# -- waiting for a change ------------------------------------------------------


class TestWaitUntilSettled:
    def settled(self, bench: ManagerBench, *, every: bool = False) -> bool:
        return "m" in bench.manager.wait_until_settled(["m"], 0, every_version=every)

    def test_nothing_aspired(self, bench: ManagerBench) -> None:
        assert self.settled(bench)

    def test_not_before_the_list_is_looked_at(self, bench: ManagerBench) -> None:
        bench.manager.set_aspired_versions(
            "m", [ServableData.of(ServableId("m", 1), FakeLoader())]
        )
        assert not self.settled(bench)

    def test_when_loaded(self, bench: ManagerBench) -> None:
        bench.aspire("m", v1=FakeLoader())
        assert not self.settled(bench)
        bench.run_job()
        assert self.settled(bench)

    def test_when_the_first_attempt_has_failed(self, bench: ManagerBench) -> None:
        bench.aspire("m", v1=FakeLoader(failures=[BROKEN]))
        bench.run_job()
        assert self.settled(bench)

    def test_one_version_is_enough_unless_every_one_is_wanted(
        self, bench: ManagerBench
    ) -> None:
        bench.aspire("m", v1=FakeLoader(), v2=FakeLoader())
        bench.run_job()
        assert self.settled(bench)
        assert not self.settled(bench, every=True)
        bench.run_job()
        assert self.settled(bench, every=True)

    def test_the_old_version_does_not_count(self, bench: ManagerBench) -> None:
        bench.aspire("m", v1=FakeLoader())
        bench.settle()
        bench.aspire("m", v2=FakeLoader())
        assert not self.settled(bench)
        bench.run_job()
        assert self.settled(bench), "the old version is on its way out, no more"


def test_step_that_fails_harms_its_own_name_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def always_load(versions: Sequence[VersionSnapshot]) -> PolicyAction | None:
        """Wrong: it asks for loads that have been asked for already."""
        if versions[0].id.name == "bad":
            return PolicyAction(PolicyStep.LOAD, versions[-1])
        return availability_preserving(versions)

    bench = ManagerBench(ManagerOptions(transition_policy=always_load))
    bench.aspire("bad", v1=FakeLoader(), v2=FakeLoader())
    bench.aspire("good", v1=FakeLoader("fine"))
    bench.settle()
    assert bench.served("good") == "fine"
    assert "Duplicate load request" in caplog.text


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


def test_load_that_gets_no_thread_is_tried_again(
    bench: ManagerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, job: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(bench.jobs, "start", refuse)
        bench.aspire("m", v1=FakeLoader())
    assert bench.last_error("m", 1) == (
        "RESOURCE_EXHAUSTED: No thread to load on: can't start new thread"
    )
    bench.pass_time(60)
    bench.settle()
    assert bench.served("m") == "servable"
