"""Awaiting a server's answers on whatever event loop the caller has."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

from tfs_notebook.client.calls import Pause, Step, Steps
from tfs_notebook.wire.errors import ServingError

__all__ = ["run_steps_async"]

T = TypeVar("T")


async def run_steps_async(steps: Steps[T]) -> T:
    """Run a program to its end on the caller's loop, awaiting wherever it waits.

    The exchanges themselves are under way on gRPC's threads or the client's; the loop is
    woken with ``call_soon_threadsafe``, so any asyncio loop will do (Tornado's in a kernel,
    uvloop). Cancelling the task cancels the exchanges.
    """
    try:
        step = next(steps)
        while True:
            try:
                answer = await _answer(step)
            except BaseException as error:  # noqa: BLE001 - the program decides about it
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    except (ServingError, asyncio.CancelledError) as error:
        raise error.with_traceback(None) from error.__cause__  # as where it blocks
    finally:
        steps.close()


async def _answer(step: Step) -> Any:  # noqa: ANN401 - whatever is waited for
    if isinstance(step, Pause):
        await asyncio.sleep(step.seconds)
        return None
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def settle() -> None:
        if not done.done():
            done.set_result(None)

    def wake() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle)

    pending = step.start()
    pending.add_done_callback(wake)
    try:
        await done
    except BaseException:
        pending.cancel()
        raise
    return pending.wait()
