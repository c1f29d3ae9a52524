"""The points of the charts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.client.looks import counts, look
from tests.notebook.dashboard.sights import NOW, history, model, version
from tfs_notebook.client.observing import History, Observation
from tfs_notebook.notebook.dashboard.plots import (
    PLOTS,
    Places,
    points_of,
    points_of_versions,
    top_of,
)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (0.3, 0.5), (1, 1), (1.01, 2), (49, 50), (51, 100), (200, 200)]
)
def test_axes_end_with_round_numbers(highest: float, top: float) -> None:
    line = np.array([np.nan, highest], np.float32)
    assert top_of([line]) == pytest.approx(top)
    assert top_of([np.array([np.nan], np.float32)]) == 1


def test_what_happened_is_drawn_and_what_did_not_is_not() -> None:
    series = history(model("m", version(1))).series("m")
    by_title = {plot.title: points_of(plot, series) for plot in PLOTS}
    requests = by_title["requests a second"]
    assert requests.latest == ("2.00", "0")
    assert requests.seconds == 60
    np.testing.assert_allclose(requests.ago, [-10, 0])
    assert requests.lines[0].dtype == np.float32
    assert not requests.is_empty
    assert by_title["wait for a batch in ms"].is_empty
    nothing = points_of(PLOTS[0], History().series())
    assert nothing.is_empty
    assert len(nothing.ago) == 0


def test_many_looks_are_thinned_out_and_the_newest_stays() -> None:
    made = History(seconds=1000)
    for second in range(700):
        made.add(look(second, {"m": [counts([1.0] * second)]}))
    points = points_of(PLOTS[0], made.series())
    assert 200 < len(points.ago) <= 300
    assert points.ago[-1] == 0
    assert points.seconds == 300


def asked(*by_version: int) -> Observation:
    """A model of which each version, from 1 on, was asked so often by now."""
    second = float(sum(by_version))
    told = tuple(
        counts([1.0] * number, version=place, since=20.0 * (place - 1))
        for place, number in enumerate(by_version, 1)
    )
    versions = tuple(version(number) for number in range(1, len(by_version) + 1))
    return replace(look(second, time=NOW), models=(model("m", *versions, counts=told),))


def test_a_version_that_takes_over_is_seen() -> None:
    made = History()
    for requests in ((10,), (20,), (21, 9), (21, 19), (21, 29)):
        made.add(asked(*requests))
    rates = made.version_rates("m", window=1.0)
    assert list(rates) == [1, 2]
    np.testing.assert_allclose(rates[1], [np.nan, 1, 0.1, 0, 0])
    np.testing.assert_allclose(rates[2], [np.nan, 0, 0.9, 1, 1])
    drawn = points_of_versions(made.series("m").ago, rates, Places())
    assert drawn.names == ("1", "2", "", "")
    assert drawn.latest[:2] == ("0", "1.00")
    assert made.version_rates("other") == {}
    assert History().version_rates("m") == {}


def test_a_version_that_is_loaded_and_not_asked_is_told_of_too() -> None:
    made = history(model("m", version(2), version(1, "END"), version(3, "LOADING"), counts=()))
    assert list(made.version_rates("m")) == [2, 3]


def test_versions_keep_their_colours_while_they_are_there() -> None:
    places = Places()
    assert places.give([1, 2]) == [1, 2, None, None]
    assert places.give([2, 3]) == [3, 2, None, None]
    assert places.give([2, 3, 4, 5, 6]) == [3, 4, 5, 6]
    assert places.give([]) == [None] * 4
