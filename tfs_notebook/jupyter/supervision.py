"""Whether a model server that has ended is started again, and when: decided purely."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["RestartPolicy"]


@dataclass(slots=True)
class RestartPolicy:
    """Waits longer after each crash, and gives up when there are too many.

    Attributes:
        max_crashes: so many within ``window`` are too many.
        window: seconds.
        first_wait: seconds to wait after the first crash; doubled after each further one.
        longest_wait: seconds.
        steady: a run of so many seconds makes up for the crashes before it.
    """

    max_crashes: int = 5
    window: float = 120.0
    first_wait: float = 0.2
    longest_wait: float = 30.0
    steady: float = 60.0
    _crashes: list[float] = field(default_factory=list)
    _wait: float = 0.0

    def crashed(self, now: float, up_for: float) -> float | None:
        """Take note of a crash.

        Args:
            now: on a clock that only goes forward, in seconds.
            up_for: how long it was ready before, in seconds.

        Returns:
            seconds to wait before the next start, or None to give up.
        """
        if up_for >= self.steady:
            self.forget()
        self._crashes = [then for then in self._crashes if now - then < self.window]
        self._crashes.append(now)
        if len(self._crashes) >= self.max_crashes:
            return None
        self._wait = min(self.longest_wait, self._wait * 2 or self.first_wait)
        return self._wait

    def forget(self) -> None:
        """Start afresh: somebody has looked after it."""
        self._crashes.clear()
        self._wait = 0.0
