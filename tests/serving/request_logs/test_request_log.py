"""Which requests of which models are logged, as the configuration changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.logged_requests import files_of, logging_text, records_in
from tests.models.answers import read_answers
from tests.models.text_scores import write_text_scores
from tests.server_process import config_text
from tests.serving.config_messages import config_message
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.example_methods import CLASSIFY
from tfs_notebook.serving.model_config import ModelSettings, model_settings
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError
from tfs_notebook.wire.inference_results import encode_inference_response
from tfs_notebook.wire.model_spec import ModelReference

Start = Callable[..., ModelServer]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def serve(start: Start, tmp_path: Path, logs: Path) -> Start:
    """Starts a server of some models, of which some are logged."""
    file = tmp_path / "models.config"

    def serve(paths: dict[str, Path], settings: dict[str, Any], **further: str) -> ModelServer:
        file.write_text(config_text(paths, **further))
        given = {"request_log_dir": str(logs), **settings}
        return start(model_config_file=str(file), **given)

    return serve


def asked(logs: Path, prefix: str) -> list[list[float]]:
    """The inputs ``x`` of what was logged."""
    return [
        np.frombuffer(log.predict_log.request.inputs["x"].tensor_content, np.float32).tolist()
        for log in records_in(*files_of(logs, prefix))
    ]


class TestLists:
    """What becomes of the loggers when there is another list of models."""

    @pytest.fixture
    def log(self, logs: Path) -> RequestLog:
        return RequestLog(ServerConfig(request_log_dir=str(logs)))

    def configure(self, log: RequestLog, tmp_path: Path, **further: str) -> None:
        models = self.models(tmp_path, **further)
        log.check(models)
        log.configure({model.name: model for model in models})

    @staticmethod
    def models(tmp_path: Path, **further: str) -> Sequence[ModelSettings]:
        text = config_text(dict.fromkeys(further, Path("/models")), **further)
        return model_settings(config_message(tmp_path, text))

    def test_none(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path)
        assert log.loggers == {}
        self.configure(log, tmp_path, m="")
        assert log.loggers.get("m") is None
        assert log.loggers.get("absent") is None

    def test_several_models(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path, a=logging_text("a"), b=logging_text("b"), c="")
        assert log.loggers.keys() == {"a", "b"}
        assert log.loggers["a"] is not log.loggers["b"]

    def test_a_model_that_is_logged_no_longer(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path, a=logging_text("a"))
        self.configure(log, tmp_path, a="")
        assert log.loggers == {}

    def test_another_configuration(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path, a=logging_text("a"), b=logging_text("b"))
        before = dict(log.loggers)
        self.configure(log, tmp_path, a=logging_text("a", 0.5), b=logging_text("b"))
        assert log.loggers["a"] is not before["a"]
        # Only what has changed is made anew.
        assert log.loggers["b"] is before["b"]

    def test_models_with_one_configuration(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path, a=logging_text("x"), b=logging_text("x"))
        shared = log.loggers["a"]
        assert log.loggers["b"] is shared
        self.configure(log, tmp_path, b=logging_text("x"), c=logging_text("x"))
        assert log.loggers == {"b": shared, "c": shared}

    def test_the_same_list_makes_nothing(
        self, log: RequestLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        for _ in range(3):
            self.configure(log, tmp_path, a=logging_text("a", 0.5))
        assert caplog.text.count("50 % of the answered requests of model a are logged to") == 1

    def test_a_list_of_which_one_is_wrong(self, log: RequestLog, tmp_path: Path) -> None:
        self.configure(log, tmp_path, a=logging_text("a"))
        before = dict(log.loggers)
        for wrong, error in (
            (logging_text("../b"), InvalidArgument),
            (logging_text("/elsewhere/b"), InvalidArgument),
            ('logging_config { log_collector_config { type: "b" } }', NotFound),
        ):
            with pytest.raises(error):
                self.configure(log, tmp_path, a=logging_text("a", 0.5), b=wrong)
            assert log.loggers == before

    def test_a_prefix_in_the_directory(
        self, log: RequestLog, tmp_path: Path, logs: Path
    ) -> None:
        self.configure(log, tmp_path, a=logging_text(f"{logs}/a"))
        with pytest.raises(InvalidArgument, match=r"give the name alone: \"a\""):
            self.configure(log, tmp_path, a=logging_text(f"{logs}/below/a"))
        with pytest.raises(InvalidArgument, match=r"give the name alone"):
            self.configure(log, tmp_path, a=logging_text(f"{logs}/../logs/a"))

    def test_no_directory(self, tmp_path: Path) -> None:
        log = RequestLog(ServerConfig())
        self.configure(log, tmp_path, a="")
        with pytest.raises(InvalidArgument, match=r"^No request-logger-creator provided\. "):
            self.configure(log, tmp_path, a=logging_text("a"))

    def test_a_directory_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for wrong in (tmp_path / "file", tmp_path / "no" / "parent"):
            with pytest.raises(InvalidArgument, match=r"--request_log_dir: .* is no directory"):
                RequestLog(ServerConfig(request_log_dir=str(wrong)))

    def test_a_directory_is_made_private(self, log: RequestLog, logs: Path) -> None:
        assert logs.stat().st_mode & 0o777 == 0o700


def test_logging_off(serve: Start, logs: Path, half_plus_two: Path) -> None:
    server = serve({"m": half_plus_two.parent}, {"request_log_dir": ""})
    server.predict("m", [1.0])
    server.stop(30)
    assert server.request_log_count == {}
    assert not logs.exists()


@pytest.mark.parametrize("batching", [False, True], ids=["direct", "batched"])
def test_logging_on(serve: Start, logs: Path, half_plus_two: Path, batching: bool) -> None:
    """In the server's own process: what a caller does with its arrays changes no record."""
    server = serve(
        {"m": half_plus_two.parent}, {"enable_batching": batching}, m=logging_text("x")
    )
    x = np.array([1.0, 5.0], np.float32)
    for _ in range(3):
        server.predict("m", x)
        x += 1
    with pytest.raises(ServingError):
        server.predict("m", {"nonsense": [1.0]})
    server.stop(30)
    assert asked(logs, "x") == [[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]
    log = records_in(*files_of(logs, "x"))[-1]
    assert list(log.predict_log.response.outputs["y"].float_val) == [3.5, 5.5]
    assert log.predict_log.request.model_spec.WhichOneof("version_choice") is None
    assert server.request_log_count == {("m", "OK"): 3}


def test_a_share_of_them(
    serve: Start, logs: Path, half_plus_two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([0.0, 0.24, 0.25, 0.9, 0.1])
    monkeypatch.setattr(RequestLog.__init__, "__defaults__", (lambda: next(drawn),))
    server = serve({"m": half_plus_two.parent}, {}, m=logging_text("x", 0.25))
    for number in range(5):
        server.predict("m", [number])
    server.stop(30)
    assert asked(logs, "x") == [[0.0], [1.0], [4.0]]


def test_none_and_all_of_them(serve: Start, logs: Path, half_plus_two: Path) -> None:
    base = half_plus_two.parent
    server = serve({"n": base, "a": base}, {}, n=logging_text("n", 0), a=logging_text("a", 1))
    for _ in range(50):
        server.predict("n", [1.0])
        server.predict("a", [1.0])
    server.stop(30)
    assert files_of(logs, "n") == []
    assert len(asked(logs, "a")) == 50


def test_models_that_share_files(serve: Start, logs: Path, half_plus_two: Path) -> None:
    base = half_plus_two.parent
    server = serve(
        {"a": base, "b": base, "c": base},
        {},
        a=logging_text("x"),
        b=logging_text("x"),
        c=logging_text("x", 0.9999999),
    )
    for name in "abcabc":
        server.predict(name, [1.0])
    server.stop(30)
    [file] = files_of(logs, "x")
    names = Counter(log.log_metadata.model_spec.name for log in records_in(file))
    assert names == {"a": 2, "b": 2, "c": 2}
    assert server.request_log_count == {(name, "OK"): 2 for name in "abc"}


def test_many_at_once(serve: Start, logs: Path, half_plus_two: Path) -> None:
    server = serve(
        {"m": half_plus_two.parent}, {"request_log_max_bytes": 5000}, m=logging_text("x")
    )

    def ask(thread: int) -> None:
        for number in range(100):
            server.predict("m", [100 * thread + number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop(30)
    assert len(files_of(logs, "x")) == 24  # as many as are kept
    assert server.request_log_count == {("m", "OK"): 800}
    found = [x for [x] in asked(logs, "x")]
    assert len(set(found)) == len(found) > 300


def test_examples_and_texts(serve: Start, logs: Path, models: Path, tmp_path: Path) -> None:
    """What comes as JSON or as text, without the doors."""
    write_text_scores(tmp_path / "words" / "1")
    server = serve(
        {"examples": models / "examples", "words": tmp_path / "words"},
        {},
        examples=logging_text("examples"),
        words=logging_text("words"),
    )
    rows = read_answers(models / "examples")[0].inputs["inputs"].tolist()
    held = server.hold(ModelReference("examples", 1))
    answered = held.inference(CLASSIFY, "", rows, encode_inference_response).run()
    with server.hold(ModelReference("words")) as words:
        assert len(words.predict_raw("text", ["free"] * 300)) == 300
    server.stop(30)
    [log] = records_in(*files_of(logs, "examples"))
    request = log.classify_log.request
    assert request.model_spec.version.value == 1
    sent = [
        one.SerializeToString(deterministic=True) for one in request.input.example_list.examples
    ]
    assert len(sent) == len(rows)
    assert log.classify_log.response == type(log.classify_log.response).FromString(answered)
    # A record a run.
    sizes = [
        log.predict_log.request.inputs["words"].tensor_shape.dim[0].size
        for log in records_in(*files_of(logs, "words"))
    ]
    assert sizes == [256, 44]
    assert list(log.predict_log.request.output_filter) == []


def test_it_is_back_after_a_restart(
    start: Start, tmp_path: Path, logs: Path, half_plus_two: Path
) -> None:
    journal = str(tmp_path / "journal.json")
    file = tmp_path / "models.config"
    file.write_text(config_text({"m": half_plus_two.parent}, m=logging_text("x")))
    settings = {"journal_path": journal, "request_log_dir": str(logs)}
    first = start(model_config_file=str(file), **settings)
    first.load("m", LoadRequest(labels={"stable": 1}))
    first.predict("m", [1.0])
    first.stop(30)
    second = start(**settings)
    second.predict("m", [2.0], label="stable")
    second.stop(30)
    assert asked(logs, "x") == [[1.0], [2.0]]
    with pytest.raises(InvalidArgument, match="--request_log_dir=DIR"):
        start(journal_path=journal)


def test_a_lazy_model(serve: Start, logs: Path, half_plus_two: Path) -> None:
    server = serve({"m": half_plus_two.parent}, {"lazy_loading": True}, m=logging_text("x"))
    server.predict("m", [1.0], timeout=60)
    server.stop(30)
    assert asked(logs, "x") == [[1.0]]
