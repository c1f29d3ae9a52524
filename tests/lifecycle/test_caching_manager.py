"""caching_manager_test (19), and eviction: most of it on a manual clock and manual jobs.

Requests that wait do so on threads of their own; ``Asking`` keeps what becomes
of one. The reference's ``PathPrefixLoaderFactory`` has no counterpart: sources
say which versions there are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from tfs_notebook.lifecycle.cache_options import CacheOptions
from tfs_notebook.lifecycle.caching_manager import CachingManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableHandle, ServableId, ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader, items_of
from tfs_notebook.lifecycle.transition_policy import resource_preserving
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    ServingError,
    Unavailable,
)

LIFE = ["START", "LOADING", "AVAILABLE"]
PATIENCE = 30.0


class Asking:
    """A request on a thread of its own."""

    def __init__(
        self, bench: CacheBench, request: ServableRequest, timeout: float | None = None
    ) -> None:
        self._bench = bench
        self.handle: ServableHandle[str] | None = None
        self.error: ServingError | None = None

        def ask() -> None:
            try:
                self.handle = bench.cache.handle(request, timeout)
            except ServingError as exc:
                self.error = exc

        self._thread = threading.Thread(target=ask, daemon=True)
        self._thread.start()

    def result(self, *, settle: bool = True) -> ServableHandle[str]:
        """What it came to, once it has; runs what it waits for."""
        end = time.monotonic() + PATIENCE
        while settle and self._thread.is_alive() and time.monotonic() < end:
            self._bench.settle()
            self._thread.join(0.001)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        assert self.handle is not None
        return self.handle

    @property
    def waits(self) -> bool:
        return self._thread.is_alive()


def latest(name: str = "m") -> ServableRequest:
    return ServableRequest.latest(name)


def ask(
    bench: CacheBench, request: ServableRequest, timeout: float | None = None, number: int = 1
) -> Asking:
    """Ask, and let it come to where it waits; ``number`` requests wait then."""
    asking = Asking(bench, request, timeout)
    bench.clock.wait_for_sleeper(number)
    return asking


def get(bench: CacheBench, request: ServableRequest) -> str:
    """Ask, load what is needed, and give the hold back at once."""
    handle = bench.cache.loaded(request)
    if handle is None:
        handle = Asking(bench, request).result()
    with handle:
        return handle.servable


def loaded(bench: CacheBench) -> list[str]:
    return [f"{id_.name}{id_.version}" for id_ in bench.manager.available_ids()]


def cache_of(
    limit: int | None = None, policy: str = "", retries: int = 0, **cache: object
) -> CacheBench:
    options = ManagerOptions(
        total_model_memory_limit_bytes=limit, max_num_load_retries=retries, num_load_threads=4
    )
    if policy:
        options = ManagerOptions(transition_policy=resource_preserving)
    return CacheBench(options, CacheOptions(**cache))  # type: ignore[arg-type]


@pytest.fixture
def bench() -> CacheBench:
    return cache_of()


# -- caching_manager_test --------------------------------------------------------


def test_servable_handle_single_request(bench: CacheBench) -> None:
    loader = FakeLoader("model")
    bench.know("m", v30=loader)
    assert (loader.loads, bench.events) == (0, [])
    assert get(bench, ServableRequest.specific("m", 30)) == "model"
    assert loader.loads == 1


@pytest.mark.parametrize(
    ("request_", "servable"),
    [
        (ServableRequest.specific("m", 2), "two"),
        (ServableRequest.earliest("m"), "one"),
        (ServableRequest.latest("m"), "three"),
    ],
)
def test_servable_handle_multiple_requests(
    bench: CacheBench, request_: ServableRequest, servable: str
) -> None:
    loaders = [FakeLoader("one"), FakeLoader("two"), FakeLoader("three")]
    bench.know("m", v1=loaders[0], v2=loaders[1], v3=loaders[2])
    assert [get(bench, request_) for _ in range(3)] == [servable] * 3
    assert sum(loader.loads for loader in loaders) == 1


def test_servable_handle_wrong_type(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("model"))
    get(bench, latest())
    with pytest.raises(InvalidArgument, match="Servable type doesn't match"):
        bench.cache.handle_of(latest(), int)
    with bench.cache.handle_of(latest(), str) as handle:
        assert handle.servable == "model"


def test_servable_handle_error(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(failures=[InvalidArgument("broken")]))
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(InvalidArgument, match="broken"):
        asking.result()


@pytest.mark.parametrize(
    "request_", [latest("other"), ServableRequest.specific("m", 9), latest("gone")]
)
def test_servable_handle_of_what_is_not_known(
    bench: CacheBench, request_: ServableRequest
) -> None:
    bench.know("m", v1=FakeLoader())
    bench.know("gone", v1=FakeLoader())
    bench.know("gone")
    with pytest.raises(NotFound) as caught:
        bench.cache.handle(request_)
    assert caught.value.message == f"Servable not found for request: {request_}"


def test_source_error_is_the_answer_unless_another_version_will_do(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("one"), v2=InvalidArgument("no such thing"))
    with pytest.raises(InvalidArgument, match="no such thing"):
        bench.cache.handle(ServableRequest.specific("m", 2))
    assert get(bench, latest()) == "one"


def test_available_servable_handles_no_requests(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    assert bench.manager.available_handles() == {}
    assert bench.manager.available_ids() == ()


def test_available_servable_handles_and_ids_multiple_requests(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("m1"), v2=FakeLoader("m2"))
    bench.know("n", v1=FakeLoader("n1"))
    get(bench, ServableRequest.specific("m", 1))
    get(bench, latest("n"))
    handles = bench.manager.available_handles()
    assert [handle.servable for handle in handles.values()] == ["m1", "n1"]
    assert loaded(bench) == ["m1", "n1"]
    for handle in handles.values():
        handle.release()


def test_available_servable_handles_error(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(failures=[InvalidArgument("broken")]))
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(InvalidArgument):
        asking.result()
    assert bench.manager.available_handles() == {}


def test_event_bus_single_request(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    get(bench, latest())
    assert bench.states_of("m", 1) == LIFE


def test_event_bus_error_handle(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(failures=[InvalidArgument("broken")]))
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(InvalidArgument):
        asking.result()
    assert bench.states_of("m", 1) == ["START", "LOADING", "END"]
    assert bench.last_error("m", 1) == "INVALID_ARGUMENT: broken"


def test_concurrent_disjoint_requests(bench: CacheBench) -> None:
    names = "abcd"
    for name in names:
        bench.know(name, v1=FakeLoader(name))
    asking = [ask(bench, latest(name), number=i + 1) for i, name in enumerate(names)]
    bench.settle()
    assert [each.result().servable for each in asking] == list(names)


def test_concurrent_intersecting_requests_load_once(bench: CacheBench) -> None:
    loader = FakeLoader("model")
    bench.know("m", v1=loader)
    requests = [latest(), ServableRequest.earliest("m"), ServableRequest.specific("m", 1)] * 3
    asking = [ask(bench, request, number=i + 1) for i, request in enumerate(requests)]
    (known,) = bench.cache.known()
    assert (known.waiting, known.loaded) == (9, False)
    bench.settle()
    assert {each.result().servable for each in asking} == {"model"}
    assert loader.loads == 1


# -- waiting -----------------------------------------------------------------------


def test_what_is_not_loaded_does_not_block_who_must_not(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    assert bench.cache.loaded(latest()) is None
    assert bench.events == []


def test_deadline_says_what_it_waited_for_and_the_load_goes_on(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("late"))
    asking = ask(bench, latest(), timeout=5)
    bench.manager.turn()
    bench.clock.advance(5)
    with pytest.raises(
        DeadlineExceeded, match=r"{name: m version: 1} was not loaded within 5 s: it is loading"
    ):
        asking.result(settle=False)
    bench.settle()
    assert get(bench, latest()) == "late"


def test_deadline_of_the_options(bench: CacheBench) -> None:
    bench = cache_of(load_timeout=7.0)
    bench.know("m", v1=FakeLoader())
    ask(bench, latest())
    assert bench.clock.wait_for_sleeper() == 7


def test_removed_while_it_is_waited_for(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    asking = ask(bench, latest())
    bench.know("m")
    with pytest.raises(NotFound):
        asking.result()


def test_replaced_while_it_is_waited_for(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader("one"))
    asking = ask(bench, latest())
    bench.know("m", v2=FakeLoader("two"))
    bench.settle()
    assert asking.result().servable == "two"


def test_stop_wakes_up_whoever_waits(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    asking = ask(bench, latest())
    bench.cache.stop(timeout=0)
    with pytest.raises(Unavailable, match="shutting down"):
        asking.result()


# -- failures ------------------------------------------------------------------------


def test_failure_is_remembered_for_a_short_time() -> None:
    bench = cache_of(remember_failures=10.0)
    loader = FakeLoader("fixed", failures=[InvalidArgument("broken")])
    bench.know("m", v1=loader)
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(InvalidArgument, match="broken"):
        asking.result()
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
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(Unavailable, match="not yet"):
        asking.result()
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
    asking = ask(bench, latest())
    bench.settle()
    assert asking.result().servable == "one"
    with pytest.raises(InvalidArgument):
        bench.cache.handle(ServableRequest.specific("m", 2))


def test_changed_origin_of_a_version_that_failed_is_tried_at_once(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(origin="/a", failures=[InvalidArgument("broken")]))
    asking = ask(bench, latest())
    bench.settle()
    with pytest.raises(InvalidArgument):
        asking.result()
    bench.know("m", v1=FakeLoader("good", origin="/b"))
    assert get(bench, latest()) == "good"


# -- versions that come and go ---------------------------------------------------------


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


# -- eviction --------------------------------------------------------------------------


def three(bench: CacheBench, estimate: int | None = None) -> dict[str, FakeLoader]:
    loaders = {name: FakeLoader(name, estimate=estimate) for name in "abc"}
    for name, loader in loaders.items():
        bench.know(name, v1=loader)
    return loaders


@pytest.fixture(params=["places", "memory"])
def two_fit(request: pytest.FixtureRequest) -> CacheBench:
    """A cache with room for two of three."""
    made = cache_of(max_models=2) if request.param == "places" else cache_of(limit=20)
    three(made, estimate=10)
    return made


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
    asking = ask(bench, latest("large"))
    bench.settle()
    with pytest.raises(ResourceExhausted, match="It can never fit"):
        asking.result()
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


# -- with real threads --------------------------------------------------------------------


@pytest.fixture
def cache() -> Iterator[CachingManager[str]]:
    options = ManagerOptions(total_model_memory_limit_bytes=30, num_load_threads=2)
    with CachingManager[str](options) as made:
        for number in range(8):
            loader = FakeLoader(f"m{number}", estimate=10)
            made.set_aspired_versions(f"m{number}", items_of(f"m{number}", v1=loader))
        yield made


def test_stress_many_threads_over_more_models_than_fit(cache: CachingManager[str]) -> None:
    faults: list[str] = []

    def work(seed: int) -> None:
        for step in range(40):
            name = f"m{(seed * 7 + step * step) % 8}"
            try:
                with cache.handle(ServableRequest.latest(name), PATIENCE) as handle:
                    assert handle.servable == name
            except Exception as exc:  # noqa: BLE001 - whatever it is, it is a fault
                faults.append(f"{name}: {exc!r}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert faults == []
    assert cache.manager.memory().used <= 30
    assert len(cache.manager.available_ids()) <= 3


def test_stop_leaves_nothing_behind(cache: CachingManager[str]) -> None:
    with cache.handle(ServableRequest.latest("m0"), PATIENCE):
        pass
    assert cache.stop() == ()
    with pytest.raises(Unavailable):
        cache.handle(ServableRequest.latest("m1"))
    assert cache.manager.available_ids() == ()


def test_ids_of_what_is_known(cache: CachingManager[str]) -> None:
    assert [known.id for known in cache.known("m3")] == [ServableId("m3", 1)]
    assert len(cache.known()) == 8
