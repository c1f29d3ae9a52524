"""Another server is chosen in a dashboard that stays open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.other_server import MODEL, other_http_server
from tests.notebook.dashboard.front_end import FrontEnd
from tests.notebook.kernel import Kernel, environment_in
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.notebook.dashboard.servers import at_address, of_client
from tfs_notebook.wire.errors import InvalidArgument

pytestmark = pytest.mark.timeout(180)

CHOICES = "list(d._chooser._known.options)"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Kernel]:
    """One that serves a model."""
    places = tmp_path_factory.mktemp("c")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import threading, tfs_notebook")
        kernel.ok(f"half = tfs_notebook.serve({str(half_plus_two.parent)!r}, 'half')")
        yield kernel


@pytest.fixture
def dashboard(kernel: Kernel) -> Iterator[FrontEnd]:
    """One that shows the kernel's own server."""
    outcome = kernel.run("d = tfs_notebook.dashboard('half', language='en', interval=0.1)\nd")
    assert outcome.status == "ok", outcome.traceback
    front_end = FrontEnd(kernel)
    front_end.views(1)
    front_end.wait_for("_header", "answers")
    yield front_end
    kernel.ok("d.close()")


def choose(dashboard: FrontEnd, title: str) -> None:
    """As it is chosen in the list, once it is there."""
    titles = f"[one[0] for one in {CHOICES}]"
    poll_until(lambda: any(title in one for one in dashboard.told(titles)), f"{title} is there")
    [place] = [n for n, one in enumerate(dashboard.told(titles)) if title in one]
    dashboard.set("._chooser._known", index=place)


def test_the_kernels_a_clients_and_one_whose_address_is_typed(
    kernel: Kernel,
    dashboard: FrontEnd,
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
    two_versions: Path,
) -> None:
    far = start_server(f"--model_base_path={half_plus_two.parent}", "--model_name=far")
    near = start_server(f"--model_base_path={two_versions}", "--model_name=near")
    kernel.ok(f"own, far = tfs_notebook.connect(), tfs_notebook.connect({far.url!r})")
    choose(dashboard, "(far)")
    dashboard.wait_for("_table._numbers", ">far<")
    dashboard.wait_for("_header", far.url)
    assert "half" not in dashboard.value("_table._numbers")
    # What this kernel's own client is of is there once, as what it is.
    titles = dashboard.told(f"[one[0] for one in {CHOICES}]")
    assert titles == ["this kernel's own model server", f"{far.url} (far)"]
    dashboard.set("._chooser._address", value="no address")
    dashboard.wait_for("_chooser._hint", "no address")
    dashboard.set("._chooser._address", value=near.url)
    dashboard.wait_for("_table._numbers", ">near<")
    assert dashboard.told("d._chooser._hint.value + d._chooser._address.value") == ""
    # The client of a variable is not closed by whoever looks elsewhere.
    assert kernel.ok("far.is_closed") == "False"
    choose(dashboard, "this kernel's own")
    dashboard.wait_for("_table._numbers", ">half<")
    dashboard.wait_for("_header", "this kernel")
    assert dashboard.threads() == 1


def test_a_tensorflow_serving_elsewhere_is_told_what_to_look_at(dashboard: FrontEnd) -> None:
    with other_http_server() as other:
        dashboard.set("._chooser._address", value=other.address)
        told = dashboard.wait_for("_banner", "does not list its models")
        assert "no page of metrics" in told
        assert "neither of its process" in told
        dashboard.set("._chooser._models", value=f"{MODEL}, nobody")
        numbers = dashboard.wait_for("_table._numbers", "123")
        assert "serving" in numbers
        assert "Servable not found" in numbers
        dashboard.wait_for("_banner", "does not list", gone=True)
        dashboard.click(f"._table._buttons[{MODEL!r}]")
        for pane, widget, text in (
            (1, "_panes._versions", "version 123"),
            (2, "_panes._batches", "No batch has run"),
            (4, "_panes._log", "Nothing has changed yet"),
        ):
            dashboard.open(pane)
            dashboard.wait_for(widget, text)
        dashboard.open(3)
        reason = "d._panes.actions._rows[0]._reason.value"
        poll_until(
            lambda: "by its own configuration" in dashboard.told(reason),
            "it says why nothing can be changed",
        )
        assert dashboard.told("all(b.disabled for b in d._panes.actions._rows[0]._buttons)")
        dashboard.open(0)
        # Another server, another question: what was named here is not asked for there.
        choose(dashboard, "this kernel's own")
        dashboard.wait_for("_table._numbers", ">half<")
        assert dashboard.told("d._chooser._models.value") == "half"
        choose(dashboard, other.address)
        dashboard.wait_for("_table._numbers", "123")
        assert dashboard.told("d._chooser._models.value") == f"{MODEL}, nobody"


def test_a_question_about_one_server_is_not_answered_for_another(
    kernel: Kernel,
    dashboard: FrontEnd,
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
) -> None:
    same = start_server(f"--model_base_path={half_plus_two.parent}", "--model_name=half")
    dashboard.open(3)
    poll_until(lambda: dashboard.told("d._sight.model is not None"), "it is shown")
    dashboard.click_action("unload …")
    dashboard.wait_for("_panes.actions._confirmation._text", "Unload half")
    dashboard.set("._chooser._address", value=same.url)
    dashboard.wait_for("_header", same.url)
    dashboard.wait_for("_panes.actions._confirmation._text", "Unload half", gone=True)
    dashboard.click("._panes.actions._confirmation._yes")
    assert dashboard.told("len(d._orders.read())") == 0
    assert kernel.ok("half.predict([1.0])") != ""


def test_the_same_server_has_the_same_key() -> None:
    one, same, other = map(at_address, ("h:1", "h:1", "http://h:1"))
    assert (one.key == same.key, one.key == other.key) == (True, False)
    with Client("h:1") as client:
        assert of_client(client, "x").key == one.key
        assert of_client(client, "x").title == "h:1 (x)"
    with pytest.raises(InvalidArgument):
        at_address("no address")
