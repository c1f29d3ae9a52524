"""The style sheet of the dashboard."""

from __future__ import annotations

from typing import Final

from tfs_notebook.notebook.dashboard.batches import BATCHES_STYLE
from tfs_notebook.notebook.dashboard.changes import LOG_STYLE
from tfs_notebook.notebook.dashboard.charts import CHARTS_STYLE
from tfs_notebook.notebook.dashboard.chooser import CHOOSER_STYLE
from tfs_notebook.notebook.dashboard.confirmation import CONFIRMATION_STYLE
from tfs_notebook.notebook.dashboard.deeds import DEEDS_STYLE
from tfs_notebook.notebook.dashboard.header import HEADER_STYLE
from tfs_notebook.notebook.dashboard.table import TABLE_STYLE
from tfs_notebook.notebook.dashboard.versions import VERSIONS_STYLE
from tfs_notebook.notebook.widgets.theme import CSS

__all__ = ["STYLE"]

_OF_PARTS: Final = (
    HEADER_STYLE,
    CHOOSER_STYLE,
    TABLE_STYLE,
    DEEDS_STYLE,
    VERSIONS_STYLE,
    BATCHES_STYLE,
    CHARTS_STYLE,
    CONFIRMATION_STYLE,
    LOG_STYLE,
)

STYLE: Final = CSS + "".join(_OF_PARTS)
"""For one ``<style>`` element inside the widget."""
