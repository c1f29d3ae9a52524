"""When runs move to the calling thread, and when they leave it for good."""

from __future__ import annotations

from tfs_notebook.runtimes.tensorflow.inline_pool import (
    LARGE_SECONDS,
    SAMPLES,
    SMALL_SECONDS,
    InlinePool,
)


def after(*samples: float) -> InlinePool:
    pool = InlinePool()
    for seconds in samples:
        pool.record(seconds, inline=pool.inline)
    return pool


def test_small_graphs_run_inline_after_the_samples() -> None:
    assert not after(*[SMALL_SECONDS] * (SAMPLES - 1)).inline
    assert after(*[SMALL_SECONDS] * SAMPLES).inline


def test_one_short_run_is_enough() -> None:
    assert after(*[1.0] * (SAMPLES - 1), SMALL_SECONDS).inline


def test_slow_graphs_never_do() -> None:
    assert not after(*[SMALL_SECONDS * 1.01] * SAMPLES, *[0.0] * 100).inline


def test_one_large_run_ends_it_for_good() -> None:
    assert after(*[0.0] * SAMPLES, LARGE_SECONDS * 0.99).inline
    assert not after(*[0.0] * SAMPLES, LARGE_SECONDS, *[0.0] * 100).inline
