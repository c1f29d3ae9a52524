"""What goes wrong with a version, and what its state changes tell."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence

import pytest

from tests.lifecycle.version_states import BROKEN, LIFE, WHOLE_LIFE, states
from tfs_notebook.lifecycle.harness import VersionSnapshot
from tfs_notebook.lifecycle.loader import SimpleLoader
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import (
    PolicyAction,
    PolicyStep,
    availability_preserving,
)
from tfs_notebook.wire.errors import Unavailable


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


def test_failed_version_is_managed_until_it_is_unaspired() -> None:
    bench = ManagerBench(ManagerOptions(max_num_load_retries=0))
    loader = FakeLoader(failures=[BROKEN] * 9)
    bench.aspire("m", v1=loader)
    bench.settle()
    bench.pass_time(1e6)
    bench.settle()
    assert (states(bench), loader.loads) == ({1: "error"}, 1)
    bench.aspire("m")
    assert states(bench) == {}
    # There was nothing to unload, and the public has heard of the end already.
    assert loader.unloads == 0
    assert bench.states_of("m", 1) == ["START", "LOADING", "END"]


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
