"""A console without widgets, on the loop of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.notebook.console.recorded_view import RecordedView, until
from tfs_notebook.client import Client
from tfs_notebook.notebook.console.controller import Controller
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.wire.model_spec import ModelReference


class Running:
    """A controller on the loop of the test, with its view."""

    def __init__(
        self,
        resolve: Callable[[], Client],
        model: ModelReference | None = None,
        names: dict[str, Any] | None = None,
        translate: Translate = str,
    ) -> None:
        self.view = RecordedView()
        self.failures: list[BaseException] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.controller = Controller(
            resolve, self.view, self._begin, lambda: names or {}, translate, model
        )
        self.controller.start()

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        return task

    async def ready(self, kind: str) -> None:
        """Wait for a form."""
        await until(lambda: self.view.form and self.view.form.kind == kind, f"a form of {kind}")

    async def ask(self, **given: object) -> str:
        """Fill in, send, and wait for the answer."""
        self.controller.fill(**given)
        self.view.answer = ""
        self.controller.send()
        await until(lambda: self.view.answer, "there is an answer")
        return self.view.answer

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        for one in ended:
            assert one is None or isinstance(one, asyncio.CancelledError), one
