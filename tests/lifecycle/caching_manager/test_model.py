"""A Hypothesis state machine drives the cache against what must always hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from tests.example_numbers import share_of
from tfs_notebook.lifecycle.cache_options import CacheOptions
from tfs_notebook.lifecycle.harness import HarnessState
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableHandle, ServableId, ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader, items_of
from tfs_notebook.wire.errors import NotFound, ServingError, Unavailable

NAMES = ("m", "n", "o")
MEMORY = 10
PLACES = 2
RETRY_INTERVAL = 60.0

LISTS = st.dictionaries(
    st.integers(1, 2),
    st.tuples(st.sampled_from(["/a", "/b"]), st.integers(0, 2), st.integers(0, 7)),
    max_size=2,
)
"""Versions: where from, how many attempts fail, how much memory it needs."""

REQUESTS = st.builds(
    ServableRequest,
    st.sampled_from(NAMES),
    st.sampled_from(["latest", "earliest", 1, 2]),
)


class CacheModel(RuleBasedStateMachine):
    memory_limit: int | None = MEMORY
    max_models: int | None = None
    lists_change = True

    handles = Bundle("handles")

    def __init__(self) -> None:
        super().__init__()
        self.bench = CacheBench(
            ManagerOptions(
                total_model_memory_limit_bytes=type(self).memory_limit,
                num_load_threads=2,
                max_num_load_retries=1,
                load_retry_interval=RETRY_INTERVAL,
            ),
            CacheOptions(max_models=type(self).max_models),
        )
        self.loaders: dict[str, FakeLoader] = {}
        self.known: dict[ServableId, FakeLoader] = {}
        self.held: list[ServableHandle[str]] = []
        self.may_go: set[ServableHandle[str]] = set()
        """Holds on what the source has taken away since."""

    # -- what happens --------------------------------------------------------

    @initialize(sizes=st.lists(st.integers(2, 6), min_size=6, max_size=6))
    def begin(self, sizes: list[int]) -> None:
        for index, name in enumerate(NAMES):
            first, second = sizes[2 * index : 2 * index + 2]
            self.learn(name, {1: ("/a", 0, first), 2: ("/a", 0, second)})

    @rule(name=st.sampled_from(NAMES), versions=LISTS)
    def change(self, name: str, versions: dict[int, tuple[str, int, int]]) -> None:
        if type(self).lists_change:
            self.learn(name, versions)

    def learn(self, name: str, versions: dict[int, tuple[str, int, int]]) -> None:
        items: dict[str, FakeLoader] = {}
        for version, (origin, failures, estimate) in versions.items():
            servable = f"loader {len(self.loaders)}"
            loader = FakeLoader(
                servable,
                origin=origin,
                failures=[Unavailable("not yet")] * failures,
                estimate=estimate,
            )
            self.loaders[servable] = items[f"v{version}"] = loader
        gone = [id_ for id_ in self.known if id_.name == name]
        before = {id_: self.known.pop(id_) for id_ in gone}
        for key, loader in items.items():
            id_ = ServableId(name, int(key[1:]))
            self.known[id_] = loader
            old = before.get(id_)
            if old is None or old.origin != loader.origin:
                self.may_go.update(h for h in self.held if h.id == id_)
        self.may_go.update(h for h in self.held if h.id.name == name and h.id not in self.known)
        self.bench.cache.set_aspired_versions(name, items_of(name, **items))
        self.bench.manager.turn()

    @rule(target=handles, request=REQUESTS)
    def ask(self, request: ServableRequest) -> ServableHandle[str] | None:
        try:
            handle = self.bench.cache.handle(request, timeout=0)
        except NotFound:
            assert not self._is_known(request)
            return None
        except ServingError:
            assert self._is_known(request)
            self.bench.manager.turn()
            return None
        self.held.append(handle)
        return handle

    def _is_known(self, request: ServableRequest) -> bool:
        versions = {id_.version for id_ in self.known if id_.name == request.name}
        return (
            bool(versions) if isinstance(request.version, str) else request.version in versions
        )

    @rule(handle=consumes(handles))
    def release(self, handle: ServableHandle[str] | None) -> None:
        if handle is not None and handle in self.held:
            self.held.remove(handle)
            handle.release()
            self.bench.manager.turn()

    @rule(index=st.integers(0, 9))
    def run_job(self, index: int) -> None:
        if self.bench.jobs.names:
            self.bench.run_job(index % len(self.bench.jobs.names))

    @rule()
    def turn(self) -> None:
        self.bench.manager.turn()

    @rule(seconds=st.sampled_from([1.0, 10.0, RETRY_INTERVAL]))
    def pass_time(self, seconds: float) -> None:
        self.bench.pass_time(seconds)

    # -- what must hold --------------------------------------------------------

    @invariant()
    def what_is_held_is_loaded(self) -> None:
        assert all(self.loaders[handle.servable].loaded for handle in self.held)

    @invariant()
    def what_is_held_is_not_evicted(self) -> None:
        available = self.bench.manager.available_ids()
        assert all(handle.id in available for handle in self.held if handle not in self.may_go)

    @invariant()
    def what_is_found_without_waiting_is_loaded(self) -> None:
        for id_ in self.known:
            handle = self.bench.cache.loaded(ServableRequest.for_id(id_))
            if handle is not None:
                with handle:
                    assert self.loaders[handle.servable].loaded

    @invariant()
    def memory_keeps_its_limit(self) -> None:
        memory = self.bench.manager.memory()
        if memory.total is not None:
            assert memory.used <= memory.total
            loaded = [loader for loader in self.loaders.values() if loader.loaded]
            assert sum(loader.estimate or 0 for loader in loaded) <= memory.total

    @invariant()
    def places_keep_their_limit(self) -> None:
        # The swap of a version needs a place more, for as long as it takes.
        if type(self).max_models is not None and not type(self).lists_change:
            versions = self.bench.manager.versions()
            waiting = (HarnessState.NEW, HarnessState.LOAD_REQUESTED, HarnessState.ERROR)
            inside = {version.id for version in versions if version.state not in waiting}
            assert len(inside) <= PLACES

    @invariant()
    def never_two_loads_of_one_id(self) -> None:
        versions = self.bench.manager.versions()
        loading = [v.id for v in versions if v.state is HarnessState.LOADING]
        assert len(loading) == len(set(loading))

    def teardown(self) -> None:
        for handle in self.held:
            handle.release()
        self.held.clear()
        for id_, loader in self.known.items():
            assert self._serves_in_the_end(id_), (id_, loader.estimate)
        assert all(known.waiting == 0 for known in self.bench.cache.known())
        self._what_is_not_known_any_more_is_unloaded()

    def _serves_in_the_end(self, id_: ServableId) -> bool:
        """Whoever asks again and again gets it, whatever else was asked for before."""
        for _ in range(8):
            try:
                self.bench.cache.handle(ServableRequest.for_id(id_), timeout=0).release()
            except ServingError:
                self.bench.settle()
                self.bench.pass_time(RETRY_INTERVAL)
            else:
                return True
        return False

    def _what_is_not_known_any_more_is_unloaded(self) -> None:
        for name in NAMES:
            self.bench.know(name)
        self.bench.settle()
        assert self.bench.manager.versions() == ()
        assert not any(loader.loaded for loader in self.loaders.values())
        assert self.bench.cache._catalogue.routes == {}
        assert self.bench.cache._catalogue.evicted == set()


class PlacesModel(CacheModel):
    memory_limit = None
    max_models = PLACES
    lists_change = False


class PlacesThatSwapModel(CacheModel):
    max_models = PLACES


TestCache = CacheModel.TestCase
TestCache.settings = settings(max_examples=share_of(100), stateful_step_count=40, deadline=None)
TestPlaces = PlacesModel.TestCase
TestPlaces.settings = settings(max_examples=share_of(50), stateful_step_count=40, deadline=None)
TestPlacesThatSwap = PlacesThatSwapModel.TestCase
TestPlacesThatSwap.settings = settings(
    max_examples=share_of(50), stateful_step_count=40, deadline=None
)
