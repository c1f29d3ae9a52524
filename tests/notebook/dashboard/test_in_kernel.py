"""The dashboard in a real kernel, by the messages that a front end sends."""

from __future__ import annotations

import ast
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notebook.dashboard.front_end import FrontEnd
from tests.notebook.kernel import Kernel, environment_in
from tests.polling import poll_until
from tests.server_process import ServerProcess, free_port

pytestmark = pytest.mark.timeout(180)

VIEW_TYPE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Kernel]:
    """One that serves a model."""
    places = tmp_path_factory.mktemp("d")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import threading, time, tfs_notebook")
        kernel.ok("%load_ext tfs_notebook")
        kernel.ok(f"half = tfs_notebook.serve({str(half_plus_two.parent)!r}, 'half')")
        yield kernel


@pytest.fixture
def dashboard(kernel: Kernel) -> Iterator[FrontEnd]:
    """One that is displayed."""
    outcome = kernel.run("d = tfs_notebook.dashboard('half', language='en', interval=0.1)\nd")
    assert [sorted(one) for one in outcome.displays[:2]] == [
        [VIEW_TYPE, "text/plain"],
        ["text/html", "text/plain"],
    ], outcome.traceback
    front_end = FrontEnd(kernel)
    front_end.views(1)
    front_end.wait_for("_header", "answers")
    yield front_end
    kernel.ok("d.close()")


def test_importing_the_widgets_waits_until_they_are_asked_for(
    tmp_path: Path, kernel: Kernel
) -> None:
    (tmp_path / "k").mkdir()
    with Kernel(tmp_path / "k", environment_in(tmp_path / "k", os.environ)) as fresh:
        fresh.ok("%load_ext tfs_notebook\nimport tfs_notebook\ntfs_notebook.connect")
        loaded = fresh.ok(
            "import sys; [m for m in ('ipywidgets', 'bqplot') if m in sys.modules]"
        )
        assert loaded == "[]"


def test_what_happens_is_shown_while_a_cell_is_busy(
    kernel: Kernel, dashboard: FrontEnd
) -> None:
    seen = kernel.ok(
        "half.predict([1.0, 2.0])\n"
        "seen, end = set(), time.monotonic() + 60\n"
        "while len(seen) < 3 and time.monotonic() < end:\n"
        "    seen.add(d._header.value); time.sleep(0.02)\n"
        "len(seen)"
    )
    assert seen == "3"
    assert "half" in dashboard.told("[one.description for one in d._table._names.children]")
    for pane, widget, text in (
        (1, "_panes._versions", "serving_default"),
        (2, "_panes._batches", "not put together"),
        (4, "_panes._log", "serving"),
    ):
        dashboard.open(pane)
        dashboard.wait_for(widget, text)
    dashboard.open(0)
    dashboard.set("._table.filter", value="nothing")
    dashboard.wait_for("_table._more", "No model")
    dashboard.set("._table.filter", value="")
    dashboard.wait_for("_table._more", "No model", gone=True)


def test_a_second_version_is_pinned_rolled_back_and_unloaded_with_a_question(
    kernel: Kernel, dashboard: FrontEnd, two_versions: Path
) -> None:
    kernel.ok(f"tfs_notebook.serve({str(two_versions)!r}, 'two')")
    dashboard.click("._table._everything")
    poll_until(lambda: dashboard.told("'two' in d._table._buttons"), "it has a row")
    dashboard.click("._table._buttons['two']")
    dashboard.open(3)
    # Tests the number of the version, the state, and that a question comes first.
    served = "[v.version for v in d._sight.model.versions if v.state == 'AVAILABLE']"
    poll_until(lambda: dashboard.told(f"d._sight.model and {served}") == [2], "it is shown")
    dashboard.click_action("roll back …")
    dashboard.wait_for("_panes.actions._confirmation._text", "Roll two back")
    assert dashboard.told(served) == [2]
    dashboard.click("._panes.actions._confirmation._yes")
    dashboard.wait_for("_deeds", "done after")
    poll_until(lambda: dashboard.told(served) == [1], "it has gone back")
    dashboard.click_action("unload …")
    dashboard.wait_for("_panes.actions._confirmation._text", "Unload two")
    dashboard.click("._panes.actions._confirmation._no")
    dashboard.wait_for("_panes.actions._confirmation._text", "Unload", gone=True)
    assert dashboard.told(served) == [1]
    dashboard.click_action("unload …")
    dashboard.wait_for("_panes.actions._confirmation._text", "Unload two")
    dashboard.click("._panes.actions._confirmation._yes")
    dashboard.wait_for("_panes._title", "no model two now")


def test_what_failed_is_told_in_words(dashboard: FrontEnd) -> None:
    dashboard.open(3)
    dashboard.set("._panes.actions._name", value="missing")
    dashboard.set("._panes.actions._path", value="/no/such/place")
    dashboard.click_action("load")
    told = dashboard.wait_for("_deeds", "failed after")
    assert "/no/such/place" in told
    dashboard.click_action("make the file")
    dashboard.wait_for("_panes.actions._confirmation._text", "version")


def test_it_looks_while_it_is_displayed_and_no_longer(
    kernel: Kernel, dashboard: FrontEnd
) -> None:
    assert dashboard.threads() == 1
    dashboard.views(0)
    poll_until(lambda: dashboard.threads() == 0, "its thread has ended")
    kernel.ok("before = d._watch.history.latest")
    kernel.ok("half.predict([1.0])")
    assert kernel.ok("d._watch.history.latest is before") == "True"
    dashboard.views(1)
    poll_until(lambda: dashboard.told("d._watch.history.latest is not before"), "it looks")
    # A second one beside it.
    kernel.run("e = tfs_notebook.dashboard(language='zh_CN')\ne")
    other = FrontEnd(kernel, "e")
    other.wait_for("_header", "有应答")
    assert dashboard.threads() == 2
    kernel.ok("e.close(); e.close()")
    assert dashboard.threads() == 1


def test_a_quiet_server_costs_few_messages(kernel: Kernel, dashboard: FrontEnd) -> None:
    dashboard.open(1)
    dashboard.wait_for("_panes._versions", "half")
    kernel.ok(
        "import ipywidgets\n"
        "sent, send = [], ipywidgets.Widget.send_state\n"
        "def counted(self, key=None):\n"
        "    sent.append(key); send(self, key)\n"
        "ipywidgets.Widget.send_state = counted\n"
        "looks = len(d._watch.history._intervals)"
    )
    poll_until(
        lambda: dashboard.told("len(d._watch.history._intervals) > looks + 20"), "20 looks"
    )
    # The header tells the time; nothing else has changed in a quiet server.
    said = kernel.ok("len(sent), len(d._watch.history._intervals) - looks")
    messages, looks = ast.literal_eval(said)
    assert messages < 2 * looks
    kernel.ok("ipywidgets.Widget.send_state = send")


def test_a_lost_server_is_told_and_found_again(
    kernel: Kernel, start_server: Callable[..., ServerProcess], half_plus_two: Path
) -> None:
    port, rest_port = free_port(), free_port()
    flags = (f"--model_base_path={half_plus_two.parent}", "--model_name=far")
    server = start_server(*flags, port=port, rest_port=rest_port)
    kernel.run(f"f = tfs_notebook.dashboard(server='{server.url}', language='en')\nf")
    far = FrontEnd(kernel, "f")
    far.wait_for("_header", "answers")
    far.open(3)
    poll_until(
        lambda: "token" in far.told("f._panes.actions._rows[0]._reason.value"),
        "it says why nothing can be changed",
    )
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(60)
    told = far.wait_for("_banner", "does not answer since")
    assert 'role="alert"' in told
    assert "far" in far.value("_table._numbers")
    start_server(*flags, port=port, rest_port=rest_port)
    far.wait_for("_banner", "does not answer", gone=True)
    far.wait_for("_header", "answers")
    kernel.ok("f.close()")


# The last one: it stops the kernel's own server.
def test_reloading_the_extension_closes_it_and_leaves_the_last_values(kernel: Kernel) -> None:
    kernel.run("r = tfs_notebook.dashboard('half', language='en')\nr")
    front_end = FrontEnd(kernel, "r")
    front_end.wait_for("_header", "answers")
    outcome = kernel.run("r.close()")
    [last] = [
        one["text/html"] for one in outcome.displays if "half" in one.get("text/html", "")
    ]
    assert "answers" in last
    kernel.run("r = tfs_notebook.dashboard(server=tfs_notebook.connect())\nr")
    assert front_end.threads() == 1
    kernel.ok("%reload_ext tfs_notebook")
    assert front_end.threads() == 0
