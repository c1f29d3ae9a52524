"""The models that the tests serve, built once and kept."""

from __future__ import annotations

from pathlib import Path

from tests.built_once import built_once, content_key
from tests.server_process import ROOT

__all__ = ["saved_models"]


def saved_models(cache: Path) -> Path:
    """The directory that holds the built models, a base path each; below the cache."""
    builders = (ROOT / "tests" / "models").glob("*.py")
    key = content_key(builders, ("tensorflow", "keras", "tf_keras", "numpy"))
    return built_once(cache, key, "tests.models.build")
