"""Whether anybody looks, in a real kernel, by the messages that a page sends or does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notebook.kernel import Kernel, environment_in
from tests.polling import poll_until

pytestmark = pytest.mark.timeout(120)

# To a file: who asks a kernel keeps it busy, and then silence does not count.
SHOWN = """\
import asyncio, ipywidgets, threading, time
from tfs_notebook.notebook.widgets.presence import Presence

def say(what):
    with open({path!r}, "a") as file:
        print(what, file=file)

def asked():
    with open({path!r}) as file:
        return file.read().count("asked")

box = ipywidgets.VBox()
presence = Presence(box, lambda: say("appeared"), lambda: say("gone"), every={every})
box.children = [presence.pulse]
presence.pulse.observe(lambda change: change["new"] and say("asked"), "playing")
print(box.model_id, presence.pulse.model_id)
"""


class Page:
    """What a page sends; it answers when it is told to."""

    def __init__(self, kernel: Kernel, path: Path) -> None:
        self._kernel = kernel
        self._path = path
        self._answers = 0
        path.touch()
        shown = kernel.run(SHOWN.format(path=str(path), every=0.4))
        assert shown.status == "ok", shown.traceback
        self._box, self._pulse = shown.streams["stdout"].split()

    def views(self, number: int) -> None:
        self._send(self._box, {"_view_count": number})

    def answer(self) -> None:
        self._answers += 1
        self._send(self._pulse, {"value": self._answers})

    def said(self) -> list[str]:
        return [one for one in self._path.read_text().split() if one != "asked"]

    def asked(self) -> int:
        return self._path.read_text().count("asked")

    def wait_until_said(self, *said: str) -> None:
        poll_until(lambda: self.said() == list(said), f"it says {said}", details=self._told)

    def wait_until_asked(self, times: int) -> None:
        so_far = self.asked()
        poll_until(
            lambda: self.asked() >= so_far + times, f"asked {times} times", details=self._told
        )

    def _told(self) -> str:
        return self._path.read_text()

    def _send(self, model: str, state: dict[str, Any]) -> None:
        self._kernel.send_comm(model, {"method": "update", "state": state, "buffer_paths": []})


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    places = tmp_path_factory.mktemp("p")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        yield kernel


@pytest.fixture
def page(kernel: Kernel, tmp_path: Path) -> Iterator[Page]:
    """One that has shown a widget, which asks often, and has answered once."""
    page = Page(kernel, tmp_path / "said")
    page.views(1)
    page.wait_until_said("appeared")
    page.wait_until_asked(1)
    page.answer()
    yield page
    kernel.ok("presence.close(); presence.close()")
    alive = "[one.name for one in threading.enumerate() if 'presence' in one.name]"
    assert kernel.ok(alive) == "[]"
    so_far = page.said()
    page.views(5)
    kernel.ok("1")
    assert page.said() == so_far


def test_a_page_that_goes_without_a_word_is_missed_and_found_again(
    kernel: Kernel, page: Page
) -> None:
    # Two questions without an answer.
    page.wait_until_said("appeared", "gone")
    assert kernel.ok("presence.is_watched") == "False"
    # Where its connection was lost for a while, no view is new.
    page.wait_until_asked(1)
    page.answer()
    page.wait_until_said("appeared", "gone", "appeared")
    page.wait_until_said("appeared", "gone", "appeared", "gone")
    # A page that is loaded anew is one view more, and those that went stay counted.
    page.views(2)
    page.wait_until_said("appeared", "gone", "appeared", "gone", "appeared")


def test_the_last_view_that_goes_is_believed_and_nobody_is_asked(
    kernel: Kernel, page: Page
) -> None:
    page.views(2)
    page.views(1)
    page.views(0)
    page.wait_until_said("appeared", "gone")
    alive = "[one.name for one in threading.enumerate() if 'presence' in one.name]"
    poll_until(lambda: kernel.ok(alive) == "[]", "its thread has ended")
    page.views(1)
    page.wait_until_said("appeared", "gone", "appeared")
    page.wait_until_asked(1)


@pytest.mark.parametrize(
    "busy",
    [
        "while asked() < {times} and time.monotonic() < end: time.sleep(0.01)",
        "while asked() < {times} and time.monotonic() < end: await asyncio.sleep(0.01)",
    ],
)
def test_a_busy_kernel_may_not_have_heard_the_answers(
    kernel: Kernel, page: Page, busy: str
) -> None:
    # Many more questions without an answer than a page may leave so.
    times = page.asked() + 5
    kernel.ok(f"end = time.monotonic() + 50\n{busy.format(times=times)}\nsay('done')")
    assert page.asked() >= times
    assert page.said()[:2] == ["appeared", "done"]
    page.wait_until_said("appeared", "done", "gone")


def test_a_front_end_that_has_never_answered_is_believed(
    kernel: Kernel, tmp_path: Path
) -> None:
    page = Page(kernel, tmp_path / "said")
    page.views(1)
    page.wait_until_asked(5)
    assert page.said() == ["appeared"]
    kernel.ok("presence.close()")
