"""What each version was asked in the last hour."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.serving.traffic_counts import TrafficCounts
from tfs_notebook.serving.traffic_history import TrafficHistory

WALL = 1_000_000.0
NUMBERS = st.integers(0, 2**40)
COUNTS = st.builds(
    TrafficCounts,
    st.lists(NUMBERS, max_size=34).map(
        lambda counts: tuple(counts) if not counts or counts[-1] else (*counts, 1)
    ),
    *[NUMBERS] * 10,
)


class Server:
    """Statistics with a history, and the two clocks of that."""

    def __init__(self) -> None:
        self.now = 50.0
        self.wall = WALL
        self.statistics = Statistics()
        self.history = TrafficHistory(
            self.statistics, monotonic=lambda: self.now, wall=lambda: self.wall
        )

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds

    def end_step(self, seconds: float = 10.0) -> None:
        self.pass_time(seconds)
        self.history.end_step()

    def ask(
        self,
        model: str = "m",
        version: int = 1,
        *,
        micros: int = 100,
        failed: bool = False,
        signature: str = "s",
    ) -> None:
        counter = self.statistics.counter(model, version, signature)
        counter.begin()
        counter.end(micros * 1000, failed=failed)

    def run(self, model: str, version: int, rows: int, padding: int) -> None:
        run = BatchRun(rows=rows, padded_rows=rows + padding, tasks=1, seconds=0.01)
        self.statistics.add_run(model, version, "s", run)

    def end(self, model: str, version: int) -> None:
        """It is unloaded."""
        ended = ServableState(ServableId(model, version), ManagerState.END, None, 0.0)
        self.statistics.on_state(ended)

    def counted(self, model: str, version: int) -> TrafficCounts:
        """What the counters say."""
        return reduce(
            add, map(TrafficCounts.of, self.statistics.read(model, version)), TrafficCounts()
        )

    def kept(self, model: str, version: int) -> TrafficCounts:
        """What the steps say, all of them together."""
        traffic = self.history.read(model)
        found = [step.versions.get(version) for step in (*traffic.steps, traffic.current)]
        return reduce(add, filter(None, found), TrafficCounts())


@pytest.fixture
def server() -> Server:
    return Server()


@given(COUNTS)
def test_what_is_packed_is_what_is_unpacked(counts: TrafficCounts) -> None:
    assert TrafficCounts.unpacked(counts.packed()) == counts


@given(COUNTS, COUNTS)
def test_a_difference_added_is_the_sum(one: TrafficCounts, more: TrafficCounts) -> None:
    both = one + more
    grown = both.since(one)
    assert replace(grown, in_flight=0, queued=0) == replace(more, in_flight=0, queued=0)


def test_a_busy_step_takes_little_room() -> None:
    latency = (0,) * 12 + (40, 300, 700, 90, 8, 2)
    counts = TrafficCounts(latency, 1140, 3, 900_000, 200, 1140, 60, 1140, 200_000, 16, 4)
    assert len(counts.packed()) < 45


ACTIONS = st.one_of(
    st.tuples(
        st.just("ask"),
        st.sampled_from(["a", "b"]),
        st.sampled_from([1, 2]),
        st.sampled_from(["s", "t"]),
        st.integers(0, 10**7),
        st.booleans(),
    ),
    st.tuples(st.just("run"), st.sampled_from([1, 2]), st.integers(1, 64), st.integers(0, 64)),
    st.tuples(st.just("step"), st.floats(0.001, 25)),
    st.tuples(st.just("read")),
)


@given(st.lists(ACTIONS, max_size=40))
@settings(deadline=None)
def test_the_steps_add_up_to_the_counters(actions: list[tuple[object, ...]]) -> None:
    server = Server()
    for what, *arguments in actions:
        match what, arguments:
            case "ask", [str(model), int(version), str(signature), int(micros), bool(failed)]:
                server.ask(model, version, micros=micros, failed=failed, signature=signature)
            case "run", [int(version), int(rows), int(padding)]:
                server.run("a", version, rows, padding)
            case "step", [float(seconds)]:
                server.end_step(seconds)
            case _:
                server.history.read("a")
    for model in "ab":
        for version in (1, 2):
            assert server.kept(model, version) == server.counted(model, version)
    traffic = server.history.read("a")
    steps = [*traffic.steps, traffic.current]
    assert [step.number for step in steps] == list(range(len(steps)))
    assert sum(step.seconds for step in steps) == pytest.approx(server.now - 50)
    assert all(step.seconds >= 0 for step in steps)


def test_steps_follow_one_another(server: Server) -> None:
    server.ask()
    server.end_step()
    server.end_step()
    server.ask(micros=500, failed=True)
    server.pass_time(4)
    traffic = server.history.read("m")
    assert [(one.number, one.time - WALL, one.seconds) for one in traffic.steps] == [
        (0, 10, 10),
        (1, 20, 10),
    ]
    assert traffic.steps[0].versions[1].requests == 1
    assert traffic.steps[1].versions == {}
    current = traffic.current
    assert (current.number, current.time - WALL, current.seconds) == (2, 24, 4)
    assert (current.versions[1].requests, current.versions[1].errors) == (1, 1)
    assert current.versions[1].micros == 500
    assert [one.number for one in server.history.read("m", since=1).steps] == [1]
    assert server.history.read("m", since=99).steps == ()
    assert traffic.models == ("m",)
    assert server.history.read("nobody").steps[0].versions == {}


def test_what_is_under_way_is_that_of_the_end_of_a_step(server: Server) -> None:
    counter = server.statistics.counter("m", 1, "s")
    counter.begin()
    counter.begin_waiting()
    server.end_step()
    # Nothing has happened, and it is still there.
    server.end_step()
    counter.end_waiting(0.5)
    counter.end(600_000_000, failed=False)
    server.end_step()
    server.end_step()
    seen = [one.versions.get(1) for one in server.history.read("m").steps]
    assert seen[0] == seen[1] == TrafficCounts(in_flight=1, queued=1)
    assert seen[2] is not None
    assert (seen[2].requests, seen[2].in_flight, seen[2].queued) == (1, 0, 0)
    assert seen[3] is None


def test_versions_are_told_apart(server: Server) -> None:
    server.ask(version=1)
    server.end_step()
    server.ask(version=1)
    server.ask(version=2)
    server.ask(version=2, signature="t")
    server.end_step()
    first, second = server.history.read("m").steps
    assert {version: one.requests for version, one in first.versions.items()} == {1: 1}
    assert {version: one.requests for version, one in second.versions.items()} == {1: 1, 2: 2}


def test_only_an_hour_is_kept_of_what_has_gone_too(server: Server) -> None:
    server.ask("gone")
    server.end_step()
    server.end("gone", 1)
    for version in range(200):
        server.ask("other", version)
        server.end("other", version)
    assert server.statistics.read("gone") == ()
    for _ in range(359):
        server.end_step()
    assert server.history.read("gone").models == ("gone", "other")
    assert server.history.read("gone").steps[0].versions[1].requests == 1
    server.end_step()
    traffic = server.history.read("gone")
    assert traffic.models == ("other",)
    assert (traffic.steps[0].number, len(traffic.steps)) == (1, 360)
    server.end_step()
    assert server.history.read("gone").models == ()


def test_a_version_that_was_forgotten_and_comes_back_counts_anew(server: Server) -> None:
    for _ in range(5):
        server.ask("back")
    server.end_step()
    server.end("back", 1)
    for version in range(200):
        server.end("other", version)
    for _ in range(2):
        server.ask("back")
    server.end_step()
    server.ask("back")
    traffic = server.history.read("back")
    assert [one.versions[1].requests for one in traffic.steps] == [5, 2]
    assert traffic.current.versions[1].requests == 1


def test_a_wall_clock_that_is_set_changes_no_length(server: Server) -> None:
    server.end_step()
    server.wall -= 3600
    server.end_step()
    assert [one.seconds for one in server.history.read("m").steps] == [10, 10]


def test_steps_that_come_too_often_do_not_pile_up(server: Server) -> None:
    for _ in range(2000):
        server.ask()
        server.end_step(0.001)
    traffic = server.history.read("m")
    assert len(traffic.steps) == 720
    assert traffic.steps[0].number == 1280
