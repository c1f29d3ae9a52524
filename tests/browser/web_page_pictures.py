"""The pictures of the standalone server's web page, while the demo's classifiers are asked."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from PIL import Image
from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.browser.web_page import WebPage, open_page
from tests.demo.trained import trained_digits, trained_spam
from tests.labextension.front_end import built_front_end
from tests.server_process import ROOT, ServerProcess
from tfs_notebook.demo.digits import EXAMPLES

__all__ = ["take_web_page"]

_CACHE: Final = ROOT / ".pytest_cache" / "d"
_MESSAGE: Final = "加我微信xxxxx有福利"
_CONFIGURATION: Final = """\
model_config_list {{
  config {{
    name: "spam" base_path: "{spam}" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 2 }}
  }}
  config {{
    name: "digits" base_path: "{digits}" model_platform: "tensorflow"
    model_version_policy {{ all {{}} }}
  }}
}}
"""
_COLOURS: Final = 128
_VISITED_SECONDS: Final = 60


@contextmanager
def _visitors(url: str, picture: bytes) -> Iterator[None]:
    """Ask for the models until the block ends."""
    ended = threading.Event()

    def visit(number: int) -> None:
        with httpx.Client(base_url=url, timeout=60) as http:
            while not ended.wait(0.05 * (1 + number)):
                label = ("canary", "stable")[number]
                body = {"text": _MESSAGE, "model": "spam", "label": label}
                http.post("/predict", json=body).raise_for_status()
                if number:
                    http.post("/predict?model=digits", content=picture).raise_for_status()

    asking = [threading.Thread(target=visit, args=(number,)) for number in range(2)]
    for thread in asking:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in asking:
            thread.join()


def _take(page: WebPage, path: Path) -> None:
    page.page.mouse.move(640, 700)
    page.page.evaluate("() => document.activeElement.blur()")
    page.page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path}: {path.stat().st_size // 1000} kB")  # noqa: T201 - a command's own output


def take_web_page(directory: Path) -> None:
    """Take every picture that the documents show of the page. Blocks for two minutes."""
    built_front_end()
    spam, digits = trained_spam(_CACHE / "spam"), trained_digits(_CACHE / "digits")
    with tempfile.TemporaryDirectory(prefix="p") as short, chromium() as browser:
        scratch = Path(short).resolve()
        configuration = scratch / "models.config"
        configuration.write_text(_CONFIGURATION.format(spam=spam, digits=digits))
        flags = [f"--model_config_file={configuration}", "--enable_batching"]
        look = {"viewport": {"width": 1120, "height": 620}, "device_scale_factor": 1.5}
        with (
            ServerProcess(scratch, flags) as server,
            _visitors(server.url, (digits / EXAMPLES / "7.png").read_bytes()),
        ):
            with open_page(browser, server.url, **look) as page:
                page.page.wait_for_timeout(_VISITED_SECONDS * 1000)
                expect(page.version("spam", 2)).to_contain_text("serving")
                _take(page, directory / "web_page.png")
            chinese = {"locale": "zh-CN", "color_scheme": "dark"}
            with open_page(browser, server.url, **look, **chinese) as page:
                page.page.goto(f"{server.url}/#/console")
                page.page.locator("select").first.select_option("spam")
                text = page.page.locator("textarea")
                text.fill(_MESSAGE)
                page.page.locator("select").nth(2).select_option("label:stable")
                text.press("Enter")
                expect(page.page.locator(".jp-Tfs-verdict")).to_have_count(2)
                _take(page, directory / "web_page_dark.png")
