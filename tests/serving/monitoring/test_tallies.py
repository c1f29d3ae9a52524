"""Numbers that many threads add to."""

from __future__ import annotations

import threading

from tests.at_once import at_once
from tfs_notebook.serving.monitoring.tallies import Count, Distribution

THREADS = 4
ADDED = 5_000


def test_nothing_is_lost_between_threads() -> None:
    count, values = Count(), Distribution((1.0, 2.0))
    enough = threading.Event()
    seen = []

    def read_on() -> None:
        while not enough.is_set():
            seen.append((count.read(), values.read().number))

    def add(_: int) -> None:
        for number in range(ADDED):
            count.add(2)
            values.add(number % 3 + 0.5)

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        at_once(THREADS, add)
    finally:
        enough.set()
        reader.join()
    assert count.read() == 2 * THREADS * ADDED
    assert values.read().number == THREADS * ADDED
    assert seen == sorted(seen)


def test_what_is_added_is_not_kept() -> None:
    count, values = Count(), Distribution((1.0,))
    for _ in range(10_000):
        count.add()
        values.add(1.0)
    assert len(count._added) < 1000
    assert len(values._values) < 1000
    assert (count.read(), values.read().counts, values.read().total) == (
        10_000,
        (10_000, 0),
        10_000.0,
    )


def test_nobody_waits_for_one_who_reads() -> None:
    count, values = Count(), Distribution((1.0,))
    with count._adding_up, values._adding_up:
        for _ in range(1000):
            count.add()
            values.add(1.0)
    assert (count.read(), values.read().number) == (1000, 1000)
