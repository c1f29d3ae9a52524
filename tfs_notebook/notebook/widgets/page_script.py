"""Small scripts that run in the page, in front ends that run what a widget brings along."""

from __future__ import annotations

__all__ = ["page_script"]


def page_script(script: str, css: str = "") -> str:
    """A style sheet that runs a script each time it is put into a page.

    ``<script>`` in the HTML of a widget is not run; this is, but where a page forbids
    scripts of its own. So it may add comfort, and nothing that cannot be done without.

    Args:
        script: its statements, each ended by a semicolon, without comments; ``this`` is the
            style's element.
        css: the style sheet.
    """
    code = " ".join(script.split()).replace("&", "&amp;").replace('"', "&quot;")
    return f'<style onload="{code}">{css}</style>'
