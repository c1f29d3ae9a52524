"""Ensembles in a server of this process: members, batches, deadlines, errors."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import tflite_files
from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.ensembles import functions
from tests.serving.ensembles.ensemble_files import chain, document, ensemble_in, step
from tfs_notebook.lifecycle import ManagerState, ServableId
from tfs_notebook.runtimes.function_file import FUNCTION_FILE
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.routing.split_documents import read_shadow, read_split
from tfs_notebook.serving.routing.status import TrafficChanges
from tfs_notebook.wire.errors import (
    Cancelled,
    Code,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    ServingError,
    Unavailable,
)
from tfs_notebook.wire.model_spec import ModelReference

Start = Callable[..., ModelServer]
HALF = tflite_files.half_plus_two()
MODULE = functions.__name__


@pytest.fixture
def serve(start: Start, tmp_path: Path) -> Callable[..., ModelServer]:
    """Starts a server of these models: TFLite files, ensembles, and names of functions."""

    def serve(
        models: Mapping[str, object],
        further: Mapping[str, str] | None = None,
        **settings: object,
    ) -> ModelServer:
        for name, what in models.items():
            write(tmp_path / name, what)
        config = tmp_path / "models.config"
        paths = {name: tmp_path / name for name in models}
        config.write_text(config_text(paths, **(further or {})))
        return start(model_config_file=str(config), allowed_function_modules=MODULE, **settings)

    return serve


def write(base_path: Path, what: object, version: int = 1) -> Path:
    if isinstance(what, bytes):
        return tflite_files.version_of(base_path, what, version)
    if isinstance(what, dict):
        return ensemble_in(base_path, what, version)
    directory = base_path / str(version)
    directory.mkdir(parents=True)
    said = {"schema_version": 1, "function": f"{MODULE}:{what}"}
    (directory / FUNCTION_FILE).write_text(json.dumps(said))
    return directory


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    functions.GATE.clear()
    while functions.ENTERED.acquire(blocking=False):
        pass
    yield functions.GATE
    functions.GATE.set()


def column(*rows: float) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 1)


def ask(server: ModelServer, *rows: float, name: str = "e", **further: Any) -> list[float]:
    given = server.predict(name, {"x": column(*rows)}, **further)
    return [float(one) for one in given["y"].ravel()]


def requests_of(server: ModelServer, name: str) -> int:
    return sum(one.requests for one in server.statistics(name))


def states(server: ModelServer, name: str) -> list[ServingError | None]:
    return [state.error for state in server.version_states(ModelReference(name))]


def failure(server: ModelServer, name: str) -> ServingError:
    [error] = states(server, name)
    assert error is not None
    return error


def wait_for_both(server: ModelServer, *names: str) -> None:
    def are_there() -> bool:
        found = [
            state for name in names for state in server.version_states(ModelReference(name))
        ]
        return [state.state for state in found] == [ManagerState.AVAILABLE] * 2 * len(names)

    poll_until(are_there, "both versions are there")


# -- what it answers -----------------------------------------------------------------


@pytest.mark.parametrize("batching", [False, True])
def test_a_chain_answers_and_its_members_are_counted(
    serve: Callable[..., ModelServer], batching: bool
) -> None:
    # The ensemble is looked at first, and waits for what it asks.
    server = serve(
        {"e": chain("half", "double"), "half": HALF, "double": "double"},
        enable_batching=batching,
    )
    assert ask(server, 1, 2, 5) == [5.0, 6.0, 9.0]
    assert ask(server, 4, batched=False) == [8.0]
    assert requests_of(server, "e") == requests_of(server, "half") == 2
    counted = server.ensemble_steps(ServableId("e", 1))
    assert {name: (one.requests, one.errors) for name, one in counted.items()} == {
        "s0": (2, 0),
        "s1": (2, 0),
    }
    signature = server.hold(ModelReference("e")).signature("")
    assert str(signature.inputs["x"]) == "x: float [?, 1]"


def test_a_new_version_of_a_member_answers_at_once(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    server = serve(
        {"e": chain("m"), "m": HALF},
        file_system_poll_wait_seconds=0,
    )
    assert ask(server, 2) == [3.0]
    write(tmp_path / "m", "double", 2)
    server._source.poll()
    poll_until(lambda: ask(server, 2) == [4.0], "the new version answers")


def test_versions_and_labels_of_members(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    write(tmp_path / "m", "double", 2)
    said = document(
        {
            "old": step("m", x="request.x") | {"version": 1},
            "best": step("m", x="old.y") | {"label": "best"},
        },
        y="best.y",
    )
    policy = 'model_version_policy { all {} } version_labels { key: "best" value: 2 }'
    server = serve(
        {"e": said, "m": HALF},
        {"m": policy},
        allow_version_labels_for_unavailable_models=True,
    )
    assert ask(server, 2) == [6.0]


@pytest.mark.parametrize("batching", [False, True])
def test_a_key_goes_down_to_members_with_weights(
    serve: Callable[..., ModelServer], tmp_path: Path, batching: bool
) -> None:
    write(tmp_path / "m", "double", 2)
    server = serve(
        {"outer": chain("e"), "e": chain("m"), "m": HALF},
        {"m": "model_version_policy { all {} }"},
        enable_batching=batching,
    )
    wait_for_both(server, "m")
    server.change_traffic("m", TrafficChanges({"": read_split({"1": 1, "2": 1})}))
    found = set()
    for number in range(16):
        key = f"user-{number}"
        [mine] = ask(server, 10, name="m", key=key)
        assert ask(server, 10, name="outer", key=key) == [mine]
        found.add(mine)
    assert found == {7.0, 20.0}


def test_copies_of_an_ensemble_are_no_requests_to_its_members(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    write(tmp_path / "e", chain("m"), 2)
    write(tmp_path / "m", "double", 2)
    both = "model_version_policy { all {} }"
    server = serve({"e": chain("m"), "m": HALF}, {"e": both, "m": both})
    wait_for_both(server, "e", "m")
    server.change_traffic("m", TrafficChanges({}, read_shadow({"target": 1})))
    server.change_traffic("e", TrafficChanges({}, read_shadow({"target": 1})))
    for number in range(3):
        assert ask(server, number) == [2.0 * number]
    copied = {"e": 3, "m": 3}

    def compared(name: str) -> int:
        shadow = server.traffic_of(name).shadow
        assert shadow is not None
        return shadow.counted.compared

    poll_until(lambda: {name: compared(name) for name in copied} == copied, "all are compared")
    # Those asked for the copies of e would be behind them.
    ask(server, 4, name="m")
    poll_until(lambda: compared("m") >= 4, "what came after them is compared")
    assert (
        requests_of(server, "m")
        == sum(one.requests for one in server.traffic_of("m").counted.values())
        == compared("m")
        == 4
    )
    steps = [server.ensemble_steps(ServableId("e", version)) for version in (1, 2)]
    assert [one["s0"].requests for one in steps] == [0, 3]


def test_steps_that_do_not_need_each_other_run_side_by_side(
    serve: Callable[..., ModelServer],
) -> None:
    said = document(
        {"a": step("a", x="request.x"), "b": step("b", x="request.x")}, y="a.y", z="b.y"
    )
    server = serve({"e": said, "a": "meeting", "b": "meeting_too"})
    # Each waits for the other.
    assert ask(server, 7) == [7.0]


def test_steps_that_are_not_asked_for_are_not_made(serve: Callable[..., ModelServer]) -> None:
    said = document(
        {"half": step("half", x="request.x"), "bad": step("bad", x="request.x")},
        y="half.y",
        z="bad.y",
    )
    server = serve({"e": said, "half": HALF, "bad": "failing"})
    assert ask(server, 2, outputs=["y"]) == [3.0]
    assert requests_of(server, "bad") == 0
    with pytest.raises(
        InvalidArgument, match=r"step 'bad' of \{name: e version: 1\}.*too many"
    ):
        ask(server, 2)


def test_ensembles_of_ensembles_share_few_threads_without_a_deadlock(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    parameters = tmp_path / "batching.config"
    parameters.write_text(
        "max_batch_size { value: 8 } batch_timeout_micros { value: 500 } "
        "num_batch_threads { value: 1 } max_enqueued_batches { value: 1000 }"
    )
    server = serve(
        {
            "e": chain("deep", "half", "double"),
            "deep": chain("deeper", "double"),
            "deeper": chain("half", "fixed", "half"),
            "half": HALF,
            "double": "double",
            # No batches: these need a thread, of which there is one.
            "fixed": "double",
        },
        {"fixed": ""},
        enable_batching=True,
        batching_parameters_file=str(parameters),
        grpc_max_threads=1,
    )

    def expected(x: float) -> float:
        deeper = (x / 2 + 2) * 2 / 2 + 2
        return (deeper * 2 / 2 + 2) * 2

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: ask(server, n, timeout=60), range(200)))
    assert answers == [[expected(n)] for n in range(200)]
    [deep] = server.statistics("deep")
    assert (deep.requests, deep.errors, deep.in_flight) == (200, 0, 0)
    batches = [one.batches for one in server.statistics("half")]
    assert batches[0] is not None
    assert batches[0].runs < 600


def test_inputs_need_no_rows_where_members_do_not(serve: Callable[..., ModelServer]) -> None:
    server = serve({"e": chain("half"), "half": HALF})
    assert server.predict("e", {"x": np.float32(1)})["y"].tolist() == [2.5]


# -- what goes wrong -----------------------------------------------------------------


def test_a_member_that_is_gone(serve: Callable[..., ModelServer], tmp_path: Path) -> None:
    server = serve({"e": chain("half", "double"), "half": HALF, "double": "double"})
    server.unload("double")
    with pytest.raises(
        Unavailable, match=r"step 's1' of \{name: e version: 1\} \(model double"
    ):
        ask(server, 1)
    [counted] = server.statistics("e")
    assert (counted.errors, counted.in_flight) == (1, 0)


def test_a_member_that_does_not_fit_any_more(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    server = serve({"e": chain("m"), "m": HALF}, file_system_poll_wait_seconds=0)
    write(tmp_path / "m", tflite_files.maximum(), 2)
    server._source.poll()
    server_error = pytest.raises(
        FailedPrecondition, match="version 2 does not fit the ensemble"
    )
    poll_until(lambda: len(states(server, "m")) == 2, "the new version is there")
    poll_until(lambda: server.hold(ModelReference("m")).version == 2, "the new version answers")
    with server_error:
        ask(server, 1)


def test_time_is_up_and_what_follows_is_not_asked(
    serve: Callable[..., ModelServer], gate: threading.Event
) -> None:
    said = document(
        {"slow": step("slow", x="request.x"), "half": step("half", x="slow.y")}, y="half.y"
    )
    server = serve({"e": said, "slow": "gated", "half": HALF})
    with pytest.raises(DeadlineExceeded):
        ask(server, 1, timeout=0.05)
    assert functions.ENTERED.acquire(timeout=60)
    gate.set()
    poll_until(lambda: requests_of(server, "e") == 1, "the run has ended")
    assert requests_of(server, "slow") == 1
    assert requests_of(server, "half") == 0
    [counted] = server.statistics("e")
    assert (counted.errors, counted.in_flight) == (1, 0)


def test_waiting_for_members_takes_no_thread(
    serve: Callable[..., ModelServer], gate: threading.Event
) -> None:
    said = document({"slow": step("slow", x="request.x")}, y="slow.y")
    server = serve({"e": said, "slow": "gated"}, grpc_max_threads=2)

    def under_way() -> bool:
        names = [one.name for one in threading.enumerate()]
        busy = [name for name in names if name.startswith("tfs-step")]
        assert len(busy) <= 2
        return [one.in_flight for one in server.statistics("e")] == [12] and len(busy) == 2

    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(ask, server, n) for n in range(12)]
        try:
            poll_until(under_way, "all requests are under way")
            names = [one.name for one in threading.enumerate()]
            assert len([name for name in names if name.startswith("tfs-step")]) == 2
        finally:
            gate.set()
        assert [answer.result(60) for answer in answers] == [[float(n)] for n in range(12)]


# -- how it is loaded ----------------------------------------------------------------


def test_what_it_asks_has_to_be_there(serve: Callable[..., ModelServer]) -> None:
    server = serve({"e": chain("half", "nobody"), "half": HALF}, max_num_load_retries=0)
    error = failure(server, "e")
    assert error.code == Code.FAILED_PRECONDITION
    assert "step 's1' of {name: e version: 1}: there is no model 'nobody'" in error.message


def test_a_member_that_cannot_be_loaded(serve: Callable[..., ModelServer]) -> None:
    server = serve({"e": chain("m"), "m": b"no model"}, max_num_load_retries=0)
    error = failure(server, "e")
    assert error.code == Code.UNAVAILABLE
    assert "step 's0' of {name: e version: 1}: model m does not serve" in error.message


def test_types_are_checked(serve: Callable[..., ModelServer]) -> None:
    server = serve(
        {"e": chain("half", "eight"), "half": HALF, "eight": tflite_files.maximum()},
        max_num_load_retries=0,
    )
    assert "input 'x' of eight is int8, and s0.y is float" in failure(server, "e").message


def test_a_circle_is_refused(serve: Callable[..., ModelServer], tmp_path: Path) -> None:
    server = serve(
        {"e": chain("f"), "f": HALF},
        max_num_load_retries=0,
        file_system_poll_wait_seconds=0,
    )
    assert ask(server, 2) == [3.0]
    write(tmp_path / "f", chain("e"), 2)
    server._source.poll()
    poll_until(lambda: any(states(server, "f")), "the second version has failed")
    error = next(filter(None, states(server, "f")))
    assert "an ensemble cannot ask itself, and e asks f asks e" in error.message
    # What served goes on.
    assert ask(server, 2) == [3.0]


def test_with_one_thread_to_load_it_does_not_wait_for_what_nobody_would_load(
    serve: Callable[..., ModelServer],
) -> None:
    server = serve(
        {"e": chain("half"), "half": HALF},
        num_load_threads=1,
        load_retry_interval_micros=10_000,
        max_num_load_retries=1000,
    )
    poll_until(lambda: server.model("e") is not None and _answers(server), "it answers")


def _answers(server: ModelServer) -> bool:
    try:
        return ask(server, 2) == [3.0]
    except ServingError:
        return False


def test_members_are_loaded_when_they_are_asked_for(serve: Callable[..., ModelServer]) -> None:
    server = serve(
        {"e": chain("half", "double"), "half": HALF, "double": "double"}, lazy_loading=True
    )
    assert ask(server, 2) == [6.0]
    assert ask(server, 4) == [8.0]


def test_a_member_that_was_evicted_is_loaded_again(serve: Callable[..., ModelServer]) -> None:
    server = serve(
        {"e": chain("half", "double"), "half": HALF, "double": "double", "other": HALF},
        lazy_loading=True,
        pinned_models="e",
        max_loaded_models=3,
    )
    for _ in range(3):
        assert ask(server, 2) == [6.0]
        assert ask(server, 2, name="other") == [3.0]
    [counted] = server.statistics("e")
    assert (counted.requests, counted.errors) == (3, 0)


def test_a_stop_ends_the_wait_for_members(
    serve: Callable[..., ModelServer], tmp_path: Path
) -> None:
    # A member without a version, of which the next look may find one.
    (tmp_path / "late").mkdir()
    server = serve({"other": HALF})
    server._ensembles._server.is_listed = lambda name: True  # type: ignore[method-assign]
    found: list[Exception] = []

    def load() -> None:
        try:
            server._ensembles.load(
                ServableId("e", 1), ensemble_in(tmp_path / "e", chain("late"))
            )
        except ServingError as error:
            found.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    server._ensembles.end()
    thread.join(60)
    assert [type(error) for error in found] == [Cancelled]


def test_members_are_tried_in_scratch_processes_and_ensembles_need_none(
    serve: Callable[..., ModelServer], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        server = serve(
            {"e": chain("half", "double"), "half": HALF, "double": "double"},
            validate_in_subprocess=True,
        )
        assert ask(server, 1) == [5.0]
    told = [one.getMessage() for one in caplog.records if "was validated" in one.msg]
    tried = sorted(line.partition(" was validated")[0] for line in told)
    assert tried == [str(ServableId(name, 1)) for name in ("double", "half")]


def test_a_tflite_file_that_is_none_is_told_from_the_scratch_process(
    serve: Callable[..., ModelServer],
) -> None:
    server = serve({"broken": HALF[:200]}, validate_in_subprocess=True, max_num_load_retries=0)
    assert isinstance(failure(server, "broken"), ServingError)
