"""A Hypothesis state machine drives the manager against what must always hold."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.example_numbers import share_of
from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.manager import ManagerOptions
from tfs_notebook.lifecycle.monitor import ServableStateMonitor
from tfs_notebook.lifecycle.servable import ServableHandle, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState
from tfs_notebook.lifecycle.testing import FakeLoader, ManagerBench
from tfs_notebook.lifecycle.transition_policy import (
    TransitionPolicy,
    availability_preserving,
    resource_preserving,
)
from tfs_notebook.wire.errors import NotFound, ServingError, Unavailable

NAMES = ("m", "n")
LOAD_THREADS = 2
RETRY_INTERVAL = 60.0

BEING_UNLOADED = (
    HarnessState.QUIESCING,
    HarnessState.QUIESCED,
    HarnessState.UNLOADING,
)

FOLLOWERS = {
    None: {"START", "END"},
    "START": {"START", "LOADING", "END"},
    "LOADING": {"LOADING", "AVAILABLE", "END"},
    "AVAILABLE": {"AVAILABLE", "UNLOADING"},
    "UNLOADING": {"END"},
    "END": {"START", "END"},
}
"""Which public state may come after which."""

LISTS = st.dictionaries(
    st.integers(1, 3),
    st.tuples(
        st.sampled_from(["/a", "/b"]),
        st.integers(0, 3),
        st.booleans(),
        st.tuples(st.integers(0, 12), st.integers(0, 12)),
    ),
    max_size=3,
)
"""Versions: where from, how many attempts fail, whether it is an error from the
start, how much memory it needs to load and to stay."""


class ManagerModel(RuleBasedStateMachine):
    policy: TransitionPolicy = staticmethod(availability_preserving)
    memory_limit: int | None = None

    handles = Bundle("handles")

    def __init__(self) -> None:
        super().__init__()
        self.bench = ManagerBench(
            ManagerOptions(
                transition_policy=type(self).policy,
                num_load_threads=LOAD_THREADS,
                max_num_load_retries=2,
                load_retry_interval=RETRY_INTERVAL,
                total_model_memory_limit_bytes=type(self).memory_limit,
            )
        )
        self.monitor = ServableStateMonitor(self.bench.bus)
        self.loaders: dict[str, FakeLoader] = {}
        self.aspired: dict[str, set[int]] = {name: set() for name in NAMES}
        self.must_serve: set[str] = set()
        self.held: list[ServableHandle[str]] = []

    # -- what happens --------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), versions=LISTS)
    def aspire(
        self, name: str, versions: dict[int, tuple[str, int, bool, tuple[int, int]]]
    ) -> None:
        items: dict[str, FakeLoader | ServingError] = {}
        for version, (origin, failures, erroneous, needs) in versions.items():
            if erroneous:
                items[f"v{version}"] = Unavailable("the source has no such thing")
                continue
            servable = f"loader {len(self.loaders)}"
            loader = FakeLoader(
                servable,
                origin=origin,
                failures=[Unavailable("not yet")] * failures,
                estimate=needs[0],
                post_load_estimate=min(needs),
            )
            self.loaders[servable] = loader
            items[f"v{version}"] = loader
        if not versions:
            self.must_serve.discard(name)
        self.aspired[name] = set(versions)
        self.bench.aspire(name, **items)

    @rule(index=st.integers(0, 9))
    def run_job(self, index: int) -> None:
        if self.bench.jobs.names:
            self.bench.run_job(index % len(self.bench.jobs.names))

    @rule(seconds=st.sampled_from([1.0, RETRY_INTERVAL]))
    def pass_time(self, seconds: float) -> None:
        self.bench.pass_time(seconds)

    @rule(
        target=handles,
        name=st.sampled_from(NAMES),
        version=st.sampled_from(["latest", "earliest"]),
    )
    def look_up(self, name: str, version: str) -> ServableHandle[str] | None:
        kinds = {"latest": ServableRequest.latest, "earliest": ServableRequest.earliest}
        try:
            handle = self.bench.manager.handle(kinds[version](name))
        except NotFound:
            return None
        self.held.append(handle)
        return handle

    @rule(handle=consumes(handles))
    def release(self, handle: ServableHandle[str] | None) -> None:
        if handle is not None and handle in self.held:
            self.held.remove(handle)
            handle.release()
            self.bench.manager.turn()

    # -- what must hold --------------------------------------------------------

    @invariant()
    def what_is_held_is_loaded(self) -> None:
        assert all(self.loaders[handle.servable].loaded for handle in self.held)

    @invariant()
    def what_is_found_is_loaded(self) -> None:
        for handle in self.bench.manager.available_handles().values():
            with handle:
                assert self.loaders[handle.servable].loaded

    @invariant()
    def never_two_loads_of_one_id(self) -> None:
        versions = self.bench.manager.versions()
        loading = [v.id for v in versions if v.state is HarnessState.LOADING]
        assert len(loading) == len(set(loading))

    @invariant()
    def no_load_of_an_id_that_is_being_unloaded(self) -> None:
        versions = self.bench.manager.versions()
        wanted = {v.id for v in versions if v.aspired and v.state is HarnessState.LOADING}
        assert not any(v.id in wanted for v in versions if v.state in BEING_UNLOADED)

    @invariant()
    def pools_keep_their_limits(self) -> None:
        kinds = Counter(name.split("-")[1] for name in self.bench.jobs.names)
        assert kinds["load"] <= LOAD_THREADS
        assert kinds["unload"] <= 1

    @invariant()
    def memory_keeps_its_limit(self) -> None:
        memory = self.bench.manager.memory()
        assert memory.total is None or memory.used <= memory.total
        if memory.total is not None:
            loaded = [loader for loader in self.loaders.values() if loader.loaded]
            assert sum(loader.estimate or 0 for loader in loaded) <= memory.total

    @invariant()
    def no_gap_while_something_could_serve(self) -> None:
        if type(self).policy is not availability_preserving:
            return
        served = {id_.name for id_ in self.bench.manager.available_ids()}
        assert self.must_serve <= served
        self.must_serve |= {name for name in served if self.aspired[name]}

    @invariant()
    def the_public_sees_what_is_served(self) -> None:
        assert self.monitor.available() == set(self.bench.manager.available_ids())

    @invariant()
    def the_public_sees_a_sensible_life(self) -> None:
        last: dict[tuple[str, int], str] = {}
        for name, version, state in self.bench.steps():
            assert state in FOLLOWERS[last.get((name, version))]
            last[name, version] = state

    def teardown(self) -> None:
        self._everything_comes_to_rest()
        self._un_aspired_ends_up_unloaded()

    def _rest(self) -> None:
        for handle in self.held:
            handle.release()
        self.held.clear()
        self.bench.settle()
        for _ in range(8):
            self.bench.pass_time(RETRY_INTERVAL)
            self.bench.settle()

    def _everything_comes_to_rest(self) -> None:
        self._rest()
        for name in NAMES:
            versions = self.bench.manager.versions(name)
            aspired = [version for version in versions if version.aspired]
            assert {version.id.version for version in aspired} == self.aspired[name]
            assert all(version.decided for version in aspired)
            self._what_fits_is_served(aspired)
            if any(version.state is HarnessState.READY for version in aspired):
                assert len(aspired) == len(versions)

    def _what_fits_is_served(self, aspired: list[VersionSnapshot]) -> None:
        for version in aspired:
            if version.state is HarnessState.LOAD_REQUESTED:
                assert not self.bench.manager.memory().fits(version.needed or 0)
                assert version.error is not None

    def _un_aspired_ends_up_unloaded(self) -> None:
        for name in NAMES:
            self.bench.aspire(name)
        self._rest()
        assert self.bench.manager.versions() == ()
        assert not any(loader.loaded for loader in self.loaders.values())
        states = (s for states in self.monitor.snapshot().values() for s in states)
        assert all(state.state is ManagerState.END for state in states)


class ResourcePreservingModel(ManagerModel):
    policy = staticmethod(resource_preserving)


class LimitedMemoryModel(ManagerModel):
    memory_limit = 10


class LimitedResourcePreservingModel(LimitedMemoryModel):
    policy = staticmethod(resource_preserving)


TestAvailabilityPreserving = ManagerModel.TestCase
TestAvailabilityPreserving.settings = settings(
    max_examples=share_of(150), stateful_step_count=40, deadline=None
)
TestResourcePreserving = ResourcePreservingModel.TestCase
TestResourcePreserving.settings = settings(
    max_examples=share_of(60), stateful_step_count=40, deadline=None
)
TestLimitedMemory = LimitedMemoryModel.TestCase
TestLimitedMemory.settings = settings(
    max_examples=share_of(120), stateful_step_count=40, deadline=None
)
TestLimitedResourcePreserving = LimitedResourcePreservingModel.TestCase
TestLimitedResourcePreserving.settings = settings(
    max_examples=share_of(50), stateful_step_count=40, deadline=None
)
