"""Exchanges with a server as values, and programs of them that run sync and async alike.

What a client does is written once, as a generator that yields what it waits for
(:class:`Step`) and is sent the answer; :func:`run_steps` waits by blocking, and
:func:`~tfs_notebook.client.asynchronous.run_steps_async` by awaiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, Protocol, TypeAlias, TypeVar

from tfs_notebook.wire.errors import ServingError

__all__ = ["Call", "Pause", "Pending", "Step", "Steps", "ask", "run_steps"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Pending(Protocol[T_co]):
    """An exchange under way. Any thread may use it."""

    def wait(self) -> T_co:
        """Block until the answer is there; an interrupt ends the wait, not the exchange.

        Raises:
            ServingError: what the server answers with, or Cancelled.
        """

    def start(self) -> Pending[T_co]:
        """Itself."""

    def cancel(self) -> None:
        """Give it up: the server is told, and who waits gets Cancelled. Idempotent."""

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        """Call this once, from any thread, when the answer is there; at once if it is."""


class Call(Protocol[T_co]):
    """An exchange that nobody has begun. It is sent once, by one of its methods."""

    def wait(self) -> T_co:
        """Send it, and block until the answer is there; an interrupt cancels it.

        Raises:
            ServingError: what the server answers with.
        """

    def start(self) -> Pending[T_co]:
        """Send it, and do not wait; blocks no event loop."""


class Pause:
    """Some time in which nothing is to happen."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def wait(self) -> None:
        """Block for that time."""
        time.sleep(self.seconds)


Step: TypeAlias = "Call[Any] | Pending[Any] | Pause"
Steps: TypeAlias = Generator[Step, Any, T]


def ask(step: Call[T] | Pending[T]) -> Steps[T]:
    """What is waited for, with the type that ``yield call`` would not have."""
    answer: T = yield step
    return answer


def run_steps(steps: Steps[T]) -> T:
    """Run a program to its end, blocking wherever it waits.

    What a wait raises, an interrupt included, is raised at the ``yield`` it came from. Who
    called the client is shown where it was called, and not where in here it was found out.
    """
    try:
        step = next(steps)
        while True:
            try:
                answer = step.wait()
            except BaseException as error:  # noqa: BLE001 - the program decides about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    except (ServingError, KeyboardInterrupt) as error:
        # It says what is wrong; the steps that led to it would bury that in a notebook.
        raise error.with_traceback(None) from error.__cause__
    finally:
        # An interrupt between two waits: what is under way is still to be cancelled.
        steps.close()
