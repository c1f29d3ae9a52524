"""The web page of a standalone server, as a person has it before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from tests.labextension.front_end import SOURCE

__all__ = ["WebPage", "open_page"]

_AXE: Final = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  });
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(" | ")}`);
}"""
_IS_TOO_WIDE: Final = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  return scrollWidth > clientWidth;
}"""
_FILE: Final = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
  return data;
}"""


class WebPage:
    """A tab of its own, with nothing kept from another.

    Attributes:
        page: Playwright's own, for what this class has no word for.
        complaints: errors in the console, breaches of the policy among them; exceptions that
            nobody caught; requests that went elsewhere than to the server.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("request", self._on_request)
        page.goto(url)
        expect(page.get_by_role("banner")).to_be_visible()

    def card(self, model: str) -> Locator:
        """A model."""
        return self.page.locator(f".jp-Tfs-card[data-model='{model}']")

    def version(self, model: str, version: int) -> Locator:
        """A version of a model."""
        return self.card(model).locator(f".jp-Tfs-version[data-version='{version}']")

    def show(self, view: str) -> None:
        """Follow the link to a view, by its name in English."""
        self.page.get_by_role("link", name=view, exact=True).click()

    def console(self, model: str) -> Locator:
        """The test console for a model."""
        self.show("Test Console")
        console = self.page.get_by_role("region", name="Test Console")
        console.get_by_label("Model", exact=True).select_option(model)
        return console

    def choose(self, button: str, item: str) -> None:
        """Choose from the menu that a button opens."""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.get_by_role("menuitem", name=item).click()

    def unlock(self, token: str) -> None:
        """Type in the token with which models may be changed."""
        self.page.get_by_role("button", name="Unlock changes").click()
        self.page.get_by_role("dialog").get_by_label("Token").fill(token)
        self.page.keyboard.press("Enter")

    def file(self, name: str, content: bytes) -> Any:
        """A file as it is dropped or pasted."""
        return self.page.evaluate_handle(_FILE, [name, list(content)])

    def serious_faults(self) -> list[str]:
        """What axe finds that keeps people out."""
        script = SOURCE / "node_modules" / "axe-core" / "axe.min.js"
        # The policy of the page lets no further script in, the browser's own tools do.
        self.page.evaluate(script.read_text("utf-8"))
        found: list[str] = self.page.evaluate(_AXE)
        return found

    def is_too_wide(self) -> bool:
        """Whether something of it is beside the screen."""
        return bool(self.page.evaluate(_IS_TOO_WIDE))

    def forgive(self, text: str) -> None:
        """Complaints with a text in them have been expected."""
        self.complaints[:] = [one for one in self.complaints if text not in one]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _on_error(self, error: Error) -> None:
        self.complaints.append(f"{error.name}: {error.message}\n{error.stack}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")


@contextmanager
def open_page(browser: Browser, url: str, **options: Any) -> Iterator[WebPage]:
    """Have the page until the block ends, in which nothing goes wrong that was not expected.

    Args:
        browser: runs it.
        url: of the server.
        options: of the context, as Playwright takes them.
    """
    with browser.new_context(**({"locale": "en-GB"} | options)) as context:
        page = WebPage(context.new_page(), url)
        yield page
        assert not page.complaints, "\n".join(page.complaints)
