"""What the Monitor of the profiler service says."""

from __future__ import annotations

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.frontends.grpc.activity import activity_text
from tfs_notebook.serving.statistics import Statistics

MILLISECOND = 1_000_000


def ask(statistics: Statistics, *, good: int = 0, failed: int = 0) -> None:
    counter = statistics.counter("m", 3, "serving_default")
    for number in range(good + failed):
        counter.begin()
        counter.end(2 * MILLISECOND, failed=number >= good)


def test_nothing_was_asked() -> None:
    assert activity_text([], [], 2.0, verbose=True) == (
        "The last 2.0 s:\nno request since the start\n"
    )


def test_what_was_asked_in_that_time() -> None:
    statistics = Statistics()
    ask(statistics, good=100, failed=50)
    before = statistics.read()
    ask(statistics, good=8, failed=2)
    statistics.counter("m", 3, "serving_default").begin()
    assert activity_text(before, statistics.read(), 4.0, verbose=False) == (
        "The last 4.0 s:\n"
        "m version 3 serving_default: 10 requests (2.5 a second), 2 failed, mean 2.000 ms, "
        "1 under way, 0 of them waiting for a batch\n"
    )


def test_a_signature_that_nobody_had_asked_for() -> None:
    statistics = Statistics()
    ask(statistics, failed=1)
    assert "1 requests (1.0 a second), 1 failed, 0 under way" in activity_text(
        [], statistics.read(), 1.0, verbose=False
    )


def test_all_that_was_asked_before() -> None:
    statistics = Statistics()
    ask(statistics, good=4, failed=1)
    run = BatchRun(rows=3, padded_rows=4, tasks=2, seconds=0.1)
    statistics.add_run("m", 3, "serving_default", run)
    read = statistics.read()
    lines = activity_text(read, read, 1.0, verbose=True).splitlines()
    assert "0 requests (0.0 a second), 0 failed, 0 under way" in lines[1]
    assert lines[2].startswith("  since it was loaded: 5 requests, 1 failed, of 100 requests")
    assert lines[2].endswith("0 runs that hang")
    assert lines[3] == "  batches: 1 runs of 4.0 rows on average, 25.0% of them padding"
