"""Widgets of a kernel, in the browser: clicked, typed into, changed while a cell is busy."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.lab_page import LabPage

# The first of a module waits for JupyterLab and for the browser.
pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

FORM: Final = """\
import threading
import ipywidgets

# What is typed is sent once, when the field is left: a click is not held back behind the
# changes that a busy kernel has not yet taken, and would overtake them.
word = ipywidgets.Text(description="Word", continuous_update=False)
shout = ipywidgets.Button(description="Shout")
said = ipywidgets.Label("nothing yet")
shout.on_click(lambda _: setattr(said, "value", f"{word.value.upper()}!"))
ipywidgets.VBox([word, shout, said])
"""
# Ends when it is interrupted.
BUSY: Final = """\
def say():
    said.value = "said by a thread"

threading.Thread(target=say, daemon=True).start()
threading.Event().wait(60)
"""


def test_a_thread_changes_a_widget_while_a_cell_is_busy(lab_page: LabPage) -> None:
    notebook = lab_page.open([FORM, BUSY])
    notebook.run(0)
    notebook.wait_for_text(0, "nothing yet")
    notebook.begin(1)
    notebook.wait_for_text(0, "said by a thread")
    assert not notebook.outputs(1)
    notebook.interrupt()
    notebook.wait_for_text(1, "KeyboardInterrupt")
    expect(notebook.output(0)).to_contain_text("said by a thread")


def test_widgets_call_back_and_outlive_the_page_and_not_the_kernel(lab_page: LabPage) -> None:
    notebook = lab_page.open([FORM])
    notebook.run(0)
    notebook.wait_for_text(0, "nothing yet")
    notebook.type(0, "Word", "垃圾 spam")
    notebook.click(0, "Shout")
    notebook.wait_for_text(0, "垃圾 SPAM!")
    notebook.save()
    notebook = lab_page.reload(notebook)
    notebook.wait_for_text(0, "垃圾 SPAM!")
    notebook.restart()
    notebook.save()
    notebook = lab_page.reload(notebook)
    notebook.wait_for_text(0, "model not found")
    lab_page.expected("widget model not found")
