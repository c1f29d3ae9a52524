"""Versions that come and go while some are loaded."""

from __future__ import annotations

import pytest

from tests.lifecycle.caching_manager.asking import cache_of, get, latest, loaded
from tests.lifecycle.version_states import LIFE
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader, items_of
from tfs_notebook.wire.errors import InvalidArgument


def test_later_version_takes_over_without_a_gap_where_the_latest_is_in_use(
    bench: CacheBench,
) -> None:
    bench.know("m", v1=FakeLoader("one"))
    get(bench, latest())
    second = FakeLoader("two")
    bench.cache.set_aspired_versions("m", items_of("m", v2=second))
    bench.manager.turn()
    with bench.cache.handle(latest()) as handle:
        assert handle.servable == "one"
    bench.settle()
    assert (get(bench, latest()), second.loads) == ("two", 1)
    assert loaded(bench) == ["m2"]
    assert bench.cache.loaded(ServableRequest.specific("m", 1)) is None


def test_later_version_beside_the_old_one(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("one"))
    get(bench, latest())
    bench.know("m", v1=FakeLoader("one"), v2=FakeLoader("two"))
    assert get(bench, latest()) == "two"
    assert get(bench, ServableRequest.earliest("m")) == "one"


def test_later_version_is_only_known_where_nobody_asked(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("one"))
    second = FakeLoader("two")
    bench.know("m", v2=second)
    assert second.loads == 0


def test_later_version_that_is_broken_keeps_the_old_one() -> None:
    bench = cache_of(remember_failures=0.0)
    bench.know("m", v1=FakeLoader("one"))
    get(bench, latest())
    for _ in range(3):
        bench.know("m", v2=FakeLoader(failures=[InvalidArgument("broken")] * 9))
        assert get(bench, latest()) == "one"
    bench.know("m", v3=FakeLoader("three"))
    assert get(bench, latest()) == "three"
    assert loaded(bench) == ["m3"]


def test_broken_successor_is_tried_again_when_it_is_asked_for() -> None:
    bench = cache_of(remember_failures=10.0)
    bench.know("m", v1=FakeLoader("one"))
    get(bench, latest())
    bench.know("m", v2=FakeLoader("two", failures=[InvalidArgument("broken")]))
    with pytest.raises(InvalidArgument, match="broken"):
        bench.cache.handle(ServableRequest.specific("m", 2))
    assert get(bench, latest()) == "one"
    bench.pass_time(10)
    assert get(bench, ServableRequest.specific("m", 2)) == "two"
    bench.settle()
    assert get(bench, latest()) == "two"


def test_roll_back(bench: CacheBench) -> None:
    bench.know("m", v2=FakeLoader("two"))
    get(bench, latest())
    bench.cache.set_aspired_versions("m", items_of("m", v1=FakeLoader("one")))
    bench.manager.turn()
    assert get(bench, latest()) == "two"
    bench.settle()
    assert get(bench, latest()) == "one"


def test_routes_of_what_is_gone_are_gone(bench: CacheBench) -> None:
    for version in range(1, 20):
        bench.know("m", **{f"v{version}": FakeLoader(str(version))})
        assert get(bench, latest()) == str(version)
        assert get(bench, ServableRequest.specific("m", version)) == str(version)
    bench.know("m")
    bench.settle()
    assert bench.cache._catalogue.routes == {}
    assert bench.cache.known() == ()


def test_same_list_again_changes_nothing(bench: CacheBench) -> None:
    loader = FakeLoader("model", origin="/m/1")
    bench.know("m", v1=loader)
    get(bench, latest())
    for _ in range(3):
        bench.know("m", v1=FakeLoader(origin="/m/1"))
    assert bench.states_of("m", 1) == LIFE


def test_wrong_name_in_a_list_is_refused(bench: CacheBench) -> None:
    with pytest.raises(InvalidArgument):
        bench.cache.set_aspired_versions("m", items_of("n", v1=FakeLoader()))
