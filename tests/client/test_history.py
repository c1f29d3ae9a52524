"""What happened between looks at a server."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.looks import MICROS, counts, look
from tfs_notebook.client.observing import History, Series
from tfs_notebook.client.observing.distribution import Distribution, quantiles
from tfs_notebook.client.observing.observation import Observation, SignatureCounts
from tfs_notebook.serving.histogram import Histogram


def history(*looks: Observation, seconds: float = 300.0) -> History:
    made = History(seconds)
    for one in looks:
        made.add(one)
    return made


def listed(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(one) else round(one, 6) for one in values.tolist()]


def test_nothing_yet() -> None:
    empty = History()
    assert empty.latest is None
    assert all(len(getattr(empty.series(), one.name)) == 0 for one in fields(Series))
    assert empty.recent() == {}
    assert empty.rows_of_a_run() is None


def test_rates_percentiles_and_gauges() -> None:
    made = history(
        look(10, {"m": [counts([500.0])]}, resident=100, cpu=1.0),
        look(
            12,
            {"m": [counts([500.0] * 5, errors=1, in_flight=2, queued=1)]},
            resident=200,
            cpu=2.0,
        ),
        look(14, {"m": [counts([500.0] * 5, errors=1)]}, resident=300, cpu=2.0, time=2e9),
    )
    series = made.series("m", window=1.0)
    assert listed(series.ago) == [-4, -2, 0]
    assert listed(series.times) == [2e9 - 4, 2e9 - 2, 2e9]
    assert listed(series.requests_per_second) == [None, 2, 0]
    assert listed(series.errors_per_second) == [None, 0.5, 0]
    # Four values in the first bucket, spread evenly from 0 to its end.
    assert listed(series.p50_ms) == [None, 0.5, None]
    assert listed(series.p99_ms) == [None, 0.99, None]
    assert listed(series.in_flight) == [0, 2, 0]
    assert listed(series.queued) == [0, 1, 0]
    assert listed(series.resident_bytes) == [100, 200, 300]
    assert listed(series.cpu_share) == [None, 0.5, 0]
    # Over a longer window the second look has all, and the third half as much a second.
    assert listed(made.series("m", window=4.0).requests_per_second) == [None, 2, 1]
    assert listed(made.series("nobody").requests_per_second) == [None, 0, 0]


def test_batches() -> None:
    made = history(
        look(0, {"m": [counts([1.0], sizes=[1.0], waits=[100.0])]}),
        look(
            1,
            {
                "m": [
                    counts(
                        [1.0] * 4,
                        sizes=[1.0, 4.0, 4.0],
                        padding=2,
                        waits=[100.0, 1500.0, 1500.0, 3000.0],
                    )
                ]
            },
        ),
    )
    series = made.series("m", 1)
    assert listed(series.rows_a_run) == [None, 4]
    assert listed(series.padding_share) == [None, 0.25]
    assert listed(series.wait_ms) == [None, 2]
    assert listed(series.wait_p95_ms) == [None, pytest.approx(3.7)]
    sizes = made.rows_of_a_run("m")
    assert sizes is not None
    assert (sizes.counts, sizes.mean) == ((0, 0, 2, 0), 4)
    assert made.rows_of_a_run("m", 2) is None
    [recent] = made.recent().values()
    assert (recent.requests_per_second, recent.padding_share, recent.wait_ms) == (3, 0.25, 2)


def test_models_versions_and_signatures_apart_and_together() -> None:
    def models(number: int) -> dict[str, list[SignatureCounts]]:
        return {
            "m": [
                counts([1.0] * number, version=1),
                counts([1.0] * (2 * number), version=2),
                counts([1.0] * (3 * number), version=2, signature="other"),
            ],
            "n": [counts([1.0] * (4 * number), version=1)],
        }

    made = history(look(0, models(0)), look(1, models(1)))
    for chosen, expected in (
        (made.series(), 10),
        (made.series("m"), 6),
        (made.series("m", 2), 5),
        (made.series("m", 2, "other"), 3),
        (made.series("n", 2), 0),
    ):
        assert listed(chosen.requests_per_second)[1] == expected
    rates = {place: one.requests_per_second for place, one in made.recent().items()}
    assert rates == {("m", 1): 1, ("m", 2): 5, ("n", 1): 4}


def test_a_restart_is_a_gap_and_not_a_fall() -> None:
    made = history(
        look(0, {"m": [counts([1.0] * 100)]}),
        look(1, {"m": [counts([1.0] * 110)]}),
        look(2, {"m": [counts([1.0] * 3)]}, run="second", uptime=0.5),
        look(3, {"m": [counts([1.0] * 5)]}, run="second", uptime=1.5),
    )
    series = made.series("m", window=60)
    assert listed(series.requests_per_second) == [None, 10, None, 2]
    assert listed(series.in_flight) == [0, 0, 0, 0]


def test_counters_that_fall_without_a_restart() -> None:
    made = history(
        look(0, {"m": [counts([1.0] * 9)], "n": [counts([])]}),
        look(1, {"m": [counts([1.0] * 4)], "n": [counts([1.0])]}),
        look(2, {"m": [counts([1.0] * 6)], "n": [counts([1.0])]}),
    )
    assert listed(made.series("m", window=60).requests_per_second) == [None, None, 2]
    assert listed(made.series("n", window=60).requests_per_second) == [None, 1, 0.5]
    # What is not known of one is not known of all.
    assert listed(made.series(window=60).requests_per_second) == [None, None, 2]
    assert made.recent()["m", 1].requests_per_second is None
    assert made.recent()["n", 1].requests_per_second == 0.5


def test_models_that_come_and_go() -> None:
    made = history(
        look(0, {"m": [counts([1.0] * 4)]}),
        look(1, {"m": [counts([1.0] * 4)], "n": [counts([1.0] * 2, since=0.5)]}),
        look(2, {"n": [counts([1.0] * 5, since=0.5)]}),
        # What was counted before the last look, which did not show it, is not of now.
        look(3, {"m": [counts([1.0] * 7, since=0.0)], "n": [counts([1.0] * 5, since=0.5)]}),
        look(4, {"m": [counts([1.0] * 8, since=0.0)]}),
    )
    assert listed(made.series("n", window=0.5).requests_per_second) == [None, 2, 3, 0, 0]
    assert listed(made.series("m", window=0.5).requests_per_second) == [None, 0, 0, None, 1]
    assert set(made.recent()) == {("m", 1)}


def test_time_is_that_of_clocks_that_never_run_backwards() -> None:
    made = history(
        look(0, {"m": [counts([])]}, time=5000.0),
        look(2, {"m": [counts([1.0] * 8)]}, time=4000.0, uptime=1.0),
        look(3, {"m": [counts([1.0] * 8)]}, time=9000.0, uptime=3.0),
    )
    series = made.series("m", window=0.5)
    # Eight in the second that the server counts, though the answer came after two.
    assert listed(series.requests_per_second) == [None, 8, 0]
    assert listed(series.times) == [8997, 8999, 9000]


def test_what_comes_late_is_left_out() -> None:
    made = history(look(5), look(4), look(5), look(6))
    assert listed(made.series().ago) == [-1, 0]
    assert made.latest is not None
    assert made.latest.received == 6


def test_only_the_last_minutes_are_kept() -> None:
    made = history(*(look(float(second)) for second in range(100)), seconds=10)
    assert listed(made.series().ago) == [float(one) for one in range(-10, 1)]
    many = history(*(look(second / 1000) for second in range(5000)))
    assert len(many.series().ago) == 2000


def test_a_server_that_does_not_tell() -> None:
    silent = replace(look(0), kind="other", process=None, untold={"counts": "why"})
    made = history(silent, replace(silent, received=1.0))
    series = made.series()
    for name in ("requests_per_second", "p50_ms", "in_flight", "resident_bytes", "cpu_share"):
        assert listed(getattr(series, name)) == [None, None], name


def test_a_frame() -> None:
    made = history(look(0, {"m": [counts([])]}), look(1, {"m": [counts([1.0])]}, time=100.0))
    frame = made.series("m").frame()
    assert [str(one) for one in frame.index] == [
        "1970-01-01 00:01:39+00:00",
        "1970-01-01 00:01:40+00:00",
    ]
    assert frame["requests_per_second"].tolist()[1] == 1
    assert list(frame) == [one.name for one in fields(Series) if one.name != "times"]


# -- whatever comes ----------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.floats(0.01, 100),  # how long after the last look
        st.lists(st.floats(0, 10_000), max_size=5),  # what the requests in between took
        st.booleans(),  # whether the server was started again before it
    ),
    min_size=1,
    max_size=30,
)


@given(steps, st.floats(0.001, 500))
def test_nothing_is_lost_or_made_up(
    steps: list[tuple[float, list[float], bool]], window: float
) -> None:
    made = History(1e9)
    taken: list[float] = []
    times = list(accumulate(seconds for seconds, _, _ in steps))
    run, began = 0, 0.0
    expected: list[float | None] = []
    for index, (received, (seconds, micros, restarted)) in enumerate(
        zip(times, steps, strict=True)
    ):
        if restarted:
            run, began, taken = run + 1, received - seconds / 2, []
        taken = [*taken, *micros]
        made.add(look(received, {"m": [counts(taken)]}, run=str(run), uptime=received - began))
        expected.append(None if restarted or not index else len(micros))
    series = made.series("m", window=1e-9)
    found = series.requests_per_second
    for value, number, (seconds, _, _) in zip(found, expected, steps, strict=True):
        if number is None:
            assert math.isnan(value)
        else:
            assert value * seconds == pytest.approx(number, abs=1e-3)
    wide = made.series("m", window=window)
    for name in ("requests_per_second", "p50_ms", "p95_ms", "p99_ms"):
        values = getattr(wide, name)
        assert len(values) == len(steps)
        assert not (values < 0).any()
    known = ~np.isnan(wide.p50_ms)
    assert (wide.p50_ms[known] <= wide.p95_ms[known]).all()
    assert (wide.p95_ms[known] <= wide.p99_ms[known]).all()
    assert (wide.p99_ms[known] <= MICROS[-1] / 1000).all()


@given(
    st.lists(st.lists(st.integers(0, 50), min_size=5, max_size=5), min_size=1, max_size=8),
    st.floats(0.001, 0.999),
)
def test_quantiles_are_those_of_the_server(rows: list[list[int]], share: float) -> None:
    found = quantiles(MICROS, np.array(rows, np.int64), [share])[:, 0].tolist()
    for row, value in zip(rows, found, strict=True):
        if any(row):
            assert value == pytest.approx(Histogram(MICROS, tuple(row), 0.0).quantile(share))
            assert Distribution(MICROS, tuple(row), 0.0).quantile(share) == value
        else:
            assert math.isnan(value)
            assert Distribution(MICROS, tuple(row), 0.0).quantile(share) is None
