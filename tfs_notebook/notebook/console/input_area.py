"""Where the input is filled in: a text, an image, or JSON."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final

import ipywidgets

from tfs_notebook.client.unfit_input import taken_by
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.page import UPLOAD, upload_html
from tfs_notebook.notebook.console.questions import Input
from tfs_notebook.notebook.widgets.keyboard import ENTER_SENDS
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["InputArea"]

_FULL: Final = ipywidgets.Layout(width="100%")
_FULL_BUT_MARGINS: Final = ipywidgets.Layout(width="auto")
_IMAGES: Final = "image/png,image/jpeg,image/gif,image/bmp,image/webp"


class InputArea:
    """Widgets of one form at a time; see :class:`ConsoleView` for threads.

    Attributes:
        each_line: whether each line is a text; stands beside the button.

    Args:
        translate: into the reader's language.
        order: takes what was filled in, as fields of :class:`Input`.
    """

    def __init__(self, translate: Translate, order: Callable[..., None]) -> None:
        self._translate = translate
        self._order = order
        self._problem = ipywidgets.HTML()
        self._hint = ipywidgets.HTML()
        self._text = ipywidgets.Textarea(
            description="", rows=3, continuous_update=False, layout=_FULL_BUT_MARGINS
        )
        self._text.add_class("tfs-labelled")
        self._text.observe(self._on("text"), "value")
        self.each_line = ipywidgets.Checkbox(
            value=True, indent=False, description=translate("Each line is a text of its own")
        )
        self.each_line.observe(self._on("each_line"), "value")
        self._upload = ipywidgets.FileUpload(
            accept=_IMAGES,
            multiple=False,
            description=translate("Choose an image"),
            layout=ipywidgets.Layout(width="auto"),
        )
        self._upload.observe(self._on_upload, "value")
        self._upload.add_class(UPLOAD)
        self._arrived = 0
        self._told = ipywidgets.HTML(upload_html(0, "", 0, translate))
        self._path = ipywidgets.Text(
            description=translate("or its path"),
            placeholder="pictures/cat.jpg",
            continuous_update=False,
            layout=ipywidgets.Layout(flex="1 1 320px"),
        )
        self._path.add_class("tfs-path")
        self._path.observe(self._on_path, "value")
        self._image = ipywidgets.HBox(
            [self._upload, self._path], layout=ipywidgets.Layout(flex_flow="row wrap")
        )
        self.root = ipywidgets.VBox([], layout=_FULL)

    @property
    def widgets(self) -> list[ipywidgets.Widget]:
        """All of any form; ``root`` has those of one."""
        return [
            self._problem, self._hint, self._text, self._told,
            self._upload, self._path, self._image,
        ]  # fmt: skip

    def show(self, form: Form | None, problem: str) -> None:
        """Have this form filled in; None while there is none, and why, as HTML."""
        self._problem.value = problem
        is_text = form is not None and form.kind == "text"
        self.each_line.layout.display = None if is_text else "none"
        if form is None:
            self.root.children = (self._problem,)
            return
        self._hint.value = (
            f'<span class="tfs-soft tfs-small">{escape(self._hinted(form))}</span>'
        )
        if form.kind == "image":
            self.root.children = (self._image, self._told, self._hint)
            return
        label = self._translate("Text") if is_text else self._translate("Input")
        self._text.description = label
        self._text.placeholder = (
            self._translate("Type or paste a text; Enter sends it, Shift+Enter begins a line")
            if is_text
            else self._translate("JSON, or the name of a variable; Ctrl+Enter sends it")
        )
        self._text.rows = 3 if is_text else 5
        for name, wanted in ((ENTER_SENDS, is_text), ("tfs-json", not is_text)):
            (self._text.add_class if wanted else self._text.remove_class)(name)
        self.root.children = (self._text, self._hint)

    def fill(self, given: Input) -> None:
        """Put this into the widgets."""
        self._text.value = given.text
        self.each_line.value = given.each_line
        self._path.value = given.path
        if not given.upload:
            self._upload.value = ()
        self._arrived += 1
        self._told.value = upload_html(
            self._arrived, given.upload_name, len(given.upload), self._translate
        )

    def _hinted(self, form: Form) -> str:
        if form.kind == "text":
            return ""
        if form.kind == "image":
            return self._translate(
                "An upload goes through the notebook's connection, which often takes 10 MB "
                "at most (1 MB on Colab); a path is read by the kernel."
            )
        if form.kind == "examples":
            return self._translate(
                "A list of examples, each with its features; 1.0 is a float, 1 an int64."
            )
        said = self._translate("It takes {inputs}. Nothing is evaluated.")
        return said.format(inputs=taken_by(form.signature))

    def _on(self, name: str) -> Callable[[dict[str, Any]], None]:
        return lambda change: self._order("fill", **{name: change["new"]})

    def _on_path(self, change: dict[str, Any]) -> None:
        # What was said last counts.
        self._order("fill", path=change["new"], upload=b"", upload_name="")

    def _on_upload(self, change: dict[str, Any]) -> None:
        for one in change["new"][:1]:
            content, name = bytes(one["content"]), str(one["name"])
            self._order("fill", path="", upload=content, upload_name=name)
