"""Models and data that checkouts share, where they are present."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tests.server_process import ROOT

SHARED_VARIABLE: Final = "TFS_NOTEBOOK_SHARED"


def shared_directory() -> Path:
    """Where they would be: beside the checkout, or where the variable says."""
    given = os.environ.get(SHARED_VARIABLE)
    return Path(given) if given else ROOT.parent / "shared"
