"""How many examples Hypothesis makes up: few in ``make test``, all in ``make test-all``."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

__all__ = ["choose", "share_of"]

_ALL: Final = 100
_FEW: Final = 20

# How fast the machine is is not what the tests are about.
_ANY_MACHINE: Final = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=_ALL
)
settings.register_profile("all", _ANY_MACHINE)
settings.register_profile("few", _ANY_MACHINE, max_examples=_FEW, derandomize=True)


def choose(*, long: bool) -> None:
    """Say which are made up; before the modules with tests are imported.

    Args:
        long: whether the long tests are run: then all, and others each time. Without
            them a fifth, always the same, so that no run fails for what another passes.
    """
    settings.load_profile("all" if long else "few")


def share_of(number: int) -> int:
    """The share of ``number`` examples that is made up, for tests that name a number."""
    share: int = settings().max_examples
    return max(1, number * share // _ALL)
