"""Who may change the models at a time: one whole list, or single models side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tfs_notebook.wire.errors import Aborted

__all__ = ["ChangeTurns"]


class ChangeTurns:
    """Gives turns to those who change models. Any thread may call it.

    Changes of different models go on side by side, those of one model one after
    the other. A change of the whole list has its turn alone, and goes before the
    changes of single models that come after it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._names: set[str] = set()
        self._whole = False

    @contextmanager
    def whole_list(self, timeout: float) -> Iterator[None]:
        """Hold the turn of a change of all models.

        Blocks for at most ``timeout`` seconds, while single models are changed.

        Raises:
            Aborted: another such change is under way, or the time is up.
        """
        end = time.monotonic() + timeout
        with self._changed:
            if self._whole:
                raise Aborted("another reload is under way; try again when it is through")
            self._whole = True
            if not self._changed.wait_for(lambda: not self._names, _left(end)):
                busy = ", ".join(sorted(self._names))
                self._whole = False
                self._changed.notify_all()
                raise Aborted(f"{busy} is being changed; try again when that is through")
        try:
            yield
        finally:
            with self._changed:
                self._whole = False
                self._changed.notify_all()

    @contextmanager
    def one_model(self, name: str, timeout: float) -> Iterator[None]:
        """Hold the turn of a change of this model.

        Blocks for at most ``timeout`` seconds, while others change it.

        Raises:
            Aborted: the time is up.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(name), timeout):
                what = "the whole list" if self._whole else f"model {name}"
                raise Aborted(
                    f"another change of {what} is under way, and was not through within "
                    f"{timeout:g} s; try again when it is"
                )
            self._names.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._names.discard(name)
                self._changed.notify_all()

    def _is_free(self, name: str) -> bool:
        return not self._whole and name not in self._names


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())
