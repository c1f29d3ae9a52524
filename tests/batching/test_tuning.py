"""What the automatic mode decides, for models and load of many kinds, in virtual time."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.batching.virtual_load import Load, Model, tuned
from tests.example_numbers import share_of
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.tuning import QueueLimits, Tuner, Window

# Nothing is refused, however long the queue becomes.
UNBOUNDED = 10**9
WINDOWS = 40
CONVERGED = 20


def parameters(**changed: object) -> BatchingParameters:
    return BatchingParameters(max_enqueued_batches=UNBOUNDED, **changed)  # type: ignore[arg-type]


def calm(
    seconds: float = 0.5, rows: int = 4, run: float = 0.01, latency: float | None = None
) -> Window:
    """A window of 200 requests and equal runs; by default each took two of them."""
    runs = [(rows, rows, run)] * (200 // rows)
    return Window(seconds, runs, [2 * run if latency is None else latency] * 200)


@settings(max_examples=share_of(12), deadline=None)
@given(
    fixed=st.floats(0.0002, 0.02),
    per_row=st.floats(0.00001, 0.002),
    utilisation=st.floats(0.05, 0.6),
    times=st.floats(1.3, 6),
    seed=st.integers(0, 1000),
)
@example(fixed=0.005, per_row=0.0001, utilisation=0.1, times=3, seed=0)
@example(fixed=0.02, per_row=0.001, utilisation=0.6, times=1.3, seed=1)
def test_a_reachable_target_is_held_and_nobody_is_answered_later_than_one_by_one(
    fixed: float, per_row: float, utilisation: float, times: float, seed: int
) -> None:
    per_second = min(1500.0, utilisation / per_row)
    model = Model(fixed, per_row, noise=0.2)
    untuned = Load(model, per_second, parameters(), seed=seed)
    untuned.pass_time(max(10.0, 1000 / per_second))
    # It is reachable: whoever neither waits nor limits batches holds it.
    target = times * untuned.seen().p99
    load = Load(model, per_second, parameters(), seed=seed + 1)
    _, windows = tuned(load, target, WINDOWS)
    last = windows[CONVERGED:]
    assert sum(window.p99 > target for window in last) <= len(last) // 5
    answered = sum(window.rows for window in last) / sum(window.seconds for window in last)
    assert answered >= 0.85 * min(per_second, 1 / (fixed + per_row))


def test_waiting_halves_what_a_row_costs_where_the_target_leaves_time() -> None:
    def cost(load: Load) -> float:
        window = load.window()
        return window.run_seconds / window.rows

    model = Model(fixed=0.005, per_row=0.0001, noise=0.2)
    load, untuned = (Load(model, 1000, parameters()) for _ in range(2))
    tuner, _ = tuned(load, 0.05, WINDOWS)
    assert tuner.limits.timeout_micros > 5_000
    load.pass_time(10)
    untuned.pass_time(10)
    assert load.seen().p99 <= 0.05
    assert cost(load) < 0.6 * cost(untuned)


@pytest.mark.parametrize("clients", [1, 4, 16, 64])
@pytest.mark.parametrize("model", [Model(0.005, 0.0001, 0.2), Model(0.0002, 0.001, 0.2)])
def test_clients_that_wait_for_their_answers_get_no_fewer(model: Model, clients: int) -> None:
    load, untuned = (Load(model, 0, parameters(), clients=clients) for _ in range(2))
    _, windows = tuned(load, 0.3, WINDOWS)
    untuned.pass_time(WINDOWS)
    usual = untuned.seen()
    last = windows[CONVERGED:]
    answered = sum(window.rows for window in last) / sum(window.seconds for window in last)
    assert answered >= 0.9 * usual.rows / usual.seconds
    assert answered >= 0.9 / model.seconds(1, load.chance)
    assert sum(window.p99 > 0.3 for window in last) <= 1


def test_batches_that_take_too_long_become_smaller() -> None:
    load = Load(Model(fixed=0.001, per_row=0.001), 10, parameters(), request_rows=16)
    tuner, _ = tuned(load, 0.1, 20)
    # Two runs of 49 rows fit in a tenth of a second.
    assert tuner.limits.rows == pytest.approx(49, rel=0.3)
    assert tuner.is_reachable


def test_batches_that_are_late_by_chance_become_smaller() -> None:
    tuner = Tuner(0.1, parameters())
    runs = [(20, 20, 0.04)] * 10 + [(10, 10, 0.02)] * 10
    for _ in range(3):
        tuner.decide(Window(2.0, runs, [0.075] * 300))
    before = tuner.limits.rows
    for _ in range(3):
        tuner.decide(Window(2.0, [*runs, (20, 20, 0.1)], [0.15] * 300))
    assert 10 <= tuner.limits.rows < 0.8 * before


def test_small_batches_that_are_late_for_another_reason_are_left_alone() -> None:
    tuner = Tuner(0.1, parameters())
    tuner.decide(calm())
    before = tuner.limits.rows
    for _ in range(5):
        # They are far below the limit.
        tuner.decide(Window(0.5, [(1, 1, 0.01)] * 10 + [(2, 2, 0.1)], [0.15] * 300))
    assert tuner.limits.rows == before


def test_what_comes_is_kept_up_with_although_the_target_cannot_be_held() -> None:
    model = Model(fixed=0.005, per_row=0.0001, noise=0.3)
    load, untuned = (Load(model, 4000, parameters()) for _ in range(2))
    tuner, windows = tuned(load, 0.012, WINDOWS)
    untuned.pass_time(10)
    assert windows[-1].p99 > 0.012
    # Batches for which two runs would fit would have let the queue grow without end.
    assert windows[-1].p99 < 2 * untuned.seen().p99
    assert tuner.limits.timeout_micros == 0


def test_a_target_below_a_single_run_does_not_make_batches_of_one() -> None:
    load = Load(Model(fixed=0.005, per_row=0.0001), 1000, parameters())
    tuner, windows = tuned(load, 0.004, 20)
    assert not tuner.is_reachable
    assert tuner.limits.rows > 20
    assert windows[-1].p99 < 0.03


def test_the_timeout_falls_at_once_when_answers_are_late() -> None:
    tuner = Tuner(0.1, parameters())
    for _ in range(3):
        tuner.decide(calm(run=0.004))
        # Waiting pays.
        tuner.decide(calm(run=0.002))
    before = tuner.limits.timeout_micros
    assert before > 0
    late = Window(0.5, [(4, 4, 0.002)] * 50, [0.2] * 200)
    tuner.decide(late)
    assert tuner.limits.timeout_micros <= before // 2
    for _ in range(5):
        tuner.decide(late)
    assert tuner.limits.timeout_micros == 0


def test_a_wait_that_does_not_pay_is_taken_back() -> None:
    tuner = Tuner(0.1, parameters())
    tuner.decide(calm())
    assert tuner.limits.timeout_micros > 0
    tuner.decide(calm())
    assert tuner.limits.timeout_micros == 0
    # It is not tried again at once.
    tuner.decide(calm())
    assert tuner.limits.timeout_micros == 0


def test_a_wait_that_lets_fewer_be_answered_is_taken_back() -> None:
    tuner = Tuner(0.1, parameters())
    tuner.decide(calm())
    # Clients that wait for their answers send no more meanwhile.
    tuner.decide(calm(seconds=1.0, run=0.005))
    assert tuner.limits.timeout_micros == 0


def test_a_wait_that_pays_no_longer_is_given_up() -> None:
    tuner = Tuner(0.1, parameters())
    for run in (0.008, 0.004, 0.002):
        tuner.decide(calm(run=run))
    assert tuner.limits.timeout_micros > 0
    for _ in range(100):
        tuner.decide(calm(run=0.0025 if tuner.limits.timeout_micros else 0.0026))
    assert tuner.limits.timeout_micros == 0


def test_a_wait_that_goes_on_to_pay_is_kept() -> None:
    tuner = Tuner(0.1, parameters())
    waited = 0
    for _ in range(200):
        timeout = tuner.limits.timeout_micros
        waited += timeout > 0
        # Above 10 ms it is of no more use.
        tuner.decide(calm(run=0.01 - min(timeout, 10_000) * 5e-7))
    assert waited > 190


def test_when_nobody_else_comes_any_more_nobody_waits() -> None:
    tuner = Tuner(0.1, parameters())
    tuner.decide(calm())
    for _ in range(2):
        # The first step has paid, and the second one would be too much.
        tuner.decide(calm(seconds=0.5, run=0.005, latency=0.078))
    assert tuner.limits.timeout_micros > 0
    alone = Window(60.0, [(1, 1, 0.005)] * 100, [0.02] * 100)
    tuner.decide(alone)
    assert tuner.limits.timeout_micros == 0


@pytest.mark.parametrize(
    "window",
    [
        Window(0.5, [], []),
        Window(60.0, [(1, 1, 1.0)] * 99, [1.0] * 99),
        Window(0.5, [(100, 100, 1.0)] * 7, [1.0] * 700),
        Window(0.5, [(0, 0, 1.0)] * 200, [1.0] * 200),
    ],
    ids=["nothing", "few requests", "few runs", "no rows"],
)
def test_with_little_traffic_nothing_changes(window: Window) -> None:
    tuner = Tuner(0.01, parameters())
    tuner.decide(calm())
    before = tuner.limits
    assert not window.is_enough
    assert tuner.decide(window) == before
    assert tuner.windows == 1


def test_where_the_model_hardly_runs_nobody_waits() -> None:
    tuner = Tuner(0.1, parameters())
    for _ in range(5):
        tuner.decide(calm(run=0.0001))
    assert tuner.limits.timeout_micros == 0


SIZES = st.lists(st.integers(1, 512), max_size=5)


@st.composite
def legal(draw: st.DrawFn) -> BatchingParameters:
    most = draw(st.integers(1, 512))
    sizes = draw(SIZES)
    return BatchingParameters(
        max_batch_size=most,
        allowed_batch_sizes=(*sizes, most) if sizes else (),
        enable_large_batch_splitting=draw(st.booleans()),
        max_execution_batch_size=draw(st.integers(0, most)),
    )


RUNS = st.tuples(st.integers(0, 512), st.integers(0, 64), st.floats(0, 10)).map(
    lambda run: (run[0], run[0] + run[1], run[2])
)
WINDOW = st.builds(
    Window,
    st.floats(0.001, 100),
    st.lists(RUNS, min_size=8, max_size=20),
    st.lists(st.floats(0, 10), min_size=100, max_size=120),
)


@settings(max_examples=share_of(100), deadline=None)
@given(parameters=legal(), target=st.floats(1e-6, 100), windows=st.lists(WINDOW, max_size=8))
def test_limits_are_legal_whatever_happens(
    parameters: BatchingParameters, target: float, windows: list[Window]
) -> None:
    tuner = Tuner(target, parameters)
    assert tuner.limits == QueueLimits(parameters.rows_of_a_run, 0)
    for window in windows:
        limits = tuner.decide(window)
        assert 1 <= limits.rows <= parameters.rows_of_a_run
        assert 0 <= limits.timeout_micros <= target * 1e6 / 2
        if parameters.allowed_batch_sizes and limits.rows < parameters.rows_of_a_run:
            assert limits.rows in parameters.allowed_batch_sizes
