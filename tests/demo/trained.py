"""The demo's classifiers, trained once for a state of their sources."""

from __future__ import annotations

from pathlib import Path

from tests.built_once import built_once, content_key
from tests.server_process import ROOT

_PACKAGES = ("gensim", "jieba", "keras", "numpy", "pillow", "scikit-learn", "tensorflow")


def _key(demo: str, *more: Path) -> str:
    package = ROOT / "tfs_notebook"
    return content_key(
        [
            *package.glob(f"demo/{demo}*"),
            *package.glob("pipelines/*.py"),
            *package.glob("pipelines/*.json"),
            *more,
        ],
        _PACKAGES,
    )


def trained_spam(cache: Path) -> Path:
    """Return the base path of the demo's two versions; blocks while they are trained."""
    return built_once(cache, _key("spam"), "tfs_notebook.demo.spam")


def trained_digits(cache: Path) -> Path:
    """Return the base path of both versions of the digits; blocks while they are trained."""
    return built_once(cache, _key("digit"), "tfs_notebook.demo.digits")


def trained_on_sms(cache: Path, collection: Path) -> Path:
    """Return the base path of a version trained on the SMS Spam Collection."""
    script = Path(__file__).parent / "train_on_sms.py"
    return built_once(
        cache, _key("spam", script, collection), "tests.demo.train_on_sms", [str(collection)]
    )
