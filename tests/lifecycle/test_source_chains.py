"""source_adapter_test (4), source_router_test (5), dynamic_source_router_test (4) …"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from tfs_notebook.lifecycle.loader import SimpleLoader
from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.source import Source
from tfs_notebook.lifecycle.source_adapter import (
    ErrorInjectingSourceAdapter,
    OutputPort,
    SourceAdapter,
    UnarySourceAdapter,
)
from tfs_notebook.lifecycle.source_router import (
    DynamicSourceRouter,
    SourceRouter,
    StaticSourceRouter,
)
from tfs_notebook.lifecycle.static_source import StaticSource
from tfs_notebook.lifecycle.testing import ManagerBench
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError

Shown = tuple[str, list[tuple[int, object]]]


class Target:
    """Keeps what arrives: names, and data or error texts by version."""

    def __init__(self) -> None:
        self.calls: list[Shown] = []

    def __call__(self, name: str, versions: Sequence[ServableData[Any]]) -> None:
        shown = [(v.id.version, v.error.status_text if v.error else v.data) for v in versions]
        self.calls.append((name, shown))


def data(name: str, **versions: object) -> list[ServableData[Any]]:
    return [
        ServableData.failed(ServableId(name, int(key[1:])), value)
        if isinstance(value, ServingError)
        else ServableData.of(ServableId(name, int(key[1:])), value)
        for key, value in versions.items()
    ]


def length(_: ServableId, path: str) -> int:
    return len(path)


# -- adapters ------------------------------------------------------------------


class LimitAdapter(SourceAdapter[str, str]):
    """Passes on only so many versions: an adapter that looks at the whole list."""

    def adapt(
        self, name: str, versions: Sequence[ServableData[str]]
    ) -> Iterable[ServableData[str]]:
        return versions[:1]


def test_adapter_sees_the_whole_list() -> None:
    adapter, target = LimitAdapter(), Target()
    adapter.set_aspired_versions_callback(target)
    adapter.set_aspired_versions("m", data("m", v1="a", v2="b"))
    adapter.set_aspired_versions("m", [])
    assert target.calls == [("m", [(1, "a")]), ("m", [])]


def test_adapt_one_version_unary_basic() -> None:
    adapter, target = UnarySourceAdapter(length), Target()
    adapter.set_aspired_versions_callback(target)
    adapter.set_aspired_versions("m", data("m", v1="abc", v2=NotFound("gone")))
    assert target.calls == [("m", [(1, 3), (2, "NOT_FOUND: gone")])]


def test_version_that_cannot_be_converted_is_an_error_of_its_own() -> None:
    def convert(id_: ServableId, path: str) -> str:
        if path == "bad":
            raise InvalidArgument("not a model")
        return path[10]

    adapter, target = UnarySourceAdapter(convert), Target()
    adapter.set_aspired_versions_callback(target)
    adapter.set_aspired_versions("m", data("m", v1="bad", v2="short", v3="long enough"))
    assert target.calls == [
        (
            "m",
            [
                (1, "INVALID_ARGUMENT: not a model"),
                (2, "UNKNOWN: IndexError: string index out of range"),
                (3, "h"),
            ],
        )
    ]


def test_prefix_storage_path_source_adapter() -> None:
    adapter = UnarySourceAdapter[str, str](lambda id_, path: f"/base/{path}")
    target = Target()
    adapter.set_aspired_versions_callback(target)
    adapter.set_aspired_versions("m", data("m", v1="m/1"))
    assert target.calls == [("m", [(1, "/base/m/1")])]


def test_error_injecting_basic() -> None:
    adapter, target = (
        ErrorInjectingSourceAdapter(NotFound("No platform found for model")),
        Target(),
    )
    adapter.set_aspired_versions_callback(target)
    adapter.set_aspired_versions("m", data("m", v1="a", v2=InvalidArgument("other")))
    text = "NOT_FOUND: No platform found for model"
    assert target.calls == [("m", [(1, text), (2, text)])]


def test_set_aspired_versions_blocks_until_target_connected() -> None:
    """The reference blocks; here the latest list of each name is kept meanwhile."""
    adapter, target = UnarySourceAdapter(length), Target()
    adapter.set_aspired_versions("m", data("m", v1="a"))
    adapter.set_aspired_versions("m", data("m", v2="ab"))
    adapter.set_aspired_versions("n", data("n", v1="abc"))
    adapter.set_aspired_versions_callback(target)
    assert target.calls == [("m", [(2, 2)]), ("n", [(1, 3)])]
    adapter.set_aspired_versions("n", [])
    assert target.calls[2:] == [("n", [])]


def test_one_list_that_is_refused_does_not_cost_the_others_theirs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port: OutputPort[str] = OutputPort()
    for name in ("a", "b", "c"):
        port.emit(name, [ServableData.of(ServableId(name, 1), "path")])
    taken: list[str] = []

    def take(name: str, versions: Sequence[ServableData[str]]) -> None:
        if name == "a":
            raise RuntimeError("not this one")
        taken.append(name)

    port.set_aspired_versions_callback(take)
    assert taken == ["b", "c"]
    assert "What was kept for a could not be handed over" in caplog.text


def test_ports_pass_lists_on_one_at_a_time_in_their_order() -> None:
    port: OutputPort[str] = OutputPort()
    seen: list[str] = []
    entered, gate = threading.Event(), threading.Event()

    def receive(name: str, versions: object) -> None:
        if name == "first":
            entered.set()
            assert gate.wait(30)
        seen.append(name)

    port.set_aspired_versions_callback(receive)
    first = threading.Thread(target=port.emit, args=("first", ()))
    second = threading.Thread(target=port.emit, args=("second", ()))
    first.start()
    assert entered.wait(30)
    second.start()
    gate.set()
    first.join(30)
    second.join(30)
    assert seen == ["first", "second"]


# -- routers -------------------------------------------------------------------


class ByVersion(SourceRouter[str]):
    """Port by the first version's number."""

    def route(self, name: str, versions: Sequence[ServableData[str]]) -> int | None:
        return versions[0].id.version if versions else None


def connected(router: SourceRouter[str]) -> list[Target]:
    targets = [Target() for _ in router.ports]
    for port, target in zip(router.ports, targets, strict=True):
        port.set_aspired_versions_callback(target)
    return targets


def arrived(targets: Iterable[Target]) -> list[list[str]]:
    return [[name for name, _ in target.calls] for target in targets]


def test_source_router_basic() -> None:
    router = ByVersion(2)
    targets = connected(router)
    router.set_aspired_versions("a", data("a", v0="x"))
    router.set_aspired_versions("b", data("b", v1="y"))
    assert arrived(targets) == [["a"], ["b"]]
    assert targets[1].calls == [("b", [(1, "y")])]


def test_source_router_num_ports() -> None:
    assert len(ByVersion(3).ports) == 3
    with pytest.raises(InvalidArgument):
        ByVersion(0)


def test_source_router_set_aspired_versions_blocks_until_all_targets_connected() -> None:
    """The reference blocks; here each port keeps the latest list of each name."""
    router = ByVersion(2)
    router.set_aspired_versions("a", data("a", v0="x"))
    router.set_aspired_versions("b", data("b", v1="y"))
    assert arrived(connected(router)) == [["a"], ["b"]]


def test_source_router_discard_request() -> None:
    router = ByVersion(2)
    targets = connected(router)
    router.set_aspired_versions("a", [])
    assert arrived(targets) == [[], []]


def test_source_router_with_a_route_to_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    router = ByVersion(2)
    targets = connected(router)
    router.set_aspired_versions("a", data("a", v7="x"))
    assert arrived(targets) == [[], []]
    assert "routed to port 7" in caplog.text


def test_static_source_router_basic() -> None:
    router: StaticSourceRouter[str] = StaticSourceRouter(["spam", "digits"])
    targets = connected(router)
    for name in ("my_spam", "digits", "digits_spam", "other"):
        router.set_aspired_versions(name, data(name, v1="x"))
    assert arrived(targets) == [["my_spam", "digits_spam"], ["digits"], ["other"]]


LAST = "Last port cannot be used in route map, since it's reserved for the default route"


@pytest.mark.parametrize(
    ("port", "text"),
    [
        (3, "Port number out of range: 3"),
        (-1, "Port number out of range: -1"),
        (2, LAST),
    ],
)
def test_dynamic_source_router_invalid_route_map(port: int, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        DynamicSourceRouter(3, {"a": 0, "b": port})
    assert caught.value.message == text


def test_dynamic_source_router_reconfigure_to_invalid_route_map() -> None:
    router: DynamicSourceRouter[str] = DynamicSourceRouter(2, {"a": 0})
    with pytest.raises(InvalidArgument, match="Last port"):
        router.update_routes({"a": 1})
    assert router.routes == {"a": 0}


def test_dynamic_source_router_basic_and_reconfigure() -> None:
    router: DynamicSourceRouter[str] = DynamicSourceRouter(3, {"a": 0, "b": 1})
    targets = connected(router)
    for name in "abc":
        router.set_aspired_versions(name, data(name, v1="x"))
    assert arrived(targets) == [["a"], ["b"], ["c"]]
    router.update_routes({"c": 0})
    for name in "abc":
        router.set_aspired_versions(name, data(name, v1="x"))
    assert arrived(targets) == [["a", "c"], ["b"], ["c", "a", "b"]]


# -- aspired_versions_manager_builder_test (3) -----------------------------------


def by_platform(bench: ManagerBench) -> DynamicSourceRouter[str]:
    """How a server routes by platform: one port each, the last for none."""
    router: DynamicSourceRouter[str] = DynamicSourceRouter(2, {"m": 0})

    def loader(id_: ServableId, path: str) -> SimpleLoader[str]:
        return SimpleLoader(lambda: f"model of {path}", origin=path)

    models = UnarySourceAdapter[str, Any](loader)
    others = ErrorInjectingSourceAdapter(NotFound("No platform found for model"))
    for port, adapter in zip(router.ports, (models, others), strict=True):
        port.set_aspired_versions_callback(adapter.set_aspired_versions)
        adapter.set_aspired_versions_callback(bench.manager.set_aspired_versions)
    return router


def test_add_source_connection() -> None:
    bench = ManagerBench()
    loaders = data("m", v1=SimpleLoader(lambda: "model"))
    source: Source[Any] = StaticSource(loaders)
    source.set_aspired_versions_callback(bench.manager.set_aspired_versions)
    bench.settle()
    assert bench.served("m") == "model"


def test_add_source_chain_connection_with_routing_by_platform() -> None:
    bench = ManagerBench()
    source = StaticSource([*data("m", v1="/m/1"), *data("n", v1="/n/1")])
    source.set_aspired_versions_callback(by_platform(bench).set_aspired_versions)
    bench.settle()
    assert bench.served("m") == "model of /m/1"
    assert bench.last_error("n", 1) == "NOT_FOUND: No platform found for model"


def test_add_source_chain_destruction_order() -> None:
    """The ends of a chain may go in any order: what comes after a stop changes nothing."""
    bench = ManagerBench()
    router = by_platform(bench)
    bench.manager.stop(timeout=0)
    router.set_aspired_versions("m", data("m", v1="/m/1"))
    assert bench.manager.versions() == ()


def test_simple_loader_source_adapter_okay_to_delete_adapter() -> None:
    """A loader needs nothing of the adapter that made it."""
    bench = ManagerBench()
    by_platform(bench).set_aspired_versions("m", data("m", v1="/m/1"))
    bench.settle()
    assert bench.served("m") == "model of /m/1"
