"""StaticStoragePathSource, and static_manager_test (7): a static source and a manager."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServableRequest
from tfs_notebook.lifecycle.source import Source
from tfs_notebook.lifecycle.static_source import StaticSource
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.wire.errors import InvalidArgument, NotFound


def test_static_storage_path_source_basic() -> None:
    seen: list[tuple[str, list[tuple[ServableId, str]]]] = []

    def keep(name: str, versions: Sequence[ServableData[str]]) -> None:
        seen.append((name, [(item.id, item.data) for item in versions]))

    id_ = ServableId("test_servable_name", 42)
    source: Source[str] = StaticSource([ServableData.of(id_, "test_version_path")])
    source.set_aspired_versions_callback(keep)
    assert seen == [("test_servable_name", [(id_, "test_version_path")])]


def test_each_name_gets_its_full_list() -> None:
    seen: list[tuple[str, int]] = []
    ids = [ServableId("a", 1), ServableId("b", 1), ServableId("a", 2)]
    source = StaticSource([ServableData.of(id_, "path") for id_ in ids])
    source.set_aspired_versions_callback(lambda name, items: seen.append((name, len(items))))
    assert seen == [("a", 2), ("b", 1)]


@pytest.fixture
def bench() -> ManagerBench:
    made = ManagerBench()
    loaders: list[ServableData[Loader[str]]] = [
        ServableData.of(ServableId("m", 1), FakeLoader("one")),
        ServableData.of(ServableId("m", 2), FakeLoader("two")),
        ServableData.failed(ServableId("n", 1), InvalidArgument("no good")),
    ]
    StaticSource(loaders).set_aspired_versions_callback(made.manager.set_aspired_versions)
    made.settle()
    return made


def test_static_manager_stores_servables_get_latest_and_specific_version(
    bench: ManagerBench,
) -> None:
    assert [bench.served("m"), bench.served("m", 1)] == ["two", "one"]


def test_static_manager_servable_not_found(bench: ManagerBench) -> None:
    with pytest.raises(NotFound):
        bench.manager.handle(ServableRequest.latest("other"))


def test_static_manager_version_not_found(bench: ManagerBench) -> None:
    with pytest.raises(NotFound):
        bench.manager.handle(ServableRequest.specific("m", 9))


def test_static_manager_errors(bench: ManagerBench) -> None:
    assert bench.last_error("n", 1) == "INVALID_ARGUMENT: no good"
