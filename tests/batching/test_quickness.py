"""Which runs are shorter than a hand-over, of late."""

from __future__ import annotations

from tfs_notebook.batching.quickness import Quickness

QUICK = 0.0001
SLOW = 0.02


def test_nothing_is_quick_before_it_has_run() -> None:
    assert not Quickness().is_quick


def test_a_slow_first_run_is_forgiven_at_the_next() -> None:
    quickness = Quickness()
    quickness.add(SLOW)
    assert not quickness.is_quick
    quickness.add(QUICK)
    assert quickness.is_quick


def test_some_slow_ones_change_nothing_and_many_do() -> None:
    quickness = Quickness()
    quickness.add(QUICK)
    for _ in range(40):
        quickness.add(SLOW)
    assert quickness.is_quick
    for _ in range(100):
        quickness.add(SLOW)
    assert not quickness.is_quick
