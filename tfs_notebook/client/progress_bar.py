"""A progress bar for what takes long, where somebody can see it: tqdm's."""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any, Final

from tfs_notebook.client.progress_line import in_kernel

__all__ = ["ProgressBar"]

# What is done by then needs no bar.
_QUIET_SECONDS: Final = 1.0


class ProgressBar:
    """Counts rows; a context manager, for one thread. Shows nothing in the first second."""

    def __init__(self, total: int, what: str) -> None:
        """Prepare.

        Args:
            total: how many rows there are.
            what: stands before the bar.
        """
        self._total = total
        self._what = what
        self._done = 0
        self._started = time.monotonic()
        self._bar: Any = None

    def advance(self, rows: int) -> None:
        """So many more are done."""
        self._done += rows
        if self._bar is not None:
            self._bar.update(rows)
        elif time.monotonic() - self._started > _QUIET_SECONDS and self._done < self._total:
            self._bar = _new_bar(self._total, self._done, self._what)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _new_bar(total: int, done: int, what: str) -> Any:  # noqa: ANN401 - tqdm has no types
    is_kernel = in_kernel()
    if not is_kernel and (sys.stderr is None or not sys.stderr.isatty()):
        return None
    with warnings.catch_warnings():
        # It warns where ipywidgets is missing, and shows text then, which is all right.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # noqa: PLC0415 - for what takes long alone
    return tqdm(total=total, initial=done, desc=what, unit=" rows", leave=is_kernel)
