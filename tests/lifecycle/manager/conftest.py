"""A manager on a manual clock and with manual jobs, on the test's thread."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle.testing import ManagerBench


@pytest.fixture
def bench() -> ManagerBench:
    """A manager with the options it has when none are given."""
    return ManagerBench()
