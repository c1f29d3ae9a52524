"""When runs move to the calling thread, and when they leave it for good."""

from __future__ import annotations

from tfs_notebook.runtimes.tensorflow.inline_pool import (
    LARGE_SECONDS,
    SAMPLES,
    SMALL_SECONDS,
    TRIALS,
    InlinePool,
)

QUICK = LARGE_SECONDS * 0.99


def after(*samples: float) -> InlinePool:
    pool = InlinePool()
    for seconds in samples:
        pool.record(seconds, inline=pool.inline)
    return pool


def test_graphs_that_are_not_slow_are_tried_inline() -> None:
    assert not after(*[QUICK] * (SAMPLES - 1)).inline
    assert after(*[QUICK] * SAMPLES).inline


def test_slow_graphs_never_are() -> None:
    assert not after(*[LARGE_SECONDS] * SAMPLES, *[0.0] * 100).inline


def test_one_quick_run_is_enough_for_a_trial() -> None:
    assert after(*[1.0] * (SAMPLES - 1), QUICK).inline


def test_small_graphs_stay_inline() -> None:
    assert after(*[QUICK] * SAMPLES, *[QUICK] * (TRIALS - 1), SMALL_SECONDS).inline


def test_others_do_not() -> None:
    too_much = SMALL_SECONDS * 1.01
    assert not after(*[QUICK] * SAMPLES, *[too_much] * TRIALS, *[0.0] * 100).inline


def test_one_large_run_ends_it_for_good() -> None:
    small = [0.0] * (SAMPLES + TRIALS)
    assert after(*small, QUICK).inline
    assert not after(*small, LARGE_SECONDS, *[0.0] * 100).inline


def test_a_large_trial_ends_it_for_good() -> None:
    assert not after(*[0.0] * SAMPLES, LARGE_SECONDS, *[0.0] * 100).inline


def test_runs_that_began_elsewhere_do_not_count() -> None:
    pool = after(*[QUICK] * SAMPLES)
    for _ in range(TRIALS):
        # On TensorFlow's pool, begun before the first trial.
        pool.record(0.0, inline=False)
    for _ in range(TRIALS):
        pool.record(SMALL_SECONDS * 2, inline=True)
    assert not pool.inline
