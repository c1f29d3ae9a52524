"""Starts without a model, the journal, and an end with standard input."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.standalone import Start, run
from tests.cli.standalone import predict as predict_m
from tests.frontends.repository_client import Repository, socket_directory
from tests.half_plus_two import ANSWER
from tests.models.hanging import hanging_version
from tests.polling import poll_until
from tests.server_process import ROOT, free_port, is_listening

# -- what a start needs ----------------------------------------------------------


def test_a_start_without_models_needs_control_or_a_journal(
    start_server: Start, tmp_path: Path
) -> None:
    none = start_server(wait=False)
    assert none.wait_for_exit() == 1
    assert "Both server_options.model_base_path and" in none.log
    for flag in ("--model_control=explicit", f"--journal_path={tmp_path / 'journal.json'}"):
        server = start_server(flag)
        assert httpx.get(f"{server.url}/v2/health/live").status_code == 200
        assert httpx.get(f"{server.url}/v1/models").json() == {"models": []}


def test_values_of_the_flags() -> None:
    done = run("--model_control=all")
    assert done.returncode == 2
    assert "--model_control=all is not valid" in done.stderr
    help_text = run("--help").stdout
    for flag in ("journal_path", "models_root", "model_control", "model_control_token_file",
                 "exit_on_stdin_eof"):  # fmt: skip
        assert f"--{flag}=" in help_text


def test_models_and_labels_are_back_after_a_kill(
    start_server: Start, tmp_path: Path, two_versions: Path
) -> None:
    with socket_directory() as sockets:
        flags = (
            f"--rest_api_socket_path={sockets / 'rest.sock'}",
            f"--journal_path={tmp_path / 'journal.json'}",
        )
        server = start_server(*flags)
        with Repository.over_socket(sockets / "rest.sock") as repository:
            base, labels = str(two_versions), {"stable": 1, "new": 2}
            repository.done("m", "load", base_path=base, version_policy="all", labels=labels)
            repository.done("m", "rollback", version=1)
            before = repository.index(ready=True)
        server.kill()
        server = start_server(*flags)
        with Repository.over_socket(sockets / "rest.sock") as repository:
            after = repository.index(ready=True)
        assert [{**one, "reason": ""} for one in before] == after
        assert predict_m(server).json() == ANSWER


def test_a_journal_is_one_servers_until_it_ends(
    start_server: Start, tmp_path: Path, two_versions: Path
) -> None:
    journal = f"--journal_path={tmp_path / 'journal.json'}"
    model = ("--model_name=m", f"--model_base_path={two_versions}")
    first = start_server(journal, *model)
    second = start_server(journal, *model, wait=False)
    assert second.wait_for_exit() == 1
    assert "--journal_path: another server keeps what it serves in" in second.log
    first.kill()
    start_server(journal, *model).stop()
    start_server(journal, *model)


# -- the end of standard input ---------------------------------------------------


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts servers that stop with their standard input."""
    started: list[subprocess.Popen[bytes]] = []
    log = (tmp_path / "log").open("wb")

    def orphan(stdin: int | None, *flags: str, **options: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "tfs_notebook", "serve", "--exit_on_stdin_eof", *flags],
            cwd=ROOT, stdin=stdin, stdout=log, stderr=log, **options,  # type: ignore[call-overload]
        )  # fmt: skip
        started.append(process)
        return process

    yield orphan
    for process in started:
        process.kill()
        process.wait()
    log.close()


def ports() -> tuple[int, tuple[str, ...]]:
    port = free_port()
    flags = (f"--port={free_port()}", f"--rest_api_port={port}", "--model_control=explicit")
    return port, flags


def test_a_pipe_that_closes(orphan: Callable[..., subprocess.Popen[bytes]]) -> None:
    port, flags = ports()
    process = orphan(subprocess.PIPE, *flags)
    poll_until(lambda: is_listening(port), "it listens")
    assert process.stdin is not None
    process.stdin.write(b"what is written there does not matter\n" * 1000)
    process.stdin.flush()
    assert httpx.get(f"http://127.0.0.1:{port}/v2").status_code == 200
    process.stdin.close()
    assert process.wait(60) == 0
    assert not is_listening(port)


def test_a_pipe_that_closes_while_a_model_loads(
    orphan: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    _, flags = ports()
    with hanging_version(tmp_path / "m" / "1"):
        process = orphan(subprocess.PIPE, *flags, f"--model_base_path={tmp_path / 'm'}")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_slow_request_has_a_second(
    orphan: Callable[..., subprocess.Popen[bytes]], with_slow: list[str]
) -> None:
    port, flags = ports()
    # That much, and not the grace that others have.
    flags += ("--shutdown_grace_seconds=3600",)
    process = orphan(subprocess.PIPE, *flags, *with_slow)
    poll_until(lambda: is_listening(port), "it listens")
    url = f"http://127.0.0.1:{port}/v1/models/slow:predict"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.post, url, json={"instances": [3600.0]}, timeout=90)
        stats = f"http://127.0.0.1:{port}/v2"
        poll_until(lambda: httpx.get(stats).status_code == 200, "it is under way")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
        assert isinstance(answer.exception(60), httpx.TransportError) or (
            answer.result().status_code >= 400
        )


def test_a_signal_is_not_hurried_by_the_end_of_the_input(
    orphan: Callable[..., subprocess.Popen[bytes]], with_slow: list[str], tmp_path: Path
) -> None:
    port, flags = ports()
    process = orphan(subprocess.PIPE, *flags, *with_slow)
    poll_until(lambda: is_listening(port), "it listens")
    with closing(socket.create_connection(("127.0.0.1", port), 30)) as connection:
        body = b'{"instances": [2.0]}'
        connection.sendall(
            b"POST /v1/models/slow:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        assert httpx.get(f"http://127.0.0.1:{port}/v2").status_code == 200
        process.send_signal(signal.SIGTERM)
        poll_until(lambda: b"draining" in (tmp_path / "log").read_bytes(), "it drains")
        assert process.stdin is not None
        process.stdin.close()
        assert b" 200 OK" in connection.recv(65536)
    assert process.wait(60) == 0


def test_dev_null_a_file_and_a_closed_input_end_at_once(
    orphan: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("some text\n" * 1000)
    with (tmp_path / "file").open("rb") as file, Path("/dev/null").open("rb") as null:
        closed = [*("sh", "-c", 'exec "$0" "$@" <&-'), sys.executable]
        processes = [orphan(one.fileno(), *ports()[1]) for one in (file, null)]
        processes.append(orphan(subprocess.DEVNULL, *ports()[1]))
    flags = [*("-m", "tfs_notebook", "--exit_on_stdin_eof"), *ports()[1]]
    done = subprocess.run(
        [*closed, *flags], cwd=ROOT, timeout=60, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert b"standard input has ended" in done.stderr
    for process in processes:
        assert process.wait(60) == 0


def test_a_terminal(orphan: Callable[..., subprocess.Popen[bytes]]) -> None:
    keyboard, terminal = pty.openpty()
    port, flags = ports()
    process = orphan(terminal, *flags, start_new_session=True)
    os.close(terminal)
    try:
        poll_until(lambda: is_listening(port), "it listens")
        os.write(keyboard, b"hello\n")
        assert httpx.get(f"http://127.0.0.1:{port}/v2").status_code == 200
        os.write(keyboard, b"\x04")
        assert process.wait(60) == 0
    finally:
        os.close(keyboard)


def test_a_killed_parent_leaves_nothing(tmp_path: Path) -> None:
    port, flags = ports()
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'tfs_notebook', *sys.argv[1:]],\n"
        "                         stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with (tmp_path / "log").open("wb") as log:
        parent = subprocess.Popen(
            [sys.executable, "-c", script, "--exit_on_stdin_eof", *flags],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        poll_until(lambda: is_listening(port), "it listens")
    finally:
        parent.kill()
        parent.wait()
    assert parent.stdout is not None
    parent.stdout.close()

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        return b"Z" in Path(f"/proc/{child}/stat").read_bytes().rpartition(b")")[2][:3]

    poll_until(gone, "the child has ended")
    assert not is_listening(port)
