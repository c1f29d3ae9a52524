"""When runs move to the calling thread, when they leave it, and when it is tried again."""

from __future__ import annotations

import time

from tfs_notebook.runtimes.tensorflow.inline_pool import (
    LARGE_RUNS,
    LARGE_SECONDS,
    SAMPLES,
    SMALL_SECONDS,
    TRIALS,
    InlinePool,
)

QUICK = LARGE_SECONDS * 0.99
SMALL = [QUICK] * SAMPLES + [SMALL_SECONDS] * TRIALS
TOO_MUCH = SMALL_SECONDS * 1.01


def after(*samples: float) -> InlinePool:
    pool = InlinePool()
    for seconds in samples:
        pool.record(seconds, pool.clock)
    return pool


def test_graphs_that_are_not_slow_are_tried_inline() -> None:
    assert not after(*[QUICK] * (SAMPLES - 1)).inline
    pool = after(*[QUICK] * SAMPLES)
    assert pool.inline
    # The wait for the interpreter's lock is not the run's.
    assert pool.clock is time.thread_time


def test_slow_graphs_are_not() -> None:
    assert not after(*[LARGE_SECONDS] * SAMPLES * 10).inline


def test_one_quick_run_is_enough_for_a_trial() -> None:
    assert after(*[1.0] * (SAMPLES - 1), QUICK).inline


def test_small_graphs_stay_inline_and_are_measured_at_no_cost() -> None:
    pool = after(*SMALL, *[QUICK] * 100)
    assert pool.inline
    assert pool.clock is time.perf_counter


def test_others_do_not() -> None:
    assert not after(*[QUICK] * SAMPLES, *[TOO_MUCH] * TRIALS, QUICK).inline


def test_what_failed_is_tried_again_after_longer_and_longer() -> None:
    failed = [QUICK] * SAMPLES + [TOO_MUCH] * TRIALS
    again = [QUICK] * SAMPLES * 8
    assert not after(*failed, *again[1:]).inline
    assert after(*failed, *again).inline
    twice = failed + again + [TOO_MUCH] * TRIALS
    assert not after(*twice, *again).inline
    assert after(*twice, *again * 8).inline


def test_a_busy_start_is_not_the_end_of_it() -> None:
    kept_waiting = [LARGE_SECONDS * 2] * SAMPLES
    assert after(*kept_waiting, *SMALL).inline


def test_a_run_that_only_waited_changes_nothing() -> None:
    # The second is measured by what its thread worked.
    for _ in range(2):
        assert after(*SMALL, *[LARGE_SECONDS, SMALL_SECONDS] * LARGE_RUNS * 2).inline


def test_large_runs_in_succession_end_it() -> None:
    large = [LARGE_SECONDS] * (LARGE_RUNS + 1)
    assert after(*SMALL, *large[1:]).inline
    assert not after(*SMALL, *large).inline


def test_runs_by_another_clock_do_not_count() -> None:
    pool = after(*[QUICK] * SAMPLES)
    for _ in range(TRIALS):
        # On TensorFlow's pool, begun before the first trial.
        pool.record(0.0, time.perf_counter)
    for _ in range(TRIALS):
        pool.record(TOO_MUCH, time.thread_time)
    assert not pool.inline
