"""``%tfs console``: the widget, its thread, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from IPython.core.getipython import get_ipython
from IPython.display import display

from tfs_notebook.client import Client, ModelHandle
from tfs_notebook.notebook.console.controller import Controller
from tfs_notebook.notebook.console.messages import fault_html
from tfs_notebook.notebook.console.view import ConsoleView
from tfs_notebook.notebook.serving import connect
from tfs_notebook.notebook.session import SESSION
from tfs_notebook.notebook.widgets.loop_thread import LoopThread
from tfs_notebook.notebook.widgets.presence import Presence
from tfs_notebook.notebook.widgets.shown_widgets import SHOWN
from tfs_notebook.notebook.widgets.translation import translator
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Console", "Server", "console"]

Server: TypeAlias = "Client | str | None"
"""A client, an address as for ``connect``, or None for the notebook's own."""


class Console:
    """A test console in a cell's output; made by :func:`console`. Any thread may use it.

    Its thread asks the server and writes to the widgets; it is there while the console is
    displayed, and ends with :meth:`close`, when the cell is cleared or run again, and with
    the kernel.
    """

    def __init__(
        self,
        resolve: Callable[[], Client],
        model: ModelReference | None,
        language: str | None,
    ) -> None:
        translate = self._translate = translator(language)
        self._thread = LoopThread("tfs-console", self._failed)
        self._view = ConsoleView(translate, self._hand, self._thread.is_current)
        self._controller = Controller(
            resolve, self._view, self._thread.task, _names, translate, model
        )
        self._is_closed = False
        self._presence = Presence(self._view.root, self._start, self._thread.stop)
        self._view.root.children += (self._presence.pulse,)
        SHOWN.add(self)

    @property
    def widget(self) -> Any:  # noqa: ANN401 - ipywidgets has no types
        """The widget, to be put beside others; its thread starts once it is shown."""
        return self._view.root

    @property
    def is_running(self) -> bool:
        """Whether its thread is there."""
        return self._thread.is_running

    def close(self) -> None:
        """End it, and leave what it showed last as plain HTML; idempotent, blocks briefly."""
        if not self._is_closed:
            self._is_closed = True
            self._presence.close()
            self._thread.close()
            self._view.close()

    def _start(self) -> None:
        self._thread.call(self._controller.start)

    def _hand(self, what: str, *values: object, **named: object) -> None:
        action = getattr(self._controller, what)

        def act() -> None:
            self._view.show_heard()
            action(*values, **named)

        self._thread.call(act)

    def _failed(self, error: BaseException) -> None:
        # A fault of the console's own, or something the server has never answered so far.
        self._view.show_running("")
        self._view.show_answer(fault_html(error, self._translate))

    def _ipython_display_(self) -> None:
        if self._is_closed:
            said = self._translate("the console is closed; make a new one")
            display({"text/plain": said}, raw=True)  # type: ignore[no-untyped-call]
            return
        self._view.display()
        self._presence.assume()

    def __repr__(self) -> str:
        return f"<tfs_notebook console{' (closed)' if self._is_closed else ''}>"


def console(
    model: str | ModelReference | ModelHandle | None = None,
    *,
    server: Server = None,
    language: str | None = None,
) -> Console:
    """Try models out: a form for what they take, and all there is to see of the answer.

    ::

        tfs_notebook.console("spam")
        tfs_notebook.console(server["spam", 2])
        tfs_notebook.console(server="http://serving.example.com:8501")

    Returns at once; a server that is not there yet is looked for.

    Args:
        model: its name, or a model, version or label of a client; any can be chosen later.
        server: a client, or an address as ``connect`` takes it; by default the model
            server of this notebook, wherever it is.
        language: ``"en"`` or ``"zh_CN"``; by default that of the environment.

    Raises:
        InvalidArgument: it is no address; or a model of one server and another server.
    """
    if isinstance(model, ModelHandle):
        if server is not None:
            raise InvalidArgument("a model of a client has its server; leave server= out")
        return Console(_client_of(model), model.reference, language)
    reference = ModelReference(model) if isinstance(model, str) else model
    if server is None:
        return Console(_own_client, reference, language)
    client = connect(server) if isinstance(server, str) else server
    return Console(lambda: client, reference, language)


def _own_client() -> Client:
    # That Jupyter's is being started again is shown at once.
    SESSION.find(patience=0.0)
    return SESSION.common_client()


def _client_of(model: ModelHandle) -> Callable[[], Client]:
    client = Client.of(model)
    return lambda: client


def _names() -> Mapping[str, Any]:
    shell = get_ipython()
    return {} if shell is None else shell.user_ns
