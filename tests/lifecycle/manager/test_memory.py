"""basic_manager_test: the rows about resources, on a manager with ten bytes."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest

from tests.lifecycle.version_states import LIFE
from tfs_notebook.lifecycle.harness import HarnessState
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.monitor import ServableStateMonitor
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import resource_preserving
from tfs_notebook.wire.errors import Internal, InvalidArgument, ServingError, Unavailable


def limited(limit: int | None = 10, **options: object) -> ManagerBench:
    defaults: dict[str, object] = {"num_load_threads": 4, "load_retry_interval": 60.0}
    merged = ManagerOptions(
        total_model_memory_limit_bytes=limit,
        **(defaults | options),  # type: ignore[arg-type]
    )
    return ManagerBench(merged)


@pytest.fixture
def bench() -> ManagerBench:
    return limited()


def used(bench: ManagerBench) -> int:
    return bench.manager.memory().used


def test_what_fits_is_loaded_and_its_memory_is_reserved(bench: ManagerBench) -> None:
    loader = FakeLoader("model", estimate=6)
    bench.aspire("m", v1=loader)
    assert (loader.estimates, loader.loads, bench.states_of("m", 1)) == (0, 0, ["START"])
    bench.run_job()
    assert used(bench) == 6
    bench.settle()
    assert bench.served("m") == "model"
    assert bench.states_of("m", 1) == LIFE
    (version,) = bench.manager.versions("m")
    assert (version.needed, version.reserved) == (6, 6)


def test_insufficient_resources_that_can_never_fit_is_the_end(bench: ManagerBench) -> None:
    loader = FakeLoader(estimate=11)
    bench.aspire("m", v1=loader)
    bench.settle()
    assert bench.states_of("m", 1) == ["START", "END"]
    error = bench.last_error("m", 1)
    assert error is not None
    assert error.startswith(
        "RESOURCE_EXHAUSTED: Insufficient resources to load servable {name: m version: 1}"
    )
    assert (loader.loads, used(bench)) == (0, 0)


def test_insufficient_resources_now_waits_and_says_why(bench: ManagerBench) -> None:
    monitor = ServableStateMonitor(bench.bus)
    bench.aspire("m", v1=FakeLoader(estimate=6))
    bench.settle()
    bench.aspire("n", v1=FakeLoader("second", estimate=5))
    bench.settle()
    assert bench.states_of("n", 1) == ["START", "START"]
    error = bench.last_error("n", 1)
    assert error is not None
    assert "it needs 5 bytes of memory; of the limit of 10 bytes, 4 bytes are free" in error
    # Whoever waits for the first outcome, at start or after a reload, need not wait for it.
    assert monitor.wait_for_first_outcome(["n"], 0)["n"].error is not None
    assert bench.manager.wait_until_settled(["n"], 0)["n"][0].error is not None
    # The reference ends it for good; here it is loaded when there is room.
    bench.aspire("m")
    bench.settle()
    assert bench.served("n") == "second"
    assert bench.states_of("n", 1) == ["START", *LIFE]
    assert bench.last_error("n", 1) is None


def test_resources_released_if_load_fails() -> None:
    bench = limited(max_num_load_retries=0)
    bench.aspire("m", v1=FakeLoader(estimate=6, failures=[Unavailable("broken")]))
    bench.settle()
    assert used(bench) == 0
    bench.aspire("n", v1=FakeLoader("fits", estimate=10))
    bench.settle()
    assert bench.served("n") == "fits"


def test_resources_kept_between_two_attempts(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("late", estimate=6, failures=[Unavailable("broken")]))
    bench.settle()
    assert used(bench) == 6
    bench.aspire("n", v1=FakeLoader(estimate=6))
    bench.settle()
    bench.pass_time(60)
    bench.settle()
    assert (bench.served("m"), bench.served("n"), used(bench)) == ("late", None, 6)


def test_resources_released_if_estimate_decreases_after_load(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("small", estimate=9, post_load_estimate=4))
    bench.settle()
    assert used(bench) == 4
    bench.aspire("n", v1=FakeLoader("other", estimate=6))
    bench.settle()
    assert (bench.served("m"), bench.served("n"), used(bench)) == ("small", "other", 10)


def test_estimate_that_grows_with_the_load_keeps_what_was_reserved(
    bench: ManagerBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.aspire("m", v1=FakeLoader("m", estimate=4, post_load_estimate=9))
    bench.settle()
    assert (bench.served("m"), used(bench)) == ("m", 4)
    assert "rose from 4 to 9 bytes" in caplog.text


def test_estimate_that_fails_after_the_load_loses_no_servable(
    bench: ManagerBench, caplog: pytest.LogCaptureFixture
) -> None:
    class Forgetful(FakeLoader):
        def estimate_resources(self) -> int | None:
            if self.loaded:
                raise OSError("the files are gone")
            return super().estimate_resources()

    bench.aspire("m", v1=Forgetful("m", estimate=4))
    bench.settle()
    assert (bench.served("m"), used(bench)) == ("m", 4)
    assert "how much it still needs is not known" in caplog.text


def test_resources_released_after_unload_and_not_before(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(estimate=6))
    bench.settle()
    handle = bench.manager.handle(ServableRequest.latest("m"))
    bench.aspire("m")
    bench.aspire("n", v1=FakeLoader("next", estimate=6))
    bench.settle()
    assert (used(bench), bench.served("n")) == (6, None)
    # What is on its way out is waited for without a word.
    assert bench.states_of("n", 1) == ["START"]
    handle.release()
    bench.settle()
    assert (used(bench), bench.served("n")) == (6, "next")


def test_first_load_denied_second_one_approved(bench: ManagerBench) -> None:
    bench.aspire("other", v1=FakeLoader(estimate=1))
    bench.settle()
    bench.aspire("denied", v1=FakeLoader(estimate=10))
    bench.aspire("approved", v1=FakeLoader("approved", estimate=9))
    bench.settle()
    assert (bench.served("denied"), bench.served("approved")) == (None, "approved")
    assert bench.states_of("denied", 1)[-1] == "START"


def test_decision_is_serialised_whatever_order_the_estimates_come_in(
    bench: ManagerBench,
) -> None:
    for name in "abc":
        bench.aspire(name, v1=FakeLoader(name, estimate=6))
    while bench.jobs.names:
        bench.jobs.run(len(bench.jobs.names) - 1)
        bench.manager.turn()
        assert used(bench) <= 10
    assert [bench.served(name) for name in "abc"].count(None) == 2


def test_first_come_first_served_when_memory_is_free_again(bench: ManagerBench) -> None:
    bench.aspire("full", v1=FakeLoader(estimate=10))
    bench.settle()
    for name in "ab":
        bench.aspire(name, v1=FakeLoader(name, estimate=6))
        bench.settle()
    bench.aspire("full")
    bench.settle()
    assert (bench.served("a"), bench.served("b")) == ("a", None)


def test_denied_load_takes_no_thread() -> None:
    bench = limited(num_load_threads=1)
    bench.aspire("full", v1=FakeLoader(estimate=8))
    bench.settle()
    bench.aspire("denied", v1=FakeLoader(estimate=9))
    bench.settle()
    bench.aspire("small", v1=FakeLoader("small", estimate=1))
    bench.settle()
    assert bench.served("small") == "small"


def test_denied_version_keeps_the_one_that_serves(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("one", estimate=6))
    bench.settle()
    bench.aspire("m", v2=FakeLoader("two", estimate=6))
    bench.settle()
    assert bench.served("m") == "one"
    bench.aspire("m", v1=FakeLoader("one", estimate=6))
    bench.settle()
    assert bench.served("m") == "one"
    assert bench.states_of("m", 2)[-1] == "END"


def test_resource_preserving_policy_swaps_within_the_limit() -> None:
    bench = limited(transition_policy=resource_preserving)
    bench.aspire("m", v1=FakeLoader("one", estimate=9))
    bench.settle()
    bench.aspire("m", v2=FakeLoader("two", estimate=9))
    bench.settle()
    assert bench.served("m") == "two"
    assert bench.states_of("m", 2) == LIFE


def test_changed_origin_that_does_not_fit_is_told_beside_the_old_one(
    bench: ManagerBench,
) -> None:
    bench.aspire("m", v1=FakeLoader("old", origin="/a", estimate=6))
    bench.settle()
    bench.aspire("m", v1=FakeLoader("new", origin="/b", estimate=6))
    bench.settle()
    assert bench.served("m") == "old"
    assert bench.states_of("m", 1)[-1] == "AVAILABLE"
    error = bench.last_error("m", 1)
    assert error is not None
    assert error.startswith("RESOURCE_EXHAUSTED")


def test_changed_origin_that_does_not_fit_takes_over_where_another_version_serves(
    bench: ManagerBench,
) -> None:
    one = FakeLoader("one", origin="/a", estimate=1)
    bench.aspire("m", v1=one, v2=FakeLoader("old", origin="/a", estimate=6))
    bench.settle()
    bench.aspire("m", v1=one, v2=FakeLoader("new", origin="/b", estimate=7))
    bench.settle()
    # Else it would wait for memory that nobody gives back.
    assert bench.served("m") == "new"
    assert used(bench) == 8


def test_unaspired_while_it_waits_for_memory(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader(estimate=6))
    bench.aspire("n", v1=FakeLoader(estimate=6))
    bench.settle()
    bench.aspire("n")
    bench.settle()
    assert bench.last_error("n", 1) == "CANCELLED: Loading of servable cancelled"
    assert bench.manager.versions("n") == ()


def test_unaspired_while_it_is_estimated(bench: ManagerBench) -> None:
    loader = FakeLoader(estimate=6)
    bench.aspire("m", v1=loader)
    bench.aspire("m")
    assert str(bench.manager.versions("m")[0].state) == "load-requested"
    bench.settle()
    assert (loader.loads, bench.manager.versions("m")) == (0, ())
    assert bench.last_error("m", 1) == "CANCELLED: Loading of servable cancelled"


def test_reaspired_while_it_is_estimated(bench: ManagerBench) -> None:
    first, second = FakeLoader("first", estimate=6), FakeLoader("second", estimate=6)
    bench.aspire("m", v1=first)
    bench.aspire("m")
    bench.aspire("m", v1=second)
    bench.settle()
    assert bench.served("m") == "second"
    assert first.loads == 0


def test_event_bus_error_on_estimate_resources() -> None:
    bench = limited(max_num_load_retries=0)
    bench.aspire("m", v7=FakeLoader(estimate_failures=[Internal("Error on estimate.")]))
    bench.settle()
    assert bench.states_of("m", 7) == ["START", "END"]
    assert bench.last_error("m", 7) == (
        "INTERNAL: Error while attempting to reserve resources to load servable "
        "{name: m version: 7}: Error on estimate."
    )


def test_invalid_estimate_is_an_error() -> None:
    bench = limited(max_num_load_retries=0)
    bench.aspire("m", v1=FakeLoader(estimate=-5))
    bench.settle()
    error = bench.last_error("m", 1)
    assert error is not None
    assert error.startswith("INTERNAL: Error while attempting to reserve resources")


def test_estimate_resources_retried_succeeds(bench: ManagerBench) -> None:
    loader = FakeLoader("m", estimate=1, estimate_failures=[Unavailable("not yet")])
    bench.aspire("m", v1=loader)
    bench.settle()
    assert bench.last_error("m", 1) == (
        "INTERNAL: Error while attempting to reserve resources to load servable "
        "{name: m version: 1}: not yet"
    )
    assert (bench.states_of("m", 1), bench.jobs.names) == (["START", "START"], ())
    bench.pass_time(60)
    bench.settle()
    assert bench.served("m") == "m"
    assert bench.states_of("m", 1) == ["START", *LIFE]


def test_estimate_resources_retried_fails() -> None:
    bench = limited(max_num_load_retries=1, load_retry_interval=-1.0)
    loader = FakeLoader(estimate=1, estimate_failures=[Unavailable("no")] * 2)
    bench.aspire("m", v1=loader)
    bench.settle()
    assert (loader.estimates, loader.loads) == (2, 0)
    assert bench.states_of("m", 1)[-1] == "END"


def test_attempts_to_load_count_anew_after_those_to_estimate() -> None:
    bench = limited(max_num_load_retries=1, load_retry_interval=-1.0)
    no = Unavailable("no")
    loader = FakeLoader("m", estimate=1, estimate_failures=[no], failures=[no])
    bench.aspire("m", v1=loader)
    bench.settle()
    assert bench.served("m") == "m"


def test_estimate_error_that_is_not_retriable() -> None:
    def retriable(error: ServingError) -> bool:
        return not isinstance(error, InvalidArgument)

    bench = limited(should_retry=retriable)
    loader = FakeLoader(estimate_failures=[InvalidArgument("never")])
    bench.aspire("m", v1=loader)
    bench.settle()
    assert (loader.estimates, bench.states_of("m", 1)) == (1, ["START", "END"])


def test_estimate_that_gets_no_thread_is_tried_again(
    bench: ManagerBench, no_thread: AbstractContextManager[None]
) -> None:
    with no_thread:
        bench.aspire("m", v1=FakeLoader("m", estimate=1))
    assert (bench.last_error("m", 1) or "").endswith("can't start new thread")
    bench.pass_time(60)
    bench.settle()
    assert bench.served("m") == "m"


def test_without_a_limit_nothing_is_estimated_nor_denied() -> None:
    bench = limited(None)
    loader = FakeLoader("m", estimate=2**70)
    bench.aspire("m", v1=loader)
    bench.settle()
    assert (bench.served("m"), loader.estimates, used(bench)) == ("m", 0, 0)


def test_unknown_estimate_is_loaded_under_a_limit(bench: ManagerBench) -> None:
    bench.aspire("m", v1=FakeLoader("m", estimate=None))
    bench.settle()
    assert (bench.served("m"), used(bench)) == ("m", 0)


def test_estimates_share_the_places_of_the_loads() -> None:
    bench = limited(num_load_threads=2)
    for name in "abc":
        bench.aspire(name, v1=FakeLoader(estimate=1))
    assert len(bench.jobs.names) == 2


def test_custom_sort_actions() -> None:
    bench = limited(num_load_threads=1, load_order=lambda id_: -id_.version)
    bench.aspire("first", v1=FakeLoader(estimate=1))
    bench.aspire("second", v5=FakeLoader(estimate=1))
    bench.aspire("third", v9=FakeLoader(estimate=1))
    bench.settle()
    loaded = [event.id.name for event in bench.events if event.state.name == "LOADING"]
    assert loaded == ["third", "second", "first"]


def test_stop_while_a_version_waits_for_memory() -> None:
    bench = limited()
    bench.aspire("m", v1=FakeLoader(estimate=6))
    bench.aspire("n", v1=FakeLoader(estimate=6))
    bench.settle()
    states = {version.state for version in bench.manager.versions("n")}
    assert states == {HarnessState.LOAD_REQUESTED}
    for name in "mn":
        bench.aspire(name)
    bench.settle()
    assert bench.manager.versions() == ()
