"""Caches with room for everything, and with room for two of three."""

from __future__ import annotations

import pytest

from tests.lifecycle.caching_manager.asking import cache_of, three
from tfs_notebook.lifecycle.testing import CacheBench


@pytest.fixture
def bench() -> CacheBench:
    return cache_of()


@pytest.fixture(params=["places", "memory"])
def two_fit(request: pytest.FixtureRequest) -> CacheBench:
    """A cache with room for two of three."""
    made = cache_of(max_models=2) if request.param == "places" else cache_of(limit=20)
    three(made, estimate=10)
    return made
