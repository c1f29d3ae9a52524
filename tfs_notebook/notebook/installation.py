"""What ``tfs-notebook doctor`` finds, as ``%tfs doctor`` shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from tfs_notebook.client.text_tables import html_table, text_table
from tfs_notebook.wire.errors import DeadlineExceeded, Internal

__all__ = ["Findings", "findings"]

_HEADS: Final = ("", "what", "how it is", "what to do")
_SECONDS: Final = 60.0
_COMMAND: Final = (sys.executable, "-m", "tfs_notebook", "doctor", "--json")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        is_well: whether nothing will fail.
        rows: ``ok``, ``warn`` or ``error``; what was looked at; how it is; what to do.
    """

    is_well: bool
    rows: tuple[tuple[str, str, str, str], ...]

    def __repr__(self) -> str:
        return text_table(_HEADS, self.rows)

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self.rows)


def findings() -> Findings:
    """Look at this installation, in a process of its own; blocks for seconds.

    Raises:
        DeadlineExceeded: it took too long.
        Internal: the command failed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and no words of anybody's
            _COMMAND, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise DeadlineExceeded(
            f"`tfs-notebook doctor` has not ended within {_SECONDS:g} s; run it in a terminal"
        ) from None
    try:
        document = json.loads(done.stdout)
        rows = tuple(
            (str(one["level"]), str(one["subject"]), str(one["text"]), str(one["advice"]))
            for one in document["findings"]
        )
        return Findings(bool(document["ok"]), rows)
    except (ValueError, LookupError, TypeError):
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise Internal(f"`tfs-notebook doctor` failed: {last[0]}") from None
