"""Waiting until what was asked for has come about."""

from __future__ import annotations

from tests.lifecycle.version_states import BROKEN
from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench


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
