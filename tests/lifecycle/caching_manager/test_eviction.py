"""What has to go so that something else can be loaded."""

from __future__ import annotations

import pytest

from tests.lifecycle.caching_manager.asking import ask, cache_of, get, latest, loaded, three
from tests.lifecycle.version_states import LIFE
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader, items_of
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, ResourceExhausted


def test_least_recently_used_is_evicted(two_fit: CacheBench) -> None:
    for name in "aba":
        get(two_fit, latest(name))
    assert get(two_fit, latest("c")) == "c"
    assert loaded(two_fit) == ["a1", "c1"]
    # To the public it has ended, without an error.
    assert two_fit.states_of("b", 1) == [*LIFE, "UNLOADING", "END"]
    assert two_fit.last_error("b", 1) is None


def test_evicted_is_loaded_again_when_it_is_asked_for(two_fit: CacheBench) -> None:
    order = "abcabc"
    assert [get(two_fit, latest(name)) for name in order] == list(order)
    assert loaded(two_fit) == ["b1", "c1"]
    assert two_fit.states_of("a", 1) == [*LIFE, "UNLOADING", "END", *LIFE, "UNLOADING", "END"]


def test_never_more_in_memory_than_there_is_room_for(two_fit: CacheBench) -> None:
    for name in "ab":
        get(two_fit, latest(name))
    asking = ask(two_fit, latest("c"))
    for _ in range(3):
        two_fit.manager.turn()
        if two_fit.jobs.names == ("tfs-load-c",):
            # How much it needs; it is not loaded before there is room.
            two_fit.jobs.run()
    assert two_fit.jobs.names == ("tfs-unload-a",)
    two_fit.settle()
    assert asking.result().servable == "c"


def test_pinned_is_loaded_when_it_is_known_and_never_evicted() -> None:
    bench = cache_of(max_models=2, pinned=["a"])
    three(bench)
    bench.settle()
    assert loaded(bench) == ["a1"]
    for name in "bcbc":
        get(bench, latest(name))
    assert loaded(bench) == ["a1", "c1"]


def test_pin_and_unpin(two_fit: CacheBench) -> None:
    two_fit.cache.pin("a")
    two_fit.settle()
    get(two_fit, latest("b"))
    get(two_fit, latest("c"))
    assert loaded(two_fit) == ["a1", "c1"]
    assert [known.pinned for known in two_fit.cache.known()] == [True, False, False]
    two_fit.cache.unpin("a")
    get(two_fit, latest("b"))
    assert loaded(two_fit) == ["b1", "c1"]


def test_pinned_name_gets_its_later_versions() -> None:
    bench = cache_of(pinned=["m"])
    bench.know("m", v1=FakeLoader("one"))
    bench.know("m", v1=FakeLoader("one"), v2=FakeLoader("two"))
    bench.settle()
    assert loaded(bench) == ["m1", "m2"]


def test_in_use_is_not_evicted_and_its_release_makes_room(two_fit: CacheBench) -> None:
    for name in "ab":
        get(two_fit, latest(name))
    first, second = (two_fit.cache.handle(latest(name)) for name in "ab")
    asking = ask(two_fit, latest("c"))
    two_fit.settle()
    assert asking.waits
    assert loaded(two_fit) == ["a1", "b1"]
    second.release()
    two_fit.settle()
    assert asking.result().servable == "c"
    assert loaded(two_fit) == ["a1", "c1"]
    first.release()


def test_everything_in_use_until_the_deadline() -> None:
    bench = cache_of(max_models=1)
    three(bench)
    get(bench, latest("a"))
    with bench.cache.handle(latest("a")):
        asking = ask(bench, latest("b"), timeout=5)
        bench.settle()
        bench.clock.advance(5)
        with pytest.raises(DeadlineExceeded, match="all 1 places are taken"):
            asking.result()
    # Nobody waits any more, so nothing is evicted for it.
    bench.settle()
    assert loaded(bench) == ["a1"]


def test_no_memory_until_the_deadline() -> None:
    bench = cache_of(limit=15)
    three(bench, estimate=10)
    get(bench, latest("a"))
    with bench.cache.handle(latest("a")):
        asking = ask(bench, latest("b"), timeout=5)
        bench.settle()
        bench.clock.advance(5)
        with pytest.raises(DeadlineExceeded, match=r"Insufficient .*5 bytes are free"):
            asking.result()


def test_what_is_waited_for_is_not_evicted_before_it_is_used(two_fit: CacheBench) -> None:
    """Three wait for two places: each gets its turn, however they come."""
    asking = {name: ask(two_fit, latest(name), number=i + 1) for i, name in enumerate("abc")}
    two_fit.settle()
    for name in "ab":
        handle = asking[name].result()
        assert handle.servable == name
        handle.release()
    two_fit.settle()
    assert asking["c"].result().servable == "c"


def test_too_large_for_the_memory_evicts_nobody() -> None:
    bench = cache_of(limit=20)
    three(bench, estimate=10)
    for name in "ab":
        get(bench, latest(name))
    bench.know("large", v1=FakeLoader(estimate=21))
    with pytest.raises(ResourceExhausted, match="It can never fit"):
        get(bench, latest("large"))
    assert loaded(bench) == ["a1", "b1"]


def test_several_small_ones_make_room_for_a_large_one() -> None:
    bench = cache_of(limit=30)
    three(bench, estimate=10)
    for name in "abc":
        get(bench, latest(name))
    bench.know("large", v1=FakeLoader("large", estimate=20))
    assert get(bench, latest("large")) == "large"
    assert loaded(bench) == ["c1", "large1"]


def test_versions_of_one_name_make_room_for_each_other() -> None:
    """The policy that keeps a name available must not keep what was evicted."""
    bench = cache_of(limit=15)
    bench.know("m", v1=FakeLoader("one", estimate=10), v2=FakeLoader("two", estimate=10))
    assert get(bench, ServableRequest.specific("m", 1)) == "one"
    assert get(bench, ServableRequest.specific("m", 2)) == "two"
    assert loaded(bench) == ["m2"]
    assert get(bench, ServableRequest.specific("m", 1)) == "one"


def test_swap_of_a_version_evicts_others_if_it_must() -> None:
    bench = cache_of(limit=20)
    three(bench, estimate=10)
    for name in "ab":
        get(bench, latest(name))
    bench.know("b", v2=FakeLoader("b2", estimate=10))
    bench.settle()
    assert loaded(bench) == ["b2"]


def test_old_version_goes_if_there_is_no_other_room_for_the_new_one() -> None:
    """Requests wait for the new one meanwhile; a manager by itself keeps the old one."""
    bench = cache_of(limit=15)
    bench.know("m", v1=FakeLoader("one", estimate=10))
    get(bench, latest())
    with bench.cache.handle(latest()) as held:
        bench.know("m", v2=FakeLoader("two", estimate=10))
        assert (held.servable, loaded(bench)) == ("one", ["m1"])
    bench.settle()
    assert get(bench, latest()) == "two"
    assert loaded(bench) == ["m2"]


def test_old_version_of_a_broken_one_is_evicted_as_others_are() -> None:
    bench = cache_of(limit=15)
    bench.know("m", v1=FakeLoader("one", estimate=10))
    get(bench, latest())
    bench.know("m", v2=FakeLoader(estimate=1, failures=[InvalidArgument("broken")]))
    assert get(bench, latest()) == "one"
    bench.know("n", v1=FakeLoader("other", estimate=10))
    assert get(bench, latest("n")) == "other"
    assert loaded(bench) == ["n1"]


def test_one_that_finds_no_room_keeps_nobody_else_from_trying() -> None:
    bench = cache_of(limit=20)
    three(bench, estimate=8)
    bench.know("large", v1=FakeLoader(estimate=18))
    get(bench, latest("a"))
    with bench.cache.handle(latest("a")):
        ask(bench, latest("large"))
        bench.settle()
        assert get(bench, latest("b")) == "b"
        assert get(bench, latest("c")) == "c"


def test_evicted_name_does_not_follow_its_later_versions() -> None:
    bench = cache_of(max_models=1)
    three(bench)
    get(bench, latest("a"))
    get(bench, latest("b"))
    later = FakeLoader("later")
    bench.know("a", v2=later)
    assert later.loads == 0


def test_loader_whose_load_takes_more_than_it_keeps_is_estimated_anew() -> None:
    bench = cache_of(limit=20)
    three(bench, estimate=10)
    bench.know("d", v1=FakeLoader("d", estimate=20, post_load_estimate=5))
    for name in "dadb":
        assert get(bench, latest(name)) == name
        assert bench.manager.memory().used <= 20


def test_resource_preserving_policy_below_a_cache() -> None:
    bench = cache_of(policy="resource preserving")
    bench.know("m", v1=FakeLoader("one"))
    get(bench, latest())
    bench.know("m", v2=FakeLoader("two"))
    bench.settle()
    assert get(bench, latest()) == "two"


def test_what_is_being_evicted_is_not_taken_hold_of() -> None:
    bench = cache_of(limit=10, max_models=2)
    bench.know("a", v1=FakeLoader("a", estimate=6))
    bench.know("b", v1=FakeLoader("b", estimate=5))
    get(bench, latest("a"))
    with pytest.raises(DeadlineExceeded):
        bench.cache.handle(latest("b"), timeout=0)
    bench.manager.turn()
    # How much it needs: more than there is beside the other one, which has to go.
    bench.run_job(0)
    assert bench.manager.available_ids() == (ServableId("a", 1),)
    with pytest.raises(DeadlineExceeded):
        bench.cache.handle(latest("a"), timeout=0)
    bench.settle()
    assert loaded(bench) == ["b1"]
    assert get(bench, latest("a")) == "a"


def test_what_was_to_go_and_is_wanted_again_may_go_later() -> None:
    bench = cache_of(limit=10, max_models=2)
    bench.know("a", v2=FakeLoader("new", origin="/a", estimate=6))
    bench.know("b", v1=FakeLoader("b", estimate=5))
    get(bench, latest("a"))
    # Its successor does not fit beside it, so it is to go; then the source takes that back.
    bench.cache.set_aspired_versions("a", items_of("a", v1=FakeLoader("old", estimate=5)))
    bench.manager.turn()
    bench.run_job()
    bench.cache.set_aspired_versions(
        "a", items_of("a", v2=FakeLoader("new", origin="/a", estimate=6))
    )
    bench.manager.turn()
    assert get(bench, latest("b")) == "b"
    assert get(bench, latest("a")) == "new"


def test_an_old_version_that_is_to_go_is_not_taken_hold_of() -> None:
    bench = cache_of(limit=10)
    bench.know("a", v2=FakeLoader("two", origin="/a", estimate=6))
    get(bench, latest("a"))
    bench.cache.set_aspired_versions("a", items_of("a", v1=FakeLoader("one", estimate=5)))
    bench.manager.turn()
    with bench.cache.handle(latest("a")) as served:
        assert served.servable == "two"
    bench.run_job()
    assert bench.manager.available_ids() == (ServableId("a", 2),)
    assert bench.cache.loaded(latest("a")) is None
    assert bench.cache.loaded(ServableRequest.specific("a", 2)) is None
    bench.settle()
    assert get(bench, latest("a")) == "one"
