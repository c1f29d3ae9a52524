"""Warm-ups that hang: the load ends, and the memory is freed when it can be."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.polling import poll_until
from tests.serving.warmup.warmup_records import predict_log, with_records
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState, SimpleLoader
from tfs_notebook.runtimes.hanging import hanging_runs
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel
from tfs_notebook.serving.loader_wrappers import WarmedLoader
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature, TensorSpec

Start = Callable[..., ModelServer]

LIMIT = 0.3
ID = ServableId("m", 1)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    """What a run hangs on until it is opened for writing."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def opened(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def last_state(server: ModelServer) -> ServableState:
    [state] = server.version_states(ModelReference("m"))
    return state


def test_a_version_that_hangs_is_not_loaded_again_and_again(
    models: Path, tmp_path: Path, pipe: Path, start: Start
) -> None:
    record = predict_log([-1.0], signature="from_pipe", pipe=[str(pipe)])
    server = start(
        model_name="m",
        model_base_path=str(with_records(models / "hangs" / "1", tmp_path / "m", [record])),
        run_limit_seconds=LIMIT,
        allowed_unsafe_ops="ReadFile",
        max_num_load_retries=0,
        enable_reload_servables_with_error=True,
    )

    def refused() -> bool:
        error = last_state(server).error
        return error is not None and "a run of its warm-up hangs" in error.message

    poll_until(refused, "the next attempt is refused")
    poll_until(lambda: opened(pipe), "the run reads the pipe")
    poll_until(lambda: not hanging_runs, "it comes back")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_request_that_hangs_fails_the_load(
    models: Path,
    tmp_path: Path,
    pipe: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    threads: int,
) -> None:
    closed = threading.Event()
    really = TensorFlowModel.close

    def close(model: TensorFlowModel) -> None:
        really(model)
        closed.set()

    monkeypatch.setattr(TensorFlowModel, "close", close)
    record = predict_log([-1.0], signature="from_pipe", pipe=[str(pipe)])
    server = start(
        model_name="m",
        model_base_path=str(with_records(models / "hangs" / "1", tmp_path / "m", [record])),
        run_limit_seconds=LIMIT,
        allowed_unsafe_ops="ReadFile",
        max_num_load_retries=1,
        load_retry_interval_micros=0,
        num_model_warmup_threads=threads,
    )
    poll_until(lambda: last_state(server).state is ManagerState.END, "it is given up")
    # The second attempt finds what the first one has left.
    state = last_state(server)
    assert state.error is not None
    assert state.error.status_text == (
        "FAILED_PRECONDITION: Servable {name: m version: 1} is still in memory, because a run "
        "of its warm-up hangs. It can be loaded again when that comes back; restart the server "
        "to have it at once"
    )
    assert hanging_runs
    assert not closed.is_set()
    poll_until(lambda: opened(pipe), "the run reads the pipe")
    poll_until(closed.is_set, "the model is freed")
    assert not hanging_runs


class Blocked:
    """A model whose runs wait until they are let go."""

    def __init__(self) -> None:
        spec = TensorSpec("x", DataType.FLOAT, (-1,))
        self.signatures = {
            name: Signature(name, "", {"x": spec}, {"y": spec}) for name in ("s", "t")
        }
        self.signature_defs = dict.fromkeys(self.signatures, SignatureDef())
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.closed = threading.Event()
        self.runs = 0

    def has_effects(self, signature: Signature) -> bool:
        return False

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        self.runs += 1
        self.begun.set()
        self.let_go.wait()
        assert not self.closed.is_set()
        return [inputs["x"][0]]

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def model() -> Iterator[Blocked]:
    model = Blocked()
    yield model
    model.let_go.set()


def warm_up_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("tfs-warmup")]


def warmed(model: Blocked, tmp_path: Path, watch: RunWatch, seconds: float) -> WarmedLoader:
    warm_up = WarmUp(ServerConfig(automatic_warmup_seconds=seconds), watch)
    loader = SimpleLoader(lambda: ServedModel(model), destroy=lambda served: served.close())
    return WarmedLoader(
        loader,
        lambda served: warm_up.of_version(ID, tmp_path, served),
        lambda: warm_up.refuse_while_it_hangs(ID),
    )


def test_the_version_is_there_in_time_and_freed_after_the_run(
    model: Blocked, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loader = warmed(model, tmp_path, RunWatch(0), 0.05)
    with caplog.at_level("INFO"):
        loader.load()
    assert "a run goes on (--automatic_warmup_seconds is over)" in caplog.text
    assert loader.servable.model is model
    with ThreadPoolExecutor(1) as pool:
        unloading = pool.submit(loader.unload)
        poll_until(model.begun.is_set, "it runs")
        assert not model.closed.is_set()
        model.let_go.set()
        unloading.result(60)
    assert model.closed.is_set()
    assert model.runs == 1


def test_zeros_that_hang_keep_neither_the_load_nor_the_unload_waiting(
    model: Blocked, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = RunWatch(0.05)
    try:
        loader = warmed(model, tmp_path, watch, 60)
        with caplog.at_level("INFO"):
            loader.load()
        assert "ended by DEADLINE_EXCEEDED: the run of {name: m version: 1}" in caplog.text
        loader.unload()
        assert not model.closed.is_set()
        model.let_go.set()
        poll_until(model.closed.is_set, "it is freed")
        poll_until(lambda: not warm_up_threads(), "its thread has ended")
        assert model.runs == 1
    finally:
        watch.stop()


def test_zeros_that_hang_are_not_tried_again(
    model: Blocked, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = RunWatch(0.05)
    warm_up = WarmUp(ServerConfig(automatic_warmup_seconds=60), watch)

    def loader(model: Blocked) -> WarmedLoader:
        return WarmedLoader(
            SimpleLoader(lambda: ServedModel(model), destroy=lambda served: served.close()),
            lambda served: warm_up.of_version(ID, tmp_path, served),
            lambda: warm_up.refuse_while_it_hangs(ID),
        )

    try:
        first = loader(model)
        first.load()
        first.unload()
        again = Blocked()
        second = loader(again)
        second.load()
        assert "is not warmed up with zeros" in caplog.text
        assert again.runs == 0
        second.unload()
        model.let_go.set()
        poll_until(lambda: not warm_up.hangs(ID), "it has come back")
    finally:
        watch.stop()
