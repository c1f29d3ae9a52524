"""Models that are loaded when the first request for them comes."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.models.hanging import hanging_version
from tests.models.inputs import floats
from tests.models.text_scores import write_text_scores
from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.config_messages import config_message
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableState
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    NotFound,
    ServingError,
)
from tfs_notebook.wire.model_spec import ModelReference

NAMES = ("a", "b", "c")
# On a busy machine the time may be up before its turn comes.
NOT_IN_TIME = re.compile(
    r"not loaded within 0\.\d+ s: (it is loading|the manager has not got to it)"
)


class Lazy:
    """A server that loads lazily, asked as the doors ask it."""

    def __init__(self, config: Path, **settings: object) -> None:
        self.server = ModelServer(
            ServerConfig(model_config_file=str(config), lazy_loading=True, **settings)
        )
        self.server.start()
        self.failed = self.server.wait_for_models(30)
        self.pool = RunPool("test-run", 1)

    def value(self, reference: ModelReference) -> float:
        with self.server.hold(reference) as model:
            outputs = model.prediction(model.signature(""), {"x": (floats(1.0), 1)}, dict).run()
            return float(outputs["y"][0])

    async def ask(self, reference: ModelReference, timeout: float | None = 30.0) -> float:
        runner = RequestRunner(self.server, self.pool)
        return await runner.run(partial(self.value, reference), timeout)

    def predict(self, name: str, version: int | None = None, label: str | None = None) -> float:
        return asyncio.run(self.ask(ModelReference(name, version, label)))

    def state(self, name: str) -> ManagerState:
        return self.server.version_states(ModelReference(name))[0].state

    def loaded(self) -> list[str]:
        return [name for name in NAMES if self.state(name) is ManagerState.AVAILABLE]


@pytest.fixture
def bases(tmp_path: Path, half_plus_two: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in NAMES}
    for base in made.values():
        shutil.copytree(half_plus_two, base / "1")
    return made


@pytest.fixture
def start(tmp_path: Path, bases: dict[str, Path]) -> Iterator[Callable[..., Lazy]]:
    started: list[Lazy] = []

    def start(
        more: dict[str, Path] | None = None, further: str = "", **settings: object
    ) -> Lazy:
        path = tmp_path / "models.config"
        path.write_text(config_text(bases | (more or {}), a=further))
        lazy = Lazy(path, **settings)
        started.append(lazy)
        return lazy

    yield start
    for lazy in started:
        lazy.pool.stop(10)
        lazy.server.stop(30)


def test_nothing_is_loaded_before_it_is_asked_for(start: Callable[..., Lazy]) -> None:
    lazy = start()
    assert lazy.failed == {}
    assert lazy.server.ready
    assert lazy.loaded() == []
    assert {lazy.state(name) for name in NAMES} == {ManagerState.START}
    with pytest.raises(NotLoaded):
        lazy.server.hold(ModelReference("a"))
    assert lazy.predict("a") == 2.5
    assert lazy.predict("b", version=1) == 2.5
    assert lazy.loaded() == ["a", "b"]
    described = {status.settings.name: status for status in lazy.server.models()}
    assert [state.state for state in described["c"].versions] == [ManagerState.START]


def test_what_is_not_there(start: Callable[..., Lazy], tmp_path: Path) -> None:
    lazy = start({"absent": tmp_path / "absent"})
    assert list(lazy.failed) == ["absent"]
    for reference, request in (
        (ModelReference("x"), "Latest(x)"),
        (ModelReference("a", 7), "Specific(a, 7)"),
        (ModelReference("absent"), "Latest(absent)"),
    ):
        with pytest.raises(NotFound) as caught:
            asyncio.run(lazy.ask(reference))
        assert caught.value.message == f"Servable not found for request: {request}"
    assert lazy.loaded() == []


def test_the_one_not_used_for_longest_makes_room(start: Callable[..., Lazy]) -> None:
    lazy = start(max_loaded_models=2)
    for name in ("a", "b", "a", "c"):
        assert lazy.predict(name) == 2.5
    assert lazy.loaded() == ["a", "c"]
    assert lazy.state("b") is ManagerState.START
    assert lazy.predict("b") == 2.5


def test_what_is_pinned_is_loaded_at_the_start_and_stays(start: Callable[..., Lazy]) -> None:
    lazy = start(max_loaded_models=2, pinned_models=" a ,")
    assert lazy.loaded() == ["a"]
    for name in ("b", "c", "b", "c"):
        lazy.predict(name)
    assert "a" in lazy.loaded()
    assert len(lazy.loaded()) == 2


def test_a_memory_limit_makes_room_as_well(
    start: Callable[..., Lazy], bases: dict[str, Path]
) -> None:
    size = sum(f.stat().st_size for f in bases["a"].rglob("*") if f.is_file())
    lazy = start(total_model_memory_limit_bytes=int(size * 1.2 * 2.5))
    for name in ("a", "b", "c", "a"):
        assert lazy.predict(name) == 2.5
    assert lazy.loaded() == ["a", "c"]


def test_many_that_ask_at_once_load_it_once(start: Callable[..., Lazy]) -> None:
    lazy = start(max_loaded_models=1)
    events: list[tuple[str, ManagerState]] = []
    lazy.server.subscribe(lambda state: events.append((state.id.name, state.state)))

    async def all_at_once() -> list[float]:
        references = [ModelReference(name) for name in NAMES for _ in range(20)]
        return await asyncio.gather(*map(lazy.ask, references))

    # One place for three models: each gets its turn, none is loaded twice for nothing.
    assert asyncio.run(all_at_once()) == [2.5] * 60
    for name in NAMES:
        assert events.count((name, ManagerState.LOADING)) == 1


def test_a_load_that_hangs_takes_no_thread(start: Callable[..., Lazy], tmp_path: Path) -> None:
    with hanging_version(tmp_path / "hung" / "1"):
        lazy = start({"hung": tmp_path / "hung"}, lazy_load_timeout_seconds=0.5)

        async def both() -> None:
            # The pool has one thread.
            hung = [
                asyncio.ensure_future(lazy.ask(ModelReference("hung"), None)) for _ in range(5)
            ]
            assert await lazy.ask(ModelReference("a")) == 2.5
            for failure in await asyncio.gather(*hung, return_exceptions=True):
                assert isinstance(failure, DeadlineExceeded)
                assert NOT_IN_TIME.search(failure.message)

        asyncio.run(both())


def test_the_time_a_request_has_counts_as_well(
    start: Callable[..., Lazy], tmp_path: Path
) -> None:
    with hanging_version(tmp_path / "hung" / "1"):
        lazy = start({"hung": tmp_path / "hung"})
        with pytest.raises(DeadlineExceeded, match=NOT_IN_TIME):
            asyncio.run(lazy.ask(ModelReference("hung"), 0.2))


def test_why_it_cannot_be_loaded(start: Callable[..., Lazy], tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"no model")
    lazy = start({"broken": broken.parent}, max_num_load_retries=0)
    with pytest.raises(ServingError, match="broken/1"):
        asyncio.run(lazy.ask(ModelReference("broken")))
    assert lazy.predict("a") == 2.5


def test_a_new_version_is_loaded_only_where_the_old_one_is_used(
    start: Callable[..., Lazy], bases: dict[str, Path], half_plus_three: Path
) -> None:
    lazy = start(file_system_poll_wait_seconds=1)
    assert lazy.predict("a") == 2.5
    for name in ("a", "b"):
        arriving = bases[name] / "arriving"
        shutil.copytree(half_plus_three, arriving)
        arriving.rename(bases[name] / "2")
    poll_until(lambda: lazy.predict("a") == 3.5, "version 2 of a has taken over")
    newest = lazy.server.version_states(ModelReference("b"))[0]
    assert (newest.id.version, newest.state) == (2, ManagerState.START)
    assert lazy.predict("b") == 3.5


def test_labels_and_a_new_list(
    start: Callable[..., Lazy], bases: dict[str, Path], half_plus_three: Path, tmp_path: Path
) -> None:
    shutil.copytree(half_plus_three, bases["a"] / "2")
    policy = "model_version_policy { all {} } "
    stable = 'version_labels { key: "stable" value: %d }'
    lazy = start(None, policy + stable % 1)
    assert lazy.predict("a", label="stable") == 2.5

    def replace(text: str) -> None:
        lazy.server.reload(config_message(tmp_path, text))

    replace(config_text(bases, a=policy + stable % 2))
    assert lazy.predict("a", label="stable") == 3.5
    with pytest.raises(FailedPrecondition, match="Request to assign label to version 9"):
        replace(config_text(bases, a=policy + stable % 9))
    assert lazy.predict("a", label="stable") == 3.5
    replace(config_text({"b": bases["b"]}))
    with pytest.raises(NotFound):
        lazy.predict("a")
    assert lazy.predict("b") == 2.5


def test_raw_text_needs_a_name_when_several_models_may_take_it(
    start: Callable[..., Lazy], tmp_path: Path
) -> None:
    write_text_scores(tmp_path / "words" / "1")
    lazy = start({"words": tmp_path / "words"})
    with pytest.raises(NotFound, match="No model that is loaded takes raw text"):
        lazy.server.only_model_for("text")

    def judge() -> str:
        with lazy.server.hold(ModelReference("words")) as model:
            return model.predict_raw("text", ["free"])[0].label

    runner = RequestRunner(lazy.server, lazy.pool)
    assert asyncio.run(runner.run(judge, 30)) == "spam"
    assert lazy.server.only_model_for("text") == "words"


def test_whoever_waits_is_told_when_the_server_stops(
    start: Callable[..., Lazy], tmp_path: Path
) -> None:
    with hanging_version(tmp_path / "hung" / "1"):
        lazy = start({"hung": tmp_path / "hung"})

        async def stopped() -> None:
            loop = asyncio.get_running_loop()
            loading = asyncio.Event()

            def note(_: ServableState) -> None:
                loop.call_soon_threadsafe(loading.set)

            lazy.server.subscribe(note)
            asking = asyncio.ensure_future(lazy.ask(ModelReference("hung"), None))
            await loading.wait()
            await loop.run_in_executor(None, lazy.server.stop, 0.2)
            with pytest.raises(ServingError, match="shutting down"):
                await asking

        asyncio.run(stopped())
