"""What axe-core finds wrong with a part of a page: names, roles, contrast, order."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator

from tests.npm_packages import installed

__all__ = ["axe_script", "broken_rules"]

_HERE: Final = Path(__file__).parent / "axe"
_RUN: Final = """async root => {
  const found = await axe.run(root, {resultTypes: ["violations"]});
  return found.violations.flatMap(rule => rule.nodes.map(node =>
    `${rule.id}: ${rule.help}: ${node.html.slice(0, 200)}`));
}"""


def axe_script(cache: Path) -> str:
    """The rules as a script; installed once, and the test is skipped where that cannot be.

    Args:
        cache: where they are kept.
    """
    packages = installed(_HERE, cache) / "node_modules"
    return (packages / "axe-core" / "axe.min.js").read_text("utf-8")


def broken_rules(script: str, element: Locator) -> list[str]:
    """Each rule with the element that breaks it, at and below an element."""
    # The page of JupyterLab allows itself scripts of its own, not further files.
    element.page.evaluate(script)
    found: Any = element.evaluate(_RUN)
    return [str(one) for one in found]
