"""How well the text of a page can be read: the contrast ratio that WCAG 2 defines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator

# What WCAG 2 asks of text at level AA.
READABLE: Final = 4.5

# The browser does what it does on the screen: it paints the backgrounds of an element's
# ancestors over each other, then the colour of the text.
_COLOURS: Final = """root => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const paint = (colour, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.textContent.trim();
    if (!words || !node.parentElement.checkVisibility({visibilityProperty: true})) continue;
    const styles = [];
    for (let at = node.parentElement; at; at = at.parentElement)
      styles.unshift(getComputedStyle(at));
    let opacity = 1, ground = paint("white", 1);
    for (const style of styles) {
      opacity *= Number(style.opacity);
      ground = paint(style.backgroundColor, opacity);
    }
    const own = styles.at(-1);
    const text = paint(node.parentElement.closest("svg") ? own.fill : own.color, opacity);
    found.push({words, text, ground});
  }
  return found;
}"""


@dataclass(frozen=True)
class Text:
    """A piece of text on the screen.

    Attributes:
        words: what it says.
        contrast: the ratio of its luminance and that of what is behind it, 1 to 21.
    """

    words: str
    contrast: float


def texts(element: Locator) -> list[Text]:
    """Every piece of text below an element that is shown."""
    return [
        Text(piece["words"], _ratio(piece["text"], piece["ground"]))
        for piece in element.evaluate(_COLOURS)
    ]


def _ratio(one: Sequence[int], other: Sequence[int]) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else math.pow((part + 0.055) / 1.055, 2.4)
