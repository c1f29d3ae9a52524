"""A model config file that is looked at again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tfs_notebook.serving.config_file import ConfigFile
from tfs_notebook.wire.errors import Aborted, InvalidArgument


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "models.config"
    path.write_text("one")
    return path


class Applying:
    """What the file is handed to; ``failing`` comes first."""

    def __init__(self, *failing: Exception) -> None:
        self.times = 0
        self._failing = list(failing)

    def __call__(self) -> None:
        self.times += 1
        if self._failing:
            raise self._failing.pop(0)


def looks(path: Path, apply: Callable[[], None], times: int) -> None:
    file = ConfigFile(str(path), apply)
    path.write_text("two")
    for _ in range(times):
        file.look()


def test_a_change_is_applied_once(path: Path) -> None:
    apply = Applying()
    looks(path, apply, 3)
    assert apply.times == 1


def test_what_is_wrong_is_told_once_and_not_tried_again(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    apply = Applying(InvalidArgument("a typing error"))
    looks(path, apply, 3)
    assert apply.times == 1
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == [
        f"{path}: INVALID_ARGUMENT: a typing error"
    ]


def test_a_change_that_meets_another_reload_is_tried_again(path: Path) -> None:
    apply = Applying(Aborted("another reload is under way"), Aborted("still"))
    looks(path, apply, 5)
    assert apply.times == 3


def test_a_file_that_goes_changes_nothing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    apply = Applying()
    file = ConfigFile(str(path), apply)
    path.unlink()
    file.look()
    file.look()
    assert apply.times == 0
    assert caplog.text.count("cannot be read any more; its models stay") == 1
    path.write_text("three")
    file.look()
    assert apply.times == 1
