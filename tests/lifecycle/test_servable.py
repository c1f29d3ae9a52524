"""servable_id (3), servable_data (3), manager_test: handles and request kinds."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from tfs_notebook.lifecycle.servable import (
    MAX_VERSION,
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
    ServedEntry,
)
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound


class Signals:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def entry_and_signals() -> tuple[ServedEntry[str], Signals]:
    signals = Signals()
    return ServedEntry(ServableId("m", 1), "model", signals), signals


def take(entry: ServedEntry[str]) -> ServableHandle[str]:
    entry.holders.append(None)
    return ServableHandle(entry)


def test_id_text() -> None:
    assert str(ServableId("m", 1)) == "{name: m version: 1}"


def test_ids_are_ordered_by_name_then_version() -> None:
    ids = [ServableId("b", 1), ServableId("a", 10), ServableId("a", 9)]
    assert sorted(ids) == [ServableId("a", 9), ServableId("a", 10), ServableId("b", 1)]


def test_equal_ids_are_one_key() -> None:
    assert {ServableId("m", 1), ServableId("m", 1)} == {ServableId("m", 1)}


@pytest.mark.parametrize("version", [-1, MAX_VERSION + 1])
def test_version_out_of_range_is_refused(version: int) -> None:
    with pytest.raises(InvalidArgument, match=str(version)):
        ServableId("m", version)


@pytest.mark.parametrize("version", [0, MAX_VERSION])
def test_version_zero_and_the_largest_are_legal(version: int) -> None:
    assert ServableId("m", version).version == version


def test_data_of_a_value() -> None:
    item = ServableData.of(ServableId("m", 1), "path")
    assert (item.id, item.data, item.error) == (ServableId("m", 1), "path", None)
    assert repr(item) == "ServableData({name: m version: 1}, data='path')"


def test_data_may_be_none() -> None:
    assert ServableData.of(ServableId("m", 1), None).data is None


def test_data_of_an_error_raises_it() -> None:
    error = NotFound("gone")
    item: ServableData[str] = ServableData.failed(ServableId("m", 1), error)
    assert item.error is error
    assert "NOT_FOUND: gone" in repr(item)
    with pytest.raises(NotFound, match="gone"):
        _ = item.data


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (ServableRequest.latest("m"), "Latest(m)"),
        (ServableRequest.earliest("m"), "Earliest(m)"),
        (ServableRequest.specific("m", 3), "Specific(m, 3)"),
        (ServableRequest.for_id(ServableId("m", 3)), "Specific(m, 3)"),
    ],
)
def test_request_text(request_: ServableRequest, text: str) -> None:
    assert str(request_) == text


def test_handle_gives_the_servable_and_its_id() -> None:
    entry, _ = entry_and_signals()
    with take(entry) as handle:
        assert handle.id == ServableId("m", 1)
        assert handle.servable == "model"


def test_released_handle_has_an_id_and_no_servable() -> None:
    entry, _ = entry_and_signals()
    handle = take(entry)
    handle.release()
    assert handle.id == ServableId("m", 1)
    with pytest.raises(FailedPrecondition, match="has been released"):
        _ = handle.servable


def test_release_is_idempotent() -> None:
    entry, _ = entry_and_signals()
    first, second = take(entry), take(entry)
    first.release()
    first.release()
    assert len(entry.holders) == 1
    second.release()
    assert not entry.holders


def test_threads_that_release_at_once_release_once() -> None:
    entry, _ = entry_and_signals()
    other = take(entry)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(100):
            handle = take(entry)
            list(pool.map(lambda _, handle=handle: handle.release(), range(8)))
    assert len(entry.holders) == 1
    other.release()


def test_dropped_handle_releases_itself() -> None:
    entry, _ = entry_and_signals()
    handle = take(entry)
    del handle
    gc.collect()
    assert not entry.holders


def test_release_while_serving_signals_nothing() -> None:
    entry, signals = entry_and_signals()
    take(entry).release()
    assert signals.count == 0


def test_only_the_last_release_of_a_retired_entry_signals() -> None:
    entry, signals = entry_and_signals()
    first, second = take(entry), take(entry)
    entry.retired = True
    first.release()
    assert signals.count == 0
    second.release()
    assert signals.count == 1


def test_memory_is_held_without_holding_up() -> None:
    entry, signals = entry_and_signals()
    handle = take(entry)
    hold = handle.keep_memory()
    assert (handle.lingering, entry.is_held()) == (1, True)
    handle.release()
    freed: list[str] = []
    entry.when_freed(lambda: freed.append("freed"))
    assert (not entry.holders, entry.is_held(), freed) == (True, True, [])
    hold.release()
    assert (entry.is_held(), freed, signals.count) == (False, ["freed"], 0)


def test_what_nothing_lingers_in_is_freed_at_once() -> None:
    entry, _ = entry_and_signals()
    freed: list[str] = []
    entry.when_freed(lambda: freed.append("freed"))
    assert freed == ["freed"]


def test_a_released_handle_keeps_no_memory() -> None:
    entry, _ = entry_and_signals()
    handle = take(entry)
    handle.release()
    with pytest.raises(FailedPrecondition, match="has been released"):
        handle.keep_memory()
    assert not entry.lingering


def test_whoever_watches_hears_of_the_last_memory_hold_too() -> None:
    entry, signals = entry_and_signals()
    handle = take(entry)
    hold = handle.keep_memory()
    handle.release()
    assert entry.is_held(watch=True)
    hold.release()
    assert signals.count == 1
