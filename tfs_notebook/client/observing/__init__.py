"""A server as it is at one moment, and how that has changed in the last minutes."""

from __future__ import annotations

from tfs_notebook.client.observing.history import History, Recent, Series
from tfs_notebook.client.observing.observation import Observation
from tfs_notebook.client.observing.observer import Observer, observe

__all__ = ["History", "Observation", "Observer", "Recent", "Series", "observe"]
