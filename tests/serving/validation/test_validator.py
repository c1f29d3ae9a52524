"""Versions tried in scratch processes: which pass, and what is said of the others."""

from __future__ import annotations

import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests import written_models
from tests.polling import poll_until
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.model_config import PLATFORM
from tfs_notebook.serving.validation.validator import Validator
from tfs_notebook.wire.errors import (
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    PermissionDenied,
    ResourceExhausted,
    ServingError,
)
from tfs_notebook.wire.tfrecord import encode_record

ID = ServableId("m", 7)
WHERE = "in the scratch process that tries it first (--validate_in_subprocess)"


def validator(**settings: object) -> Validator:
    return Validator(ServerConfig(validate_in_subprocess=True, **settings))


def scratch_processes() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE
        and any("scratch_process" in part for part in child.cmdline())
    ]


def open_files() -> int:
    return psutil.Process().num_fds()


def test_a_good_version_passes_and_nothing_is_left(half_plus_two: Path) -> None:
    tried = validator()
    tried.validate(ID, str(half_plus_two), PLATFORM)
    before = open_files()
    tried.validate(ID, os.path.relpath(half_plus_two), PLATFORM)
    assert open_files() == before
    assert scratch_processes() == []


def test_a_crash_is_told_with_its_last_words(tmp_path: Path) -> None:
    path = written_models.aborting(tmp_path / "7")
    with pytest.raises(FailedPrecondition) as caught:
        validator().validate(ID, str(path), PLATFORM)
    text = str(caught.value)
    assert text.startswith(
        f"{ID} ended the process by SIGABRT while it was loaded, {WHERE}; it is not loaded. It "
        "said last: "
    )
    assert "std::out_of_range" in text
    assert "cudart" not in text


def test_a_load_that_fails_fails_as_in_the_server(tmp_path: Path) -> None:
    path = written_models.reading(tmp_path / "7")
    with pytest.raises(PermissionDenied, match="ReadFile reads files"):
        validator().validate(ID, str(path), PLATFORM)
    # The flags are those of the server.
    validator(allowed_unsafe_ops="ReadFile").validate(ID, str(path), PLATFORM)


def test_libraries_of_ops_are_found_from_where_the_server_is(
    tmp_path: Path, half_plus_two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ops").mkdir()
    Path("ops/broken.so").write_bytes(b"no library")
    for name in ("ops/broken.so", " ops"):
        with pytest.raises(ServingError, match=r"ops/broken\.so cannot be loaded"):
            validator(custom_op_libraries=name).validate(ID, str(half_plus_two), PLATFORM)


@pytest.mark.long
def test_the_recorded_requests_are_run(tmp_path: Path, half_plus_two: Path) -> None:
    path = shutil.copytree(half_plus_two, tmp_path / "7")
    records = path / "assets.extra" / "tf_serving_warmup_requests"
    records.parent.mkdir()
    records.write_bytes(encode_record(b"no message"))
    with pytest.raises(ServingError, match="warmup record"):
        validator().validate(ID, str(path), PLATFORM)
    validator(enable_model_warmup=False).validate(ID, str(path), PLATFORM)


def test_a_hang_ends_with_the_time(tmp_path: Path) -> None:
    path = written_models.hanging(tmp_path / "7")
    with pytest.raises(DeadlineExceeded) as caught:
        validator(validation_timeout_seconds=4).validate(ID, str(path), PLATFORM)
    assert str(caught.value) == (
        f"{ID} did not come to an end within 4 s while it was loaded, {WHERE}. If it only is "
        "slow, raise --validation_timeout_seconds"
    )
    assert scratch_processes() == []


def test_too_much_memory_is_the_end(tmp_path: Path) -> None:
    path = written_models.large(tmp_path / "7")
    tried = validator(validation_memory_limit_bytes=written_models.LARGE_BYTES // 2)
    with pytest.raises(
        ResourceExhausted, match=r"took \d+ bytes of memory while it was loaded"
    ):
        tried.validate(ID, str(path), PLATFORM)
    assert scratch_processes() == []


def test_the_end_of_the_server_is_that_of_its_scratch_processes(tmp_path: Path) -> None:
    path = written_models.hanging(tmp_path / "7")
    tried = validator()
    with ThreadPoolExecutor(1) as thread, socket.create_server(("127.0.0.1", 0)) as ours:
        ours.set_inheritable(True)
        trial = thread.submit(tried.validate, ID, str(path), PLATFORM)
        [process] = poll_until(scratch_processes, "it is tried")
        # Whoever connects to this process is not to be left with that one.
        assert process.net_connections() == []
        tried.end()
        with pytest.raises(Cancelled):
            trial.result(60)
    assert scratch_processes() == []
    with pytest.raises(Cancelled):
        tried.validate(ID, str(path), PLATFORM)


@pytest.mark.long
def test_there_are_only_so_many_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    tried = validator()
    path = written_models.hanging(tmp_path / "7")
    with ThreadPoolExecutor(2) as threads:
        trials = [threads.submit(tried.validate, ID, str(path), PLATFORM) for _ in range(2)]
        poll_until(scratch_processes, "one is tried")
        assert len(scratch_processes()) == 1
        tried.end()
        for trial in trials:
            with pytest.raises(Cancelled):
                trial.result(60)
