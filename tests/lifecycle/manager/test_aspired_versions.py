"""Lists of wanted versions, and in which order they are followed."""

from __future__ import annotations

import pytest

from tests.lifecycle.version_states import BROKEN, states
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import resource_preserving
from tfs_notebook.wire.errors import InvalidArgument


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


@pytest.mark.parametrize("repetitions", [False, True])
def test_empty_list_of_an_unknown_name_changes_nothing(repetitions: bool) -> None:
    bench = ManagerBench(ManagerOptions(reload_servables_with_error=repetitions))
    bench.aspire("m", v1=FakeLoader())
    bench.settle()
    before = list(bench.events)
    bench.aspire("nobody")
    bench.settle()
    assert bench.events == before
    assert [version.id for version in bench.manager.versions()] == [ServableId("m", 1)]
    assert "nobody" in bench.manager.wait_until_settled(["nobody"], 0)


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
