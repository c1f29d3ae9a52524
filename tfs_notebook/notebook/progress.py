"""A line that tells how long something takes, for what takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from tfs_notebook.client.progress_line import new_line
from tfs_notebook.wire.errors import ServingError, error_for_code

__all__ = ["StepLine", "run_with_progress"]

# What is done by then needs no line.
_QUIET_SECONDS: Final = 0.7
_INTERVAL_SECONDS: Final = 0.25


class StepLine:
    """A line that tells which step of something long is being done; a context manager.

    For what has to be done on the thread that asks: the line changes with the steps only.
    """

    def __init__(self, title: str) -> None:
        """Show nothing yet.

        Args:
            title: what is done: ``"exporting to models/spam"``.
        """
        self._title = title
        self._started = time.monotonic()
        self._line = new_line()

    def step(self, text: str) -> None:
        """Tell that this begins now."""
        self._line.show(f"{self._title}: {text} …")

    def __enter__(self) -> StepLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        seconds = time.monotonic() - self._started
        outcome = "done" if kind is None else "failed"
        self._line.end(f"{self._title}: {outcome} after {seconds:.1f} s")


class _Job:
    """A call in a daemon thread, so that an interrupt ends the wait and not the process."""

    def __init__(self, name: str, call: Callable[[], None]) -> None:
        self._call = call
        self.error: BaseException | None = None
        self.done = threading.Event()
        threading.Thread(target=self._run, name=f"tfs-wait-{name}", daemon=True).start()

    def _run(self) -> None:
        try:
            self._call()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self.error = error
        finally:
            self.done.set()


def run_with_progress(
    verb: str, calls: Mapping[str, Callable[[], None]], state: Callable[[str], str]
) -> None:
    """Run calls side by side, and show a line meanwhile if they take long; blocks.

    Args:
        verb: what happens: ``"loading"``.
        calls: by the name that is shown.
        state: how far a name is, in a few words; called now and then.

    Raises:
        ServingError: of the call that failed; if several did, one that tells of all.
    """
    started = time.monotonic()
    jobs = {name: _Job(name, call) for name, call in calls.items()}
    line = new_line()
    wait = _QUIET_SECONDS
    while pending := [name for name, job in jobs.items() if not job.done.wait(wait)]:
        wait = _INTERVAL_SECONDS / len(jobs)
        seconds = time.monotonic() - started
        shown = ", ".join(f"{name}{state(name)}" for name in pending)
        line.show(f"{verb} {shown} … {seconds:.0f} s")
    seconds = time.monotonic() - started
    failed = {name: job.error for name, job in jobs.items() if job.error is not None}
    names = ", ".join(failed or jobs)
    line.end(f"{verb} {names}: {'failed' if failed else 'done'} after {seconds:.1f} s")
    if failed:
        raise _one_error(failed)


def _one_error(failed: Mapping[str, BaseException]) -> BaseException:
    errors = list(failed.values())
    first = errors[0]
    if len(errors) == 1 or not isinstance(first, ServingError):
        return first
    text = "\n".join(f"{name}: {error}" for name, error in failed.items())
    return error_for_code(first.code, text)
