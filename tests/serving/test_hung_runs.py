"""Runs that hang, with the server in this process: its threads, its counts, its versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.polling import poll_until
from tfs_notebook.batching.run_watch import WrittenOff
from tfs_notebook.lifecycle import ManagerState, ServableState
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.statistics import SignatureStatistics
from tfs_notebook.wire.errors import Cancelled, DeadlineExceeded, NotFound, Unavailable
from tfs_notebook.wire.model_spec import ModelReference

Start = Callable[..., ModelServer]

LIMIT = 0.3
HANGS, RUNS = [-1.0], [1.0]


@pytest.fixture(params=[False, True], ids=["direct", "batched"])
def server(request: pytest.FixtureRequest, start: Start, models: Path) -> ModelServer:
    return start(
        model_name="m",
        model_base_path=str(models / "hangs"),
        enable_batching=request.param,
        run_limit_seconds=LIMIT,
        allowed_unsafe_ops="ReadFile",
    )


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def counted(server: ModelServer) -> SignatureStatistics:
    (found,) = [one for one in server.statistics("m") if one.signature == "serving_default"]
    return found


def let_go(server: ModelServer, number: int) -> None:
    """Let so many runs go on, past whatever refuses requests."""
    with server.hold(ModelReference("m")) as held:
        let_runs_of(held._model, number)


def let_runs_of(model: Model, number: int) -> None:
    """Let so many runs of a model go on, which is freed when they have ended."""
    count = {"count": (np.ones(number, np.float32), 1)}
    # They may have ended, and it may be free, before this run of it has come back.
    with suppress(Cancelled):
        model.run(model.signatures["let_go"], count, ["added"])


def hang(
    server: ModelServer, callers: ThreadPoolExecutor, number: int = 1
) -> list[Future[dict[str, np.ndarray]]]:
    """Have so many runs hang, one after the other, until they are written off."""
    answers = []
    for _ in range(number):
        answers.append(callers.submit(server.predict, "m", HANGS))
        poll_until(
            lambda: server.statistics("m") and counted(server).hung == len(answers),
            "the run has been written off",
        )
    return answers


def test_it_is_counted_once_and_its_answer_is_dropped(
    server: ModelServer, callers: ThreadPoolExecutor
) -> None:
    (answer,) = hang(server, callers)
    told = counted(server)
    assert (told.requests, told.errors, told.in_flight, told.queued) == (1, 1, 0, 0)
    assert told.error_seconds >= LIMIT
    assert server.predict("m", RUNS)["y"].tolist() == [2.0]
    let_go(server, 1)
    with pytest.raises(DeadlineExceeded, match=r"longer than the 0\.3 s"):
        answer.result(60)
    poll_until(lambda: not counted(server).hung, "it has come back")
    told = counted(server)
    assert (told.requests, told.errors, told.in_flight, told.written_off) == (2, 1, 0, 1)


def test_a_version_with_three_of_them_gets_no_more_until_one_is_back(
    server: ModelServer, callers: ThreadPoolExecutor
) -> None:
    hang(server, callers, 3)
    with pytest.raises(Unavailable, match=r"3 runs of {name: m version: 1} were written off"):
        server.predict("m", RUNS)
    told = counted(server)
    assert (told.requests, told.errors, told.in_flight, told.hung) == (4, 4, 0, 3)
    let_go(server, 1)
    poll_until(lambda: counted(server).hung == 2, "one has come back")
    assert server.predict("m", RUNS)["y"].tolist() == [2.0]
    let_go(server, 2)


def test_to_load_it_anew_helps(
    server: ModelServer, callers: ThreadPoolExecutor, models: Path
) -> None:
    hang(server, callers, 3)
    with server.hold(ModelReference("m")) as held:
        stuck = held._model
    server.unload("m", 30)
    told = server.model("m")
    assert told is None
    server.load("m", LoadRequest(base_path=str(models / "hangs")), 30)
    assert server.predict("m", RUNS)["y"].tolist() == [2.0]
    # The session of the first is still there: else this would end the process.
    let_runs_of(stuck, 3)
    poll_until(lambda: not counted(server).hung, "all have come back")
    assert server.predict("m", RUNS)["y"].tolist() == [2.0]


def test_what_waits_in_the_queue_of_a_version_that_hangs_is_refused_in_the_end(
    start: Start, models: Path, tmp_path: Path, callers: ThreadPoolExecutor
) -> None:
    parameters = tmp_path / "batching.pbtxt"
    parameters.write_text("num_batch_threads { value: 1 } max_batch_size { value: 1 }")
    server = start(
        model_name="m",
        model_base_path=str(models / "hangs"),
        enable_batching=True,
        batching_parameters_file=str(parameters),
        run_limit_seconds=LIMIT,
        allowed_unsafe_ops="ReadFile",
    )
    answers = [callers.submit(server.predict, "m", HANGS) for _ in range(5)]
    errors = [type(answer.exception(30)) for answer in answers]
    assert errors.count(WrittenOff) == 3
    assert errors.count(Unavailable) == 2
    told = counted(server)
    assert (told.requests, told.errors, told.in_flight, told.written_off) == (5, 5, 0, 3)
    let_go(server, 3)


def test_unloading_ends_with_the_reason(
    server: ModelServer, callers: ThreadPoolExecutor
) -> None:
    hang(server, callers)
    with server.hold(ModelReference("m")) as held:
        stuck = held._model
    ends: list[str] = []

    def on_state(state: ServableState) -> None:
        if state.state is ManagerState.END:
            ends.append("clean" if state.error is None else state.error.message)

    server.subscribe(on_state)
    server.unload("m", 30)
    assert len(ends) == 1
    assert "memory is still held by a run that was written off" in ends[0]
    let_runs_of(stuck, 1)
    poll_until(lambda: ends[1:] == ["clean"], "it is freed")
    with pytest.raises(NotFound):
        server.predict("m", RUNS)
