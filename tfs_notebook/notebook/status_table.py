"""What is served, as a table that is also text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tfs_notebook.client.model_list import ServedModel, model_table
from tfs_notebook.client.text_tables import html_table, text_table

__all__ = ["StatusTable"]


@dataclass(frozen=True, slots=True)
class StatusTable:
    """The models of a server, as they were when it was asked.

    Attributes:
        title: whose server it is, or what to do if there is none.
        models: in the order of the server's configuration.
    """

    title: str
    models: tuple[ServedModel, ...]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The cells, as text: a row for each version, or one for a model without any."""
        return model_table(self.models)[1]

    def __repr__(self) -> str:
        if not self.models:
            return self.title
        return f"{self.title}\n{text_table(*model_table(self.models))}"

    def _repr_html_(self) -> str:
        title = f"<p>{escape(self.title)}</p>"
        if not self.models:
            return title
        return f"<div>{title}{html_table(*model_table(self.models))}</div>"
