"""Weights: where keys go, and which of them move when the weights do."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.serving.routing.split import Split, Target, position

KEYS = [f"user-{number}" for number in range(4000)]
TARGETS = st.one_of(st.integers(0, 50), st.text("abcdef", min_size=1, max_size=4))
WEIGHTS = st.one_of(st.just(0.0), st.floats(0.5, 1000))
SPLITS = (
    st.dictionaries(TARGETS, WEIGHTS, min_size=1, max_size=6)
    .filter(lambda weights: any(weights.values()))
    .map(Split)
)


def chosen(split: Split, key: str) -> Target:
    return split.ranked("m", key)[0]


@pytest.mark.parametrize(("old", "new"), [(5, 20), (20, 5), (0, 5), (25, 100)])
def test_only_those_move_that_must(old: int, new: int) -> None:
    before = Split({"stable": 100 - old, "gray": old})
    # However they are ordered.
    after = Split({"gray": new, "stable": 100 - new})
    moved = Counter(
        (chosen(before, key), chosen(after, key))
        for key in KEYS
        if chosen(before, key) != chosen(after, key)
    )
    way = ("stable", "gray") if new > old else ("gray", "stable")
    assert set(moved) == {way}
    assert moved[way] / len(KEYS) == pytest.approx(abs(new - old) / 100, abs=0.03)


def test_shares_are_as_the_weights() -> None:
    split = Split({1: 70, 2: 25, "gray": 5})
    found = Counter(chosen(split, key) for key in KEYS)
    for target, weight in split.weights.items():
        assert found[target] / len(KEYS) == pytest.approx(weight / 100, abs=0.03)
        assert split.share(target) == weight / 100


def test_without_a_key_the_choice_is_another_one_each_time() -> None:
    split = Split({1: 50, 2: 50})
    found = Counter(split.ranked("m", None)[0] for _ in range(1000))
    assert min(found[1], found[2]) > 350


def test_the_places_are_the_same_in_every_process() -> None:
    # Written down: whoever changes the hash moves every client of every server.
    assert position("m", "stable", "user-1") == 4.014489313714233e-05
    assert position("m", 2, "用户") == 0.3486109922603879
    script = (
        "from tfs_notebook.serving.routing.split import position as p; print(p('m', 2, 'k'))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert float(told.stdout) == position("m", 2, "k")


@given(SPLITS, st.text(max_size=20))
def test_who_has_a_weight_is_ranked_once(split: Split, key: str) -> None:
    ranked = split.ranked("m", key)
    assert sorted(map(str, ranked)) == sorted(
        str(target) for target, weight in split.weights.items() if weight
    )
    assert ranked == split.ranked("m", key)


@given(SPLITS, st.text(max_size=20), st.floats(1.5, 100))
def test_a_weight_that_grows_takes_and_moves_no_other(
    split: Split, key: str, factor: float
) -> None:
    grown = next(target for target, weight in split.weights.items() if weight)
    weights = dict(split.weights)
    weights[grown] *= factor
    before, after = chosen(split, key), chosen(Split(weights), key)
    assert after in (before, grown)


@given(SPLITS, st.text(max_size=20))
def test_those_of_a_target_that_goes_fall_to_the_others(split: Split, key: str) -> None:
    first, *others = split.ranked("m", key)
    for gone in others:
        rest = Split({t: w for t, w in split.weights.items() if t != gone})
        assert chosen(rest, key) == first
    if others:
        rest = Split({t: w for t, w in split.weights.items() if t != first})
        assert chosen(rest, key) == others[0]


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_place_is_between_0_and_1(model: str, key: str) -> None:
    assert 0 < position(model, 1, key) < 1
