"""When what could not be carried out of a rollout is tried again. All of it is pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tfs_notebook.serving.routing.rollout import Rollout

__all__ = ["Retry", "failed_again"]

_FIRST_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Something that was decided of a rollout, and could not be carried out.

    Attributes:
        rollout: as it is written down.
        after: what was to become of it.
        reason: why that could not be; empty while it waits for its turn.
        failed_at: when, in seconds since the epoch.
        wait: seconds until it is tried again.
    """

    rollout: Rollout
    after: Rollout
    reason: str
    failed_at: float
    wait: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether it is to be tried again; at once if the clock was set back."""
        return not 0 <= now - self.failed_at < self.wait


def failed_again(
    before: Retry | None, rollout: Rollout, after: Rollout, reason: str, now: float
) -> Retry:
    """What failed now: it is tried again after half a second, then twice that, up to 60 s."""
    wait = _FIRST_SECONDS
    if before is not None and before.wait:
        wait = min(2 * before.wait, _LONGEST_SECONDS)
    return Retry(rollout, after, reason, now, wait)
