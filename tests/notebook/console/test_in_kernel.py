"""The console in a real kernel, by the messages that a front end sends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.models.text_scores import write_text_scores
from tests.notebook.kernel import Kernel, environment_in
from tests.polling import poll_until

pytestmark = pytest.mark.timeout(180)

VIEW_TYPE = "application/vnd.jupyter.widget-view+json"


class FrontEnd:
    """Sends what a browser sends for the widgets of one console, named by a variable."""

    def __init__(self, kernel: Kernel, variable: str) -> None:
        self._kernel = kernel
        self._view = f"{variable}._view"
        self._subshell: str | None = None

    def use_subshell(self) -> None:
        """Ask for a thread beside the one of the cells, as JupyterLab does."""
        self._subshell = self._kernel.create_subshell()

    def model_id(self, widget: str) -> str:
        return str(json.loads(self._text(f"{self._view}.{widget}.model_id")))

    def show(self) -> None:
        """One view of the console appears."""
        self._update("root", {"_view_count": 1})

    def clear(self) -> None:
        """It is gone."""
        self._update("root", {"_view_count": 0})

    def type(self, text: str) -> None:
        self._update("_inputs._text", {"value": text})

    def choose(self, widget: str, index: int) -> None:
        self._update(widget, {"index": index})

    def click(self, widget: str) -> None:
        self._send(widget, {"method": "custom", "content": {"event": "click"}})

    def value(self, widget: str) -> str:
        return str(json.loads(self._text(f"{self._view}.{widget}.value")))

    def wait_for(self, widget: str, text: str) -> str:
        poll_until(
            lambda: text in self.value(widget),
            f"{widget} says {text!r}",
            details=lambda: self.value(widget),
        )
        return self.value(widget)

    def wait_for_form(self) -> None:
        poll_until(lambda: not self.is_disabled("_send"), "there is a form")

    def is_disabled(self, widget: str) -> bool:
        return bool(json.loads(self._text(f"{self._view}.{widget}.disabled")))

    def _text(self, expression: str) -> str:
        shown = self._kernel.run(f"import json; print(json.dumps({expression}))")
        assert shown.status == "ok", shown.traceback
        return shown.streams["stdout"]

    def _update(self, widget: str, state: dict[str, Any]) -> None:
        data = {"method": "update", "state": state, "buffer_paths": []}
        self._send(widget, data)

    def _send(self, widget: str, data: dict[str, Any]) -> None:
        self._send_to(self.model_id(widget), data)

    def _send_to(self, model_id: str, data: dict[str, Any]) -> None:
        self._kernel.send_comm(model_id, data, subshell=self._subshell)

    def send(self, text_id: str, button_id: str, text: str) -> None:
        """Type and click, of widgets whose ids are known: a busy kernel tells none."""
        state = {"value": text}
        self._send_to(text_id, {"method": "update", "state": state, "buffer_paths": []})
        self._send_to(button_id, {"method": "custom", "content": {"event": "click"}})


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One that serves a model of texts and a function that waits for a file."""
    places = tmp_path_factory.mktemp("c")
    write_text_scores(places / "texts" / "1")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import pathlib, threading, time, tfs_notebook")
        kernel.ok("%load_ext tfs_notebook")
        kernel.ok(f"%tfs serve {places / 'texts'} --name texts")
        kernel.ok(
            f"GO = pathlib.Path({str(places / 'go')!r})\n"
            "def slow(x):\n"
            "    while not GO.exists(): time.sleep(0.01)\n"
            "    return x\n"
            "tfs_notebook.serve(slow, inputs='float32', outputs='float32');"
        )
        yield kernel


@pytest.fixture
def console(kernel: Kernel) -> Iterator[FrontEnd]:
    """One that is displayed, with its form."""
    kernel.ok("c = tfs_notebook.console('texts', language='en')")
    outcome = kernel.run("c")
    assert [sorted(one) for one in outcome.displays] == [
        [VIEW_TYPE, "text/plain"],
        ["text/html", "text/plain"],
    ]
    front_end = FrontEnd(kernel, "c")
    front_end.show()
    front_end.wait_for("_connection", "connected to")
    front_end.wait_for_form()
    yield front_end
    kernel.ok("c.close()")


def threads(kernel: Kernel) -> str:
    return kernel.ok(
        "sorted(one.name for one in threading.enumerate() if 'console' in one.name)"
    )


def test_typed_sent_and_judged(kernel: Kernel, console: FrontEnd) -> None:
    console.type("free 微信 zzz")
    console.click("_send")
    assert "spam: stop it" in console.wait_for("_answer", "tfs-verdict")
    assert "POST /predict" in console.value("_exchange")
    console.choose("_code._kind", 2)
    console.wait_for("_code._area", "free ")
    console.type("see\nfree")
    console.click("_send")
    console.wait_for("_answer", "pass: 1 · spam: 1")
    console.choose("_history._list", 1)
    console.click("_history._again")
    console.wait_for("_answer", "tfs-verdict")
    assert console.value("_inputs._text") == "free 微信 zzz"


def test_a_slow_request_runs_while_a_cell_is_busy_and_is_cancelled(
    kernel: Kernel, console: FrontEnd
) -> None:
    models = json.loads(
        kernel.run("import json; print(json.dumps(c._view._choices._model.options))").streams[
            "stdout"
        ]
    )
    place = [key for _, key in models].index("slow")
    console.choose("_choices._model", place)
    poll_until(lambda: "1.0" in console.value("_inputs._text"), "there is its form")
    console.click("_send")
    console.wait_for("_running", "running for")
    # A cell that is busy sees its widgets change.
    kernel.ok(
        "before = c._view._running.value\n"
        "end = time.monotonic() + 60\n"
        "while c._view._running.value == before: assert time.monotonic() < end"
    )
    console.click("_cancel")
    console.wait_for("_answer", "Cancelled")
    assert console.value("_running") == ""
    kernel.ok("GO.touch()")
    console.click("_send")
    console.wait_for("_answer", "tfs-outputs")


def test_orders_are_heard_while_a_cell_is_busy_where_there_are_subshells(
    kernel: Kernel, console: FrontEnd
) -> None:
    ids = console.model_id("_inputs._text"), console.model_id("_send")
    console.use_subshell()
    # The cell ends well only if the console answers before it ends.
    kernel.begin(
        "answered = False\nend = time.monotonic() + 50\n"
        "while not answered and time.monotonic() < end:\n"
        "    answered = 'spam: stop it' in c._view._answer.value; time.sleep(0.01)\n"
        "first = c._view._answer.value"
    )
    console.send(*ids, "free")
    assert kernel.ok("answered") == "True"
    # In their order: no click overtakes what was typed before it.
    for text, said in (("see", "let it through"), ("free", "stop it")) * 5:
        console.send(*ids, text)
        console.wait_for("_answer", said)


def test_what_is_heard_is_counted_so_that_a_page_sees_what_waits(
    kernel: Kernel, console: FrontEnd
) -> None:
    before = console.value("_waiting")
    assert 'data-heard="0"' in before
    console.choose("_choices._other", 1)
    console.wait_for("_waiting", 'data-heard="1"')


def test_two_at_once(kernel: Kernel, console: FrontEnd) -> None:
    kernel.ok("d = tfs_notebook.console('texts', language='zh_CN')")
    kernel.run("d")
    other = FrontEnd(kernel, "d")
    other.show()
    other.wait_for("_connection", "已连接")
    other.wait_for_form()
    assert threads(kernel) == "['tfs-console', 'tfs-console']"
    other.type("free")
    other.click("_send")
    console.type("see")
    console.click("_send")
    other.wait_for("_answer", "应拦截")
    console.wait_for("_answer", "let it through")
    kernel.ok("d.close()")
    assert threads(kernel) == "['tfs-console']"


def test_a_cell_that_is_cleared_ends_it_and_displaying_it_begins_it_anew(
    kernel: Kernel, console: FrontEnd
) -> None:
    assert threads(kernel) == "['tfs-console']"
    console.clear()
    poll_until(lambda: threads(kernel) == "[]", "its thread has ended")
    console.show()
    poll_until(lambda: threads(kernel) == "['tfs-console']", "it is there again")
    console.type("free")
    console.click("_send")
    console.wait_for("_answer", "spam: stop it")


def test_closed_it_leaves_the_last_answer_as_html(kernel: Kernel, console: FrontEnd) -> None:
    console.type("free")
    console.click("_send")
    console.wait_for("_answer", "spam: stop it")
    kernel.ok("root = c.widget; c.close(); c.close()")
    assert threads(kernel) == "[]"
    assert kernel.ok("root.comm") == ""
    assert "the console is closed" in str(kernel.run("c").displays)


def test_without_a_server_and_until_the_extension_is_reloaded(places: Path) -> None:
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import sys, threading, tfs_notebook\n%load_ext tfs_notebook")
        kernel.ok("tfs_notebook.connect('http://localhost:1')")
        imported = "[one for one in ('ipywidgets', 'pandas') if one in sys.modules]"
        assert kernel.ok(imported) == "[]"
        kernel.ok("c = %tfs console --language en")
        assert threads(kernel) == "[]"
        kernel.run("c")
        console = FrontEnd(kernel, "c")
        console.show()
        console.wait_for("_connection", "there is no model server here yet")
        assert threads(kernel) == "['tfs-console']"
        kernel.ok("%reload_ext tfs_notebook")
        assert threads(kernel) == "[]"
        assert "(closed)" in kernel.ok("c.__repr__()")
