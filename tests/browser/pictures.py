"""``python -m tests.browser.pictures [DIRECTORY]``: take the pictures of the front end anew.

They go to ``docs/images`` unless a directory is named. The demo's classifiers are served in a
JupyterLab of its own, and asked by it and by two visitors meanwhile. The machine needs a font
that has Chinese (Debian: ``fonts-noto-cjk``); without one, boxes stand for its characters.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.chromium import chromium
from tests.browser.front_end_page import FrontEndPage
from tests.browser.lab_process import Lab, lab_process
from tests.browser.web_page_pictures import take_web_page
from tests.demo.trained import trained_digits, trained_spam
from tests.labextension.front_end import built_front_end
from tests.server_process import ROOT
from tfs_notebook.demo.digits import EXAMPLES

IMAGES: Final = ROOT / "docs" / "images"
MESSAGE: Final = "加我微信xxxxx有福利"
# As pytest keeps them, so that they are trained once.
_CACHE: Final = ROOT / ".pytest_cache" / "d"
_CONFIGURATION: Final = """\
model_config_list {{
  config {{
    name: "spam" base_path: "{spam}" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 2 }}
  }}
  config {{ name: "digits" base_path: "{digits}" model_platform: "tensorflow" }}
}}
"""
_WIDTH, _HEIGHT = 1160, 640
_COLOURS: Final = 128
# What the charts show at first.
_VISITED_SECONDS: Final = 60


@contextmanager
def demo_lab(directory: Path) -> Iterator[Lab]:
    """JupyterLab with the front end of these sources and the demo's classifiers."""
    spam, digits = trained_spam(_CACHE / "spam"), trained_digits(_CACHE / "digits")
    configuration = directory / "models.config"
    configuration.write_text(_CONFIGURATION.format(spam=spam, digits=digits))
    with lab_process(
        directory,
        f"--LabServerApp.extra_labextensions_path={built_front_end()}",
        f"--TfsNotebookApp.model_config_file={configuration}",
        "--TfsNotebookApp.enable_batching=True",
    ) as lab:
        picture = digits / EXAMPLES / "7.png"
        (lab.root / picture.name).write_bytes(picture.read_bytes())
        yield lab


@contextmanager
def visitors(lab: Lab) -> Iterator[None]:
    """Ask for the models until the block ends."""
    ended = threading.Event()
    picture = (lab.root / "7.png").read_bytes()

    def visit(number: int) -> None:
        while not ended.wait(0.05 * (1 + number)):
            label = ("canary", "stable")[number]
            body = {"text": MESSAGE, "model": "spam", "label": label}
            lab.jupyter.http.post("tfs/predict", json=body).raise_for_status()
            if number:
                lab.jupyter.http.post(
                    "tfs/predict?model=digits",
                    content=picture,
                    headers={"Content-Type": "image/png"},
                ).raise_for_status()

    asking = [threading.Thread(target=visit, args=(number,)) for number in range(2)]
    for thread in asking:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in asking:
            thread.join()


def judged_message(page: FrontEndPage) -> Locator:
    """The console with a message that two versions have judged."""
    console = page.console("spam")
    text = console.get_by_label("Text", exact=True)
    text.fill(MESSAGE)
    console.get_by_label("Beside it").select_option("label:stable")
    text.press("Enter")
    expect(console.locator(".jp-Tfs-verdict")).to_have_count(2)
    return console


def recognized_digit(page: FrontEndPage) -> Locator:
    """The console with a picture, as it is dropped from the desktop."""
    console = page.console("digits")
    drop = console.locator(".jp-Tfs-drop")
    page.drop_file(drop, "7.png", (page.lab.root / "7.png").read_bytes())
    expect(console.get_by_role("meter").first).to_be_visible()
    return console


def take(page: FrontEndPage, path: Path) -> None:
    """Take a picture, in so few colours that a page with it is loaded quickly."""
    # No cursor, and nothing that the pointer happens to be over.
    page.page.mouse.move(_WIDTH // 2, _HEIGHT - 60)
    page.page.evaluate("() => document.activeElement.blur()")
    taken = page.screenshot(path.stem)
    with Image.open(taken) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    print(f"{path}: {path.stat().st_size // 1000} kB")  # noqa: T201 - a command's own output


def take_all(directory: Path) -> None:
    """Take every picture that the documents show of the front end. Blocks for two minutes."""
    with tempfile.TemporaryDirectory(prefix="p") as short, chromium() as browser:
        scratch = Path(short).resolve()
        size = {"width": _WIDTH, "height": _HEIGHT}
        with (
            demo_lab(scratch) as lab,
            browser.new_context(viewport=size, device_scale_factor=2) as context,  # type: ignore[arg-type]
        ):
            page = FrontEndPage(context, lab, scratch)
            assert page.panel
            page.execute("open-charts", {"model": "spam"})
            with visitors(lab):
                page.page.wait_for_timeout(_VISITED_SECONDS * 1000)
                take(page, directory / "jupyterlab_charts.png")
                judged_message(page)
                take(page, directory / "jupyterlab.png")
                page.set_theme(dark=True)
                recognized_digit(page)
                take(page, directory / "jupyterlab_dark.png")
            page.close()


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    take_all(place)
    take_web_page(place)
