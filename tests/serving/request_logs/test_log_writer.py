"""The thread that writes request logs: nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.polling import poll_until
from tests.serving.request_logs.test_log_files import Clock
from tfs_notebook.serving.request_logs.log_contents import Content, content_of_message
from tfs_notebook.serving.request_logs.log_files import LogFiles, LogLimits
from tfs_notebook.serving.request_logs.log_writer import LogEntry, LogWriter
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.messages import PredictionLog, PredictRequest, PredictResponse
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.prediction_logs import LogKind
from tfs_notebook.wire.tfrecord import read_records

OK, DROPPED, FAILED = "OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"
LIMITS = LogLimits(10**9, 3600, 0)

Make = Callable[..., LogWriter]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes writers, and closes them."""
    made: list[LogWriter] = []

    def make(**options: object) -> LogWriter:
        made.append(LogWriter(["serve"], **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for writer in made:
        writer.close(10)


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    return LogFiles(tmp_path, "x", "0a1b2c3d", LIMITS)


def message(alias: str, size: int = 0) -> Content:
    request = PredictRequest(output_filter=[alias])
    request.model_spec.name = "x" * size
    data = request.SerializeToString()
    return content_of_message(LogKind.PREDICT, data)({}, PredictResponse().SerializeToString())


def entry(files: LogFiles, content: Content, model: str = "m") -> LogEntry:
    return LogEntry(files, b"", ModelReference(model, 1), 1, content)


def written(directory: Path) -> list[str]:
    """The aliases, in their order."""
    found = []
    for path in sorted(directory.glob("*.tfrecord")):
        with path.open("rb") as file:
            logs = map(PredictionLog.FromString, read_records(file))
            found += [log.predict_log.request.output_filter[0] for log in logs]
    return found


class Held:
    """What takes as long to be serialised as a test likes."""

    kind = LogKind.PREDICT
    size = 10

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def encode(self) -> tuple[bytes, bytes]:
        self.begun.set()
        assert self.let_go.wait(30)
        return PredictRequest(output_filter=["held"]).SerializeToString(), b""


def test_it_writes_in_order_within_a_second_or_so(
    make: Make, files: LogFiles, tmp_path: Path
) -> None:
    writer = make()
    names = [str(number) for number in range(300)]
    for name in names:
        writer.put(entry(files, message(name)))
    poll_until(lambda: written(tmp_path) == names, "all are there, and nobody closed it")
    assert writer.counts == {("m", OK): 300}


def test_what_waits_is_written_at_the_end(make: Make, files: LogFiles, tmp_path: Path) -> None:
    writer = make()
    for number in range(5):
        writer.put(entry(files, message(str(number)), f"m{number % 2}"))
    writer.close(30)
    writer.close(30)
    assert written(tmp_path) == ["0", "1", "2", "3", "4"]
    assert writer.counts == {("m0", OK): 3, ("m1", OK): 2}
    # Too late.
    writer.put(entry(files, message("5")))
    assert writer.counts["m", DROPPED] == 1


def test_no_thread_without_an_entry(make: Make) -> None:
    before = threading.active_count()
    make().close(1)
    assert threading.active_count() == before


def test_what_there_is_no_room_for_is_dropped(
    make: Make, files: LogFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer, held = make(most_entries=3), Held()
    writer.put(entry(files, held))
    assert held.begun.wait(30)
    # Those being written count as well.
    for name in ("a", "b", "c", "d"):
        writer.put(entry(files, message(name)))
    assert writer.counts == {("m", DROPPED): 2}
    held.let_go.set()
    writer.close(30)
    assert written(tmp_path) == ["held", "a", "b"]
    assert writer.counts == {("m", OK): 3, ("m", DROPPED): 2}
    assert "2 dropped because too many waited" in caplog.text


def test_what_is_too_large_is_dropped(make: Make, files: LogFiles, tmp_path: Path) -> None:
    writer = make(most_bytes=1000)
    writer.put(entry(files, message("large", 2000)))
    writer.put(entry(files, message("small")))
    writer.close(30)
    assert written(tmp_path) == ["small"]
    assert writer.counts == {("m", OK): 1, ("m", DROPPED): 1}


def test_what_cannot_be_serialised_costs_the_others_nothing(
    make: Make, files: LogFiles, tmp_path: Path
) -> None:
    class Impossible(Held):
        def encode(self) -> tuple[bytes, bytes]:
            raise Unimplemented("no tensor has this type")

    class Broken(Held):
        def encode(self) -> tuple[bytes, bytes]:
            raise ZeroDivisionError

    writer = make()
    for content in (message("a"), Impossible(), Broken(), message("b")):
        writer.put(entry(files, content))
    writer.close(30)
    assert written(tmp_path) == ["a", "b"]
    assert writer.counts == {("m", OK): 2, ("m", "UNIMPLEMENTED"): 1, ("m", "INTERNAL"): 1}


def test_a_disk_that_fails_is_tried_again_and_told_of_once(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clock, directory = Clock(), tmp_path / "gone"
    files = LogFiles(directory, "x", "0a1b2c3d", LIMITS)
    writer = make(clock=clock)

    def put(name: str, code: str, number: int) -> None:
        writer.put(entry(files, message(name)))
        poll_until(lambda: writer.counts.get(("m", code)) == number, f"{name} ends {code}")

    def told(text: str, times: int) -> None:
        poll_until(lambda: caplog.text.count(text) == times, text, details=lambda: caplog.text)

    cannot = f"cannot write {directory}/x.*.tfrecord: No such file"
    lost = "not written for other reasons"
    put("a", FAILED, 1)
    told(lost, 1)
    directory.mkdir()
    put("b", FAILED, 2)  # not before a while has passed
    clock.now = 5
    put("c", OK, 1)
    told("is written again", 1)
    assert written(directory) == ["c"]
    put("d", OK, 2)
    # Once a minute, and at the end.
    told(lost, 1)
    clock.now = 66
    put("e", OK, 3)
    told("3 requests written, 0 dropped because too many waited, 1 not written", 1)
    writer.fail("m", ValueError())
    writer.close(30)
    told(lost, 3)
    told(cannot, 1)


def test_an_old_file_ends_although_nothing_comes(make: Make, tmp_path: Path) -> None:
    files = LogFiles(tmp_path, "x", "0a1b2c3d", LogLimits(10**9, 0.0, 0))
    writer = make()
    writer.put(entry(files, message("a")))
    poll_until(lambda: written(tmp_path) == ["a"] and files.ends is None, "the file has ended")


def test_files_of_a_prefix_that_is_logged_no_longer(
    make: Make, files: LogFiles, tmp_path: Path
) -> None:
    writer = make()
    writer.put(entry(files, message("a")))
    poll_until(lambda: files.ends is not None, "a file has begun")
    writer.keep(["y"])
    poll_until(lambda: files.ends is None, "the file has ended")
    # A request that was under way; then the prefix comes back, with another object.
    writer.put(entry(files, message("b")))
    poll_until(lambda: writer.counts.get(("m", OK)) == 2, "that is written")
    poll_until(lambda: files.ends is None, "its file has ended, too")
    writer.keep(["x"])
    again = LogFiles(tmp_path, "x", "0a1b2c3d", LIMITS)
    writer.put(entry(again, message("c")))
    writer.close(30)
    assert sorted(written(tmp_path)) == ["a", "b", "c"]
    assert (files.ends, again.ends) == (None, None)


def test_a_writer_that_hangs_holds_nobody_up(
    make: Make, files: LogFiles, caplog: pytest.LogCaptureFixture
) -> None:
    writer, held = make(), Held()
    writer.put(entry(files, held))
    assert held.begun.wait(30)
    writer.close(0.01)
    assert "the disk does not answer" in caplog.text
    held.let_go.set()
