"""What takes long is made once, whole, and anew when its sources change.

The module that builds is ``venv``: any that makes a directory would do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.at_once import at_once
from tests.built_once import built_once, content_key


def build(cache: Path, key: str, *more: str) -> Path:
    return built_once(cache, key, "venv", ["--without-pip", *more])


def test_it_is_built_once_for_all_who_ask(tmp_path: Path) -> None:
    # A second build would fail: its result could not take the place of the first.
    [built] = set(at_once(3, lambda _: build(tmp_path, "key")))
    assert (built / "pyvenv.cfg").is_file()
    (built / "kept").touch()
    assert (build(tmp_path, "key") / "kept").exists()


def test_another_key_is_built_anew_and_the_old_one_goes(tmp_path: Path) -> None:
    old = build(tmp_path, "old")
    new = build(tmp_path, "new")
    assert (new / "pyvenv.cfg").is_file()
    assert not old.exists()


def test_what_is_not_whole_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="venv failed:\n"):
        build(tmp_path, "key", "--no-such-option")
    unfinished = tmp_path / "key.unfinished"
    unfinished.mkdir(exist_ok=True)
    (unfinished / "half").touch()
    assert not (build(tmp_path, "key") / "half").exists()


def test_key_follows_the_sources(tmp_path: Path) -> None:
    source = tmp_path / "builder.py"
    source.write_text("one")
    before = content_key([source], ["pytest"])
    assert content_key([source], ["pytest"]) == before
    source.write_text("two")
    assert content_key([source], ["pytest"]) != before
