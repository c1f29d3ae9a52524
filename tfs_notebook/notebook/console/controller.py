"""What the console does: it knows what is chosen, and tells a view what to show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tfs_notebook.client import Client
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.notebook.console import messages
from tfs_notebook.notebook.console.choices import (
    Choice,
    choices_of,
    choices_of_statuses,
    reference_text,
)
from tfs_notebook.notebook.console.code_samples import code_samples
from tfs_notebook.notebook.console.described import Described, described
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.questions import Question
from tfs_notebook.notebook.console.selection import Selection
from tfs_notebook.notebook.console.server_watch import Seen, ServerWatch
from tfs_notebook.notebook.console.turns import Turn, Turns
from tfs_notebook.notebook.console.view_protocol import View
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.wire.errors import NotFound, ServingError
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Controller"]

_LOOK_SECONDS: Final = 3.0
_STATUS_SECONDS: Final = 10.0

Begin = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Controller:
    """One console without its widgets; belongs to the thread of its event loop.

    Args:
        resolve: see :class:`ServerWatch`.
        view: shows it.
        begin: begins a task of this loop.
        names: gives the variables of the notebook.
        translate: into the reader's language.
        model: that is chosen first; empty for the first of the server's.
    """

    def __init__(
        self,
        resolve: Callable[[], Client],
        view: View,
        begin: Begin,
        names: Callable[[], Mapping[str, Any]],
        translate: Translate,
        model: ModelReference | None = None,
    ) -> None:
        self._watch = ServerWatch(resolve)
        self._view = view
        self._begin = begin
        self._translate = translate
        self._selection = Selection.of(model)
        self._turns = Turns(view, self._watch.handle, names, translate)
        self._seen: Seen | None = None
        self._had = ""
        self._versions: Sequence[VersionStatus] = ()
        self._described: Described | None = None
        self._form: Form | None = None
        # The last one that was shown, while there is none as well.
        self._filled_in: Form | None = None
        self._looking: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._describing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look at the server from now on; idempotent."""
        if self._looking is None or self._looking.done():
            self._running = None
            self._looking = self._begin(self._look_again())

    async def _look_again(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        chosen = self._selection
        seen = await self._watch.look(chosen.model)
        before, self._seen = self._seen, seen
        if before is None or (before.problem, before.title) != (seen.problem, seen.title):
            self._view.show_connection(messages.connection_html(seen, self._translate))
        if seen.problem:
            return
        is_there = self._is_there(seen)
        if before is None or before.problem or before.names != seen.names:
            self._show_models(seen)
        if is_there:
            is_back = before is not None and bool(before.problem)
            await self._list_choices(is_back=is_back or self._form is None)

    def _is_there(self, seen: Seen) -> bool:
        """Whether the chosen model is; where it has never been another one is chosen."""
        name = self._selection.model
        if seen.names is not None and name not in seen.names:
            if name and name == self._had:
                self._describe_nothing(messages.gone_html(name, self._translate))
                return False
            if name:
                self._view.show_notice(messages.never_there_html(name, self._translate))
            self._selection.take_model(next(iter(seen.names), ""))
        self._had = self._selection.model
        return True

    def _show_models(self, seen: Seen) -> None:
        names, name = seen.names, self._selection.model
        if names is not None and name and name not in names:
            names = [*names, name]
        self._view.show_models(names, name)

    async def _list_choices(self, *, is_back: bool = False) -> None:
        seen, name = self._seen, self._selection.model
        if seen is None:
            return
        if not name:
            said = messages.no_model_html if seen.models is not None else messages.unnamed_html
            self._describe_nothing(said(self._translate))
            return
        choices = await self._choices(seen, name)
        if name != self._selection.model or (
            choices == self._selection.choices and not is_back
        ):
            return
        asked = reference_text(self._selection.reference)
        if self._selection.offer(choices):
            self._view.show_notice(messages.lost_version_html(asked, self._translate))
        self._show_choices()
        self._describe()

    async def _choices(self, seen: Seen, name: str) -> list[Choice]:
        if seen.models is not None:
            model = seen.models.get(name)
            self._versions = () if model is None else model.versions
            return choices_of(model, self._translate)
        handle = self._watch.handle(ModelReference(name))
        try:
            self._versions = await handle.status_async(timeout=_STATUS_SECONDS)
        except ServingError:
            self._versions = ()
        return choices_of_statuses(self._versions, self._translate)

    def _show_choices(self) -> None:
        chosen = self._selection
        options = [(one.text, one.key) for one in chosen.choices]
        self._view.show_choices(options, chosen.choice, chosen.other)

    def _describe_nothing(self, html: str) -> None:
        self._form = None
        self._view.show_form(None, html)

    def _describe(self) -> None:
        if self._describing is not None:
            self._describing.cancel()
        self._describing = self._begin(self._describe_now())

    async def _describe_now(self) -> None:
        """Learn what the chosen version takes, and show its form."""
        chosen = self._selection
        try:
            takes = await described(self._watch.handle(chosen.reference))
        except ServingError as error:
            self._describe_nothing(self._why_not(error))
            return
        self._described = takes
        keys = takes.keys
        if chosen.form not in keys:
            chosen.form = keys[0] if keys else None
        if chosen.form is None:
            self._describe_nothing(messages.no_signature_html(self._translate))
            return
        texts = messages.form_texts(keys, takes.pipeline, self._translate)
        options = [(text, str(place)) for place, text in enumerate(texts)]
        self._view.show_forms(options, str(keys.index(chosen.form)))
        self._show_form(takes.form(chosen.form))

    def _why_not(self, error: ServingError) -> str:
        if self._versions and all(one.state != "AVAILABLE" for one in self._versions):
            return messages.not_ready_html(self._versions, self._translate)
        return messages.error_html(error, self._translate)

    def _show_form(self, form: Form) -> None:
        if form == self._form:
            return
        self._form = form
        given, before = self._selection.given, self._filled_in
        if before is None or before.kind != form.kind or _is_untouched(given.text, before):
            given = replace(given, text=form.example)
        self._filled_in = form
        self._selection.given = given
        self._view.show_form(form)
        self._view.show_input(given)
        value = self._translate("some text") if form.kind == "text" else NOTHING
        handle = self._watch.handle(self._selection.reference)
        self._view.show_code(code_samples(handle, form, value))

    def choose_model(self, name: str) -> None:
        """Another model."""
        view = self._view
        if name != self._selection.model:
            self._selection.take_model(name.strip())
            for show in (view.show_notice, view.show_answer, view.show_exchange):
                show("")
            self._begin(self._list_choices(is_back=True))

    def choose_version(self, key: str) -> None:
        """Another version or label."""
        if key != self._selection.choice:
            self._selection.choice = key
            self._view.show_notice("")
            self._describe()

    def choose_other(self, key: str) -> None:
        """Another one to stand beside it; ``none`` for none."""
        self._selection.other = key

    def choose_form(self, place: str) -> None:
        """Another of what can be asked, by its place."""
        if self._described is None or not place.isdecimal():
            return
        keys = self._described.keys
        if int(place) < len(keys) and keys[int(place)] != self._selection.form:
            self._selection.form = keys[int(place)]
            self._show_form(self._described.form(keys[int(place)]))

    def fill(self, **values: object) -> None:
        """Take what was filled in: fields of :class:`Input`."""
        given = self._selection.given
        self._selection.given = replace(given, **values)  # type: ignore[arg-type]
        if "upload" in values:
            # A file and a path take turns.
            self._view.show_input(self._selection.given)

    def choose_code(self, kind: str) -> None:
        """Another kind of code; empty for none."""
        self._view.show_code_kind(kind)

    def send(self) -> None:
        """Ask, if nothing is being asked."""
        if not self._is_asking:
            self._view.show_notice("")
            self._running = self._begin(self._ask())

    def cancel(self) -> None:
        """Give up what is being asked."""
        if self._running is not None:
            self._running.cancel()

    def replay(self, number: str) -> None:
        """Choose what was chosen then, fill in what was filled in, and ask again."""
        entry = self._turns.entry(int(number)) if number.isdecimal() else None
        if entry is not None and not self._is_asking:
            self._selection.take_question(entry.question)
            self._running = self._begin(self._replayed())

    @property
    def _is_asking(self) -> bool:
        return self._running is not None and not self._running.done()

    async def _replayed(self) -> None:
        chosen = self._selection
        if self._seen is not None:
            self._show_models(self._seen)
        given, form = chosen.given, chosen.form
        await self._list_choices()
        await self._describe_now()
        if chosen.form != form:
            error = NotFound(
                f"{chosen.model} does not offer any more what was asked of it then"
            )
            self._view.show_answer(messages.error_html(error, self._translate))
            return
        chosen.given = given
        self._view.show_input(given)
        await self._ask()

    async def _ask(self) -> None:
        form, takes, chosen = self._form, self._described, self._selection
        if form is None or takes is None or chosen.form is None:
            self._view.show_answer(messages.no_model_html(self._translate))
            return
        question = Question(chosen.reference, chosen.form, chosen.given)
        await self._turns.take(Turn(question, takes, form, chosen.beside))


def _is_untouched(text: str, before: Form) -> bool:
    return not text.strip() or text == before.example
