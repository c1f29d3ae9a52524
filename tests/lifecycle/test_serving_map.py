"""aspired_versions_manager_test and basic_manager_test: lookups; the race with unload."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator

import pytest

from tfs_notebook.lifecycle.servable import (
    ServableHandle,
    ServableId,
    ServableRequest,
    ServedEntry,
)
from tfs_notebook.lifecycle.serving_map import ServingMap
from tfs_notebook.wire.errors import NotFound


def nothing() -> None:
    pass


def entry(name: str, version: int, servable: str | None = None) -> ServedEntry[str]:
    return ServedEntry(ServableId(name, version), servable or f"{name}/{version}", nothing)


def serving(*entries: ServedEntry[str]) -> ServingMap[str]:
    serving_map: ServingMap[str] = ServingMap()
    serving_map.publish(entries)
    return serving_map


def get(serving_map: ServingMap[str], request: ServableRequest) -> str:
    with serving_map.acquire(request) as handle:
        return handle.servable


ABC = (entry("a", 0), entry("m", 1), entry("m", 3), entry("z", 7))


def test_servable_handle_latest() -> None:
    assert get(serving(*ABC), ServableRequest.latest("m")) == "m/3"


def test_servable_handle_earliest() -> None:
    assert get(serving(*ABC), ServableRequest.earliest("m")) == "m/1"


def test_servable_handle_specific_version() -> None:
    assert get(serving(*ABC), ServableRequest.specific("m", 1)) == "m/1"


def test_servable_handle_from_id() -> None:
    assert get(serving(*ABC), ServableRequest.for_id(ServableId("m", 3))) == "m/3"


def test_servable_handle_latest_version_is_zero() -> None:
    assert get(serving(*ABC), ServableRequest.latest("a")) == "a/0"


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (ServableRequest.latest("x"), "Latest(x)"),
        (ServableRequest.earliest("x"), "Earliest(x)"),
        (ServableRequest.specific("m", 2), "Specific(m, 2)"),
        (ServableRequest.specific("m", -1), "Specific(m, -1)"),
    ],
)
def test_servable_handle_not_found(request_: ServableRequest, text: str) -> None:
    with pytest.raises(NotFound) as raised:
        serving(*ABC).acquire(request_)
    assert str(raised.value) == f"Servable not found for request: {text}"


def test_names_that_look_like_selectors_do_not_clash() -> None:
    serving_map = serving(entry("earliest", 1), entry("latest", 2))
    assert get(serving_map, ServableRequest.latest("latest")) == "latest/2"
    assert get(serving_map, ServableRequest.latest("earliest")) == "earliest/1"


def test_update_serving_map_servable_handle_latest() -> None:
    serving_map = serving(*ABC)
    serving_map.publish([e for e in ABC if e.id != ServableId("m", 3)])
    assert get(serving_map, ServableRequest.latest("m")) == "m/1"


def test_list_available_servable_ids() -> None:
    assert serving(*ABC).ids == tuple(e.id for e in ABC)


def test_of_two_entries_with_one_id_the_later_serves() -> None:
    serving_map = serving(entry("m", 1, "old"), entry("m", 1, "new"), entry("m", 2))
    assert get(serving_map, ServableRequest.specific("m", 1)) == "new"
    assert get(serving_map, ServableRequest.earliest("m")) == "new"
    assert serving_map.ids == (ServableId("m", 1), ServableId("m", 2))


def test_get_available_servable_handles() -> None:
    handles = serving(*ABC).acquire_all()
    assert {id_: handle.servable for id_, handle in handles.items()} == {
        e.id: e.servable for e in ABC
    }
    for handle in handles.values():
        handle.release()
    assert not any(e.holders for e in ABC)


class HoldersThatRetire(deque[None]):
    """Lets the manager retire the entry in the gap between a reader's two steps."""

    def __init__(self, serving_map: ServingMap[str], old: ServedEntry[str]) -> None:
        super().__init__()
        self.serving_map = serving_map
        self.old = old
        self.successor: list[ServedEntry[str]] = []

    def append(self, item: None, /) -> None:
        super().append(item)
        self.serving_map.publish(self.successor)
        self.old.retired = True


def test_reader_overtaken_by_an_unload_takes_the_successor() -> None:
    signals: list[str] = []
    old = ServedEntry(ServableId("m", 1), "old", lambda: signals.append("idle"))
    serving_map = serving(old)
    holders = HoldersThatRetire(serving_map, old)
    holders.successor = [entry("m", 2)]
    old.holders = holders
    assert get(serving_map, ServableRequest.latest("m")) == "m/2"
    # The manager saw the reader's hold, so it must hear that it has gone.
    assert signals == ["idle"]
    assert not old.holders


def test_reader_overtaken_by_the_last_unload_finds_nothing() -> None:
    old = entry("m", 1)
    serving_map = serving(old)
    old.holders = HoldersThatRetire(serving_map, old)
    with pytest.raises(NotFound):
        serving_map.acquire(ServableRequest.latest("m"))
    assert not old.holders


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    """Threads take turns a thousand times more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("frequent_switches")
def test_stress_no_handle_ever_sees_an_unloaded_servable() -> None:
    """Readers against a writer that swaps versions as fast as it can."""

    class Model:
        alive = True

    serving_map: ServingMap[Model] = ServingMap()
    end = time.monotonic() + 1.0
    seen = [0, 0, 0]
    faults: list[str] = []

    def publish(version: int) -> tuple[ServedEntry[Model], threading.Event]:
        idle = threading.Event()
        new = ServedEntry(ServableId("m", version), Model(), idle.set)
        serving_map.publish([new])
        return new, idle

    def read(index: int) -> None:
        request = ServableRequest.latest("m")
        kept: deque[ServableHandle[Model]] = deque()
        while time.monotonic() < end and not faults:
            handle = serving_map.acquire(request)
            kept.append(handle)
            if not handle.servable.alive:
                faults.append(f"{handle.id} was unloaded before it could be used")
            seen[index] += 1
            if len(kept) > index:
                oldest = kept.popleft()
                if not oldest.servable.alive:
                    faults.append(f"{oldest.id} was unloaded while it was held")
                oldest.release()
        for handle in kept:
            handle.release()

    current, idle = publish(1)
    readers = [threading.Thread(target=read, args=(index,)) for index in range(len(seen))]
    for reader in readers:
        reader.start()
    swaps = 1
    while time.monotonic() < end and not faults:
        swaps += 1
        old, old_idle = current, idle
        current, idle = publish(swaps)
        old.retired = True
        if old.holders and not old_idle.wait(60):
            faults.append(f"{old.id}: the last release was not signalled")
        old.servable.alive = False
    for reader in readers:
        reader.join(60)
    assert not faults
    assert swaps > 10
    assert all(seen)
