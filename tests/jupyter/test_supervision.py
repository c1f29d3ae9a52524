"""When a model server that ended is started again: pure decisions, time as an argument."""

from __future__ import annotations

from tfs_notebook.jupyter.supervision import RestartPolicy


def test_each_crash_is_waited_for_longer_up_to_a_limit() -> None:
    policy = RestartPolicy(max_crashes=100, first_wait=0.2, longest_wait=30)
    waits = [policy.crashed(now=float(second), up_for=0) for second in range(10)]
    assert waits[:4] == [0.2, 0.4, 0.8, 1.6]
    assert waits[-1] == 30


def test_too_many_crashes_within_the_window() -> None:
    policy = RestartPolicy(max_crashes=3, window=10)
    assert policy.crashed(0, 0) is not None
    assert policy.crashed(1, 0) is not None
    assert policy.crashed(2, 0) is None


def test_crashes_that_lie_apart_are_not_too_many() -> None:
    policy = RestartPolicy(max_crashes=3, window=10)
    assert all(policy.crashed(now, 0) for now in range(0, 100, 6))


def test_a_long_run_makes_up_for_what_was() -> None:
    policy = RestartPolicy(max_crashes=3, window=1000, first_wait=0.2, steady=60)
    policy.crashed(0, 0)
    policy.crashed(1, 0)
    assert policy.crashed(90, up_for=60) == 0.2


def test_a_person_makes_up_for_it_too() -> None:
    policy = RestartPolicy(max_crashes=2, first_wait=0.2)
    policy.crashed(0, 0)
    policy.forget()
    assert policy.crashed(1, 0) == 0.2
