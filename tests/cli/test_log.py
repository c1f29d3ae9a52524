"""``tfs-notebook log``: what a real server has logged, shown, replayed and compared."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.standalone import run
from tests.frontends.example_requests import (
    REGRESS,
    classification_request,
    multi_inference_request,
    regression_request,
)
from tests.frontends.official import Client, predict_request, tf
from tests.logged_requests import files_of, logging_text, records_in, wait_for_records
from tests.polling import poll_until
from tests.server_process import ROOT, ServerProcess, config_text, free_port
from tests.serving.warmup.warmup_records import (
    classify_log,
    file_of,
    predict_log,
    prediction_log_pb2,
)
from tfs_notebook.cli.log import log
from tfs_notebook.wire.tfrecord import encode_record

Command = Callable[..., tuple[int, str, str]]
"""Runs the subcommand: its exit code, output and errors."""

BOTH = (
    "model_version_policy { specific { versions: 1 versions: 2 } } "
    'version_labels { key: "old" value: 1 } version_labels { key: "new" value: 2 } '
)
NUMBERS = [1.0, 2.0, 5.0, 7.0]


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """``m``: version 1 is half_plus_two, 2 is half_plus_three; and a model for examples."""
    directory = tmp_path_factory.mktemp("log")
    base = directory / "m"
    shutil.copytree(models / "half_plus_two" / "1", base / "1")
    shutil.copytree(models / "half_plus_three" / "1", base / "2")
    config = directory / "models.config"
    paths = {"m": base, "examples": models / "examples"}
    text = config_text(paths, m=BOTH + logging_text("m"), examples=logging_text("examples"))
    config.write_text(text)
    with ServerProcess(
        directory,
        [f"--model_config_file={config}", f"--request_log_dir={directory / 'logs'}"],
    ) as process:
        yield process


@pytest.fixture(scope="module")
def logs(server: ServerProcess) -> dict[str, str]:
    """Copies of the files with what was asked: of ``m``'s version 1, and with examples."""
    source = server.directory / "logs"
    with Client.of(server) as client:
        for number in NUMBERS:
            client.predict("m", {"x": np.array([number], np.float32)}, version=1)
        client.predict("m", {"x": np.array(NUMBERS, np.float32)}, label="old")
        wait_for_records(source, "m", 5)
        client.prediction.Classify(classification_request(), timeout=60)
        client.prediction.Regress(regression_request("examples", "values"), timeout=60)
        tasks = [("examples", "values", REGRESS), ("examples", "", CLASSIFY)]
        client.prediction.MultiInference(multi_inference_request(tasks), timeout=60)
        wait_for_records(source, "examples", 3)
    copies = {}
    for prefix in ("m", "examples"):
        [file] = files_of(source, prefix)
        copies[prefix] = str(shutil.copy(file, server.directory / f"{prefix}.tfrecord"))
    return copies


CLASSIFY = "tensorflow/serving/classify"


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: object) -> tuple[int, str, str]:
        code = log(list(map(str, arguments)))
        out, err = capfd.readouterr()
        return code, out, err

    return command


def in_json(command: Command, *arguments: object) -> tuple[int, Any]:
    code, out, _ = command(*arguments, "--json")
    return code, json.loads(out)


def file_with(path: Path, *records: Any) -> Path:
    path.write_bytes(b"".join(encode_record(one.SerializeToString()) for one in records))
    return path


class TestShow:
    def test_counts_by_signature(self, command: Command, logs: dict[str, str]) -> None:
        code, out, _ = command("show", *logs.values())
        assert code == 0
        head, *rows, total = [line.split() for line in out.splitlines()]
        names = "model version signature kind records bytes first last"
        assert " ".join(head) == names
        assert [row[:4] for row in rows] == [
            ["examples", "1", "multi_inference", "1"],
            ["examples", "1", "serving_default", "classify"],
            ["examples", "1", "values", "regress"],
            ["m", "1", "serving_default", "predict"],
        ]
        assert rows[3][4] == "5"
        assert total[:2] == ["8", "records,"]

    def test_json(self, command: Command, logs: dict[str, str]) -> None:
        code, told = in_json(command, "show", logs["m"])
        [group] = told["groups"]
        assert code == 0
        assert (told["records"], group["records"]) == (5, 5)
        assert told["bytes"] == sum(one.ByteSize() for one in records_in(Path(logs["m"])))
        assert (group["model"], group["version"], group["kind"]) == ("m", 1, "predict")
        assert (
            group["first"]
            <= group["last"]
            <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        )

    def test_warm_up_files(self, command: Command, tmp_path: Path) -> None:
        records = [predict_log([1.0]), prediction_log_pb2.PredictionLog()]
        code, told = in_json(command, "show", file_with(tmp_path / "warmup", *records))
        assert code == 0
        assert [
            (group["model"], group["version"], group["kind"], group["first"])
            for group in told["groups"]
        ] == [("", None, "nothing", None), ("any", 99, "predict", None)]

    def test_a_time_that_is_none(self, command: Command, tmp_path: Path) -> None:
        record = predict_log([1.0])
        record.log_metadata.timestamp_secs = 10**14
        file = file_with(tmp_path / "milliseconds", record)
        code, out, _ = command("show", file)
        assert (code, out.count(str(10**14))) == (0, 2)

    def test_a_file_that_is_being_written(
        self, command: Command, logs: dict[str, str], tmp_path: Path
    ) -> None:
        whole = Path(logs["m"]).read_bytes()
        for cut in (1, 20):
            (tmp_path / "cut").write_bytes(whole[:-cut])
            code, out, err = command("show", tmp_path / "cut", "--json")
            assert (code, json.loads(out)["records"]) == (0, 4)
            assert "its last record was broken off" in err

    def test_files_of_something_else(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "text").write_text("this is some text, and no file of records")
        (tmp_path / "other").write_bytes(encode_record(b"\xff"))
        for name, said in (
            ("text", "corrupted record at 0 (Is this even a TFRecord file?)"),
            ("other", "other[0] is no PredictionLog"),
            ("absent", "No such file"),
            (".", "is not a file"),
        ):
            code, out, err = command("show", tmp_path / name)
            assert (code, out) == (2, "")
            assert said in err


class TestWarmUp:
    def test_a_version_is_warmed_up_by_it(
        self,
        command: Command,
        logs: dict[str, str],
        models: Path,
        tmp_path: Path,
        start_server: Callable[..., ServerProcess],
    ) -> None:
        version = tmp_path / "examples" / "1"
        shutil.copytree(models / "examples" / "1", version)
        code, out, _ = command("warmup", logs["examples"], "--model-dir", version)
        assert code == 0
        assert out == f"3 requests were written to {file_of(version)}\n"
        for one in records_in(file_of(version)):
            assert not getattr(one, one.WhichOneof("log_type")).HasField("response")
        server = start_server("--model_name=m", f"--model_base_path={version.parent}")
        assert "with 3 recorded requests" in server.log

    def test_of_each_shape_as_many_as_of_the_others(
        self, command: Command, tmp_path: Path
    ) -> None:
        ones = [predict_log([float(number)]) for number in range(96)]
        twos = [predict_log([float(number)] * 2) for number in range(3)]
        source = file_with(tmp_path / "log", *ones, *twos, predict_log([1.0], signature="s"))
        out = tmp_path / "out"

        def shapes(*arguments: object) -> list[int]:
            code, _, err = command("warmup", source, "--out", out, "--force", *arguments)
            assert code == 0, err
            found = [one.predict_log.request for one in records_in(out)]
            return [one.inputs["x"].tensor_shape.dim[0].size for one in found]

        assert shapes("--records", 8) == [1, 1, 1, 1, 2, 2, 2, 1]
        # From the first to the last of them.
        inputs = [one.predict_log.request.inputs["x"] for one in records_in(out)]
        values = [tf.make_ndarray(one)[0] for one in inputs]
        assert values == [12, 36, 60, 84, 0, 1, 2, 1]
        assert shapes("--records", 2) == [1, 2]
        assert shapes("--distinct") == [1, 2, 1]
        assert shapes("--signature", "s") == [1]
        assert len(shapes("--signature", "serving_default")) == 99
        assert len(shapes()) == 100
        assert [path.name for path in tmp_path.iterdir()] == ["log", "out"]

    def test_a_file_that_is_there_stays(
        self, command: Command, logs: dict[str, str], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        out.write_text("precious")
        code, _, err = command("warmup", logs["m"], "--out", out)
        assert (code, out.read_text()) == (2, "precious")
        assert "replace it with --force" in err

    def test_what_cannot_be_done(
        self, command: Command, logs: dict[str, str], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        for arguments, said in (
            (("--out", out, "--records", 1001), "may have 1000 records"),
            (("--out", out, "--records", 0), "--records"),
            (("--out", out, "--model", "other"), "no record fits"),
            (("--out", tmp_path / "no" / "such" / "out"), "cannot be written"),
            (("--model-dir", tmp_path), "is no version directory"),
            ((), "one of the arguments --out --model-dir is required"),
        ):
            code, _, err = command("warmup", logs["m"], *arguments)
            assert code == 2
            assert said in err
        assert not out.exists()


class TestReplay:
    def test_they_are_asked_again(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address)
        code, told = in_json(command, "replay", *logs.values(), *to)
        assert code == 0
        assert (told["requests"], told["errors"], told["skipped"]) == (8, {}, {})
        assert 0 < told["latency_ms"]["p50"] <= told["latency_ms"]["p95"]
        # They are logged like any others, and are the same requests.
        again = wait_for_records(server.directory / "logs", "m", 10)
        before = records_in(Path(logs["m"]))
        assert sorted(str(one.predict_log) for one in again[5:]) == sorted(
            str(one.predict_log) for one in before
        )

    def test_a_log_that_grows_by_its_own_replay(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        [live] = files_of(server.directory / "logs", "examples")
        before = len(records_in(live))
        to = ("--to", server.grpc_address, "--rate", 2)
        code, told = in_json(command, "replay", live, *to)
        assert (code, told["requests"]) == (0, before)
        wait_for_records(server.directory / "logs", "examples", 2 * before)

    def test_another_version(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address, "--concurrency", 2)
        for where in (("--version", 2), ("--label", "new")):
            assert command("replay", logs["m"], *to, *where)[0] == 0
        code, out, _ = command("replay", logs["m"], *to, "--version", 9)
        assert code == 1
        assert f"5 requests to {server.grpc_address}" in out
        assert "failed   5 with NOT_FOUND, first: Servable not found for request: " in out
        code, told = in_json(command, "replay", logs["m"], *to, "--model", "nobody")
        assert (code, told["errors"]) == (1, {"NOT_FOUND": 5})

    def test_of_another_model_it_is_the_newest(
        self, command: Command, server: ServerProcess, tmp_path: Path
    ) -> None:
        # Version 99 of "any" was asked for.
        source = file_with(tmp_path / "log", predict_log(np.ones(1, np.float32)))
        to = ("--to", server.grpc_address)
        assert command("replay", source, *to, "--model", "m")[0] == 0
        assert command("replay", source, *to)[0] == 1

    def test_paces(
        self, command: Command, server: ServerProcess, logs: dict[str, str], tmp_path: Path
    ) -> None:
        to = ("--to", server.grpc_address)
        code, told = in_json(command, "replay", logs["m"], *to, "--rate", 20)
        assert code == 0
        assert told["seconds"] >= 4 / 20
        records = records_in(Path(logs["m"]))
        for one, when in zip(records, (100, 100, 101, 101, 101), strict=True):
            one.log_metadata.timestamp_secs = when
        source = file_with(tmp_path / "log", *records)
        code, told = in_json(command, "replay", source, *to, "--as-recorded")
        assert code == 0
        assert told["seconds"] >= 1 + 2 / 3

    def test_what_cannot_be_sent_again(
        self, command: Command, server: ServerProcess, logs: dict[str, str], tmp_path: Path
    ) -> None:
        nothing = prediction_log_pb2.PredictionLog()
        run_log = prediction_log_pb2.PredictionLog(session_run_log={})
        records = [*records_in(Path(logs["m"])), nothing, run_log]
        source = file_with(tmp_path / "log", *records)
        code, told = in_json(command, "replay", source, "--to", server.grpc_address)
        assert (code, told["requests"]) == (0, 5)
        assert told["skipped"] == {"nothing": 1, "session_run_log": 1}
        source = file_with(tmp_path / "log", nothing)
        code, _, err = command("replay", source, "--to", server.grpc_address)
        assert code == 2
        assert "there is no request to send" in err

    def test_addresses(
        self, command: Command, server: ServerProcess, logs: dict[str, str], tmp_path: Path
    ) -> None:
        for to, said in (
            (server.url, "requests are replayed over gRPC"),
            ("nonsense", "is no address of a model server"),
        ):
            code, _, err = command("replay", logs["m"], "--to", to)
            assert code == 2
            assert said in err
        code, told = in_json(command, "replay", logs["m"], "--to", f"127.0.0.1:{free_port()}")
        assert (code, told["errors"]) == (1, {"UNAVAILABLE": 5})

    def test_a_token(
        self,
        command: Command,
        logs: dict[str, str],
        half_plus_two: Path,
        tmp_path: Path,
        start_server: Callable[..., ServerProcess],
    ) -> None:
        token = tmp_path / "token"
        token.write_text("secret\n")
        token.chmod(0o600)
        server = start_server(
            "--model_name=m",
            f"--model_base_path={half_plus_two.parent}",
            f"--grpc_token_file={token}",
        )
        to = ("--to", server.grpc_address, "--version", 1)
        code, told = in_json(command, "replay", logs["m"], *to)
        assert (code, told["errors"]) == (1, {"UNAUTHENTICATED": 5})
        assert command("replay", logs["m"], *to, "--token-file", token)[0] == 0
        code, _, err = command("replay", logs["m"], *to, "--token-file", tmp_path / "absent")
        assert code == 2
        assert "--token-file" in err


class TestDiff:
    def test_two_versions(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address)
        for which in (("--versions", "1,2"), ("--labels", "old,new")):
            code, told = in_json(command, "diff", logs["m"], *to, *which)
            assert code == 1
            assert (told["compared"], told["agreed"], told["differed"]) == (5, 0, 5)
            assert told["outputs"]["y"]["largest_difference"] == 1.0
            assert told["outputs"]["y"]["largest_relative_difference"] == pytest.approx(1 / 3.5)
        assert [side["name"] for side in told["sides"]] == ["label old", "label new"]
        code, out, _ = command("diff", logs["m"], *to, "--versions", "1,2", "--show", 2)
        assert code == 1
        assert "version 1 and version 2: 5 requests compared, 0 agree, 5 differ, 0 fail" in out
        assert f"{logs['m']}[0]: y is 2.5, and 3.5 at [0]\n" in out
        assert out.count(logs["m"]) == 2
        assert out.count("p50 ") == 2

    def test_within_a_tolerance(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address, "--versions", "1,2")
        code, told = in_json(command, "diff", logs["m"], *to, "--atol", 1)
        assert (code, told["agreed"]) == (0, 5)
        # 1 of 5.5 and of 6.5 is less than a fifth; of 3.5 it is more.
        code, told = in_json(command, "diff", logs["m"], *to, "--rtol", 0.2)
        assert (code, told["agreed"]) == (1, 2)
        assert [one["record"] for one in told["first_differences"]] == [0, 1, 4]

    def test_against_what_was_answered_then(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address, "--against", "recorded")
        assert in_json(command, "diff", *logs.values(), *to)[1]["agreed"] == 8
        assert command("diff", logs["m"], *to)[0] == 0
        code, out, _ = command("diff", logs["m"], *to, "--version", 2)
        assert code == 1
        assert "what is recorded and version 2: 5 requests compared, 0 agree" in out

    def test_a_side_that_does_not_answer(
        self, command: Command, server: ServerProcess, logs: dict[str, str]
    ) -> None:
        to = ("--to", server.grpc_address)
        code, told = in_json(command, "diff", logs["m"], *to, "--versions", "1,9")
        assert (code, told["differed"], told["failed"]) == (1, 5, 0)
        assert told["sides"][1]["errors"] == {"NOT_FOUND": 5}
        assert "version 9 fails with NOT_FOUND: " in told["first_differences"][0]["difference"]
        code, told = in_json(command, "diff", logs["m"], *to, "--versions", "8,9")
        assert (code, told["differed"], told["failed"]) == (1, 0, 5)

    def test_without_responses(
        self, command: Command, server: ServerProcess, logs: dict[str, str], tmp_path: Path
    ) -> None:
        records = records_in(Path(logs["m"]))
        records[0].predict_log.ClearField("response")
        source = file_with(tmp_path / "log", *records)
        to = ("--to", server.grpc_address, "--against", "recorded")
        code, told = in_json(command, "diff", source, *to)
        assert (code, told["compared"], told["without_response"]) == (0, 4, 1)
        source = file_with(tmp_path / "log", classify_log([b""]))
        code, _, err = command("diff", source, *to)
        assert code == 2
        assert "there is nothing to compare" in err

    def test_arguments(self, command: Command, logs: dict[str, str]) -> None:
        to = ("--to", "localhost:1")
        for arguments, said in (
            (("--versions", "1"), "argument --versions"),
            (("--versions", "1,b"), "argument --versions"),
            (("--labels", "a,b,c"), "argument --labels"),
            (("--versions", "1,2", "--rtol", "nan"), "argument --rtol"),
            (("--versions", "1,2", "--version", "1"), "go with --against recorded"),
            ((), "one of the arguments --versions --labels --against is required"),
        ):
            code, _, err = command("diff", logs["m"], *to, *arguments)
            assert code == 2
            assert said in err


def test_as_a_process(logs: dict[str, str]) -> None:
    done = run("log", "show", logs["m"])
    assert done.returncode == 0
    assert "5 records, " in done.stdout
    assert run("log", "--help").stdout.startswith("usage: tfs-notebook log")
    assert run("log", "diff", "--help").returncode == 0
    assert "tfs-notebook log COMMAND" in run("--help").stdout
    wrong = run("log", "nonsense")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("tfs-notebook: ")


def read_now(terminal: int) -> str:
    try:
        return os.read(terminal, 10_000).decode()
    except BlockingIOError:
        return ""


def test_a_terminal_sees_how_far_it_is(server: ServerProcess, logs: dict[str, str]) -> None:
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    arguments = ("log", "replay", logs["m"], "--to", server.grpc_address, "--json")
    with subprocess.Popen(
        [sys.executable, "-m", "tfs_notebook", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=end,
    ) as process:
        out, _ = process.communicate(timeout=60)
    # Whoever reads before something is there would wait for ever.
    os.set_blocking(terminal, False)
    shown = poll_until(lambda: read_now(terminal), "something is shown")
    os.close(end)
    os.close(terminal)
    assert json.loads(out)["requests"] == 5
    assert "0%|" in shown


def test_what_was_sent_stays_as_it_was(server: ServerProcess, logs: dict[str, str]) -> None:
    [first, *_] = records_in(Path(logs["m"]))
    assert first.predict_log.request == predict_request(
        "m", {"x": np.array([1.0], np.float32)}, version=1
    )
