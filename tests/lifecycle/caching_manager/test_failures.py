"""Requests for what cannot be loaded."""

from __future__ import annotations

import pytest

from tests.lifecycle.caching_manager.asking import cache_of, get, latest
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader
from tfs_notebook.wire.errors import InvalidArgument, Unavailable


def test_failure_is_remembered_for_a_short_time() -> None:
    bench = cache_of(remember_failures=10.0)
    loader = FakeLoader("fixed", failures=[InvalidArgument("broken")])
    bench.know("m", v1=loader)
    with pytest.raises(InvalidArgument, match="broken"):
        get(bench, latest())
    (known,) = bench.cache.known("m")
    assert known.error is not None
    bench.pass_time(9)
    with pytest.raises(InvalidArgument, match="broken"):
        bench.cache.handle(latest())
    assert loader.loads == 1
    bench.pass_time(1)
    assert get(bench, latest()) == "fixed"
    assert bench.cache.known("m")[0].error is None


def test_nobody_waits_for_the_pause_between_two_attempts() -> None:
    bench = cache_of(retries=3)
    loader = FakeLoader("late", failures=[Unavailable("not yet")])
    bench.know("m", v1=loader)
    with pytest.raises(Unavailable, match="not yet"):
        get(bench, latest())
    with pytest.raises(Unavailable, match="not yet"):
        bench.cache.handle(latest())
    bench.pass_time(60)
    bench.settle()
    handle = bench.cache.loaded(latest())
    assert handle is not None
    assert (handle.servable, loader.loads) == ("late", 2)


def test_latest_passes_over_a_version_that_cannot_be_loaded(bench: CacheBench) -> None:
    bench.know(
        "m", v1=FakeLoader("one"), v2=FakeLoader(failures=[InvalidArgument("broken")] * 9)
    )
    assert get(bench, latest()) == "one"
    with pytest.raises(InvalidArgument):
        bench.cache.handle(ServableRequest.specific("m", 2))


def test_changed_origin_of_a_version_that_failed_is_tried_at_once(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(origin="/a", failures=[InvalidArgument("broken")]))
    with pytest.raises(InvalidArgument):
        get(bench, latest())
    bench.know("m", v1=FakeLoader("good", origin="/b"))
    assert get(bench, latest()) == "good"
