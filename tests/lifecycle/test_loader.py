"""simple_loader_test (11): those that apply to a loader made from functions."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle.loader import Loader, SimpleLoader
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument


def test_verify_servable_states() -> None:
    destroyed: list[str] = []
    loader = SimpleLoader(lambda: "model", destroy=destroyed.append)
    with pytest.raises(FailedPrecondition):
        _ = loader.servable
    loader.load()
    assert loader.servable == "model"
    loader.unload()
    assert destroyed == ["model"]
    with pytest.raises(FailedPrecondition):
        _ = loader.servable


def test_is_a_loader() -> None:
    loader: Loader[str] = SimpleLoader(lambda: "model")
    loader.load()
    assert loader.servable == "model"
    loader.unload()


def test_servable_may_be_none() -> None:
    loader: SimpleLoader[None] = SimpleLoader(lambda: None)
    loader.load()
    assert loader.servable is None
    loader.unload()


def test_load_error() -> None:
    def fail() -> str:
        raise InvalidArgument("no good")

    loader = SimpleLoader(fail)
    with pytest.raises(InvalidArgument, match="no good"):
        loader.load()
    with pytest.raises(FailedPrecondition):
        _ = loader.servable


def test_resource_estimation_is_memoised() -> None:
    estimates = iter([100, 200])
    loader = SimpleLoader(lambda: "model", estimate=lambda: next(estimates))
    assert [loader.estimate_resources(), loader.estimate_resources()] == [100, 100]
    loader.load()
    assert loader.estimate_resources() == 100


def test_resource_estimation_with_post_load_release() -> None:
    loader = SimpleLoader(lambda: "model", estimate=lambda: 100, post_load_estimate=lambda: 60)
    assert loader.estimate_resources() == 100
    loader.load()
    assert loader.estimate_resources() == 60


def test_resources_are_unknown_by_default() -> None:
    assert SimpleLoader(lambda: "model").estimate_resources() is None


def test_origin() -> None:
    assert SimpleLoader(lambda: "model", origin="/models/m/1").origin == "/models/m/1"


def test_can_be_loaded_again() -> None:
    created = iter(["first", "second"])
    loader = SimpleLoader(lambda: next(created))
    loader.load()
    loader.unload()
    loader.load()
    assert loader.servable == "second"


def test_estimate_is_asked_for_anew_after_the_unload() -> None:
    """The next load takes again what a load takes, and not what the last one kept."""
    loader = SimpleLoader(lambda: "model", estimate=lambda: 100, post_load_estimate=lambda: 60)
    loader.load()
    loader.unload()
    assert loader.estimate_resources() == 100
