"""Requests that load what they ask for, and wait for it no longer than they want."""

from __future__ import annotations

import pytest

from tests.lifecycle.caching_manager.asking import ask, cache_of, get, latest, loaded
from tests.lifecycle.version_states import LIFE
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, NotFound, Unavailable


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
    with pytest.raises(InvalidArgument, match="broken"):
        get(bench, latest())


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
    with pytest.raises(InvalidArgument):
        get(bench, latest())
    assert bench.manager.available_handles() == {}


def test_event_bus_single_request(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader())
    get(bench, latest())
    assert bench.states_of("m", 1) == LIFE


def test_event_bus_error_handle(bench: CacheBench) -> None:
    bench.know("m", v1=FakeLoader(failures=[InvalidArgument("broken")]))
    with pytest.raises(InvalidArgument):
        get(bench, latest())
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
