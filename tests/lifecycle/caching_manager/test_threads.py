"""A cache on threads of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.lifecycle.caching_manager.asking import PATIENCE
from tfs_notebook.lifecycle.caching_manager import CachingManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.testing import FakeLoader, items_of
from tfs_notebook.wire.errors import Unavailable


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
