"""Whom a cache gives up: those not used for longest, and no more than needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.lifecycle.cache_plan import Candidate, least_recently_used
from tfs_notebook.lifecycle.servable import ServableId


def candidates(*sizes: int) -> list[Candidate]:
    return [Candidate(ServableId("m", i), i, size) for i, size in enumerate(sizes)]


def chosen(shortfall: int, *sizes: int) -> list[int]:
    return [c.used for c in least_recently_used(candidates(*sizes), shortfall)]


def test_longest_unused_first() -> None:
    assert chosen(4, 3, 3, 3) == [0, 1]


def test_order_of_the_candidates_does_not_matter() -> None:
    backwards = reversed(candidates(3, 3, 3))
    assert [c.used for c in least_recently_used(backwards, 3)] == [0]


def test_nothing_short_nothing_given_up() -> None:
    assert chosen(0, 3, 3) == []
    assert chosen(-5, 3, 3) == []


def test_none_rather_than_in_vain() -> None:
    assert chosen(10, 3, 3) == []


def test_small_ones_are_spared_if_a_later_one_does() -> None:
    assert chosen(9, 2, 1, 10) == [2]
    assert chosen(9, 5, 1, 6) == [0, 2]


def test_what_makes_no_room_stays() -> None:
    assert chosen(3, 0, 3) == [1]


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(0, 40))
def test_enough_and_no_one_in_vain(sizes: list[int], shortfall: int) -> None:
    result = least_recently_used(candidates(*sizes), shortfall)
    room = sum(candidate.size for candidate in result)
    if sum(sizes) < shortfall:
        assert result == ()
    else:
        assert room >= shortfall
        assert all(room - candidate.size < shortfall for candidate in result)
