"""The browser of the tests: the system's Chromium or Chrome, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

VARIABLE: Final = "TFS_NOTEBOOK_CHROMIUM"

# Of whatever is expected on a page: Playwright's own five seconds are few on a busy machine.
_MILLISECONDS: Final = 60_000

# As chromium.sh looks for it.
_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_OF_MACOS: Final = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_MISSING: Final = (
    "no Chromium: install one (apt-get install chromium, or python -m playwright install "
    f"chromium), or name one that is not on the PATH in {VARIABLE}"
)
_FLAGS: Final = (
    # Root has no sandbox, and the only pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Containers have little of it.
    "--disable-dev-shm-usage",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless browser until the block ends; the test is skipped where there is none.

    Until then this thread counts as one with an event loop that runs: asyncio's own cannot.
    """
    expect.set_options(timeout=_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_executable(playwright),
            args=_FLAGS,
            timeout=_MILLISECONDS,
        )
        try:
            yield browser
        finally:
            browser.close()


def chromium_executable(playwright: Playwright) -> str:
    """The browser's program; the test is skipped where there is none."""
    if named := os.environ.get(VARIABLE):
        # What is named and is not there is a mistake, not a reason to skip.
        return named
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for path in (playwright.chromium.executable_path, _OF_MACOS):
        if Path(path).is_file():
            return path
    pytest.skip(_MISSING)
